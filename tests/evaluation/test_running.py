"""Documents answered one after another: what becomes of each, and what ends it all."""

from typing import Any

import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation import running
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.evaluation.running import endless_token, evaluate, in_gold_words
from techgpt_ui.pipeline import parse_answer
from techgpt_ui.presets import Library
from tests.evaluation.answering import (
    BROKEN,
    CODE,
    PRAISE,
    RIGHT,
    TRIP,
    Answer,
    ScriptedEngine,
    entity,
    gold_set,
    plan_of,
)


def answered(library: Library, answers: dict[str, Answer] | None = None, **options: Any) -> list[Outcome]:
    return list(evaluate(plan_of(library), ScriptedEngine(RIGHT if answers is None else answers), **options))


def found(outcome: Outcome) -> list[tuple[str, str]]:
    assert outcome.result is not None and outcome.result.mentions is not None
    return [(mention.text, mention.type) for mention in outcome.result.mentions]


def test_every_document_has_its_outcome_in_the_words_of_the_gold(library: Library) -> None:
    outcomes = answered(library)
    assert [outcome.position for outcome in outcomes] == [0, 1, 2]
    assert [found(outcome) for outcome in outcomes] == [
        [("Prolog", "programlang")],
        [("Rome", "location")],
        [("Lisp", "programlang")],
    ]


def test_an_outcome_has_the_gold_the_inputs_and_the_time_on_the_device(library: Library) -> None:
    outcome = answered(library)[1]
    assert outcome.gold.mentions == TRIP.mentions
    assert outcome.inputs == {"text": "Bob went to Rome.", "types": ["location", "programming language"]}
    assert (outcome.examples, outcome.seconds, outcome.error) == (None, 0.5, None)


def test_the_prompt_asks_in_words(library: Library) -> None:
    engine = ScriptedEngine()
    list(evaluate(plan_of(library), engine))
    assert engine.prompts[0].endswith("Types: location, programming language\nText: Ada praised Prolog.[assistant]")


def test_a_document_that_cannot_be_asked_is_an_error_and_the_others_go_on(library: Library) -> None:
    bad = entity("Rome \x01 is old.", "Rome", "location")
    outcomes = list(evaluate(plan_of(library, gold_set(PRAISE, bad, CODE)), ScriptedEngine(RIGHT)))
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert outcomes[1].result is None and outcomes[1].error is not None and "U+0001" in outcomes[1].error.en
    assert outcomes[1].inputs["types"] == ["location", "programming language"]


def test_a_failure_of_the_device_is_an_error_of_its_document(library: Library) -> None:
    outcomes = answered(library, RIGHT | {"Bob went to Rome.": BROKEN})
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]


def test_a_device_that_fails_again_and_again_is_gone(library: Library) -> None:
    outcomes = evaluate(plan_of(library), ScriptedEngine(otherwise=BROKEN))
    assert [next(outcomes).error, next(outcomes).error] == [BROKEN.message] * 2
    with pytest.raises(WorkbenchError, match="the device is gone"):
        next(outcomes)


def test_errors_of_documents_do_not_make_the_device_gone(library: Library) -> None:
    too_long = WorkbenchError("out_of_memory")
    outcomes = list(evaluate(plan_of(library), ScriptedEngine(otherwise=too_long)))
    assert [outcome.error for outcome in outcomes] == [too_long.message] * 3


def test_done_documents_are_not_run_again(library: Library) -> None:
    assert [outcome.position for outcome in answered(library, done={0, 2})] == [1]


def test_a_cancelled_evaluation_ends_between_documents(library: Library) -> None:
    cancel = endless_token()
    outcomes = evaluate(plan_of(library), ScriptedEngine(RIGHT), cancel=cancel)
    next(outcomes)
    cancel.cancel()
    assert list(outcomes) == []


def test_a_cancelled_evaluation_ends_within_a_document_which_is_not_kept(library: Library) -> None:
    cancel = endless_token()

    def cancel_second(number: int, _: CancelToken) -> None:
        if number == 2:
            cancel.cancel()

    outcomes = list(evaluate(plan_of(library), ScriptedEngine(RIGHT, before=cancel_second), cancel=cancel))
    assert [outcome.position for outcome in outcomes] == [0]


def test_a_document_past_its_deadline_is_an_error(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "DOCUMENT_DEADLINE_S", -1.0)
    outcomes = answered(library)
    assert len(outcomes) == 3 and all(outcome.error and outcome.result is None for outcome in outcomes)


def test_the_end_of_one_document_does_not_end_the_next(library: Library) -> None:
    """An engine cancels the token of a run when it is over."""
    engine = ScriptedEngine(RIGHT, before=lambda number, cancel: cancel.cancel() if number == 1 else None)
    outcomes = list(evaluate(plan_of(library), engine))
    assert [outcome.error is None for outcome in outcomes] == [False, True, True]


def test_examples_that_were_chosen_are_kept(library: Library) -> None:
    outcomes = list(evaluate(plan_of(library, shots=0), engine := ScriptedEngine(RIGHT)))
    assert {outcome.examples for outcome in outcomes} == {()}
    assert engine.prompts[0].count("[user]") == 1


@pytest.mark.parametrize("written", ["programming language", "Programming  Language", "programlang", "ProgramLang"])
def test_a_type_is_known_by_its_words_and_by_its_own_name(library: Library, written: str) -> None:
    result = parse_answer(library.task("ner"), "Lisp", f"Entity: Lisp, Type: {written}", ())
    mentions = in_gold_words(result, {"programlang": "programming language"}).mentions
    assert mentions is not None and mentions[0].type == "programlang"


def test_a_predicate_and_a_label_are_put_back_too(library: Library) -> None:
    triples = parse_answer(library.task("triples"), "Ada lives in Rome", "<Ada, lives in, Rome>", ())
    relations = in_gold_words(triples, {"Live_In": "lives in"}).relations
    assert relations is not None and relations[0].predicate == "Live_In"
    domain = parse_answer(library.task("domain"), "", "civil law", (), ("civil law",))
    labels = in_gold_words(domain, {"civil/law": "civil law"}).labels
    assert labels is not None and labels[0].text == "civil/law"


def test_a_type_that_was_not_asked_for_stays_as_written(library: Library) -> None:
    result = parse_answer(library.task("ner"), "Lisp", "Entity: Lisp, Type: thing", ())
    assert in_gold_words(result, {"programlang": "programming language"}) == result
