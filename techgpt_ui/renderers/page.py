"""Status lines, left-overs and errors of a run."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.schema import Result


def status_html(result: Result) -> str:
    """Parse status, finish reason, counts and times, notices and left-overs."""
    parts = [tag("b", say(f"status.{result.status}"), f"badge {result.status}")]
    if result.finish_reason:
        parts.append(say(f"finish.{result.finish_reason}"))
    if usage := result.usage:
        parts.append(say("run.tokens", prompt=usage.prompt_tokens, completion=usage.completion_tokens))
        parts.append(say("run.seconds", ttft=f"{usage.ttft_s or 0:.1f}", total=f"{usage.total_s:.1f}"))
    lines = [tag("div", Markup(" · ").join(parts), "")]
    lines += [tag("div", both(notice.text), "notice") for notice in result.notices]
    if result.unparsed:
        items = Markup().join(tag("li", leftover, "") for leftover in result.unparsed)
        lines.append(tag("div", say("run.leftovers") + tag("ul", items, ""), "leftovers"))
    return str(tag("div", Markup().join(lines), "status"))


def error_html(error: WorkbenchError) -> str:
    """Message and hint."""
    body = tag("b", both(error.message), "") + Markup(" ") + both(error.hint)
    return str(Markup('<div class="status error" role="alert">{}</div>').format(body))
