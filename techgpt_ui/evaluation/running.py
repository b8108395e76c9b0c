"""Answer the documents of a gold set one after another, on the road that every other run takes."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping

from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.metrics.words import folded
from techgpt_ui.evaluation.planning import Plan
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.pipeline import complete
from techgpt_ui.schema import Result
from techgpt_ui.texts import text

DOCUMENT_DEADLINE_S = 900.0
FAILURES_IN_A_ROW = 3
"""After so many failures of the device on end it is taken for gone."""
_DEVICE_FAILURE = "generation_failed"


class _DocumentToken(CancelToken):
    """Ends one document's run: with the whole evaluation, or by a deadline of its own."""

    def __init__(self, whole: CancelToken) -> None:
        super().__init__(DOCUMENT_DEADLINE_S)
        self._whole = whole

    @property
    def cancelled(self) -> bool:
        """Whether the run should end."""
        return self._whole.cancelled or super().cancelled


def endless_token() -> CancelToken:
    """A token for a whole evaluation, which has no deadline."""
    return CancelToken(deadline_s=math.inf)


def evaluate(
    plan: Plan, engine: Engine, *, done: Collection[int] = (), cancel: CancelToken | None = None
) -> Iterator[Outcome]:
    """The outcome of each document as it comes, those at the positions ``done`` aside.

    A document that fails has its error as outcome. Ends early when it is cancelled; raises WorkbenchError when the
    device fails again and again. Other users' runs take their turns between documents.
    """
    cancel = cancel or endless_token()
    failures = 0
    for position, document in enumerate(plan.documents):
        if position in done:
            continue
        if cancel.cancelled:
            return
        inputs = plan.inputs(document)
        blank = Outcome(position=position, gold=document, inputs=inputs, examples=plan.examples(inputs))
        try:
            outcome = _answered(plan, engine, blank, cancel)
            failures = 0
        except WorkbenchError as error:
            failures = failures + 1 if error.code == _DEVICE_FAILURE else 0
            if failures == FAILURES_IN_A_ROW:
                raise
            outcome = blank.model_copy(update={"error": error.message})
        if outcome is None:
            return
        yield outcome


def _answered(plan: Plan, engine: Engine, blank: Outcome, cancel: CancelToken) -> Outcome | None:
    """The outcome with its result, None where the whole evaluation was cancelled on the way."""
    begun = time.perf_counter()
    result = complete(
        plan.task,
        blank.inputs,
        model=plan.model,
        engine=engine,
        sampling=plan.sampling,
        seed=plan.settings.seed,
        grounded=plan.settings.grounded,
        variant=plan.settings.variant,
        examples=blank.examples,
        cancel=_DocumentToken(cancel),
    )
    if result.finish_reason == "cancelled":
        if cancel.cancelled:
            return None
        return blank.model_copy(update={"error": text("evaluate.overdue", seconds=int(DOCUMENT_DEADLINE_S))})
    # The time that other users' runs took before this one is not its own.
    seconds = result.usage.total_s if result.usage else time.perf_counter() - begun
    return blank.model_copy(update={"result": in_gold_words(result, plan.words), "seconds": seconds})


def in_gold_words(result: Result, words: Mapping[str, str]) -> Result:
    """The result with types, predicates and labels as the gold spells them; ``words`` says how prompts name each."""
    known = {folded(kind): kind for kind in words} | {folded(word): kind for kind, word in words.items()}

    def kind_of(word: str) -> str:
        return known.get(folded(word), word)

    changes: dict[str, object] = {}
    if result.mentions is not None:
        changes["mentions"] = tuple(one.model_copy(update={"type": kind_of(one.type)}) for one in result.mentions)
    if result.relations is not None:
        changes["relations"] = tuple(
            one.model_copy(update={"predicate": kind_of(one.predicate)}) for one in result.relations
        )
    if result.labels is not None:
        changes["labels"] = tuple(one.model_copy(update={"text": kind_of(one.text)}) for one in result.labels)
    return result.model_copy(update=changes)
