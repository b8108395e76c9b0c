"""A dialogue as speech bubbles with their buttons, and the list of conversations that are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from techgpt_ui.renderers.code import code_block
from techgpt_ui.renderers.markup import copy_button, say, tag
from techgpt_ui.schema import Code, Record

Deed = Literal["edit", "regenerate", "continue", "undo"]
GENERATES = {"regenerate", "continue"}

_FENCE = re.compile(
    r"^[ \t]*(?P<marks>`{3,})(?P<language>[\w+#.-]*)[^\n`]*\n(?P<source>.*?)(?:^[ \t]*(?P=marks)`*[ \t]*$|\Z)",
    re.M | re.S,
)


class Utterance(Record):
    """One turn as it is drawn; ``version`` of ``versions`` answers to the same question is the one shown."""

    role: Literal["user", "assistant"]
    at: int
    """Which exchange it belongs to."""
    content: str
    finish_reason: str | None = None
    version: int = 1
    versions: int = 1
    deeds: tuple[Deed, ...] = ()
    dropped: bool = False
    """Whether it has left the prompt."""
    replaced: bool = False
    """Whether the edit that is under way will replace it."""


class Entry(NamedTuple):
    """A conversation in the list."""

    id: str
    title: str


def dialogue_html(utterances: Sequence[Utterance]) -> str:
    """All turns; a line that says how to begin when there are none."""
    if not utterances:
        return str(tag("p", say("dialogue.begin"), "talk-empty"))
    return str(Markup().join(map(_bubble, utterances)))


def editing_html(at: int) -> str:
    """Which question is being edited, and the way out."""
    words = say("dialogue.editing", number=at + 1)
    return str(tag("p", words + Markup(" ") + _button("cancel", say("dialogue.cancel")), "talk-note"))


def live_html(written: str) -> str:
    """The answer that is being written; its code is coloured once it is whole."""
    head = tag("div", tag("b", say("dialogue.assistant"), "") + tag("span", say("run.generating"), "busy"), "turn-head")
    return str(tag("article", head + _words(written), "turn assistant live"))


def entries_html(entries: Sequence[Entry], current: str, *, kept: bool, confirming: bool = False) -> str:
    """The conversations, newest first, with what can be done to the one that is open."""
    new = _button("new", Markup("＋ ") + say("dialogue.new"), css="new", stops=True)
    new = tag("div", tag("h4", say("dialogue.conversations"), "") + new, "talks-head")
    if not kept:
        return str(new + tag("p", say("dialogue.not_kept"), "talk-note"))
    items = Markup().join(_entry(entry, entry.id == current) for entry in entries)
    shown = tag("ul", items, "talks") if entries else tag("p", say("dialogue.none_kept"), "talk-empty")
    opened = next((entry for entry in entries if entry.id == current), None)
    return str(new + shown + (_entry_deeds(opened, confirming) if opened else Markup("")))


def _bubble(turn: Utterance) -> Markup:
    states = [turn.role, *(name for name in ("dropped", "replaced") if getattr(turn, name))]
    parts = [_head(turn), *_content(turn), _foot(turn)]
    return Markup('<article class="turn {}" data-at="{}">{}</article>').format(
        " ".join(states), turn.at, Markup().join(parts)
    )


def _head(turn: Utterance) -> Markup:
    parts = [tag("b", say(f"dialogue.{turn.role}"), "")]
    if turn.dropped:
        parts.append(tag("span", say("dialogue.dropped"), "gone"))
    if turn.replaced:
        parts.append(tag("span", say("dialogue.replaced"), "gone"))
    if turn.versions > 1:
        parts.append(_versions(turn))
    return tag("div", Markup().join(parts), "turn-head")


def _versions(turn: Utterance) -> Markup:
    """The count of answers to one question, with arrows between them where the turn may still change."""
    words = tag("span", say("dialogue.version", number=turn.version, count=turn.versions), "version")
    if not turn.deeds:
        return words
    back = _button("flip", Markup("‹"), at=turn.at, step=-1, off=turn.version == 1, spoken="dialogue.earlier")
    forth = _button("flip", Markup("›"), at=turn.at, step=1, off=turn.version == turn.versions, spoken="dialogue.later")
    return back + words + forth


def _content(turn: Utterance) -> Iterator[Markup]:
    if not turn.content.strip():
        yield tag("p", say("dialogue.empty"), "talk-empty")
        return
    if turn.role == "user":
        yield _words(turn.content)
        return
    at = 0
    for fence in _FENCE.finditer(turn.content):
        yield from _prose(turn.content[at : fence.start()])
        yield code_block(Code(language=fence["language"], source=fence["source"]))
        at = fence.end()
    yield from _prose(turn.content[at:])


def _prose(text: str) -> Iterator[Markup]:
    if text.strip():
        yield _words(text.strip("\n"))


def _words(text: str) -> Markup:
    return Markup('<div class="turn-text" dir="auto">{}</div>').format(text)


def _foot(turn: Utterance) -> Markup:
    parts = [_button(deed, say(f"dialogue.{deed}"), at=turn.at, runs=deed in GENERATES) for deed in turn.deeds]
    if turn.role == "assistant":
        parts.insert(0, copy_button(turn.content))
        if turn.finish_reason in ("length", "cancelled"):
            parts.insert(0, tag("span", say(f"dialogue.cut.{turn.finish_reason}"), "cut-off"))
    return tag("div", Markup().join(parts), "turn-foot") if parts else Markup("")


def _entry(entry: Entry, is_open: bool) -> Markup:
    return Markup('<li><button type="button" data-deed="open" data-stops="1" data-id="{}"{}>{}</button></li>').format(
        entry.id, Markup(' aria-current="true"') if is_open else "", entry.title or say("dialogue.untitled")
    )


def _entry_deeds(entry: Entry, confirming: bool) -> Markup:
    if confirming:
        question = say("dialogue.delete_sure", title=entry.title)
        answers = _button("delete_now", say("dialogue.delete"), css="danger", stops=True)
        answers += _button("keep", say("dialogue.keep"))
        return Markup('<div class="talk-note" role="alert">{} {}</div>').format(question, answers)
    files = Markup().join(
        Markup('<button type="button" data-deed="export" data-event="download" data-kind="{}">{}</button>').format(
            kind, say(f"dialogue.export.{kind}")
        )
        for kind in ("jsonl", "md", "all")
    )
    return tag("div", files + _button("delete", say("dialogue.delete")), "talk-deeds")


def _button(
    deed: str,
    shown: Markup,
    *,
    at: int | None = None,
    step: int | None = None,
    css: str = "",
    runs: bool = False,
    stops: bool = False,
    off: bool = False,
    spoken: str = "",
) -> Markup:
    """A button that the page's script answers: ``runs`` starts the model, ``stops`` ends what it is writing first."""
    data = {
        "class": css, "data-deed": deed, "data-at": at, "data-step": step, "data-event": "submit" if runs else None,
        "data-stops": "1" if stops else None, "disabled": "" if off else None,
    }  # fmt: skip
    pairs = Markup("").join(
        Markup(' {}="{}"').format(name, value) for name, value in data.items() if value is not None and name != "class"
    )
    unseen = tag("span", say(spoken), "unseen") if spoken else Markup("")
    return Markup('<button type="button" class="{}"{}>{}{}</button>').format(css, pairs, shown, unseen)
