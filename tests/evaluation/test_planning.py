"""What an evaluation is settled to be before anything runs."""

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.planning import Wishes, make_plan
from techgpt_ui.gold import GoldDocument
from techgpt_ui.presets import Library
from tests.evaluation.answering import PRAISE, THREE, TRIP, entity, gold_set, plan_of

MEDICINE = GoldDocument(line=1, inputs={"text": "The patient was given a drug."}, label="medicine")
LAW = GoldDocument(line=2, inputs={"text": "The judge ruled."}, label="law")
CIVIL = GoldDocument(line=3, inputs={"text": "民法典施行。"}, label="民法")


def codes(notices: tuple[object, ...]) -> list[str]:
    return [notice.code for notice in notices]  # type: ignore[attr-defined]


def test_the_kinds_of_the_gold_are_asked_for_in_words(library: Library) -> None:
    plan = plan_of(library)
    assert plan.settings.labels == ("location", "programlang")
    assert plan.inputs(PRAISE) == {"text": "Ada praised Prolog.", "types": ["location", "programming language"]}


def test_an_open_evaluation_asks_for_nothing(library: Library) -> None:
    plan = plan_of(library, open=True)
    assert (plan.settings.labels, plan.inputs(PRAISE)["types"]) == ((), [])


def test_chosen_labels_are_asked_for_and_those_left_out_are_told(library: Library) -> None:
    plan = plan_of(library, labels=("location", "person"))
    assert plan.inputs(PRAISE)["types"] == ["location", "person"]
    assert codes(plan.notices) == ["labels_missing"] and "programlang" in plan.notices[0].text.en


def test_the_tasks_own_labels_are_asked_for_where_they_cover_the_gold(library: Library) -> None:
    plan = plan_of(library, gold_set(MEDICINE, LAW, task="domain"))
    assert len(plan.settings.labels) == 12 and plan.notices == ()


def test_else_the_labels_of_the_gold_are_and_it_is_told(library: Library) -> None:
    plan = plan_of(library, gold_set(MEDICINE, CIVIL, task="domain"))
    assert set(plan.settings.labels) == {"medicine", "民法"} and codes(plan.notices) == ["labels_of_gold"]


def test_fields_that_a_document_brings_are_asked_for(library: Library) -> None:
    document = GoldDocument(line=1, inputs={"text": "Ada left Rome.", "fields": ["who"]}, fields=(("who", "Ada"),))
    plan = plan_of(library, gold_set(document, task="open_ie"))
    assert plan.inputs(document)["fields"] == ["who"] and plan.settings.labels == ()


def test_what_a_document_does_not_say_has_its_default(library: Library) -> None:
    document = GoldDocument(line=1, inputs={"title": "Copper in ships"}, texts=("Ships need copper.",))
    assert plan_of(library, gold_set(document, task="title_to_abstract")).inputs(document)["length"] > 0


@pytest.mark.parametrize(("task", "labels"), [("keywords", ("a",)), ("open_ie", ("who",))])
def test_labels_for_a_task_that_asks_for_none_are_refused(library: Library, task: str, labels: tuple[str, ...]) -> None:
    document = GoldDocument(line=1, inputs={"text": "Ada left."} | ({"fields": ["who"]} if task == "open_ie" else {}))
    with pytest.raises(UsageError) as caught:
        plan_of(library, gold_set(document, task=task), labels=labels)
    assert caught.value.code == "labels_not_asked"


def test_only_the_first_documents_are_answered(library: Library) -> None:
    plan = plan_of(library, limit=2)
    assert ([one.line for one in plan.documents], plan.settings.limit) == ([1, 2], 2)


def test_a_limit_beyond_the_end_is_none(library: Library) -> None:
    assert plan_of(library, limit=3).settings == plan_of(library).settings


@pytest.mark.parametrize(
    ("wished", "choice", "shots", "given"),
    [(None, "fixed", None, None), (0, "none", None, 0), (1, "fixed", 1, 1), (4, "fixed", None, None)],
)
def test_the_tasks_own_examples(
    library: Library, wished: int | None, choice: str, shots: int | None, given: int | None
) -> None:
    plan = plan_of(library, shots=wished)
    examples = plan.examples(plan.inputs(PRAISE))
    assert (plan.settings.examples, plan.settings.shots) == (choice, shots)
    assert (None if examples is None else len(examples)) == given


def test_more_examples_than_the_task_has_are_all_of_them(library: Library) -> None:
    held = len(library.task("ner").prompts.few_shot.examples)
    assert plan_of(library, shots=99).settings == plan_of(library, shots=held).settings


def test_the_nearest_examples_come_from_the_pool(library: Library) -> None:
    pool = gold_set(entity("Dee went to Oslo.", "Oslo", "location"), PRAISE, name="pool.jsonl", sha256="b" * 64)
    plan = plan_of(library, gold_set(TRIP), pool=pool, shots=1)
    examples = plan.examples(plan.inputs(TRIP))
    assert examples is not None and [example.inputs["text"] for example in examples] == ["Dee went to Oslo."]
    assert (plan.settings.pool, plan.settings.pool_sha256) == ("pool.jsonl", "b" * 64)


def test_a_pool_that_holds_a_document_under_test_is_refused(library: Library) -> None:
    with pytest.raises(UsageError):
        plan_of(library, pool=gold_set(TRIP, name="pool.jsonl"))


def test_a_pool_without_an_example_that_fits_is_refused(library: Library) -> None:
    pool = gold_set(entity("Dee saw Saturn.", "Saturn", "planet"), name="pool.jsonl")
    with pytest.raises(UsageError, match=r"pool\.jsonl"):
        plan_of(library, gold_set(TRIP), pool=pool, shots=1)


def test_a_pool_changes_nothing_about_the_words_that_are_asked(library: Library) -> None:
    asked = gold_set(entity("Dee went to Oslo.", "Oslo", "politicalparty"))
    pool = gold_set(entity("Ann saw Rome.", "Rome", "political party"), name="pool.jsonl")
    without, with_pool = plan_of(library, asked), plan_of(library, asked, pool=pool, shots=1)
    assert without.words == {"politicalparty": "political party"}
    assert with_pool.words["politicalparty"] == "political party"


def test_a_trained_model_takes_no_examples_and_that_is_told(library: Library) -> None:
    plan = make_plan(library, THREE, Wishes(shots=2), model=library.models["techgpt-7b"])
    assert plan.settings.examples == "none" and codes(plan.notices) == ["examples_unused"]


def test_an_unknown_instruction_is_told_before_anything_runs(library: Library) -> None:
    with pytest.raises(UsageError):
        make_plan(library, THREE, Wishes(variant="nonsense"), model=library.models["techgpt-7b"])


def test_a_task_that_cannot_be_grounded_is_free(library: Library) -> None:
    document = GoldDocument(line=1, inputs={"title": "Copper"}, texts=("Ships.",))
    assert not plan_of(library, gold_set(document, task="title_to_abstract"), grounded=True).settings.grounded
