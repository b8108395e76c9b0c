"""brat's standoff files: a folder or an archive of texts, each with its ``.ann`` beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import ClassVar, NamedTuple

from techgpt_ui.documents import settle_line_ends
from techgpt_ui.errors import UsageError
from techgpt_ui.gold.passages import Passage, in_order
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument, GoldMention, GoldTriple
from techgpt_ui.gold.source import Source, decoded
from techgpt_ui.gold.tally import Tally

LEFT_OUT = {
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
    "#": "notes",
    "*": "equivalences",
}
"""What no task asks for: the first character of its line, and the code of its notice."""

_SPAN = re.compile(r"(T\d\S*)\t(\S+) (\d+) (\d+)((?:;\d+ \d+)*)\t(.*)")
_RELATION = re.compile(r"(R\d\S*)\t(\S+) [^\s:]+:(\S+) [^\s:]+:(\S+)\s*")


class Span(NamedTuple):
    """A text-bound annotation in one piece."""

    place: Place
    kind: str
    start: int
    end: int
    surface: str


class Brat(GoldReader):
    """Spans (T) and relations (R); discontinuous spans and what else brat knows are counted and left out."""

    id: ClassVar[str] = "brat"

    def recognises(self, source: Source) -> bool:
        """Whether there is an ``.ann`` file."""
        return any(name.endswith(".ann") for name in source.members)

    def tasks(self, source: Source) -> tuple[str, ...]:
        """Entities, and triples where some file has a relation."""
        names = [name for name in source.members if name.endswith(".ann")]
        related = any(line.startswith("R") for name in names for _, line in _lines(source, name))
        return ("ner", *(["triples"] if related else [])) if names else ()

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """One document a text that has an ``.ann`` file, in the order of their names."""
        texts = {str(PurePosixPath(name).with_suffix("")): name for name in source.members if name.endswith(".txt")}
        annotated = sorted(name for name in source.members if name.endswith(".ann"))
        tally.add("unannotated", len(texts.keys() - {str(PurePosixPath(name).with_suffix("")) for name in annotated}))
        for number, name in enumerate(annotated, start=1):
            text = texts.get(str(PurePosixPath(name).with_suffix("")))
            if text is None:
                raise UsageError("gold_no_text", file=name)
            yield _document(source, number, text, name, task, tally)


def _document(source: Source, number: int, text: str, name: str, task: str, tally: Tally) -> GoldDocument:
    spans, relations = _annotations(source, name, tally)
    passage = _passage(decoded(source.members[text], text), list(spans.values()), tally)
    mentions = {key: _mention(passage, span) for key, span in spans.items() if span}
    document = GoldDocument(line=number, inputs={"text": passage.settled})
    if task == "ner":
        return document.model_copy(update={"mentions": in_order(mentions.values(), tally)})
    triples = [
        GoldTriple(head=passage.surface(mentions[head]), predicate=kind, tail=passage.surface(mentions[tail]))
        for kind, head, tail in relations
        if head in mentions and tail in mentions
    ]
    tally.add("relations_of_left_out", len(relations) - len(triples))
    return document.model_copy(update={"relations": tally.unique(triples, "repeated_triples")})


def _annotations(source: Source, name: str, tally: Tally) -> tuple[dict[str, Span | None], list[tuple[str, str, str]]]:
    spans: dict[str, Span | None] = {}
    relations: list[tuple[Place, str, str, str]] = []
    events: set[str] = set()
    for place, line in _lines(source, name):
        if span := _SPAN.fullmatch(line):
            if span[1] in spans:
                raise place.fault("gold_duplicate_id", name=quoted(span[1]))
            tally.add("discontinuous", bool(span[5]))
            spans[span[1]] = None if span[5] else Span(place, span[2], int(span[3]), int(span[4]), span[6])
        elif relation := _RELATION.fullmatch(line):
            relations.append((place, relation[2], relation[3], relation[4]))
        elif line[0] in LEFT_OUT:
            events |= {line.split("\t")[0]} if line[0] == "E" else set()
            tally.add(LEFT_OUT[line[0]])
        else:
            raise place.fault("gold_ann_line", found=quoted(line))
    for place, _, *ends in relations:
        for end in ends:
            if end not in spans and end not in events:
                raise place.fault("gold_unknown_id", name=quoted(end))
    return spans, [(kind, head, tail) for _, kind, head, tail in relations]


def _passage(own: str, spans: list[Span | None], tally: Tally) -> Passage:
    """The text with offsets as its annotations count them: brat counts BOM and CRLF as they are, other tools do not."""
    contiguous = [span for span in spans if span]
    for text in (own, settle_line_ends(own)):
        passage = Passage(text, Tally())
        if all(passage.says(span.surface, span.start, span.end) for span in contiguous):
            return Passage(text, tally)
    return Passage(own, tally)


def _mention(passage: Passage, span: Span) -> GoldMention:
    mention = passage.mention(span.start, span.end, span.kind, span.place)
    passage.expect(span.surface, span.start, span.end, span.place)
    return mention


def _lines(source: Source, name: str) -> Iterator[tuple[Place, str]]:
    for number, line in enumerate(settle_line_ends(decoded(source.members[name], name)).split("\n"), start=1):
        if line.strip():
            yield Place(name, number), line
