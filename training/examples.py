"""From gold to training examples, through the prompts, answer formats and readers of the app itself.

Training and inference cannot differ: both build the prompt with ``techgpt_ui.prompts`` and write or read the answer
with the task's own format. An example whose answer the app would not read back whole is left out, and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple

from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.errors import UsageError
from techgpt_ui.examples import gold_answer
from techgpt_ui.gold import GoldDocument, read_gold, wording
from techgpt_ui.inputs import check_inputs, language_of, with_defaults
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Inputs, Library, ModelPreset, Task
from techgpt_ui.prompts import build_prompt
from techgpt_ui.reading import read_answer
from techgpt_ui.schema import Record
from training import asking
from training.derive import TASKS, derived
from training.recipe import Part, Recipe
from training.swapping import Names, names_of, swapped

HELD_OUT = 20
"""One text in so many is for validation: the same one in every part that holds it."""
TEXTS = ("text", "abstract", "passage")

Split = Literal["train", "validation"]


class Example(Record):
    """One prompt and its answer, as ids; the loss is on the answer alone."""

    part: str
    task: str
    split: Split
    prompt: str
    answer: str
    prompt_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]
    """Ends with the token that ends an answer."""

    def __len__(self) -> int:
        return len(self.prompt_ids) + len(self.answer_ids)


class Scribe(NamedTuple):
    """What turns inputs and an answer into an example."""

    library: Library
    model: ModelPreset
    tokens: TokenizerTokens
    end: int
    """Id of the token that ends an answer."""

    def example(self, part: str, task: Task, split: Split, inputs: Inputs, answer: str) -> Example:
        """The example for checked inputs."""
        prompt = build_prompt(
            task, inputs, model=self.model, tokens=self.tokens, writer=PARSERS[task.format], max_new_tokens=0
        )
        # The ids of an answer follow the prompt's as they do when the model writes them: a token of its own begins it.
        ids = self.tokens.plain_ids(answer)
        return Example(
            part=part, task=task.id, split=split, prompt=prompt.text, answer=answer, prompt_ids=prompt.ids,
            answer_ids=(*ids, self.end),
        )  # fmt: skip


class Drawn(NamedTuple):
    """What one part gave."""

    examples: list[Example]
    left_out: Counter[str]
    """Documents and prompts that are not used, by the reason."""


def draw(part: Part, recipe: Recipe, folder: Path, scribe: Scribe, apart: frozenset[str]) -> Drawn:
    """Examples of one part until its tokens are spent, and its validation examples.

    ``apart`` holds the digests of texts that figures are taken on.
    """
    gold = read_gold(folder / part.file, task=part.read_as)
    documents = [one for one in gold.documents if _text(one).strip()]
    clean = [one for one in documents if digest(_text(one)) not in apart]
    left_out = Counter({"text of a measured split": len(documents) - len(clean)})
    rng = Random(f"{recipe.settings.seed} {part.name}")
    task = scribe.library.task(TASKS.get(part.derive, part.read_as))
    held, kept = _split(derived(part, clean))
    maker = _Maker(part, task, scribe, _every(part, gold.kinds), names_of(kept), left_out)
    examples = [
        made
        for document in rng.sample(held, len(held))[: recipe.settings.validation]
        if (made := maker.make(document, "validation", Random(f"{part.name} {document.line}")))
    ]
    spent = 0
    while spent < part.tokens and kept:
        before = spent
        for document in rng.sample(kept, len(kept)):
            if spent < part.tokens and (made := maker.make_another(document, rng)):
                examples.append(made)
                spent += len(made)
        if spent == before:
            break
    return Drawn(examples, left_out)


class _Maker(NamedTuple):
    part: Part
    task: Task
    scribe: Scribe
    every: tuple[str, ...]
    names: Names
    left_out: Counter[str]

    def make_another(self, document: GoldDocument, rng: Random) -> Example | None:
        """A training example, as the part varies its documents; None too where there is enough of its kind."""
        if not _says_something(document) and rng.random() >= self.part.nothing:
            return None
        if rng.random() < self.part.swap:
            document = swapped(document, self.names, rng)
        return self.make(document, "train", rng)

    def make(self, document: GoldDocument, split: Split, rng: Random) -> Example | None:
        """The document asked about in one way; None where it is too long or its answer cannot be read back."""
        asked, answered = self._asked(document, rng)
        lang = language_of(document.inputs)
        words = self._words(answered, asked, lang)
        given = dict(document.inputs)
        if self.task.label_input:
            given[self.task.label_input] = [words[name] for name in asked]
        try:
            inputs = check_inputs(self.task, with_defaults(self.task, given))
        except UsageError:
            self.left_out["inputs that the app refuses"] += 1
            return None
        answer = self._answer(answered, asked, words)
        example = self.scribe.example(self.part.name, self.task, split, inputs, answer)
        if len(example) > self.part.longest:
            self.left_out["too long"] += 1
            return None
        if not _reads_back(self.task, inputs, answer):
            self.left_out["answer would not be read back"] += 1
            return None
        return example

    def _asked(self, document: GoldDocument, rng: Random) -> tuple[tuple[str, ...], GoldDocument]:
        """The names to ask for, and the document with only what answers them."""
        if document.label:
            return asking.ask_for_labels(document.label, self.every, rng), document
        if document.fields:
            return asking.ask_for_fields({name for name, _ in document.fields}, self.every, rng), document
        kinds = document.kinds
        if not kinds and not self.every:
            return (), document
        document = _in_order_of_text(document)
        scheme = asking.scheme_of(kinds, self.part.schemes, self.every, rng)
        asked = asking.ask_for_kinds(kinds, scheme, rng)
        return asked, asking.only(document, asked) if asked else document

    def _words(self, document: GoldDocument, asked: Sequence[str], lang: Any) -> Mapping[str, str]:
        """As an evaluation words the names of the file that it measures on."""
        named = dict.fromkeys([*self.every, *asked, *document.kinds])
        scheme = next((one for one in self.part.schemes if set(asked) and set(asked) <= set(one)), tuple(named))
        return wording(tuple(named), lang) | wording(scheme, lang)

    def _answer(self, document: GoldDocument, asked: Sequence[str], words: Mapping[str, str]) -> str:
        form, dialect = PARSERS[self.task.format], self.task.prompts.trained.dialect
        if document.fields:
            lines = [(words[name], *(value for field, value in document.fields if field == name)) for name in asked]
            return form.write(lines, dialect)
        pieces = gold_answer(document, words)
        return pieces if isinstance(pieces, str) else form.write(pieces, dialect)


def _says_something(document: GoldDocument) -> bool:
    found = (document.kinds, document.items, document.texts, document.fields)
    return any(found)


def _in_order_of_text(document: GoldDocument) -> GoldDocument:
    """Triples by where head and tail first stand; gold lists them in any order, which nobody could learn."""
    text = _text(document)
    order = sorted(document.relations, key=lambda one: (text.find(one.head), text.find(one.tail)))
    return document.model_copy(update={"relations": tuple(order)})


def digest(text: str) -> str:
    """What tells texts apart, white space aside."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def digests(files: Iterable[Path]) -> frozenset[str]:
    """Of every text in gold files in the contract's form, whatever their tasks."""
    rows = (
        json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    )
    return frozenset(digest(str(row[name])) for row in rows for name in TEXTS if name in row)


