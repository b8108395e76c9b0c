"""What was run, how the answers came about, and the command that runs it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from techgpt_ui.evaluation.records import Conduct, Evaluation, EvaluationSettings
from techgpt_ui.presets import Task
from techgpt_ui.renderers.evaluation.numbers import NOTHING, number, seconds
from techgpt_ui.renderers.history import fact_name, words_of
from techgpt_ui.renderers.markup import both, say, tag

HASH_SHOWN = 12


def command_of(evaluation: Evaluation, task: Task | None) -> str:
    """The command line that repeats the evaluation, the gold file being where the command is given."""
    settings = evaluation.settings
    words = ["techgpt-ui", "evaluate", evaluation.task, evaluation.gold, "--model", settings.model]
    words += ["--dtype", settings.dtype, "--sampling", settings.sampling_preset, "--seed", str(settings.seed)]
    words.append("--grounded" if settings.grounded else "--free")
    if task and task.label_input and not settings.labels:
        words.append("--open")
    limit = settings.sampling.get("max_new_tokens")
    options = {
        "--max-new-tokens": limit,
        "--variant": settings.variant,
        "--labels": ",".join(settings.labels) or None,
        "--examples": settings.pool if settings.examples == "nearest" else None,
        "--shots": 0 if settings.examples == "none" else settings.shots,
        "--limit": settings.limit,
    }
    for name, value in options.items():
        words += [] if value is None else [name, str(value)]
    return shlex.join(words)


def facts(evaluation: Evaluation, task: Task | None) -> Markup:
    """Task, gold, model, settings and origin, and below them the command."""
    settings, model = evaluation.settings, evaluation.model
    pairs: list[tuple[Markup, object]] = [
        (say("history.task"), both(task.title.text) if task else evaluation.task),
        (say("evaluation.gold"), evaluation.gold),
        (say("evaluation.sha"), _hash(evaluation.gold_sha256)),
        (say("evaluation.n"), len(evaluation.outcomes)),
        (fact_name("model_name"), model.name if model else settings.model),
        (fact_name("model_revision"), model.revision if model else NOTHING),
        (fact_name("model_dtype"), model.dtype if model else settings.dtype),
        (say("evaluation.decoding"), say("evaluation.grounded" if settings.grounded else "evaluation.free")),
        (say("evaluation.examples"), examples_words(settings)),
        *((fact_name(name), words_of(value)) for name, value in _sampling(settings).items()),
        (say("evaluation.labels"), ", ".join(settings.labels) or say("evaluation.no_labels")),
        (fact_name("code_version"), evaluation.code_version),
        (say("evaluation.created"), _moment(evaluation.created)),
        (say("evaluation.id"), evaluation.id),
    ]
    if settings.pool:
        pairs.insert(9, (say("evaluation.pool"), _pool(settings)))
    return fact_list(pairs) + tag("h5", say("evaluation.command"), "") + _letters(command_of(evaluation, task))


def conduct_facts(conduct: Conduct) -> Markup:
    """Errors, how the answers could be read, why they ended, tokens and seconds."""
    per_document = conduct.seconds / conduct.n if conduct.n else None
    pairs: list[tuple[Markup, object]] = [
        (say("evaluation.errors"), _counted(conduct.errors, conduct.n)),
        *((say(f"status.{name}"), _counted(conduct.status.get(name, 0), conduct.n))
          for name in ("parsed", "partial", "unparsed")),
        (say("evaluation.ungrounded"), NOTHING if conduct.ungrounded is None else f"{100 * conduct.ungrounded:.1f} %"),
        *((say(f"finish.{name}"), _counted(count, conduct.n))
          for name, count in conduct.finish_reasons.items() if name in ("stop", "length", "cancelled")),
        (fact_name("prompt_tokens"), conduct.prompt_tokens),
        (fact_name("completion_tokens"), conduct.completion_tokens),
        (say("evaluation.seconds"), seconds(conduct.seconds)),
        (say("evaluation.seconds_mean"), seconds(per_document)),
        (say("evaluation.seconds_median"), seconds(conduct.seconds_median)),
    ]  # fmt: skip
    return fact_list(pairs)


def examples_words(settings: EvaluationSettings) -> Markup:
    """Where the few-shot examples came from, and how many there were where that was chosen."""
    words = say(f"evaluation.examples.{settings.examples}")
    return words if settings.shots is None else words + f" ({settings.shots})"


def _sampling(settings: EvaluationSettings) -> Mapping[str, Any]:
    named = {"variant": settings.variant, "sampling_preset": settings.sampling_preset}
    every = named | settings.sampling | {"seed": settings.seed}
    return {name: value for name, value in every.items() if value is not None}


def _pool(settings: EvaluationSettings) -> Markup:
    return Markup("{} {}").format(settings.pool or "", _hash(settings.pool_sha256 or ""))


def _hash(value: str) -> Markup:
    return Markup('<code title="{}">{}</code>').format(value, value[:HASH_SHOWN])


def _moment(created: str) -> Markup:
    return Markup('<time datetime="{}">{} UTC</time>').format(created, created[:16].replace("T", " "))


def _counted(count: int, n: int) -> str:
    return f"{count} ({100 * count / n:.0f} %)" if n else number(None)


def fact_list(pairs: list[tuple[Markup, object]]) -> Markup:
    """Names and values, escaped, side by side."""
    body = Markup().join(Markup('<div><dt>{}</dt><dd dir="auto">{}</dd></div>').format(*pair) for pair in pairs)
    return tag("dl", body, "facts")


def _letters(words: str) -> Markup:
    return Markup('<div class="letters" dir="ltr" tabindex="0">{}</div>').format(words)
