"""CLUENER 2020: JSONL with labels that name surfaces, ends included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.gold.entries import Entry, cells, listed, string, whole
from techgpt_ui.gold.json_rows import JsonRows
from techgpt_ui.gold.passages import Passage, in_order
from techgpt_ui.gold.records import GoldDocument, GoldMention


class Cluener(JsonRows):
    """``{"text": …, "label": {"name": {"叶老桂": [[9, 11]]}}}``."""

    id: ClassVar[str] = "cluener"

    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Entities."""
        return ("ner",) if isinstance(row.get("text"), str) and isinstance(row.get("label"), Mapping) else ()

    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """One document a row."""
        passage = Passage(string(entry.get("text"), "text", entry.place), entry.tally)
        mentions = in_order(_mentions(entry.inner("label"), passage), entry.tally)
        yield GoldDocument(line=entry.place.line or 0, inputs={"text": passage.settled}, mentions=mentions)


def _mentions(label: Entry, passage: Passage) -> Iterator[GoldMention]:
    for kind in label.row:
        surfaces = label.inner(kind)
        for surface in surfaces.row:
            for index, pair in enumerate(listed(surfaces.get(surface), surface, surfaces.place)):
                place = surfaces.place.within(surface, index)
                start, last = (whole(at, surface, place) for at in cells(pair, 2, surface, place)[:2])
                mention = passage.mention(start, last + 1, kind, place)
                passage.expect(surface, start, last + 1, place)
                yield mention
