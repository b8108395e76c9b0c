"""A kept run as a row of the history, and with everything that is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from techgpt_ui.inputs import source_of
from techgpt_ui.presets import Inputs, Task
from techgpt_ui.renderers.answer import Answer
from techgpt_ui.renderers.markup import both, copy_button, say, tag
from techgpt_ui.renderers.page import status_html
from techgpt_ui.renderers.views import RENDERERS
from techgpt_ui.schema import Result
from techgpt_ui.store import RunRecord
from techgpt_ui.texts import catalogue

SNIPPET = 110
"""Characters of the text that a row shows."""

_STATUSES = ("parsed", "partial", "unparsed")


def row_html(record: RunRecord, task: Task | None) -> str:
    """An entry of the list: a box to select it, and a button that shows it."""
    status = record.result.get("status")
    badge = tag("span", say(f"status.{status}"), f"badge {status}") if status in _STATUSES else Markup("")
    head = Markup(" ").join([run_moment(record.created), tag("b", run_title(record, task), ""), badge])
    lines = [
        tag("span", head, "run-line"),
        Markup('<span class="run-text" dir="auto">{}</span>').format(_start(record)),
    ]
    if note := record.note.strip():
        lines.append(Markup('<span class="run-note" dir="auto">{}</span>').format(note))
    lines.append(tag("span", _kind(record) + Markup(" ") + _model(record), "run-model"))
    return str(
        Markup(
            '<li class="run-row" data-id="{}"><label class="run-mark"><input type="checkbox"><span class="unseen">{}'
            '</span></label><button type="button" class="run-open">{}</button></li>'
        ).format(record.id, say("history.mark"), Markup().join(lines))
    )


def run_html(record: RunRecord, task: Task | None) -> str:
    """The answer as what it is, and below it all that was recorded, to the letter."""
    result = Result.from_stored(record.result)
    head = Markup(" ").join([tag("h3", run_title(record, task), ""), run_moment(record.created), _kind(record)])
    parts = [tag("div", head, "run-head")]
    parts += [Markup(status_html(result)), *_answer(record, task, result)]
    parts += [
        _unfolded("ui.raw", _letters(result.raw) + copy_button(result.raw)),
        _fold("history.inputs", _inputs(record.inputs, task)),
        _fold("ui.prompt", _letters(result.prompt) + copy_button(result.prompt)) if result.prompt else Markup(""),
        _fold("history.facts", _facts(run_facts(record))),
    ]
    return str(tag("article", Markup().join(parts), "run-detail"))


def run_facts(record: RunRecord) -> dict[str, Any]:
    """How a run was wanted and what it ran on, by name, without the texts."""
    result, settings = record.result, dict(record.settings)
    wanted = {name: settings.pop(name, None) for name in ("grounded", "variant", "sampling_preset", "cut_at")}
    settings.pop("seed", None)
    sampling = _object(result.get("sampling")) or _object(settings.pop("sampling", None))
    settings.pop("sampling", None)
    model, usage = _object(result.get("model")), _object(result.get("usage"))
    facts = {f"model_{name}": model.get(name) for name in ("name", "revision", "dtype")}
    facts |= {"code_version": record.code_version, **wanted, **sampling, "seed": result.get("seed"), **settings}
    facts |= {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens", "ttft_s", "total_s")}
    facts |= {"finish_reason": result.get("finish_reason"), "run_id": record.id, "origin": record.origin}
    return {name: value for name, value in facts.items() if value is not None}


def fact_name(name: str) -> Markup:
    """A recorded value's name in both languages, where it has one."""
    known = next((key for key in (f"history.fact.{name}", f"ui.{name}") if key in catalogue()), None)
    return say(known) if known else tag("span", name, "")


def input_name(name: str, task: Task | None) -> Markup:
    """An input's label, or its bare name where the task no longer has it."""
    fields = {field.name: field for field in task.inputs} if task else {}
    return both(fields[name].label.text) if name in fields else tag("span", name, "")


def words_of(value: object) -> str:
    """A recorded value as text."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=1)


def _answer(record: RunRecord, task: Task | None, result: Result) -> list[Markup]:
    if task is None:
        return [tag("p", say("history.task_gone", task=record.task), "notice")]
    source = source_of(task, record.inputs)
    cut_at = record.settings.get("cut_at")
    cut_at = cut_at if isinstance(cut_at, int) and 0 <= cut_at <= len(source) else None
    view = RENDERERS[task.renderer](Answer(task=task, inputs=record.inputs, source=source, found=result, cut_at=cut_at))
    # The views escape what they show.
    return [Markup(view.main), Markup(view.table)]


def run_title(record: RunRecord, task: Task | None) -> Markup:
    """The run's task, or its bare id where the task is gone."""
    return both(task.title.text) if task else tag("span", record.task, "")


def _kind(record: RunRecord) -> Markup:
    return tag("span", say(f"history.kind.{record.kind}"), f"run-kind {record.kind}")


def run_moment(moment: datetime) -> Markup:
    """A moment in UTC; the page's script puts it into the reader's own time zone."""
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), f"{moment:%Y-%m-%d %H:%M} UTC")


def _model(record: RunRecord) -> Markup:
    name = _object(record.result.get("model")).get("name")
    return tag("span", name, "") if name else say("history.no_model")


def _start(record: RunRecord) -> str:
    """Where the longest of the inputs begins; the text is nearly always the longest."""
    texts = [" ".join(value.split()) for value in record.inputs.values() if isinstance(value, str)]
    longest = max(texts, key=len, default="")
    return longest if len(longest) <= SNIPPET else longest[:SNIPPET] + "…"


def _inputs(inputs: Inputs, task: Task | None) -> Markup:
    return Markup().join(
        tag("h5", input_name(name, task), "") + _letters(words_of(value)) for name, value in inputs.items()
    )


def _facts(facts: Mapping[str, Any]) -> Markup:
    return tag("dl", Markup().join(_pair(fact_name(name), words_of(value)) for name, value in facts.items()), "facts")


def _pair(name: Markup, value: str) -> Markup:
    return Markup('<div><dt>{}</dt><dd dir="auto">{}</dd></div>').format(name, value)


def _letters(text: str) -> Markup:
    return Markup('<div class="letters" dir="auto" tabindex="0">{}</div>').format(text)


def _fold(key: str, body: Markup) -> Markup:
    return Markup("<details><summary>{}</summary>{}</details>").format(say(key), body)


def _unfolded(key: str, body: Markup) -> Markup:
    return Markup("<details open><summary>{}</summary>{}</details>").format(say(key), body)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
