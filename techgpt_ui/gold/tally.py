"""Count what a reader of gold files leaves out or changes, so that nothing goes silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TypeVar

from techgpt_ui.schema import Notice
from techgpt_ui.texts import text

ValueT = TypeVar("ValueT", bound=Hashable)


class Tally:
    """Counts by the code of their notice."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, code: str, count: int = 1) -> None:
        """Count something under the words ``gold.notice.<code>``."""
        self._counts[code] += count

    def filled(self, values: Iterable[str], code: str) -> tuple[str, ...]:
        """The values that are not blank; the others are counted."""
        found = list(values)
        kept = tuple(value for value in found if value.strip())
        self.add(code, len(found) - len(kept))
        return kept

    def unique(self, values: Iterable[ValueT], code: str) -> tuple[ValueT, ...]:
        """The values in their order, each once; repetitions are counted."""
        found = list(values)
        kept = tuple(dict.fromkeys(found))
        self.add(code, len(found) - len(kept))
        return kept

    @property
    def notices(self) -> tuple[Notice, ...]:
        """One notice a code, in the order of first count."""
        return tuple(
            Notice(code=f"gold_{code}", text=text(f"gold.notice.{code}", count=count))
            for code, count in self._counts.items()
            if count
        )
