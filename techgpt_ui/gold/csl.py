"""CSL, the Chinese Scientific Literature data set: its table, its benchmark, and JSONL of its papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from techgpt_ui.errors import UsageError
from techgpt_ui.gold.entries import given
from techgpt_ui.gold.places import Place
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument
from techgpt_ui.gold.source import PROBED, Source
from techgpt_ui.gold.tally import Tally

CATEGORIES = frozenset(
    ["工学", "理学", "农学", "医学", "管理学", "法学", "教育学", "经济学", "文学", "艺术学", "历史学", "军事学", "哲学"]
)
"""The 13 categories; some disciplines have the name of one."""
COLUMNS = ("title", "abstract", "keywords", "discipline", "category")
BENCHMARK = ("prompt", "text_a", "text_b")
TASKS = ("abstract_to_title", "title_to_abstract", "keywords", "domain")

_JSON_KEYS = {"abst": "abstract", "keyword": "keywords"}
_MADE_UP = "0"
"""The label of CLUE's lines whose keywords are not the paper's."""


class Gold(NamedTuple):
    """What one line offers for a task."""

    given: str
    expected: str | Sequence[str]


class Csl(GoldReader):
    """A table of title, abstract, keywords joined by underscores, discipline, category; or lines of the benchmark.

    The tasks are the benchmark's: title and abstract from each other, keywords of the abstract followed by the title,
    category of the title. For the discipline of the abstract see ``CslDiscipline``.
    """

    id: ClassVar[str] = "csl"
    label: ClassVar[tuple[str, str]] = ("title", "category")
    """The columns that ``domain`` reads and wants."""

    def recognises(self, source: Source) -> bool:
        """Whether one of the first lines is the benchmark's, the table's, or JSON of a paper."""
        if len(source.members) != 1 or not self._probed(source):
            return False
        first = next(line for line in source.text.split("\n") if line.strip()).split("\t")
        # Five columns can be anything; a heading or one of the categories tells that they are a paper's.
        return len(first) != len(COLUMNS) or tuple(first) == COLUMNS or bool(CATEGORIES & set(first[-2:]))

    def tasks(self, source: Source) -> tuple[str, ...]:
        """What some line offers."""
        if not self._probed(source):
            return ()
        offered = {task for _, gold in self._lines(source) for task in gold}
        return tuple(task for task in TASKS if task in offered)

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """One document for each line that offers what the task needs; the others are counted."""
        for place, gold in self._lines(source):
            if task in gold:
                yield _document(place, task, gold[task], tally)
            else:
                tally.add("unannotated")

    def _probed(self, source: Source) -> list[Mapping[str, Gold]]:
        found: list[Mapping[str, Gold]] = []
        # What is broken further on is told when it is read.
        with suppress(UsageError):
            found.extend(gold for _, gold in islice(self._lines(source), PROBED) if gold)
        return found

    def _lines(self, source: Source) -> Iterator[tuple[Place, Mapping[str, Gold]]]:
        if source.text.lstrip()[:1] in ("{", "["):
            for entry in source.entries(Tally()):
                yield entry.place, self._offered(_from_json(entry.row))
            return
        for number, line in enumerate(source.text.split("\n"), start=1):
            if line.strip() and tuple(line.split("\t")) not in (COLUMNS, BENCHMARK):
                place = Place(source.name, number)
                yield place, self._offered(_from_table(line.split("\t"), place))

    def _offered(self, paper: Mapping[str, str]) -> dict[str, Gold]:
        if "prompt" in paper:
            return _of_benchmark(*(paper[column] for column in BENCHMARK))
        title, abstract, keywords = (paper.get(key, "") for key in ("title", "abstract", "keywords"))
        label_of, label = self.label
        offered = {
            "abstract_to_title": Gold(abstract, title),
            "title_to_abstract": Gold(title, abstract),
            "keywords": Gold(f"{abstract} {title}" if abstract and title else abstract, keywords.split("_")),
            "domain": Gold(paper.get(label_of, ""), paper.get(label, "")),
        }
        return {task: gold for task, gold in offered.items() if gold.given.strip() and "".join(gold.expected).strip()}


class CslDiscipline(Csl):
    """As CSL, but ``domain`` is the discipline of the abstract."""

    id: ClassVar[str] = "csl_discipline"
    label: ClassVar[tuple[str, str]] = ("abstract", "discipline")

    def recognises(self, source: Source) -> bool:
        """Never: only the user knows which of the two labels is wanted."""
        return False


def _of_benchmark(prompt: str, given: str, expected: str) -> dict[str, Gold]:
    if prompt == "to title":
        return {"abstract_to_title": Gold(given, expected), "title_to_abstract": Gold(expected, given)}
    if prompt == "to keywords":
        return {"keywords": Gold(given, expected.split("_"))}
    return {"domain": Gold(given, expected)} if prompt in ("to category", "to discipline") else {}


def _from_json(row: Mapping[str, Any]) -> dict[str, str]:
    if all(isinstance(row.get(column), str) for column in BENCHMARK):
        return {column: row[column] for column in BENCHMARK}
    paper = {_JSON_KEYS.get(key, key): value for key, value in row.items()}
    if not isinstance(paper.get("abstract"), str) or not isinstance(paper.get("keywords"), (str, list)):
        return {}
    keywords = paper["keywords"] if isinstance(paper["keywords"], str) else "_".join(map(str, paper["keywords"]))
    genuine = "abst" not in row or str(row.get("label")) != _MADE_UP
    texts = {key: value for key, value in paper.items() if key in COLUMNS and isinstance(value, str)}
    return texts | {"keywords": keywords if genuine else ""}


def _from_table(columns: list[str], place: Place) -> dict[str, str]:
    if len(columns) == len(BENCHMARK) and columns[0].startswith("to "):
        return dict(zip(BENCHMARK, columns, strict=True))
    if len(columns) != len(COLUMNS):
        raise place.fault("gold_table_columns", found=len(columns), wanted=" | ".join(COLUMNS))
    paper = dict(zip(COLUMNS, columns, strict=True))
    if paper["category"] not in CATEGORIES and paper["discipline"] in CATEGORIES:
        paper |= {"category": paper["discipline"], "discipline": paper["category"]}
    return paper


def _document(place: Place, task: str, gold: Gold, tally: Tally) -> GoldDocument:
    line, text = place.line or 0, given(gold.given, tally)
    if task == "keywords":
        items = tally.unique(tally.filled(gold.expected, "blank_items"), "repeated_items")
        return GoldDocument(line=line, inputs={"text": text}, items=items)
    if task == "domain":
        return GoldDocument(line=line, inputs={"text": text}, label=str(gold.expected))
    name = task.partition("_to_")[0]
    return GoldDocument(line=line, inputs={name: text}, texts=(str(gold.expected),))
