"""DuIE 1 and 2, SKE and CMeIE: JSONL with a list of subject, predicate and object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.gold.entries import Entry, string
from techgpt_ui.gold.json_rows import JsonRows
from techgpt_ui.gold.records import GoldDocument, GoldTriple

VALUE = "@value"


class DuIE(JsonRows):
    """``{"text": …, "spo_list": [{"subject": …, "predicate": …, "object": … or {"@value": …}}]}``."""

    id: ClassVar[str] = "duie"

    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Triples."""
        return ("triples",) if isinstance(row.get("text"), str) and isinstance(row.get("spo_list"), list) else ()

    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """One document a row; further values of an object are counted and left out, and so are incomplete triples."""
        found = [_triple(spo) for spo in entry.entries("spo_list")]
        whole = [triple for triple in found if all(part.strip() for part in triple)]
        entry.tally.add("incomplete_triples", len(found) - len(whole))
        triples = (GoldTriple(head=head, predicate=predicate, tail=tail) for head, predicate, tail in whole)
        yield GoldDocument(
            line=entry.place.line or 0,
            inputs={"text": entry.given("text")},
            relations=entry.tally.unique(triples, "repeated_triples"),
        )


def _triple(spo: Entry) -> tuple[str, str, str]:
    head, predicate, tail = (spo.get(key) for key in ("subject", "predicate", "object"))
    if isinstance(tail, Mapping):
        values = spo.inner("object")
        spo.tally.add("further_values", len(values.row) - 1)
        tail = values.get(VALUE)
    place = spo.place
    return string(head, "subject", place), string(predicate, "predicate", place), string(tail, "object", place)
