"""Questions on passages in nested JSON: SQuAD 1.1 and 2.0, CMRC 2018, DRCD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.documents import settle_line_ends
from techgpt_ui.gold.entries import Entry, string
from techgpt_ui.gold.places import Place
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally

PASSAGE = {"mrc": "passage", "context_qa": "context"}
"""By the task, the name of its input for the passage."""


class Squad(GoldReader):
    """``data``, ``paragraphs``, ``qas``, or CMRC's own list of passages; questions without an answer have none."""

    id: ClassVar[str] = "squad"

    def recognises(self, source: Source) -> bool:
        """Whether the file has paragraphs with questions."""
        articles = source.probed_root.get("data")
        first = articles[0] if isinstance(articles, list) and articles else None
        nested = isinstance(first, Mapping) and isinstance(first.get("paragraphs"), list)
        return nested or any(_is_cmrc(row) for row in source.probe)

    def tasks(self, source: Source) -> tuple[str, ...]:
        """Both tasks that answer from a passage."""
        return tuple(PASSAGE) if self.recognises(source) else ()

    def obvious(self, source: Source) -> str | None:
        """Reading comprehension, which these data sets are made for."""
        return "mrc"

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """One document a question, counted from 1."""
        for number, (paragraph, question) in enumerate(_questions(source, tally), start=1):
            inputs = {
                PASSAGE[task]: paragraph.given(_either(paragraph, "context", "context_text")),
                "question": question.given(_either(question, "question", "query_text")),
            }
            yield GoldDocument(line=number, inputs=inputs, texts=_answers(question))


def _questions(source: Source, tally: Tally) -> Iterator[tuple[Entry, Entry]]:
    for paragraph in _paragraphs(source, tally):
        for question in paragraph.entries("qas"):
            yield paragraph, question


def _paragraphs(source: Source, tally: Tally) -> Iterator[Entry]:
    if not source.probed_root:
        yield from source.entries(tally)
        return
    for article in Entry(source.root, Place(source.name), tally).entries("data"):
        yield from article.entries("paragraphs")


def _is_cmrc(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("context_text"), str) and isinstance(row.get("qas"), list)


def _either(entry: Entry, key: str, other: str) -> str:
    return other if key not in entry and other in entry else key


def _answers(question: Entry) -> tuple[str, ...]:
    if question.row.get("is_impossible") is True:
        return ()
    found = [
        answer if isinstance(answer, str) else Entry(answer, question.place.within("answers", index), question.tally)
        for index, answer in enumerate(question.values("answers"))
    ]
    texts = [one if isinstance(one, str) else string(one.get("text"), "text", one.place) for one in found]
    return question.tally.filled(map(settle_line_ends, texts), "blank_answers")
