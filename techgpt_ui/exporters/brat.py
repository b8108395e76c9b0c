"""brat: for every document a text and its standoff annotations, and the configuration that names their types.

A span over a line end is written in fragments, one a line. Verdicts and reasons are attributes, comments are notes;
what was rejected stands there with its verdict. ``visual.conf`` keeps the real names of types and predicates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple, get_args

from techgpt_ui.annotations import AnnotatedDocument, Piece, Reason, Verdict
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.names import safe_names
from techgpt_ui.exporters.spans import Span, links_of, spans_of

_FILE_NAME = re.compile(r"[\w-]{1,80}")
_LINE = re.compile(r"[^\n]+")
_NO_LINES = str.maketrans({"\n": " ", "\r": " ", "\t": " "})


class _Names(NamedTuple):
    """The names of types and of predicates in the files, by their real names."""

    types: dict[str, str]
    predicates: dict[str, str]


class Brat(Exporter):
    """``NAME.txt`` and ``NAME.ann`` for every document, ``annotation.conf``, ``visual.conf``."""

    id: ClassVar[str] = "brat"
    holds: ClassVar[frozenset[Aspect]] = frozenset(
        ("mentions", "relations", "items", "fields", "verdict", "rejected", "reason", "comment")
    )

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """All files of the folder."""
        spans = [span for document in documents for span in spans_of(document)]
        predicates = [piece.current.predicate for document in documents for piece in document.relations]
        names = _Names(
            safe_names((span.type for span in spans), losses), safe_names(predicates, losses)
        )  # fmt: skip
        files = {"annotation.conf": _annotation_conf(names), "visual.conf": _visual_conf(names)}
        for stem, document in zip(file_names(documents), documents, strict=True):
            text = plain(document.text, losses).replace("\r", " ")
            lines = _lines(document, text, names, losses)
            files[f"{stem}.txt"] = text.encode()
            files[f"{stem}.ann"] = "".join(f"{line}\n" for line in lines).encode()
        return files


def file_names(documents: Sequence[AnnotatedDocument]) -> list[str]:
    """A file name for each document, without ending: its id where that is one and no other has it."""
    names: list[str] = []
    taken: set[str] = set()
    for number, document in enumerate(documents, start=1):
        fits = _FILE_NAME.fullmatch(document.id) and document.id.casefold() not in taken
        name = document.id if fits else f"document-{number:05}"
        while name.casefold() in taken:
            name += "-"
        taken.add(name.casefold())
        names.append(name)
    return names


def _lines(document: AnnotatedDocument, text: str, names: _Names, losses: Losses) -> Iterator[str]:
    spans = [span for span in spans_of(document) if _fragments(text, span)]
    losses.add("blank_spans", len(spans_of(document)) - len(spans))
    ids = {span.id: f"T{number}" for number, span in enumerate(spans, start=1)}
    judged: list[tuple[str, Piece[Any]]] = []
    for span in spans:
        fragments = _fragments(text, span)
        places = ";".join(f"{start} {end}" for start, end in fragments)
        words = " ".join(text[start:end] for start, end in fragments)
        judged.append((ids[span.id], span.piece))
        yield f"{ids[span.id]}\t{names.types[span.type]} {places}\t{words.translate(_NO_LINES)}"
    for number, link in enumerate(links_of(document, spans, losses), start=1):
        judged.append((f"R{number}", link.piece))
        yield f"R{number}\t{names.predicates[link.predicate]} Arg1:{ids[link.head.id]} Arg2:{ids[link.tail.id]}"
    yield from _review(judged)


def _fragments(text: str, span: Span) -> list[tuple[int, int]]:
    """The parts of a span on each line, none of them blank."""
    found = (match.span() for match in _LINE.finditer(text, span.start, span.end))
    return [(start, end) for start, end in found if text[start:end].strip()]


def _review(judged: Iterable[tuple[str, Piece[Any]]]) -> Iterator[str]:
    decided = [(ident, piece.decision) for ident, piece in judged if piece.decision]
    attributes = [(ident, "Verdict", decision.verdict) for ident, decision in decided]
    attributes += [(ident, "Reason", decision.reason) for ident, decision in decided if decision.reason]  # type: ignore[misc]
    for number, (ident, name, value) in enumerate(attributes, start=1):
        yield f"A{number}\t{name} {ident} {value}"
    commented = [(ident, decision.comment) for ident, decision in decided if decision.comment]
    for number, (ident, comment) in enumerate(commented, start=1):
        yield f"#{number}\tAnnotatorNotes {ident}\t{plain(comment).translate(_NO_LINES)}"


def _annotation_conf(names: _Names) -> bytes:
    verdicts, reasons = "|".join(get_args(Verdict)), "|".join(get_args(Reason))
    lines = ["[entities]", *names.types.values(), "", "[relations]"]
    lines += [f"{name}\tArg1:<ENTITY>, Arg2:<ENTITY>" for name in names.predicates.values()]
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>", "", "[events]", "", "[attributes]"]
    lines += [f"Verdict\tArg:<ANY>, Value:{verdicts}", f"Reason\tArg:<ANY>, Value:{reasons}"]
    return ("\n".join(lines) + "\n").encode()


def _visual_conf(names: _Names) -> bytes:
    labels = {safe: real for real, safe in (*names.types.items(), *names.predicates.items())}
    lines = ["[labels]", *(f"{safe} | {_label(real)}" for safe, real in labels.items()), "", "[drawing]"]
    return ("\n".join(lines) + "\n").encode()


def _label(real: str) -> str:
    return " ".join(plain(real).replace("|", "¦").split())
