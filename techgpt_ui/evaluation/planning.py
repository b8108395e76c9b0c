"""From what somebody wishes to evaluate to a plan in which every open question is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from techgpt_ui.engines.base import Engine
from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.records import EvaluationSettings, ExampleChoice
from techgpt_ui.examples import DEFAULT_SHOTS, ExamplePool, own_examples
from techgpt_ui.gold import GoldDocument, GoldSet, wording
from techgpt_ui.inputs import language_of, with_defaults
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import make_sampling
from techgpt_ui.presets import FewShotExample, Inputs, Library, ModelPreset, Sampling, Task
from techgpt_ui.schema import Notice, Record
from techgpt_ui.texts import LANGS, Lang, text

NAMED_AT_MOST = 8
"""How many labels a notice names."""


class Wishes(Record):
    """What may be chosen for an evaluation; None leaves it to the task, the gold or the sampling preset."""

    sampling_preset: str | None = None
    sampling: dict[str, Any] = {}
    """Values that differ from the preset's."""
    seed: int = 0
    grounded: bool | None = None
    variant: str | None = None
    labels: tuple[str, ...] = ()
    """Types, predicates or labels to ask for, in the words of the gold."""
    open: bool = False
    """Ask for no types, predicates or labels at all."""
    shots: int | None = None
    """How many few-shot examples, 0 for none; from the pool if there is one, else the task's own."""
    limit: int | None = None
    """Only so many documents, the first ones."""


class Plan(NamedTuple):
    """All that an evaluation needs besides the engine."""

    task: Task
    gold: GoldSet
    documents: tuple[GoldDocument, ...]
    """Those to be answered."""
    model: ModelPreset
    sampling: Sampling
    settings: EvaluationSettings
    words: Mapping[str, str]
    """How prompts name each type, predicate or label of the gold."""
    pool: ExamplePool | None = None
    pool_documents: tuple[GoldDocument, ...] = ()
    notices: tuple[Notice, ...] = ()

    def on(self, engine: Engine) -> Plan:
        """The plan for an engine that is loaded: from then on the number format of the weights is known."""
        return self._replace(settings=self.settings.model_copy(update={"dtype": engine.info.dtype}))

    def inputs(self, document: GoldDocument) -> Inputs:
        """The whole inputs of a document's run: what it brings, then what is asked for, then the defaults."""
        given = dict(document.inputs)
        if self.task.label_input and self.task.label_input not in given:
            given[self.task.label_input] = [self.words[label] for label in self.settings.labels]
        return with_defaults(self.task, given)

    def examples(self, inputs: Inputs) -> tuple[FewShotExample, ...] | None:
        """The few-shot examples of one run; None leaves the task's own in their place."""
        shots = self.settings.shots
        if self.settings.examples == "none":
            return ()
        if self.settings.examples == "nearest" and self.pool:
            return self.pool.nearest(inputs, DEFAULT_SHOTS if shots is None else shots)
        return None if shots is None else own_examples(self.task, inputs, shots)


def make_plan(
    library: Library,
    gold: GoldSet,
    wishes: Wishes,
    *,
    model: ModelPreset,
    pool: GoldSet | None = None,
) -> Plan:
    """Settle what is to be run; UsageError where a wish cannot be met, before anything is run.

    The examples nearest to each document come from ``pool``, which may hold none of the documents themselves.
    """
    task = library.task(gold.task)
    documents = gold.documents[: wishes.limit]
    labels, notices = _labels(task, gold, wishes)
    lang = _language(gold)
    # The pool's names are worded apart: which pool is given must not change what is asked.
    words = wording(pool.kinds if pool else (), lang) | wording(dict.fromkeys([*labels, *gold.kinds]), lang)
    examples = ExamplePool(pool, task, words) if pool else None
    if examples:
        examples.require_apart(documents)
        examples.require_fitting([words[label] for label in labels])
    preset = library.sampling(wishes.sampling_preset or task.sampling)
    sampling = make_sampling(preset.values, wishes.sampling)
    choice, shots = _examples(task, model, wishes.shots, pooled=pool is not None)
    used = examples if choice == "nearest" else None
    if model.prompting == "trained" and (pool is not None or wishes.shots):
        notices = (*notices, Notice(code="examples_unused", text=text("evaluate.examples_unused", model=model.id)))
    settings = EvaluationSettings(
        model=model.id if library.models.get(model.id) == model else model.origin,
        dtype=model.dtype,
        sampling_preset=preset.id,
        sampling=sampling.model_dump(),
        seed=wishes.seed,
        grounded=task.grounded if wishes.grounded is None else wishes.grounded and task.grounded,
        variant=_variant(task, model, wishes.variant),
        labels=labels,
        examples=choice,
        shots=shots,
        pool=used.name if used else None,
        pool_sha256=used.sha256 if used else None,
        limit=len(documents) if len(documents) < len(gold.documents) else None,
    )
    return Plan(task, gold, documents, model, sampling, settings, words, used, pool.documents if pool else (), notices)


def _variant(task: Task, model: ModelPreset, wanted: str | None) -> str | None:
    """The wanted instruction, checked; None for a model that is not trained on instructions."""
    if wanted is None or model.prompting != "trained":
        return None
    return task.prompts.trained.variant(wanted, "en").id


def _examples(task: Task, model: ModelPreset, shots: int | None, *, pooled: bool) -> tuple[ExampleChoice, int | None]:
    """Which few-shot examples, and how many; equal choices come out equal however they were wished for."""
    if model.prompting == "trained" or shots == 0:
        return "none", None
    if pooled:
        return "nearest", DEFAULT_SHOTS if shots is None else shots
    prompt = task.prompts.few_shot
    usual, wanted = (
        min(count, len(prompt.examples)) for count in (prompt.shots, prompt.shots if shots is None else shots)
    )
    return "fixed", None if wanted == usual else wanted


def _labels(task: Task, gold: GoldSet, wishes: Wishes) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    """What is asked for in the words of the gold, none where the model is to find its own or documents bring theirs."""
    if not task.label_input or wishes.open or any(task.label_input in one.inputs for one in gold.documents):
        if wishes.labels:
            raise UsageError("labels_not_asked", task=task.id)
        return (), ()
    if wishes.labels:
        return wishes.labels, _missing(wishes.labels, gold.kinds)
    if "labels" in PARSERS[task.format].fills and gold.kinds:
        for own in _own_labels(task, gold):
            if set(gold.kinds) <= set(own):
                return own, ()
        words = text("evaluate.labels_of_gold", count=len(gold.kinds))
        return gold.kinds, (Notice(code="labels_of_gold", text=words),)
    return gold.kinds, ()


def _own_labels(task: Task, gold: GoldSet) -> list[tuple[str, ...]]:
    """The task's own label sets, the one in the language of the gold first."""
    first = _language(gold)
    langs = sorted(LANGS, key=lambda lang: lang != first)
    return [tuple(task.default_inputs(lang).get(task.label_input or "", ())) for lang in langs]


def _language(gold: GoldSet) -> Lang:
    return language_of(gold.documents[0].inputs) if gold.documents else LANGS[0]


def _missing(labels: Sequence[str], kinds: Sequence[str]) -> tuple[Notice, ...]:
    """A notice of the kinds of the gold that are not asked for, so that they can only be missed."""
    missing = [kind for kind in kinds if kind not in labels]
    if not missing:
        return ()
    named = ", ".join(missing[:NAMED_AT_MOST]) + (", …" if len(missing) > NAMED_AT_MOST else "")
    return (Notice(code="labels_missing", text=text("evaluate.labels_missing", count=len(missing), names=named)),)
