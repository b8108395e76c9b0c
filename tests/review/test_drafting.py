"""From documents to a project: what becomes an item, what is one item, and who sees which item when and how."""

from typing import Any

import pytest

from techgpt_ui.annotations import AnnotatedDocument, Piece, Provenance
from techgpt_ui.errors import UsageError
from techgpt_ui.review.drafting import frame_item, make_draft
from techgpt_ui.review.sampling import Sample, SamplePlan, check_sample
from techgpt_ui.schema import Mention, ModelInfo
from techgpt_ui.store import Draft
from tests.annotated import MODEL, TEXT, a_document, labelled, mention, texts_document, with_fields, with_items

OTHER = ModelInfo(name="other", revision="", dtype="")


def drafted(*documents: AnnotatedDocument, **options: Any) -> Draft:
    return make_draft(documents, owner="ann", name="审核", **options)


def entities(count: int, *, text: str = TEXT, **provenance: Any) -> AnnotatedDocument:
    """A document of as many characters, each of them an entity, the later ones the surer."""
    mentions = tuple(
        Piece[Mention](
            id=f"m{at}",
            value=mention(f"m{at}", text[at], "字").model_copy(
                update={"start": at, "end": at + 1, "confidence": at / count}
            ),
        )
        for at in range(count)
    )
    origin = Provenance(model=MODEL, **provenance)
    return AnnotatedDocument(
        id="d", text=text, lang="zh", task="ner", inputs={"text": text}, mentions=mentions, provenance=origin
    )


def plan(n: int = 10, **changes: Any) -> SamplePlan:
    return SamplePlan(n=n, seed=7, **changes)


def sample_of(draft: Draft) -> Sample:
    return Sample.model_validate(draft.project.sample)


def test_every_piece_becomes_an_item_of_its_kind() -> None:
    draft = drafted(a_document(), labelled(), with_items(), with_fields(), texts_document())
    assert {item.kind for item in draft.items} == {"mention", "relation", "item", "field", "label", "text"}
    assert len(draft.items) == 10 + 1 + 2 + 1 + 1


def test_an_item_says_what_the_model_said_not_what_somebody_made_of_it() -> None:
    second = drafted(a_document()).items[1]
    assert second.payload == {"text": "Google\n工作", "type": 'org "x", <y>', "start": 5, "end": 14}


def test_a_relation_carries_both_ends_as_the_model_gave_them() -> None:
    relation = next(item for item in drafted(a_document()).items if item.kind == "relation")
    assert relation.payload["head"] == {"text": "𠮷田", "type": "人物 name", "start": 0, "end": 2}
    assert relation.payload["tail"]["text"] == "Google\n工作"
    assert relation.type == relation.payload["predicate"]


def test_what_stands_nowhere_is_an_item_without_a_place() -> None:
    (item,) = (one for one in drafted(a_document()).items if one.payload.get("text") == "无处可寻")
    assert (item.payload["start"], item.payload["end"]) == (None, None)


def test_an_item_knows_the_model_and_the_instruction_that_it_came_from() -> None:
    document = entities(1, variant="given-types", run="0" * 32)
    (item,) = drafted(document).items
    assert (item.model, item.preset, item.run) == ("TechGPT-7B@main", "given-types", "0" * 32)


def test_what_one_model_said_twice_of_a_text_is_one_item() -> None:
    draft = drafted(entities(3, run="0" * 32), entities(3, run="1" * 32))
    assert (len(draft.documents), len(draft.items)) == (1, 3)
    assert {item.run for item in draft.items} == {"0" * 32}


@pytest.mark.parametrize("other", [{"model": OTHER}, {"variant": "other"}])
def test_what_another_model_or_instruction_said_is_another_item(other: dict[str, Any]) -> None:
    first = entities(3)
    second = first.model_copy(update={"provenance": first.provenance.model_copy(update=other)})
    draft = drafted(first, second)
    assert (len(draft.documents), len(draft.items)) == (1, 6)


def test_the_same_text_with_other_inputs_is_another_document() -> None:
    draft = drafted(entities(1), entities(1).model_copy(update={"inputs": {"text": TEXT, "types": ["字"]}}))
    assert (len(draft.documents), [item.document for item in draft.items]) == (2, [0, 1])


def test_a_text_in_which_nothing_was_found_can_be_drawn_for_recall() -> None:
    empty = entities(0, text="空")
    draft = drafted(entities(3), empty, plan=plan(2, documents=2))
    assert [document.text for document in draft.documents] == [TEXT, "空"]
    assert set(sample_of(draft).documents) == {"0", "1"}


