"""A kept review as documents: which verdict goes out, what stands beside it, and what reviewers found besides."""

from collections.abc import Iterator
from typing import Any

import pytest

from techgpt_ui.annotations import AnnotatedDocument, Piece
from techgpt_ui.review.drafting import make_draft
from techgpt_ui.review.exporting import annotated
from techgpt_ui.schema import Mention
from techgpt_ui.store import Draft, Place, Project, ReviewDocument, ReviewStore, open_database, sqlite_url
from tests.annotated import a_document, labelled, texts_document, with_fields, with_items
from tests.store.review_examples import Desk, a_colleague, a_lead, a_mention


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewStore]:
    """One database for all: no project knows of another."""
    database = open_database(sqlite_url(tmp_path_factory.mktemp("reviews") / "reviews.db"))
    yield ReviewStore(database)
    database.close()


def documents_of(desk: Desk) -> list[AnnotatedDocument]:
    return annotated(desk.reviews.content(desk.owner, desk.project))


def first_mention(desk: Desk) -> Piece[Mention]:
    return documents_of(desk)[0].mentions[0]


def project_of(reviews: ReviewStore, *documents: AnnotatedDocument) -> Desk:
    draft = make_draft(documents, owner="ann", name="审核")
    return Desk(reviews, reviews.create(draft, "Ann"))


def test_a_verdict_goes_out_with_who_gave_it_why_and_when(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, "reject", reason="type", comment="机构 \0 <b>")
    decision = first_mention(ann).decision
    assert decision and (decision.verdict, decision.reviewer, decision.reason) == ("reject", "Ann", "type")
    (event,) = reviews.history("ann", ann.project, 0)
    assert (decision.comment, decision.time) == ("机构 \0 <b>", event.event.time)


def test_what_nobody_judged_is_open(reviews: ReviewStore) -> None:
    assert first_mention(a_lead(reviews)).decision is None


def test_a_verdict_that_was_taken_back_does_not_count(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0)
    ann.undo()
    assert first_mention(ann).decision is None


def test_a_correction_stands_beside_what_the_model_said(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, "edit", reason="boundary", payload={"text": "马云", "type": "人物", "start": 5, "end": 7})
    piece = first_mention(ann)
    assert (piece.value.text, piece.edited and (piece.edited.text, piece.edited.type)) == ("阿里巴巴", ("马云", "人物"))


@pytest.mark.parametrize("place", [{"start": 5, "end": 500}, {"start": "5", "end": 7}, {"start": True, "end": 7}, {}])
def test_a_correction_without_a_place_in_the_text_is_ungrounded(reviews: ReviewStore, place: dict[str, Any]) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, "edit", payload={"text": "马云", "start": None, "end": None, **place})
    edited = first_mention(ann).edited
    assert edited and (edited.surface, edited.start, edited.status) == ("马云", None, "ungrounded")


def test_of_two_reviewers_the_first_counts_and_the_second_is_an_opinion(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "reject", round="second", reason="type")
    piece = first_mention(ann)
    assert (piece.verdict, piece.decision and piece.decision.reviewer) == ("accept", "Ann")
    assert [(one.decision.verdict, one.decision.reviewer) for one in piece.opinions] == [("reject", "Bob")]


def test_who_settled_a_dispute_goes_before_both(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "reject", round="second")
    edit = {"text": "阿里", "type": "组织", "start": 0, "end": 2}
    ann.say(0, "edit", round="adjudicated", payload=edit, queue_name="disputes")
    piece = first_mention(ann)
    assert (piece.verdict, piece.current.text) == ("edit", "阿里")
    assert [(one.decision.verdict, one.decision.reviewer) for one in piece.opinions] == [
        ("accept", "Ann"),
        ("reject", "Bob"),
    ]


def test_a_merged_item_is_a_duplicate(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=2, same=True)
    ann.say(0)
    ann.say(1, "merge", payload={"into": 0})
    second = documents_of(ann)[1].mentions[0].decision
    assert second and (second.verdict, second.reason) == ("reject", "duplicate")


def test_a_merged_item_is_open_while_the_other_one_is(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=2, same=True)
    ann.say(1, "merge", payload={"into": 0})
    assert documents_of(ann)[1].mentions[0].decision is None


