"""Run an evaluation so that it is kept as it goes, and read kept ones again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from techgpt_ui import __version__
from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.planning import Plan
from techgpt_ui.evaluation.records import Conduct, Evaluation, EvaluationSettings, Outcome, Scores
from techgpt_ui.evaluation.running import endless_token, evaluate
from techgpt_ui.presets import ModelPreset, Task
from techgpt_ui.schema import ModelInfo, Result
from techgpt_ui.store import HOST, EvaluationRecord, EvaluationStore, OutcomeRecord

_TASK_PARTS = {"id", "inputs", "prompts", "format", "grounded"}
_MODEL_PARTS = {"source", "hub_id", "revision", "prompting", "wire", "wire_turn", "tokens", "add_bos", "stops"} | {
    "context", "end_penalty", "none_penalty", "origin", "adapter", "instructions", "wire_later", "system",
    "context_scale",
}  # fmt: skip
"""What decides an answer; titles and explanations do not."""


class Assessed(NamedTuple):
    """An evaluation and what the metrics say about it."""

    evaluation: Evaluation
    scores: Scores
    conduct: Conduct


class Progress(NamedTuple):
    """One moment of an evaluation."""

    id: str
    total: int
    outcomes: tuple[Outcome, ...]
    """Those that are done, earlier calls' included, in no particular order."""
    ran: int
    """How many this call has answered."""
    assessed: Assessed | None = None
    """At the end: all of it, or what was done when it was cancelled."""

    @property
    def complete(self) -> bool:
        """Whether every document is done."""
        return len(self.outcomes) == self.total


def identity(plan: Plan, engine: Engine, owner: str = HOST) -> str:
    """The id of an evaluation: equal for equal ones of one owner, 32 hexadecimal digits."""
    decisive = {
        "owner": owner,
        "task": plan.task.model_dump(mode="json", include=_TASK_PARTS),
        "gold": [plan.gold.task, plan.gold.format, plan.gold.sha256],
        "settings": plan.on(engine).settings.model_dump(mode="json"),
        "preset": plan.model.model_dump(mode="json", include=_MODEL_PARTS),
        "weights": _weights(plan.model),
        "model": engine.info.model_dump(mode="json"),  # its revision holds the digest of a merged adapter
        "device": engine.device,
        "code_version": __version__,
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:32]


def conducted(
    plan: Plan,
    engine: Engine,
    *,
    store: EvaluationStore | None,
    owner: str = HOST,
    fresh: bool = False,
    baselines: bool = False,
    cancel: CancelToken | None = None,
) -> Generator[Progress]:
    """Answer what is not yet answered, keeping every outcome at once, then compute the figures.

    ``fresh`` forgets what was kept; without a ``store`` nothing is kept at all. Closing the iterator, cancelling and
    errors leave what was done to be gone on with; there, documents that had failed are tried again.
    """
    cancel = cancel or endless_token()
    record = _record(plan, engine, owner)
    outcomes: dict[int, Outcome] = {}
    if store is not None:
        record = store.begin(record, fresh=fresh)
        outcomes = _kept(store, record)
    before = len(outcomes)
    over = record.state == "finished"
    try:
        yield Progress(record.id, len(plan.documents), tuple(outcomes.values()), 0)
        for outcome in evaluate(plan, engine, done=set(outcomes), cancel=cancel):
            if store is not None:
                kept = OutcomeRecord(position=outcome.position, content=_content(outcome))
                store.add_outcome(owner, record.id, kept)
            outcomes[outcome.position] = outcome
            yield Progress(record.id, len(plan.documents), tuple(outcomes.values()), len(outcomes) - before)
        assessed = _assessed(plan, record, outcomes, with_baselines=baselines) if outcomes else None
        complete = len(outcomes) == len(plan.documents)
        if store is not None and assessed and complete:
            _finish(store, owner, record.id, assessed)
        over = over or complete
        yield Progress(record.id, len(plan.documents), tuple(outcomes.values()), len(outcomes) - before, assessed)
    finally:
        if store is not None and not over:
            with suppress(WorkbenchError):  # what ended it is told, not that this could not be written down
                store.stop(owner, record.id)


def load(store: EvaluationStore, record: EvaluationRecord, owner: str = HOST) -> Evaluation:
    """A kept evaluation with all its outcomes."""
    outcomes = tuple(_outcome(one) for one in store.outcomes(owner, record.id))
    return _evaluation(record, outcomes)


