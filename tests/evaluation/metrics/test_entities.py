"""Figures of entities, by hand and against nervaluate."""

import random

import pytest
from nervaluate import Evaluator

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.gold.records import GoldMention
from techgpt_ui.presets import Library
from techgpt_ui.schema import Mention
from tests.evaluation.metrics.outcomes import gold_mention, mention, outcome, values

TEXT = "Ada Lovelace met Charles Babbage in London; Ada wrote."


def document(gold: list[tuple[str, str]], said: list[tuple[str, str]] | None) -> Outcome:
    answer = None if said is None else {"mentions": tuple(mention(TEXT, *one) for one in said)}
    return outcome({"text": TEXT}, {"mentions": tuple(gold_mention(TEXT, *one) for one in gold)}, answer)


def test_a_case_worked_by_hand(library: Library) -> None:
    one = document(
        gold=[("Ada Lovelace", "person"), ("Charles Babbage", "person"), ("London", "place")],
        said=[("Ada Lovelace", "person"), ("Babbage", "person"), ("London", "person"), ("Paris", "place")],
    )
    found = values(score(library.task("ner"), [one]))
    # One of four is right; nervaluate knows only the three that stand in the text.
    for kind in ("string", "span"):
        assert found[f"{kind}_precision"] == 1 / 4 and found[f"{kind}_recall"] == 1 / 3
        assert found[f"{kind}_f1"] == pytest.approx(2 / 7)
    assert (found["strict_f1"], found["exact_f1"], found["type_f1"]) == pytest.approx((1 / 3, 2 / 3, 2 / 3))
    assert found["partial_f1"] == pytest.approx(2.5 / 3)


def test_words_count_once_a_document_where_places_count_each(library: Library) -> None:
    text = "Oslo, then Oslo again"
    twice = tuple(GoldMention(start=at, end=at + 4, type="place") for at in (0, 11))
    once = (mention(text, "Oslo", "place"),)
    found = values(score(library.task("ner"), [outcome({"text": text}, {"mentions": twice}, {"mentions": once})]))
    assert found["string_f1"] == 1 and found["span_recall"] == 0.5


def test_a_failed_document_is_an_empty_answer(library: Library) -> None:
    gold = [("London", "place")]
    assert values(score(library.task("ner"), [document(gold, None)])) == values(
        score(library.task("ner"), [document(gold, [])])
    )


def test_words_that_stand_nowhere_are_wrong_even_if_the_gold_has_them(library: Library) -> None:
    stray = Mention(id="m1", type="place", surface="London", text="", start=None, end=None, status="ungrounded")
    gold = {"mentions": (gold_mention(TEXT, "London", "place"),)}
    found = values(score(library.task("ner"), [outcome({"text": TEXT}, gold, {"mentions": (stray,)})]))
    assert (found["string_precision"], found["span_precision"]) == (0, 0)


def test_each_type_has_its_own_figures_the_most_frequent_first(library: Library) -> None:
    one = document(
        gold=[("Ada Lovelace", "person"), ("Charles Babbage", "person"), ("London", "place")],
        said=[("Ada Lovelace", "person"), ("London", "city")],
    )
    breakdown = score(library.task("ner"), [one]).breakdown
    assert [(part.name, part.support) for part in breakdown] == [("person", 2), ("place", 1), ("city", 0)]
    person = {figure.name: figure.value for figure in breakdown[0].figures}
    assert (person["string_precision"], person["string_recall"], person["span_recall"]) == (1, 0.5, 0.5)


def test_nothing_wanted_and_nothing_said_has_no_figure(library: Library) -> None:
    assert set(values(score(library.task("ner"), [document([], [])])).values()) == {None}
    assert set(values(score(library.task("ner"), [])).values()) == {None}


def test_the_four_schemes_are_nervaluates(library: Library) -> None:
    chance = random.Random(7)

    def spans() -> list[tuple[int, int, str]]:
        starts = (chance.randrange(40) for _ in range(6))
        return sorted({(start, start + chance.randrange(1, 8), chance.choice("abc")) for start in starts})

    documents = [(spans(), spans()) for _ in range(40)]
    text = "x" * 50
    outcomes = []
    for wanted, said in documents:
        gold = {"mentions": tuple(GoldMention(start=s, end=e, type=t) for s, e, t in wanted)}
        mentions = tuple(
            Mention(id="m", type=t, surface=text[s:e], text=text[s:e], start=s, end=e, status="exact")
            for s, e, t in said
        )
        outcomes.append(outcome({"text": text}, gold, {"mentions": mentions}))
    found = values(score(library.task("ner"), outcomes))
    inclusive = [
        [[{"label": t, "start": s, "end": e - 1} for s, e, t in side] for side in sides]
        for sides in zip(*documents, strict=True)
    ]
    reference = Evaluator(*inclusive, tags=list("abc"), loader="dict").evaluate()["overall"]
    for ours, theirs in {"strict": "strict", "exact": "exact", "partial": "partial", "type": "ent_type"}.items():
        want = reference[theirs]
        got = [found[f"{ours}_{figure}"] for figure in ("precision", "recall", "f1")]
        assert got == pytest.approx([want.precision, want.recall, want.f1])
