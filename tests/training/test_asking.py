"""What a training prompt asks for."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.gold import GoldDocument, GoldMention, GoldTriple
from training import asking

SCHEME = ("person", "place", "work", "date", "band")
KINDS = st.sets(st.sampled_from(SCHEME), min_size=1)


@given(KINDS, st.randoms(use_true_random=False))
def test_types_that_are_asked_for_are_of_the_scheme_and_come_once(kinds: set[str], rng: Random) -> None:
    asked = asking.ask_for_kinds(kinds, SCHEME, rng)
    assert set(asked) <= set(SCHEME) and len(set(asked)) == len(asked)


def test_a_text_is_asked_about_in_every_way() -> None:
    rng = Random(0)
    ways = Counter()
    for _ in range(2000):
        asked = set(asking.ask_for_kinds({"person", "place"}, SCHEME, rng))
        known = asked & {"person", "place"}
        ways["open" if not asked else "absent" if not known else "some" if len(known) == 1 else "all"] += 1
    assert set(ways) == {"open", "absent", "some", "all"}
    assert ways["all"] > ways["some"] > ways["absent"] > 0


def test_types_are_asked_for_in_any_order() -> None:
    rng = Random(0)
    firsts = {asked[0] for _ in range(200) if (asked := asking.ask_for_kinds(set(SCHEME), SCHEME, rng))}
    assert firsts == set(SCHEME)


def test_a_long_scheme_is_seldom_given_whole() -> None:
    scheme = [f"type {number}" for number in range(asking.LARGE + 1)]
    rng = Random(0)
    whole = sum(len(asking.ask_for_kinds({"type 0"}, scheme, rng)) == len(scheme) for _ in range(1000))
    assert 0 < whole < 250


@given(st.sampled_from(SCHEME), st.randoms(use_true_random=False))
def test_labels_hold_the_right_one_unless_none_is_given(label: str, rng: Random) -> None:
    asked = asking.ask_for_labels(label, SCHEME, rng)
    assert not asked or label in asked


@given(KINDS, st.randoms(use_true_random=False))
def test_fields_hold_all_of_the_text(fields: set[str], rng: Random) -> None:
    assert fields <= set(asking.ask_for_fields(fields, SCHEME, rng))


def test_the_scheme_is_one_that_holds_all_types_of_the_text() -> None:
    schemes = [("person", "band"), ("person", "work")]
    found = {asking.scheme_of({"person"}, schemes, SCHEME, Random(seed)) for seed in range(20)}
    assert found == {("person", "band"), ("person", "work")}
    assert asking.scheme_of({"band", "work"}, schemes, SCHEME, Random(0)) == SCHEME


def test_only_what_is_asked_for_stays() -> None:
    document = GoldDocument(
        line=1,
        inputs={"text": "Ada saw Rome"},
        mentions=(GoldMention(start=0, end=3, type="person"), GoldMention(start=8, end=12, type="place")),
        relations=(GoldTriple(head="Ada", predicate="saw", tail="Rome"),),
    )
    kept = asking.only(document, ["place"])
    assert [one.type for one in kept.mentions] == ["place"]
    assert kept.relations == ()
