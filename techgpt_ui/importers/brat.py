"""brat's standoff files with verdicts: the attributes ``Verdict`` and ``Reason``, and annotators' notes as comments.

Fragments that only white space parts are one span. ``visual.conf``, where it lies beside, gives types their real names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, ClassVar, NamedTuple, get_args

from techgpt_ui.annotations import AnnotatedDocument, Decision, Piece, Reason, Verdict
from techgpt_ui.documents import settle_line_ends
from techgpt_ui.errors import UsageError
from techgpt_ui.gold.brat import LEFT_OUT
from techgpt_ui.gold.brat import Brat as Gold
from techgpt_ui.gold.passages import Passage
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.source import Source, decoded
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.schema import Mention, Relation

NAMES = "visual.conf"
_SPAN = re.compile(r"(T\d\S*)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t.*")
_RELATION = re.compile(r"(R\d\S*)\t(\S+) [^\s:]+:(\S+) [^\s:]+:(\S+)\s*")
_ATTRIBUTE = re.compile(r"[AM]\d\S*\t(Verdict|Reason) (\S+) (\S+)\s*")
_NOTE = re.compile(r"#\d\S*\tAnnotatorNotes (\S+)\t(.*)")
_LABEL = re.compile(r"\s*(\S+)\s*\|\s*([^|\n]+?)\s*(?:\|.*)?")


class _Line(NamedTuple):
    """A line that matched, and where it stands."""

    match: re.Match[str]
    place: Place


class Brat(base.Importer):
    """A folder or an archive of pairs of texts and annotations."""

    id: ClassVar[str] = "brat"

    def recognises(self, source: Source) -> bool:
        """As for gold."""
        return Gold().recognises(source)

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document a pair, named after its files."""
        names = _names(source)
        for member in sorted(name for name in source.members if name.endswith(".ann")):
            stem = str(PurePosixPath(member).with_suffix(""))
            if f"{stem}.txt" not in source.members:
                raise UsageError("gold_no_text", file=member)
            text = decoded(source.members[f"{stem}.txt"], f"{stem}.txt")
            yield _Annotations(source, member, tally).document(PurePosixPath(stem).name, text, names)


class _Annotations:
    """The lines of one ``.ann`` file, by kind."""

    def __init__(self, source: Source, member: str, tally: Tally) -> None:
        self._member, self._tally = member, tally
        self._spans: list[_Line] = []
        self._relations: list[_Line] = []
        self._told: dict[str, dict[str, str]] = {}
        content = settle_line_ends(decoded(source.members[member], member))
        for number, line in enumerate(content.split("\n"), start=1):
            if line.strip():
                self._read(line, Place(member, number))

    def document(self, ident: str, text: str, names: dict[str, str]) -> AnnotatedDocument:
        """The document with real names for types."""
        passage = Passage(text, self._tally)
        mentions = {line.match[1]: found for line in self._spans if (found := self._mention(line, passage, names))}
        related = [line for line in self._relations if {line.match[3], line.match[4]} <= mentions.keys()]
        self._tally.add("relations_of_left_out", len(self._relations) - len(related))
        return base.document(
            Place(self._member),
            id=ident,
            text=passage.settled,
            task="triples" if related else "ner",
            mentions=tuple(
                self._judged(Piece[Mention], line, mentions[line.match[1]])
                for line in self._spans
                if line.match[1] in mentions
            ),
            relations=tuple(self._judged(Piece[Relation], line, _relation(line, names)) for line in related),
        )

    def _read(self, line: str, place: Place) -> None:
        if span := _SPAN.fullmatch(line):
            self._spans.append(_Line(span, place))
        elif relation := _RELATION.fullmatch(line):
            self._relations.append(_Line(relation, place))
        elif (attribute := _ATTRIBUTE.fullmatch(line)) and attribute[3] in get_args(Verdict) + get_args(Reason):
            self._told.setdefault(attribute[2], {})[attribute[1].lower()] = attribute[3]
        elif note := _NOTE.fullmatch(line):
            self._told.setdefault(note[1], {})["comment"] = note[2]
        elif line[0] in LEFT_OUT:
            self._tally.add(LEFT_OUT[line[0]])
        else:
            raise place.fault("gold_ann_line", found=quoted(line))

    def _mention(self, line: _Line, passage: Passage, names: dict[str, str]) -> Mention | None:
        ident, kind, places = line.match[1], line.match[2], line.match[3]
        numbers = [int(number) for number in re.findall(r"\d+", places)]
        gaps = zip(numbers[1:-1:2], numbers[2::2], strict=True)
        if any(passage.own[end:start].strip() or start < end for end, start in gaps):
            self._tally.add("discontinuous")
            return None
        return base.mention(ident, passage, numbers[0], numbers[-1], names.get(kind, kind), line.place)

    def _judged(self, made: type[Piece[Any]], line: _Line, value: Mention | Relation) -> Piece[Any]:
        decision = self._decision(line)
        edited = value if decision and decision.verdict == "edit" else None
        return made(id=value.id, value=value, edited=edited, decision=decision)

    def _decision(self, line: _Line) -> Decision | None:
        told = self._told.get(line.match[1], {})
        if not told:
            return None
        # Somebody who wrote a note without a verdict wants it to be looked at.
        return base.decision({"verdict": "flag"} | told, line.place)


def _relation(line: _Line, names: dict[str, str]) -> Relation:
    ident, kind, head, tail = line.match.groups()
    return Relation(id=ident, head=head, predicate=names.get(kind, kind), tail=tail)


def _names(source: Source) -> dict[str, str]:
    """The real names of types and predicates, by those in the files."""
    found: dict[str, str] = {}
    for member, content in source.members.items():
        if PurePosixPath(member).name == NAMES:
            section = decoded(content, member).partition("[labels]")[2].partition("[drawing]")[0]
            labels = (_LABEL.fullmatch(line) for line in section.split("\n"))
            found |= {label[1]: label[2] for label in labels if label}
    return found
