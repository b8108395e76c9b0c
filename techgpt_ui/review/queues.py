"""In which order items come before a reviewer. A queue is no sample: nothing can be estimated from it.

A sample's own order of drawing is ``Sample.items``. Items may be judged in any order; what counts is settled by
``design.judged_sample``, which takes the beginning of each stratum's draw and nothing that an order brought forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import turn
from techgpt_ui.schema import Record

Order = Literal["random", "unsure", "document"]


class Queue(Record):
    """Ids in the order in which they are shown."""

    order: Order
    items: tuple[str, ...]


def make_queue(items: Iterable[Item], order: Order, seed: int) -> Queue:
    """The items by lot (a sample's own order under its seed), least sure first, or document by document.

    Those whose confidence is unknown come first among the least sure; ties go by lot.
    """
    key = _KEYS[order]
    ordered = sorted(items, key=lambda item: (key(item), turn(seed, "draw", item.id), item.id))
    return Queue(order=order, items=tuple(item.id for item in ordered))


_KEYS: dict[Order, Callable[[Item], tuple[object, ...]]] = {
    "random": lambda item: (),
    "unsure": lambda item: (-1.0 if item.confidence is None else item.confidence,),
    "document": lambda item: (item.document, item.position),
}
