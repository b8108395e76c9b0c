"""What a gold file says: documents, and what should be found in each."""

from __future__ import annotations

from typing import Any

from techgpt_ui.schema import Notice, Record


class GoldMention(Record):
    """An entity: half-open offsets in code points of the document's text, and its type."""

    start: int
    end: int
    type: str


class GoldTriple(Record):
    """A triple of strings."""

    head: str
    predicate: str
    tail: str


class GoldDocument(Record):
    """One document: the inputs of its task, and what the gold says; only what the task has is filled."""

    line: int
    """The line where it begins, from 1; in files that are not read by lines (nested JSON, brat) its number."""
    inputs: dict[str, Any]
    """By the task's input names, line ends settled: ``{"text": …}``, ``{"passage": …, "question": …}``."""
    mentions: tuple[GoldMention, ...] = ()
    relations: tuple[GoldTriple, ...] = ()
    items: tuple[str, ...] = ()
    """Keywords or terms."""
    label: str = ""
    texts: tuple[str, ...] = ()
    """Titles, abstracts, answers or translations of which any is right."""
    fields: tuple[tuple[str, str], ...] = ()
    """Pairs of a field and one of its values, of an open extraction."""

    @property
    def kinds(self) -> set[str]:
        """Its types, predicates and label."""
        named = {mention.type for mention in self.mentions} | {triple.predicate for triple in self.relations}
        return named | set(filter(None, [self.label]))


class GoldSet(Record):
    """A gold file that was read whole."""

    name: str
    """The file's name, without its folder."""
    format: str
    """Id of the reader that read it."""
    task: str
    sha256: str
    documents: tuple[GoldDocument, ...]
    notices: tuple[Notice, ...] = ()
    """What the reader had to leave out or to change, counted."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every type, predicate or label that occurs, in the order of the alphabet."""
        return tuple(sorted({kind for document in self.documents for kind in document.kinds}))