def _text(document: GoldDocument) -> str:
    return next((str(document.inputs[name]) for name in TEXTS if name in document.inputs), "")


def is_held_out(text: str) -> bool:
    """Whether a text is for validation, in whichever part it stands."""
    return int(digest(text)[:8], 16) % HELD_OUT == 0


def held_out(path: Path) -> list[str]:
    """The lines of a gold file in the contract's form whose texts are for validation."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = ((line, json.loads(line)) for line in lines if line.strip())
    return [line for line, row in rows if is_held_out(next((str(row[name]) for name in TEXTS if name in row), ""))]


def _split(documents: Iterable[GoldDocument]) -> tuple[list[GoldDocument], list[GoldDocument]]:
    held: list[GoldDocument] = []
    kept: list[GoldDocument] = []
    for document in documents:
        (held if is_held_out(_text(document)) else kept).append(document)
    return held, kept


def _every(part: Part, kinds: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.subjects.values())) if part.subjects else () if part.terms else tuple(kinds)


def _reads_back(task: Task, inputs: Inputs, answer: str) -> bool:
    """Whether the app reads the answer whole, and writing what it reads gives the same words again."""
    labels = inputs[task.label_input] if task.label_input else ()
    source = inputs[task.source_input] if task.source_input else ""
    reading = read_answer(task, answer, source, labels)
    surfaces: Iterator[str] = (mention.surface for mention in reading.mentions or ())
    return reading.status == "parsed" and all(surface in answer for surface in surfaces)
