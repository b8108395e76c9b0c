"""Few-shot examples from a pool that the user gives: those that are most like the text at hand.

Likeness is BM25 (Robertson and Zaragoza, 2009) over words, and over pairs of characters where words are not spaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from techgpt_ui.errors import UsageError
from techgpt_ui.gold import GoldDocument, GoldSet, wording
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import FewShotExample, Inputs, Task

DEFAULT_SHOTS = 4
_EXAMPLES = TypeAdapter(tuple[FewShotExample, ...])
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def own_examples(task: Task, inputs: Inputs, count: int | None = None) -> tuple[FewShotExample, ...]:
    """Of the task's own examples those that fit a request best, the best last.

    Those are taken first whose types, predicates or labels are asked for, then those that show most of the asked ones
    that no example before has shown, then those that are most alike: a small model never answers with a type that no
    example shows.
    """
    prompt = task.prompts.few_shot
    return _fitting(task, prompt.examples, inputs, prompt.shots if count is None else count)


def fitting(task: Task, examples: Sequence[FewShotExample], inputs: Inputs) -> tuple[FewShotExample, ...]:
    """Of other examples those that fit a request best, as many as the task has in a prompt, the best last.

    An example of the very text of the request is none: it would give the answer away.
    """
    asked = _folded(task, inputs)
    others = tuple(one for one in examples if _folded(task, one.inputs) != asked)
    return _fitting(task, others, inputs, task.prompts.few_shot.shots)


def _fitting(task: Task, examples: Sequence[FewShotExample], inputs: Inputs, count: int) -> tuple[FewShotExample, ...]:
    if len(examples) <= count:
        return tuple(_asked_alike(task, example, inputs) for example in examples)
    asked = set(inputs.get(task.label_input or "") or ())
    index = _index(_folded(task, example.inputs) for example in examples)
    likeness = index.get_scores(_tokens(_folded(task, inputs)))
    named = [set(example.inputs.get(task.label_input or "") or ()) for example in examples]
    shown: set[str] = set()
    best: list[int] = []

    def fit(at: int) -> tuple[float, int, float]:
        share = len(named[at] & asked) / len(named[at]) if named[at] else 0.0
        return share, len((named[at] & asked) - shown), float(likeness[at])

    while len(best) < count:
        best.append(max((at for at in range(len(examples)) if at not in best), key=fit))
        shown |= named[best[-1]]
    return tuple(_asked_alike(task, examples[at], inputs) for at in reversed(best))


def _asked_alike(task: Task, example: FewShotExample, inputs: Inputs) -> FewShotExample:
    """The example with the request's own types, predicates or labels where these describe it whole.

    A small model answers with the types that it saw in the examples unless these were asked as the request is.
    """
    name = task.label_input or ""
    asked = inputs.get(name) or ()
    if not asked or not set(example.inputs.get(name) or ()) <= set(asked):
        return example
    return example.model_copy(update={"inputs": example.inputs | {name: list(asked)}})


def read_examples(written: str, task: Task) -> tuple[FewShotExample, ...] | None:
    """Examples from their JSON, a list of ``{"inputs": {…}, "answer": …}``; None where nothing is written.

    UsageError says what is wrong. An empty list asks for a prompt without examples.
    """
    if not written.strip():
        return None
    known = {field.name for field in task.inputs}
    try:
        examples = _EXAMPLES.validate_json(written)
        for example in examples:
            if unknown := set(example.inputs) - known:
                raise ValueError(f"unknown input {min(unknown)!r}")
            if not isinstance(example.answer, str):
                PARSERS[task.format].write(example.answer, task.prompts.few_shot.dialect)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError("bad_examples", why=f"{place}: {first['msg']}" if place else first["msg"]) from error
    except ValueError as error:
        raise UsageError("bad_examples", why=error) from error
    return examples


class ExamplePool:
    """The documents of a gold file as few-shot examples of one task."""

    def __init__(self, gold: GoldSet, task: Task, words: Mapping[str, str] | None = None) -> None:
        """``words`` says how prompts name each type, predicate or label; by default as ``gold.wording`` has it."""
        self.name = gold.name
        self.sha256 = gold.sha256
        self._task = task
        self._documents = gold.documents
        self._words = words or wording(gold.kinds)
        self._texts = [_folded(task, document.inputs) for document in gold.documents]
        self._index = _index(self._texts)

    def __len__(self) -> int:
        return len(self._documents)

    def require_apart(self, documents: Iterable[GoldDocument]) -> None:
        """UsageError when a text that is to be answered stands in the pool, with its answer."""
        known = {text: document.line for text, document in zip(self._texts, self._documents, strict=True)}
        for document in documents:
            if (line := known.get(_folded(self._task, document.inputs))) is not None:
                raise UsageError("pool_holds_gold", pool=self.name, line=line, gold_line=document.line)

    def require_fitting(self, asked: Sequence[str]) -> None:
        """UsageError when no document of the pool is an example of a request for ``asked``."""
        if not any(self._example(document, asked) for document in self._documents):
            raise UsageError("pool_unfit", pool=self.name)

    def nearest(self, inputs: Inputs, count: int) -> tuple[FewShotExample, ...]:
        """The ``count`` examples most like ``inputs``, the most alike last, next to the text that is asked about.

        A document that has anything but the types, predicates or labels asked for is no example of the request, and
        the text itself is none of its own.
        """
        asked = tuple(inputs.get(self._task.label_input or "") or ())
        text = _folded(self._task, inputs)
        scores = self._index.get_scores(_tokens(text))
        order = (-scores).argsort(kind="stable")
        ranked = (self._documents[at] for at in order if self._texts[at] != text)
        fitting = (example for document in ranked if (example := self._example(document, asked)))
        return tuple(islice(fitting, count))[::-1]

    def _example(self, document: GoldDocument, asked: Sequence[str]) -> FewShotExample | None:
        answer = gold_answer(document, self._words)
        if not answer or not {self._words[kind] for kind in document.kinds} <= set(asked or self._words.values()):
            return None
        inputs = dict(document.inputs)
        if asked and self._task.label_input:
            inputs[self._task.label_input] = list(asked)
        return FewShotExample(inputs=inputs, answer=answer)


def _index(texts: Iterable[str]) -> Any:
    import bm25s  # a fifth of a second that the start need not take

    index = bm25s.BM25()
    index.index([_tokens(text) for text in texts], show_progress=False)
    return index


def gold_answer(document: GoldDocument, words: Mapping[str, str]) -> str | tuple[tuple[str, ...], ...]:
    """What the document's answer format writes: running text, or pieces in the order of the text."""
    if document.texts:
        return document.texts[0]
    if document.label:
        return ((words[document.label],),)
    text = str(document.inputs.get("text", ""))
    mentions = sorted(document.mentions, key=lambda mention: (mention.start, -mention.end))
    pieces: list[tuple[str, ...]] = [(text[one.start : one.end], words[one.type]) for one in mentions]
    pieces += [(triple.head, words[triple.predicate], triple.tail) for triple in document.relations]
    pieces += [(item,) for item in document.items]
    pieces += [(name, *(value for field, value in document.fields if field == name)) for name, _ in document.fields]
    return tuple(dict.fromkeys(pieces))


def _folded(task: Task, inputs: Inputs) -> str:
    """All running text among the inputs, as two documents are compared."""
    texts = [str(inputs.get(field.name) or "") for field in task.inputs if field.kind in ("passage", "line")]
    return " ".join("\n".join(texts).casefold().split())


def _tokens(text: str) -> list[str]:
    return [token for word in _WORD.findall(text) for token in _parts(word)]


def _parts(word: str) -> list[str]:
    """A word of a spaced script as it is; a run of characters of another as its pairs."""
    if not _UNSPACED.match(word) or len(word) < 3:
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]
