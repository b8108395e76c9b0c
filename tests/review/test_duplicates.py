"""Which items may be one and the same."""

from typing import Any

import pytest

from techgpt_ui.review.duplicates import alike
from techgpt_ui.store import ReviewItem


def item(kind: str, **payload: Any) -> ReviewItem:
    return ReviewItem.model_validate({"document": 0, "task": "any", "kind": kind, "payload": payload})


def place(start: int | None, end: int | None, text: str = "x") -> dict[str, Any]:
    return {"text": text, "start": start, "end": end}


ADA, BABBAGE = place(0, 3, "Ada"), place(8, 15, "Babbage")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (item("mention", **place(0, 5)), item("mention", **place(4, 9)), True),
        (item("mention", **place(0, 5)), item("mention", **place(5, 9)), False),
        (item("mention", **place(0, 5)), item("item", **place(0, 5)), False),
        (item("item", **place(None, None, "Data  base")), item("item", **place(3, 11, "database")), True),
        (item("label", text="AI"), item("label", text="ai "), True),
        (item("label", text="AI"), item("label", text="KI"), False),
        (item("code", source="a = 1", language="py"), item("code", source="a=1", language=""), True),
        (item("relation", head=ADA, tail=BABBAGE), item("relation", head=BABBAGE, tail=ADA), True),
        (item("relation", head=ADA, tail=BABBAGE), item("relation", head=ADA, tail=place(20, 26)), False),
    ],
)
def test_items_are_alike_that_say_the_same_or_overlap(one: ReviewItem, other: ReviewItem, same: bool) -> None:
    assert alike(one, other) == alike(other, one) == same
