"""Few-shot examples: a preset for each task, which its tab offers once the file lies among somebody's presets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import yaml

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters.base import PIECES, Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.finetuning import answer_pieces
from techgpt_ui.inputs import check_inputs
from techgpt_ui.presets import ExampleSet, FewShotExample, Inputs, Task
from techgpt_ui.presets.base import Words
from techgpt_ui.presets.example_sets import SET_LIMIT

TITLE = Words(zh="审核过的示例", en="Reviewed examples")
LAST = 1 << 60


class FewShot(Exporter):
    """``examples-TASK.yaml``: the request and the right answer of every document that a reviewer stands behind."""

    id: ClassVar[str] = "few_shot"
    holds: ClassVar[frozenset[Aspect]] = PIECES | {"ungrounded", "alignment", "added", "verdict"}

    def wants_settled(self, document: AnnotatedDocument) -> bool:
        """Always: nothing is shown as right that nobody has judged."""
        return True

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One preset a task."""
        found: dict[str, dict[str, FewShotExample]] = {}
        for document in documents:
            task = context.library.tasks.get(document.task)
            if example := _example(task, document, losses) if task else None:
                # What is said twice of one request is one example.
                found.setdefault(document.task, {}).setdefault(example.model_dump_json(), example)
        if not found:
            raise UsageError("export_nothing_judged")
        losses.add("more_examples", sum(max(0, len(examples) - SET_LIMIT) for examples in found.values()))
        return {
            f"examples-{task}.yaml": preset_bytes(
                ExampleSet(id=f"{task}-reviewed", title=TITLE, task=task, examples=tuple(examples.values())[:SET_LIMIT])
            )
            for task, examples in found.items()
        }


def preset_bytes(examples: ExampleSet) -> bytes:
    """The set as a file of presets."""
    data = examples.model_dump(mode="json")
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120).encode("utf-8")


def _example(task: Task, document: AnnotatedDocument, losses: Losses) -> FewShotExample | None:
    """None, counted, for a document without an answer, or one that the task no longer has the inputs of."""
    given: Inputs = {task.main_input: document.text} | dict(document.inputs)
    pieces = answer_pieces(task, _in_order_of_text(document))
    if not any(any(piece) for piece in pieces):
        losses.add("no_example")
        return None
    try:
        inputs = {name: value for name, value in check_inputs(task, given).items() if value not in ("", (), [])}
    except WorkbenchError:
        losses.add("task_changed")
        return None
    kinds = tuple(dict.fromkeys(_kinds(document)))
    if task.label_input and task.label_input not in inputs and kinds:
        # A request that names the types is answered with these; the example shows what they look like.
        inputs[task.label_input] = kinds
    return FewShotExample(inputs=_plain(inputs), answer=tuple(pieces))


def _kinds(document: AnnotatedDocument) -> Iterator[str]:
    yield from (piece.current.type for piece in document.mentions if piece.current.type)
    yield from (piece.current.predicate for piece in document.relations)
    yield from (piece.current.field for piece in document.fields)


def _in_order_of_text(document: AnnotatedDocument) -> AnnotatedDocument:
    """As the answers of the task's own examples are; what stands nowhere comes last."""

    def place(piece: Any) -> int:
        start = piece.current.start
        return LAST if start is None else int(start)

    return document.model_copy(update={"mentions": tuple(sorted(document.mentions, key=place))})


def _plain(inputs: Inputs) -> Inputs:
    """As JSON and YAML have them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in inputs.items()}
