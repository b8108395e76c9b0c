"""Texts with places in them: line ends settled with the offsets moved along, offsets checked."""

from __future__ import annotations

from collections.abc import Iterable

from techgpt_ui.documents import settle_line_ends
from techgpt_ui.gold.entries import given
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.records import GoldMention
from techgpt_ui.gold.tally import Tally


class Passage:
    """A text as the file has it, and as the workbench does: without BOM, line ends settled."""

    def __init__(self, own: str, tally: Tally) -> None:
        self.own = own
        self.settled = given(own, tally)

    def mention(self, start: int, end: int, kind: str, place: Place) -> GoldMention:
        """A mention from half-open offsets into the file's own text; UsageError where they do not lie in it."""
        inside = 0 <= start < end <= len(self.own)
        first, last = (self._moved(start), self._moved(end)) if inside else (0, 0)
        if first >= last:
            raise place.fault("gold_offsets", start=start, end=end, length=len(self.own))
        return GoldMention(start=first, end=last, type=kind)

    def says(self, surface: str, start: int, end: int) -> bool:
        """Whether the file's own text says ``surface`` there; tools differ in how they write white space."""
        return self.own[start:end].split() == surface.split()

    def expect(self, surface: str, start: int, end: int, place: Place) -> None:
        """UsageError where the file's own text does not say ``surface`` there."""
        if not self.says(surface, start, end):
            found = quoted(self.own[start:end])
            raise place.fault("gold_surface", surface=quoted(surface), found=found, start=start, end=end)

    def surface(self, mention: GoldMention) -> str:
        """What the settled text says at a mention."""
        return self.settled[mention.start : mention.end]

    def _moved(self, at: int) -> int:
        return at if self.own == self.settled else len(settle_line_ends(self.own[:at]))


def in_order(mentions: Iterable[GoldMention], tally: Tally) -> tuple[GoldMention, ...]:
    """The mentions in the order of the text, each once."""
    ordered = sorted(mentions, key=lambda mention: (mention.start, mention.end, mention.type))
    return tally.unique(ordered, "repeated_mentions")
