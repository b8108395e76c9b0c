"""Column files with one token a line and its tag in the last column: CoNLL, CrossNER and their like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar, NamedTuple

from techgpt_ui.errors import UsageError
from techgpt_ui.gold.entries import given
from techgpt_ui.gold.passages import in_order
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument, GoldMention
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.gold.tokens import joined, unspaced

PROBED = 50
"""Lines that are looked at to know the format."""

_TAG = re.compile(r"O|[BIESLUM][-_](?P<type>\S.*)")
_SEPARATOR = re.compile(r"[ \t]+")


class Token(NamedTuple):
    """One line: a token and its tag."""

    line: int
    text: str
    tag: str


class Conll(GoldReader):
    """Two to four columns parted by tab or space, a blank line after each sentence; one document a sentence.

    BIO, IOB1, BIOES, BILOU and BMES are read alike: a mention ends where its tag says so, where the type changes and
    where another begins; one that goes on without a beginning begins there.
    """

    id: ClassVar[str] = "conll"

    def recognises(self, source: Source) -> bool:
        """Whether the first lines are all tokens with tags."""
        if len(source.members) != 1:
            return False
        try:
            return bool(list(islice(_tokens(source), PROBED)))
        except UsageError:
            return False

    def tasks(self, source: Source) -> tuple[str, ...]:
        """Always entities."""
        return ("ner",)

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """One document a sentence; the line is that of its first token."""
        tokens = [token for token in _tokens(source) if token]
        spaced = not unspaced([token.text for token in tokens])
        for sentence in _sentences(source):
            text = joined([token.text for token in sentence], spaced=spaced)
            mentions = (
                GoldMention(start=text.span(first, last)[0], end=text.span(first, last)[1], type=kind)
                for first, last, kind in decode([token.tag for token in sentence])
            )
            yield GoldDocument(
                line=sentence[0].line, inputs={"text": given(text.text, tally)}, mentions=in_order(mentions, tally)
            )


def decode(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """The mentions that tags spell: first and last token, both included, and the type."""
    found: list[tuple[int, int, str]] = []
    is_open = False
    for index, tag in enumerate(tags):
        prefix, kind = tag[:1], tag[2:]
        if prefix == "O":
            is_open = False
        elif is_open and prefix in "IELM" and found[-1][2] == kind:
            found[-1] = (found[-1][0], index, kind)
        else:
            found.append((index, index, kind))
            is_open = True
        if prefix in "ELSU":
            is_open = False
    return found


def _sentences(source: Source) -> Iterator[list[Token]]:
    sentence: list[Token] = []
    for token in _tokens(source):
        if token:
            sentence.append(token)
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _tokens(source: Source) -> Iterator[Token | None]:
    """The tokens of a file, None between sentences."""
    for number, line in enumerate(source.text.split("\n"), start=1):
        columns = _columns(line)
        tagged = len(columns) > 1 and _TAG.fullmatch(columns[-1])
        if columns and columns[0] == "-DOCSTART-":
            yield None
        elif tagged:
            # A token of white space alone leaves nothing in its column.
            yield Token(number, columns[0] or " ", columns[-1])
        elif not line.strip():
            yield None
        elif not line.startswith("#"):
            raise Place(source.name, number).fault("gold_columns", found=quoted(line))


def _columns(line: str) -> list[str]:
    if "\t" in line:
        return [column.strip(" ") for column in line.rstrip("\t ").split("\t")]
    return _SEPARATOR.split(line.rstrip(" "))
