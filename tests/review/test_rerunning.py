"""What a further run says beside the items of a project, told by content."""

from typing import Any

from techgpt_ui.review.rerunning import Row, Wanted, difference
from techgpt_ui.store import ReviewItem


def an_item(kind: str, type_: str, **payload: Any) -> ReviewItem:
    return ReviewItem.model_validate({"document": 0, "task": "t", "kind": kind, "type": type_, "payload": payload})


def mention(text: str, type_: str, start: int | None = None) -> ReviewItem:
    end = None if start is None else start + len(text)
    return an_item("mention", type_, text=text, type=type_, start=start, end=end)


def triple(head: str, predicate: str, tail: str) -> ReviewItem:
    ends = {
        name: {"text": words, "type": "", "start": None, "end": None}
        for name, words in (("head", head), ("tail", tail))
    }
    return an_item("relation", predicate, predicate=predicate, **ends)


def told(before: list[ReviewItem], after: list[ReviewItem], *wanted: Wanted, **how: Any) -> list[tuple[str, Any]]:
    rows = difference(dict(enumerate(before)), after, wanted, **how)
    return [(row.change, name_of(row)) for row in rows]


def name_of(row: Row) -> Any:
    return (row.after or row.before or {}).get("text")


def test_same_new_and_gone_are_told_by_place_and_type() -> None:
    before = [mention("Rome", "place", 0), mention("Ada", "person", 9)]
    after = [mention("Rome", "place", 0), mention("Bob", "person", 20)]
    assert told(before, after) == [("new", "Bob"), ("gone", "Ada"), ("same", "Rome")]


def test_another_type_at_the_same_place_is_one_change() -> None:
    (row,) = difference({7: mention("Rome", "place", 0)}, [mention("Rome", "person", 0)])
    assert (row.change, row.items) == ("type", (7,))
    assert row.before and row.after and (row.before["type"], row.after["type"]) == ("place", "person")


def test_the_same_words_elsewhere_are_another_mention() -> None:
    assert told([mention("Rome", "place", 0)], [mention("Rome", "place", 30)]) == [("new", "Rome"), ("gone", "Rome")]


def test_places_count_for_nothing_where_the_texts_differ() -> None:
    before, after = [mention("Rome", "place", 0)], [mention("Rome", "place", 30)]
    assert told(before, after, same_source=False) == [("same", "Rome")]


def test_what_stands_nowhere_is_told_by_its_words() -> None:
    assert told([mention("ROME", "place")], [mention("Rome", "place")]) == [("same", "Rome")]


def test_a_place_with_two_types_of_which_one_changed_pairs_each_once() -> None:
    before = [mention("Rome", "place", 0), mention("Rome", "club", 0)]
    after = [mention("Rome", "place", 0), mention("Rome", "person", 0), mention("Rome", "city", 0)]
    assert [change for change, _ in told(before, after)] == ["type", "new", "same"]


def test_another_predicate_between_the_same_ends_is_a_change_of_type() -> None:
    rows = difference({0: triple("Ada", "born in", "Rome")}, [triple("Ada", "lives in", "Rome")])
    assert [row.change for row in rows] == ["type"]


def test_swapped_ends_are_another_relation() -> None:
    rows = difference({0: triple("Ada", "knows", "Bob")}, [triple("Bob", "knows", "Ada")])
    assert [row.change for row in rows] == ["new", "gone"]


def test_the_ends_of_triples_are_told_by_their_triples_alone() -> None:
    before = [mention("Ada", "", 0), triple("Ada", "knows", "Bob")]
    assert len(difference(dict(enumerate(before)), [triple("Ada", "knows", "Bob"), mention("Bob", "", 9)])) == 1


def test_items_of_several_models_that_say_the_same_are_one_row() -> None:
    (row,) = difference({3: mention("Rome", "place", 0), 5: mention("Rome", "place", 0)}, [])
    assert (row.change, row.items) == ("gone", (3, 5))


def test_another_answer_is_a_change_of_its_text_and_white_space_is_none() -> None:
    assert told([an_item("text", "", text="A title")], [an_item("text", "", text="Another")]) == [("text", "Another")]
    assert told([an_item("text", "", text="A title")], [an_item("text", "", text="A  title\n")])[0][0] == "same"


def test_a_value_under_another_field_is_a_change_of_type() -> None:
    was, now = (an_item("field", name, name=name, text="8 May", start=0, end=5) for name in ("date", "time"))
    assert told([was], [now]) == [("type", "8 May")]


def test_what_a_reviewer_had_asked_for_is_marked() -> None:
    corrected = Wanted("mention", mention("Rome", "city", 0).payload)
    noted = Wanted("mention", {"task": "ner", "kind": "mention", **mention("Bob", "person", 20).payload})
    before, after = {0: mention("Rome", "place", 0)}, [mention("Rome", "city", 0), mention("Bob", "person", 20)]
    rows = difference(before, [*after, mention("Cy", "person", 30)], [corrected, noted])
    assert [(row.change, row.wanted) for row in rows] == [("type", True), ("new", True), ("new", False)]
