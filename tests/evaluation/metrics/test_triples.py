"""Figures of triples: exact, relaxed and as pairs of ends."""

import pytest

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.metrics.triples import likeness
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.gold.records import GoldTriple
from techgpt_ui.presets import Library
from techgpt_ui.schema import Relation
from tests.evaluation.metrics.outcomes import mention, outcome, values

TEXT = "Kevin Warwick of the University of Reading organised the Turing test at the Royal Society."

Strings = tuple[str, str, str]


def document(gold: list[Strings], said: list[Strings]) -> Outcome:
    ends = list(dict.fromkeys(end for head, _, tail in said for end in (head, tail)))
    answer = {
        "mentions": tuple(mention(TEXT, end, "", ident=end) for end in ends),
        "relations": tuple(Relation(id="r", head=h, predicate=p, tail=t) for h, p, t in said),
    }
    wanted = tuple(GoldTriple(head=h, predicate=p, tail=t) for h, p, t in gold)
    return outcome({"text": TEXT}, {"relations": wanted}, answer)


GOLD = [("Kevin Warwick", "role", "University of Reading"), ("Turing test", "physical", "Royal Society")]


@pytest.mark.parametrize(
    ("said", "exact", "relaxed", "pair"),
    [
        (GOLD, 1, 1, 1),
        ([("KEVIN  Warwick", "Role", "university of ｒeading")], 2 / 3, 2 / 3, 2 / 3),
        ([("Kevin Warwick", "physical", "University of Reading")], 0, 0, 2 / 3),
        ([("Warwick", "role", "the University of Reading")], 0, 2 / 3, 0),
        ([("Kevin", "role", "Royal Society")], 0, 0, 0),
        ([], 0, 0, 0),
    ],
)
def test_cases_worked_by_hand(library: Library, said: list[Strings], exact: float, relaxed: float, pair: float) -> None:
    found = values(score(library.task("triples"), [document(GOLD, said)]))
    assert [found[name] for name in ("triple_exact_f1", "triple_relaxed_f1", "pair_f1")] == pytest.approx(
        [exact, relaxed, pair]
    )


def test_relaxed_matches_are_one_to_one_the_most_alike_first(library: Library) -> None:
    said = [("Warwick", "role", "Reading"), ("Kevin Warwick", "role", "University of Reading")]
    found = values(score(library.task("triples"), [document(GOLD[:1], said)]))
    assert (found["triple_relaxed_precision"], found["triple_relaxed_recall"]) == (0.5, 1)


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("University of Reading", "university of reading", 1),
        ("Reading", "University of Reading", 0.5),
        ("red", "Incredible", 0),
        ("University of Oslo", "University of Reading", 2 / 3),
        ("中国科学院", "中国科学院大学", 10 / 12),
        ("北京大学", "南京大学", 0.75),
        ("", "x", 0),
    ],
)
def test_ends_are_alike_by_words_or_characters(one: str, other: str, share: float) -> None:
    assert likeness(one, other) == likeness(other, one) == pytest.approx(share)


def test_each_predicate_has_its_own_figures_under_the_name_of_the_gold(library: Library) -> None:
    said = [("Kevin Warwick", "ROLE", "University of Reading"), ("Kevin Warwick", "met", "Royal Society")]
    breakdown = score(library.task("triples"), [document(GOLD, said)]).breakdown
    assert [(part.name, part.support) for part in breakdown] == [("physical", 1), ("role", 1), ("met", 0)]
    assert [part.figures[0].value for part in breakdown] == [0, 1, 0]


def test_a_triple_whose_ends_are_no_mentions_is_read_as_it_stands(library: Library) -> None:
    relation = Relation(id="r", head="Kevin Warwick", predicate="role", tail="University of Reading")
    wanted = {"relations": tuple(GoldTriple(head=h, predicate=p, tail=t) for h, p, t in GOLD[:1])}
    bare = outcome({"text": TEXT}, wanted, {"mentions": (), "relations": (relation,)})
    assert values(score(library.task("triples"), [bare]))["triple_exact_f1"] == 1