def test_what_was_missed_is_added(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    missed = {"task": "ner", "kind": "mention", "type": "人物", "text": "马云", "start": 5, "end": 7}
    reviews.note_missed("ann", ann.project, 0, missed, "漏了")
    piece = documents_of(ann)[0].mentions[1]
    assert (piece.added, piece.value.text, piece.value.type, piece.value.start) == (True, "马云", "人物", 5)
    assert piece.decision and (piece.decision.verdict, piece.decision.reviewer, piece.decision.comment) == (
        "accept",
        "Ann",
        "漏了",
    )


def test_what_two_reviewers_missed_alike_is_one_piece(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    a_colleague(reviews, ann)
    missed = {"task": "ner", "kind": "mention", "type": "人物", "text": "马云", "start": 5, "end": 7}
    for owner in ("ann", "bob"):
        reviews.note_missed(owner, ann.project, 0, missed)
    (_, piece) = documents_of(ann)[0].mentions
    assert [one.decision.reviewer for one in piece.opinions] == ["Bob"]


def test_a_missed_relation_without_ends_is_told_in_a_comment(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    missed = {"task": "ner", "kind": "relation", "type": "创立", "text": "由马云创立", "start": 4, "end": 9}
    reviews.note_missed("ann", ann.project, 0, missed)
    whole = documents_of(ann)[0].decision
    assert whole and (whole.verdict, whole.reviewer, whole.comment) == ("flag", "Ann", "创立 · 由马云创立")


def test_a_document_that_was_read_to_its_end_is_accepted_as_a_whole(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    reviews.note_examined("ann", ann.project, 0, "ner")
    whole = documents_of(ann)[0].decision
    assert whole and (whole.verdict, whole.reviewer) == ("accept", "Ann")


def test_a_text_in_which_nothing_was_found_is_there_too(reviews: ReviewStore) -> None:
    empty = a_document().model_copy(update={"text": "空", "inputs": {"text": "空"}, "mentions": (), "relations": ()})
    ann = project_of(reviews, a_document(), empty)
    second = documents_of(ann)[1]
    assert (second.text, second.task, [*second.pieces()]) == ("空", "triples", [])


def test_what_two_models_said_of_a_text_is_two_documents(reviews: ReviewStore) -> None:
    texts = (ReviewDocument(name="d", text="阿里巴巴由马云创立。"),)
    items = (a_mention(model="one@main"), a_mention(model="two"))
    draft = Draft(
        project=Project(owner="ann", name="组织"), documents=texts, items=items, places=(Place(item=0), Place(item=1))
    )
    found = documents_of(Desk(reviews, reviews.create(draft, "Ann")))
    assert [(one.id, one.provenance.model_version) for one in found] == [("1-1", "one@main"), ("1-2", "two")]


@pytest.mark.parametrize("made", [a_document, labelled, with_items, with_fields, texts_document])
def test_what_a_project_was_made_from_comes_out_again(reviews: ReviewStore, made: Any) -> None:
    before = made()
    (after,) = documents_of(project_of(reviews, before))
    assert (after.text, after.lang, after.task, after.inputs) == (
        before.text,
        before.lang,
        before.task,
        before.inputs,
    )
    assert after.provenance.model_version == before.provenance.model_version
    assert [*map(said, after.pieces())] == [*map(said, before.pieces())]


def said(found: tuple[str, Piece[Any]]) -> tuple[str, dict[str, Any]]:
    """What the model said; the alignment is judged again by the text alone."""
    kind, piece = found
    return kind, piece.value.model_dump(exclude={"status"})


def test_a_swapped_relation_ends_at_the_same_mentions(reviews: ReviewStore) -> None:
    ann = project_of(reviews, a_document())
    content = reviews.content("ann", ann.project)
    number, item = next((n, i) for n, i in content.items.items() if i.kind == "relation")
    swapped = {"head": item.payload["tail"], "tail": item.payload["head"]}
    ann.say(number, "edit", payload=swapped, reason="direction")
    relation = documents_of(ann)[0].relations[0]
    assert relation.edited and (relation.edited.head, relation.edited.tail) == (
        relation.value.tail,
        relation.value.head,
    )


def test_a_corrected_end_that_is_no_item_becomes_a_mention(reviews: ReviewStore) -> None:
    ann = project_of(reviews, a_document())
    content = reviews.content("ann", ann.project)
    number = next(n for n, i in content.items.items() if i.kind == "relation")
    ann.say(number, "edit", payload={"tail": {"text": "1998", "type": "年", "start": 48, "end": 52}})
    document = documents_of(ann)[0]
    tail = document.relations[0].current.tail
    made = next(piece for piece in document.mentions if piece.id == tail)
    assert (made.value.type, made.added) == ("年", True)
