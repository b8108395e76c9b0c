"""What a renderer is given, and what it gives."""

from __future__ import annotations

from collections.abc import Iterable

from techgpt_ui.presets import Inputs, Task
from techgpt_ui.reading import Reading
from techgpt_ui.schema import Item, Mention, Record, Result


class Answer(Record):
    """An answer in its setting; ``cut_at`` is where the model's view of the source ended, None when it saw all."""

    task: Task
    inputs: Inputs
    source: str
    found: Reading | Result
    cut_at: int | None = None


class Download(Record):
    """A file that the user may keep; ``suffix`` is its kind, without a dot."""

    suffix: str
    content: bytes


class View(Record):
    """What the output side of a tab shows: HTML in two places, and the same as a file."""

    main: str
    table: str = ""
    download: Download | None = None


def as_mentions(items: Iterable[Item], kind: str = "") -> tuple[Mention, ...]:
    """Items as mentions, so that they can be marked in the source."""
    return tuple(
        Mention(
            id=f"i{at}", type=kind, surface=item.text, text=item.text, start=item.start, end=item.end,
            status=item.status,
        )
        for at, item in enumerate(items, start=1)
    )  # fmt: skip