def test_without_a_plan_all_is_reviewed_and_nothing_is_sampled() -> None:
    draft = drafted(entities(8))
    assert draft.project.sample == {}
    assert sorted(place.item for place in draft.places) == list(range(8))
    assert not any(place.sampled or place.blind or place.double for place in draft.places)


@pytest.mark.parametrize("order", ["random", "unsure", "document"])
def test_the_sample_has_its_turn_before_all_others(order: Any) -> None:
    draft = drafted(entities(30), plan=plan(), order=order)
    assert [place.sampled for place in draft.places] == [True] * 10 + [False] * 20
    assert {str(place.item) for place in draft.places[:10]} == set(sample_of(draft).items)
    assert sorted(place.item for place in draft.places) == list(range(30))


def test_least_sure_first_holds_within_the_sample_and_after_it() -> None:
    draft = drafted(entities(30), plan=plan(), order="unsure")
    for part in (draft.places[:10], draft.places[10:]):
        sureness = [draft.items[place.item].confidence or 0.0 for place in part]
        assert sureness == sorted(sureness)


def test_which_items_are_drawn_does_not_depend_on_the_order_of_the_queue() -> None:
    samples = {
        order: sample_of(drafted(entities(30), plan=plan(), order=order)).items for order in ("random", "unsure")
    }
    assert samples["random"] == samples["unsure"]


def test_the_sample_is_of_the_items_that_are_kept() -> None:
    draft = drafted(entities(30), entities(30), plan=plan())
    check_sample(sample_of(draft), [frame_item(number, item) for number, item in enumerate(draft.items)])
    assert sample_of(draft).size == 30


def test_the_blind_share_hides_only_what_a_reviewer_can_name_himself() -> None:
    draft = drafted(a_document(), labelled(), with_items(), with_fields(), texts_document(), plan=plan(99, blind=1.0))
    hidden = {draft.items[place.item].kind for place in draft.places if place.blind}
    shown = {draft.items[place.item].kind for place in draft.places if not place.blind}
    assert (hidden, shown) == ({"mention", "relation", "label"}, {"item", "field", "text"})


def test_nothing_outside_the_sample_is_blind_or_double() -> None:
    draft = drafted(entities(30), plan=plan(blind=1.0, double=1.0))
    assert all(place.blind and place.double for place in draft.places[:10])
    assert not any(place.blind or place.double for place in draft.places[10:])


def test_the_shares_of_the_plan_are_kept() -> None:
    places = drafted(entities(30), plan=plan(20, blind=0.5, double=0.25)).places
    assert (sum(place.blind for place in places), sum(place.double for place in places)) == (10, 5)


def test_a_plan_that_asks_for_more_takes_all() -> None:
    assert all(place.sampled for place in drafted(entities(3), plan=plan(100)).places)


def test_a_plan_without_items_draws_nothing() -> None:
    draft = drafted(entities(0), plan=plan())
    assert (draft.items, draft.places, draft.project.sample) == ((), (), {})


def test_a_plan_that_cannot_be_followed_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        drafted(entities(3), plan=plan(0))
    assert caught.value.code == "review_sample_none"


def nothing(text: str, task: str = "ner") -> AnnotatedDocument:
    return AnnotatedDocument(id="n", text=text, lang="en", task=task, inputs={"text": text})


def test_drawn_documents_are_read_in_the_order_of_drawing_those_without_items_too() -> None:
    draft = drafted(entities(5), nothing("Nothing."), nothing("Nil."), plan=plan(2, documents=3))
    assert [str(one.document) for one in draft.readings] == list(sample_of(draft).documents)
    assert {(one.task, one.kind) for one in draft.readings} == {("ner", "mention")}


def test_a_document_is_read_for_each_task_that_it_was_given_to() -> None:
    draft = drafted(entities(5), nothing(TEXT, "keywords"), plan=plan(2, documents=1))
    assert [one.task for one in draft.readings] == ["keywords", "ner"]


def test_of_a_triple_its_relation_is_what_may_be_missing() -> None:
    draft = drafted(a_document(), plan=plan(2, documents=1))
    assert [one.kind for one in draft.readings] == ["relation"]


def test_an_answer_that_is_no_list_misses_nothing() -> None:
    assert drafted(labelled(), texts_document(), plan=plan(2, documents=2)).readings == ()


def test_items_of_drawn_documents_follow_the_sample() -> None:
    draft = drafted(*(entities(4, text=TEXT + "!" * at) for at in range(6)), plan=plan(3, documents=1))
    (reading,) = draft.readings
    places = [draft.items[place.item].document for place in draft.places if not place.sampled]
    first = places.index(next(one for one in places if one != reading.document))
    assert set(places[:first]) == {reading.document} and reading.document not in places[first:]
