"""CrossRE and SciERC: JSONL of tokens with spans and relations over them, ends included."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from techgpt_ui.gold.entries import Entry, cells, given, listed, string, whole, words
from techgpt_ui.gold.json_rows import JsonRows
from techgpt_ui.gold.passages import in_order
from techgpt_ui.gold.places import Place
from techgpt_ui.gold.records import GoldDocument, GoldMention, GoldTriple
from techgpt_ui.gold.tokens import Joined, joined, unspaced


class Sentence(NamedTuple):
    """One sentence of a row, and the number of the token that it begins with."""

    text: Joined
    first: int
    place: Place
    spans: Sequence[Any]
    relations: Sequence[Any]


class TokenSpans(JsonRows):
    """Entities ``[first, last, type]``, relations ``[first, last, first, last, label]``, one document a sentence."""

    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Entities and triples, as far as a row has them."""
        if not isinstance(row.get(self.tokens_key), list):
            return ()
        return tuple(task for task, key in (("ner", "ner"), ("triples", "relations")) if isinstance(row.get(key), list))

    tokens_key: ClassVar[str]

    @abstractmethod
    def sentences(self, entry: Entry) -> Iterator[Sentence]:
        """The sentences of a row."""

    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """One document a sentence."""
        entry.get("ner" if task == "ner" else "relations")
        for sentence in self.sentences(entry):
            document = GoldDocument(line=entry.place.line or 0, inputs={"text": given(sentence.text.text, entry.tally)})
            if task == "ner":
                found = in_order(_mentions(sentence), entry.tally)
                yield document.model_copy(update={"mentions": found})
            else:
                triples = entry.tally.unique(_triples(sentence), "repeated_triples")
                yield document.model_copy(update={"relations": triples})


class CrossRE(TokenSpans):
    """``{"doc_key": …, "sentence": […], "ner": […], "relations": […]}``."""

    id: ClassVar[str] = "crossre"
    tokens_key: ClassVar[str] = "sentence"

    def sentences(self, entry: Entry) -> Iterator[Sentence]:
        """The one sentence."""
        tokens = entry.strings("sentence")
        text = joined(tokens, spaced=not unspaced(tokens))
        yield Sentence(text, 0, entry.place, *(_optional(entry, key) for key in ("ner", "relations")))


class SciERC(TokenSpans):
    """``{"doc_key": …, "sentences": [[…]], "ner": [[…]], …}``, tokens counted through the whole document."""

    id: ClassVar[str] = "scierc"
    tokens_key: ClassVar[str] = "sentences"

    def sentences(self, entry: Entry) -> Iterator[Sentence]:
        """Each sentence with what is annotated in it; coreference is counted and left out."""
        entry.tally.add("coreference", len(_optional(entry, "clusters")))
        rows = [listed(row, "sentences", entry.place) for row in entry.values("sentences")]
        spaced = not unspaced([str(token) for row in rows for token in row])
        annotated = {key: self._by_sentence(entry, key, len(rows)) for key in ("ner", "relations")}
        first = 0
        for index, row in enumerate(rows):
            place = entry.place.within("sentences", index)
            tokens = [string(token, "sentences", place) for token in row]
            yield Sentence(
                joined(tokens, spaced=spaced), first, place, annotated["ner"][index], annotated["relations"][index]
            )
            first += len(tokens)

    def _by_sentence(self, entry: Entry, key: str, count: int) -> list[list[Any]]:
        if key not in entry:
            return [[]] * count
        found = cells(entry.get(key), count, key, entry.place)
        return [listed(row, key, entry.place.within(key, index)) for index, row in enumerate(found)]


def _optional(entry: Entry, key: str) -> list[Any]:
    return entry.values(key) if key in entry else []


def _mentions(sentence: Sentence) -> Iterator[GoldMention]:
    for index, span in enumerate(sentence.spans):
        place = sentence.place.within("ner", index)
        found = cells(span, 3, "ner", place)
        start, end = _offsets(sentence, found[0], found[1], place)
        yield GoldMention(start=start, end=end, type=words(found[2], "ner", place))


def _triples(sentence: Sentence) -> Iterator[GoldTriple]:
    for index, relation in enumerate(sentence.relations):
        place = sentence.place.within("relations", index)
        found = cells(relation, 5, "relations", place)
        head, tail = (_offsets(sentence, found[at], found[at + 1], place) for at in (0, 2))
        yield GoldTriple(
            head=sentence.text.text[slice(*head)],
            predicate=words(found[4], "relations", place),
            tail=sentence.text.text[slice(*tail)],
        )


def _offsets(sentence: Sentence, first: object, last: object, place: Place) -> tuple[int, int]:
    start, end = (whole(at, "ner", place) - sentence.first for at in (first, last))
    if not 0 <= start <= end < len(sentence.text.spans):
        raise place.fault("gold_tokens", first=first, last=last, count=len(sentence.text.spans))
    return sentence.text.span(start, end)
