"""Fine-tuning files, as LLaMA-Factory reads them: ``alpaca`` examples, and pairs of a chosen and a rejected answer.

They ask in the project's own instructions and answer in the model's own format: what is trained is what is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from techgpt_ui.annotations import AnnotatedDocument, Kind, Piece
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters.base import PIECES, Aspect, Context, Exporter, Losses
from techgpt_ui.inputs import check_inputs, language_of, worded
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Library, Task
from techgpt_ui.schema import Mention, ReadingKey
from techgpt_ui.store.encoding import json_bytes
from techgpt_ui.templates import fill

Choose = Callable[[Piece[Any]], Any]
"""The value of a piece that goes into an answer, or None."""


class _Question(NamedTuple):
    """What the model is asked."""

    task: Task
    kind: Kind
    """The pieces that the answer is made of."""
    row: dict[str, Any]
    """``instruction``, ``input`` and, in a dialogue, ``history``."""


class Sft(Exporter):
    """``{"instruction", "input", "output"}`` for every document of which a reviewer stands behind something."""

    id: ClassVar[str] = "sft"
    holds: ClassVar[frozenset[Aspect]] = PIECES | {"ungrounded", "alignment", "added", "verdict"}

    def wants_settled(self, document: AnnotatedDocument) -> bool:
        """Always: nothing is taught that nobody has judged."""
        return True

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One line a document."""
        rows = []
        for document in documents:
            question = _question(document, context.library, losses)
            if question and getattr(document, question.kind):
                rows.append(question.row | {"output": _written(question, document, lambda piece: piece.current)})
            elif question:
                losses.add("no_example")
        return {"sft.jsonl": _lines(rows)}


class Preference(Exporter):
    """``{"instruction", "input", "chosen", "rejected"}`` for every answer that a reviewer corrected."""

    id: ClassVar[str] = "preference"
    holds: ClassVar[frozenset[Aspect]] = PIECES | {
        "ungrounded", "alignment", "added", "verdict", "rejected", "original",
    }  # fmt: skip

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One line a corrected document; one in which something is not judged has no right answer yet."""
        rows: list[dict[str, Any]] = []
        for document in documents:
            if question := _question(document, context.library, losses):
                rows += _pairs(question, document, losses)
        return {"preference.jsonl": _lines(rows)}


def answer_pieces(task: Task, document: AnnotatedDocument) -> list[tuple[str, ...]]:
    """What stands in a document, in the pieces that its task's answer format writes."""
    question = _Question(task, _kind(task), {})
    values = [piece.current for piece in getattr(document, question.kind)]
    return list(_parts(question, document, values, lambda piece: piece.current))


def _pairs(question: _Question, document: AnnotatedDocument, losses: Losses) -> Iterator[dict[str, Any]]:
    pieces: Sequence[Piece[Any]] = getattr(document, question.kind)
    if not any(piece.decision or piece.added for piece in pieces):
        losses.add("no_pair")
        return
    if not all(piece.settled or piece.rejected for piece in pieces):
        losses.add("half_judged")
        return
    chosen = _written(question, document, lambda piece: piece.current if piece.settled else None)
    proposed = _written(question, document, lambda piece: None if piece.added else piece.value)
    if chosen == proposed or not chosen:
        losses.add("no_pair")
    else:
        # To the letter what the model wrote, where that is known.
        yield question.row | {"chosen": chosen, "rejected": document.provenance.raw.strip() or proposed}


def _question(document: AnnotatedDocument, library: Library, losses: Losses) -> _Question | None:
    """The request of the run; None, counted, where its task or its inputs are no longer what they were."""
    try:
        task = library.task(document.task)
        inputs = check_inputs(task, document.inputs)
        variant = task.prompts.trained.variant(document.provenance.variant, language_of(inputs))
    except WorkbenchError:
        losses.add("task_changed")
        return None
    values = worded(task, inputs, variant.lang or "zh")
    row: dict[str, Any] = dict(zip(("instruction", "input"), _split(variant.instruction, values, task), strict=True))
    if turns := inputs.get(task.turns_input or ""):
        words = [turn["content"] for turn in turns]
        row["history"] = [list(pair) for pair in zip(words[::2], words[1::2], strict=True)]
    return _Question(task, _kind(task), row)


def _split(template: str, values: dict[str, str], task: Task) -> tuple[str, str]:
    """Instruction and input, which a trainer joins by a line end: the text apart where the template has it so."""
    ending = f"\n{{{task.main_input}}}"
    if template.endswith(ending):
        return fill(template.removesuffix(ending), values), values[task.main_input]
    return fill(template, values), ""


def _kind(task: Task) -> Kind:
    fills = PARSERS[task.format].fills
    texts: tuple[tuple[ReadingKey, Kind], ...] = (("text", "texts"), ("code", "texts"))
    named: tuple[tuple[ReadingKey, Kind], ...] = (
        ("relations", "relations"), ("mentions", "mentions"), ("fields", "fields"), ("labels", "labels"), *texts,
    )  # fmt: skip
    return next((kind for key, kind in named if key in fills), "items")


def _written(question: _Question, document: AnnotatedDocument, choose: Choose) -> str:
    """The chosen values as the model would write them."""
    task = question.task
    values = [value for piece in getattr(document, question.kind) if (value := choose(piece)) is not None]
    return PARSERS[task.format].write(list(_parts(question, document, values, choose)), task.prompts.trained.dialect)


def _parts(
    question: _Question, document: AnnotatedDocument, values: Sequence[Any], choose: Choose
) -> Iterator[tuple[str, ...]]:
    if question.kind == "relations":
        ends = {piece.id: _name(choose(piece) or piece.current) for piece in document.mentions}
        yield from ((ends[one.head], one.predicate, ends[one.tail]) for one in values)
    elif question.kind == "mentions":
        yield from ((_name(one), one.type) for one in values)
    elif question.kind == "fields":
        names = dict.fromkeys([*document.provenance.field_names, *(one.field for one in values)])
        yield from ((name, *(one.text for one in values if one.field == name)) for name in names)
    elif question.kind == "labels":
        yield from ((one.text,) for one in values[:1])
    elif question.kind == "texts" and "code" in PARSERS[question.task.format].fills:
        yield from ((one.language, one.text) for one in values if one.language is not None)
    else:
        yield from ((one.text,) for one in values)


def _name(mention: Mention) -> str:
    return mention.text or mention.surface


def _lines(rows: Sequence[dict[str, Any]]) -> bytes:
    if not rows:
        raise UsageError("export_nothing_judged")
    return b"".join(json_bytes(row) + b"\n" for row in rows)
