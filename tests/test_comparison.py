"""What two runs have in common: texts by words and characters, values by name, pieces by what makes them the same."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.comparison import Piece, Stretch, compare_readings, compare_values, diff_texts
from techgpt_ui.schema import Item, Label, Mention, Relation, Result


def changed(stretches: list[Stretch]) -> list[str]:
    return [stretch.text for stretch in stretches if stretch.differs]


def mention(ident: str, kind: str, start: int | None, text: str) -> Mention:
    status: Any = "ungrounded" if start is None else "exact"
    end = None if start is None else start + len(text)
    return Mention(
        id=ident, type=kind, surface=text, text="" if start is None else text, start=start, end=end, status=status
    )


def result(**found: Any) -> Result:
    return Result(task="x", status="parsed", prompt="", raw="", seed=0, sampling={}, model=None, **found)


def marks(pieces: list[Piece]) -> list[tuple[str, bool, bool]]:
    return [(" ".join(filter(None, piece.cells)), piece.one is not None, piece.other is not None) for piece in pieces]


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("Grace moved to Oslo in 2009.", "Grace moved to Bergen in 2009.", ["Oslo "], ["Bergen "]),
        ("Mr Holloways", "Mr Holloway", ["Holloways"], ["Holloway"]),
        ("他出生于香港。", "他出生于北京。", ["香港"], ["北京"]),
        ("周蕙：person", "周蕙：place", ["person"], ["place"]),
        ("a, b", "a, b, c", [], [", c"]),
        ("", "x", [], ["x"]),
        ("same", "same", [], []),
        ("a\nb", "a b", ["a\n"], ["a "]),
    ],
)
def test_words_are_compared_whole_and_chinese_by_characters(
    one: str, other: str, left: list[str], right: list[str]
) -> None:
    mine, theirs = diff_texts(one, other)
    assert (changed(mine), changed(theirs)) == (left, right)


TEXTS = st.text(alphabet="ab 。，.\n中文", max_size=40)


@given(TEXTS, TEXTS)
def test_the_stretches_are_the_texts_and_what_is_equal_is_equal(one: str, other: str) -> None:
    mine, theirs = diff_texts(one, other)
    assert "".join(stretch.text for stretch in mine) == one
    assert "".join(stretch.text for stretch in theirs) == other
    same = ["".join(stretch.text for stretch in side if not stretch.differs) for side in (mine, theirs)]
    assert same[0] == same[1]
    assert one != other or not changed(mine)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b " * 5000, "b c " * 5000), ("x\n" * 20_000, "y\n" + "x\n" * 19_000), ("中" * 30_000, "文中" * 15_000)],
)
def test_looping_answers_are_compared_in_good_time(one: str, other: str) -> None:
    begun = time.monotonic()
    diff_texts(one, other)
    assert time.monotonic() - begun < 5


def test_values_are_compared_by_name_in_the_order_of_the_first() -> None:
    values = compare_values({"seed": 1, "top_k": 50}, {"top_k": 50, "seed": 2, "note": "x"})
    assert [(value.name, value.one, value.other, value.differs) for value in values] == [
        ("seed", 1, 2, True),
        ("top_k", 50, 50, False),
        ("note", None, "x", True),
    ]


def test_entities_of_one_source_are_the_same_only_in_the_same_place_and_of_the_same_type() -> None:
    one = result(
        mentions=(mention("m1", "人", 0, "周蕙"), mention("m2", "地", 5, "台湾"), mention("m3", "地", None, "X"))
    )
    other = result(
        mentions=(mention("m1", "地", 5, "台湾"), mention("m2", "人", 9, "周蕙"), mention("m3", "地", None, "X"))
    )
    assert marks(compare_readings(one, other, same_source=True)["mentions"]) == [
        ("周蕙 人 0–2", True, False),
        ("台湾 地 5–7", True, True),
        ("X 地", True, True),
        ("周蕙 人 9–11", False, True),
    ]


def test_entities_of_different_sources_are_the_same_by_their_words() -> None:
    one, other = result(mentions=(mention("m1", "人", 0, "周蕙"),)), result(mentions=(mention("m1", "人", 9, "周蕙"),))
    assert marks(compare_readings(one, other, same_source=False)["mentions"]) == [("周蕙 人 0–2", True, True)]


def test_triples_are_compared_by_their_words_whatever_their_ids() -> None:
    def triple(predicate: str, ids: tuple[str, str]) -> Result:
        ends = (mention(ids[0], "", 0, "Ann"), mention(ids[1], "", 8, "Oslo"))
        relation = Relation(id="r1", head=ids[0], predicate=predicate, tail=ids[1], confidence=0.5)
        return result(mentions=ends, relations=(relation,))

    same = compare_readings(triple("lives in", ("m1", "m2")), triple("lives in", ("m7", "m8")), same_source=True)
    assert same == {"relations": [Piece(("Ann", "lives in", "Oslo"), "0.50", "0.50")]}
    changed = compare_readings(triple("lives in", ("m1", "m2")), triple("left", ("m1", "m2")), same_source=True)
    assert marks(changed["relations"]) == [("Ann lives in Oslo", True, False), ("Ann left Oslo", False, True)]


def test_items_fields_and_labels_are_compared_by_their_words() -> None:
    def item(text: str) -> Item:
        return Item(text=text, start=None, end=None, status="ungrounded")

    one = result(items=(item("Graph"),), fields={"born": (item("1974"),)}, labels=(Label(text="art", score=0.9),))
    other = result(
        items=(item("graph"), item("x")), fields={"born": (item("1975"),)}, labels=(Label(text="art", score=0.2),)
    )
    found = compare_readings(one, other, same_source=True)
    assert marks(found["items"]) == [("Graph", True, True), ("x", False, True)]
    assert marks(found["fields"]) == [("born 1974", True, False), ("born 1975", False, True)]
    assert found["labels"] == [Piece(("art",), "0.90", "0.20")]


def test_a_triple_whose_ends_are_not_there_is_still_compared() -> None:
    broken = result(mentions=(), relations=(Relation(id="r1", head="m1", predicate="p", tail="m2"),))
    assert marks(compare_readings(broken, broken, same_source=True)["relations"]) == [("m1 p m2", True, True)]
