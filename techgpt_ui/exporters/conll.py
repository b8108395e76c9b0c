"""CoNLL: a token a line, ``Google -X- _ B-ORG``; a blank line parts sentences, ``-DOCSTART-`` begins a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.spans import Span, flat, spans_of
from techgpt_ui.exporters.tokens import Token, inside, sentence_ends, tokens_of


class Conll(Exporter):
    """BIO tags. Unspaced scripts are tagged by character; a token is cut where a span ends within it."""

    id: ClassVar[str] = "conll"
    holds: ClassVar[frozenset[Aspect]] = frozenset(("mentions", "items", "fields"))

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """All documents in one file."""
        lines = [line for document in documents for line in _lines(document, losses)]
        return {"annotations.conll": "".join(f"{line}\n" for line in lines).encode()}


def _lines(document: AnnotatedDocument, losses: Losses) -> Iterator[str]:
    text = plain(document.text, losses)
    spans = flat(spans_of(document), losses)
    tokens = tokens_of(text, spans)
    tags = _tags(tokens, spans, losses)
    yield "-DOCSTART- -X- O O"
    yield ""
    at = 0
    for end in sentence_ends(text, spans):
        before = at
        while at < len(tokens) and tokens[at].start < end:
            yield f"{text[tokens[at].start : tokens[at].end]} -X- _ {tags[at]}"
            at += 1
        if at > before:
            yield ""


def _tags(tokens: list[Token], spans: list[Span], losses: Losses) -> list[str]:
    tags = ["O"] * len(tokens)
    for span in spans:
        place = inside(tokens, span.start, span.end)
        if place is None:
            losses.add("blank_spans")
            continue
        name = "_".join(plain(span.type).split()) or "unnamed"
        if name != span.type:
            losses.add("renamed")
        first, last = place
        tags[first : last + 1] = [f"B-{name}", *[f"I-{name}"] * (last - first)]
    return tags
