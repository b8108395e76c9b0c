"""Running text: with its length, beside the passage that it draws on, or beside its original."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.documents import length_of
from techgpt_ui.renderers.answer import Answer, Download, View, as_mentions
from techgpt_ui.renderers.highlight import highlight
from techgpt_ui.renderers.markup import copy_button, say, tag


def prose_view(answer: Answer) -> View:
    """The text, its length in characters or words, and whether the wished length is reached."""
    return View(main=str(_text(answer)), download=_download(answer))


def evidence_view(answer: Answer) -> View:
    """The answer, and the passage with the answer's words marked where they stand."""
    passage = highlight(answer.source, as_mentions(answer.found.items or ()), answer.cut_at)
    head = tag("h4", say("view.evidence"), "") if answer.found.items else Markup("")
    return View(main=str(_text(answer) + head + passage), download=_download(answer))


def parallel_view(answer: Answer) -> View:
    """Original and translation side by side."""
    original = highlight(answer.source, (), answer.cut_at)
    columns = tag("div", tag("h4", say("view.original"), "") + original, "side")
    columns += tag("div", tag("h4", say("view.translation"), "") + _text(answer), "side")
    return View(main=str(tag("div", columns, "parallel")), download=_download(answer))


def _text(answer: Answer) -> Markup:
    text = answer.found.text
    if not text:
        return Markup("")
    length = length_of(text)
    facts = [say(f"view.length.{length.unit}", count=length.amount)]
    if name := answer.task.wished_length:
        wished = int(answer.inputs.get(name) or 0)
        mark, css = ("✓", "reached") if length.amount >= wished else ("✗", "missed")
        facts.append(tag("span", Markup("{} ").format(mark) + say("view.wished", wished=wished), css))
    bar = tag("div", Markup(" · ").join(facts) + copy_button(text), "facts")
    return Markup('<div class="prose-answer" dir="auto">{}</div>{}').format(text, bar)


def _download(answer: Answer) -> Download | None:
    text = answer.found.text
    return Download(suffix="txt", content=text.encode("utf-8", "replace")) if text else None