def load_assessed(store: EvaluationStore, record: EvaluationRecord, task: Task, owner: str = HOST) -> Assessed:
    """A kept evaluation with its figures; those of one that was not finished are computed from what there is."""
    evaluation = load(store, record, owner)
    if record.scores is None or record.conduct is None:
        return assess(task, evaluation)
    return Assessed(evaluation, Scores.model_validate(record.scores), Conduct.model_validate(record.conduct))


def assess(task: Task, evaluation: Evaluation) -> Assessed:
    """An evaluation with the figures of its outcomes; WorkbenchError where there are none."""
    from techgpt_ui.evaluation import metrics

    if not evaluation.outcomes:
        raise WorkbenchError("evaluation_empty")
    scores = metrics.score(task, evaluation.outcomes)
    return Assessed(evaluation, scores, metrics.conduct(evaluation.outcomes))


def _assessed(plan: Plan, record: EvaluationRecord, outcomes: dict[int, Outcome], *, with_baselines: bool) -> Assessed:
    ordered = tuple(outcomes[position] for position in sorted(outcomes))
    evaluation = _evaluation(record, ordered)
    if with_baselines:
        found = _baselines(plan, [outcome.gold for outcome in ordered])
        evaluation = evaluation.model_copy(update={"baselines": found})
    return assess(plan.task, evaluation)


def _baselines(plan: Plan, documents: list[Any]) -> dict[str, Scores]:
    from techgpt_ui.evaluation import metrics
    from techgpt_ui.evaluation.baselines import baselines

    answers = baselines(plan.task, documents, plan.settings.labels, plan.pool_documents or None)
    return {name: metrics.score(plan.task, outcomes) for name, outcomes in answers.items()}


def _finish(store: EvaluationStore, owner: str, evaluation_id: str, assessed: Assessed) -> None:
    baselines = {name: scores.model_dump(mode="json") for name, scores in assessed.evaluation.baselines.items()}
    store.finish(
        owner,
        evaluation_id,
        scores=assessed.scores.model_dump(mode="json"),
        conduct=assessed.conduct.model_dump(mode="json"),
        baselines=baselines,
    )


def _record(plan: Plan, engine: Engine, owner: str) -> EvaluationRecord:
    return EvaluationRecord(
        id=identity(plan, engine, owner),
        owner=owner,
        task=plan.task.id,
        gold=plan.gold.name,
        gold_sha256=plan.gold.sha256,
        documents=len(plan.documents),
        settings=plan.on(engine).settings.model_dump(mode="json"),
        model=engine.info.model_dump(mode="json"),
        code_version=__version__,
    )


def _evaluation(record: EvaluationRecord, outcomes: tuple[Outcome, ...]) -> Evaluation:
    return Evaluation(
        id=record.id,
        task=record.task,
        gold=record.gold,
        gold_sha256=record.gold_sha256,
        settings=EvaluationSettings.model_validate(record.settings),
        model=ModelInfo.model_validate(record.model) if record.model else None,
        code_version=record.code_version,
        created=record.created.isoformat(timespec="seconds"),
        outcomes=outcomes,
        baselines={name: Scores.model_validate(scores) for name, scores in record.baselines.items()},
    )


def _kept(store: EvaluationStore, record: EvaluationRecord) -> dict[int, Outcome]:
    """The outcomes that need not be run again; failures count as such only once all is finished."""
    found = (_outcome(one) for one in store.outcomes(record.owner, record.id))
    return {one.position: one for one in found if record.state == "finished" or one.error is None}


def _content(outcome: Outcome) -> dict[str, Any]:
    content = outcome.model_dump(mode="json", exclude={"position", "result"})
    return content | {"result": outcome.result.to_stored() if outcome.result else None}


def _outcome(kept: OutcomeRecord) -> Outcome:
    content = dict(kept.content)
    result = content.pop("result")
    return Outcome.model_validate(
        content | {"position": kept.position, "result": Result.from_stored(result) if result else None}
    )


def _weights(model: ModelPreset) -> list[tuple[str, int, int]]:
    """What a folder's files look like from outside: after more training its name is the same, its weights are not."""
    if model.source != "folder":
        return []
    files = sorted(path for path in Path(model.origin).expanduser().iterdir() if path.is_file())
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
