"""The shared model on its page: state and progress, the log of its load, the presets, and what a check found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from markupsafe import Markup

from techgpt_ui.engines.change import HostState, Trouble
from techgpt_ui.engines.lease import Loaded
from techgpt_ui.engines.load_log import LoadEntry
from techgpt_ui.engines.presence import Presence
from techgpt_ui.engines.room import Room
from techgpt_ui.presets import ModelPreset
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.renderers.page import error_html
from techgpt_ui.texts import Text, text
from techgpt_ui.weights import FetchProgress, FileOutcome, Severity, WeightsStep, amount

COUNTED = ("download", "verify", "unpack")
"""Steps of a fetch that are counted in bytes; the others in stages."""


class Facts(NamedTuple):
    """What there is to say of the shared model at one moment; memory in bytes."""

    state: HostState
    loaded: Loaded | None
    preset: ModelPreset
    coming: ModelPreset | None
    """The model that is being loaded in its place."""
    asleep: bool
    runs: int
    waiting: int
    free: int
    trouble: Trouble | None


class Card(NamedTuple):
    """A preset on the page."""

    preset: ModelPreset
    presence: Presence
    is_loaded: bool


class CheckRow(NamedTuple):
    """One thing that was looked at."""

    name: str
    severity: Severity
    text: Text


def state_words(state: HostState) -> Markup:
    """The phase with what a fetch or a switch is at."""
    if state.phase == "fetching" and state.progress:
        progress = state.progress
        share = f"{100 * progress.done // progress.total} %" if progress.total else ""
        step = text(f"fetch.{progress.step}")
        zh = text("header.fetching", step=step.zh, share=share).zh
        return both(Text(zh=zh, en=text("header.fetching", step=step.en, share=share).en))
    words = say(f"header.{state.phase}")
    return words + Markup(" · ") + both(state.step) if state.step else words


def header_html(title: str, facts: Facts) -> str:
    """The top of the page: what it is called, the model that answers and how it is with it, and what it cannot do."""
    details = [tag("span", state_words(facts.state), f"state {facts.state.phase}")]
    details.append(tag("span", both(facts.preset.title.text), ""))
    if facts.loaded is not None:
        engine = facts.loaded.engine
        details.append(tag("span", f"{engine.info.dtype} · {engine.device}", "note"))
        details.append(tag("span", say("header.queue", count=facts.runs + facts.waiting), "note"))
    bar = tag("div", tag("h1", title, "") + Markup(" ").join(details), "bar")
    failure = error_html(facts.trouble.error) if facts.trouble and facts.state.phase == "failed" else ""
    return str(bar) + str(tag("div", both(facts.preset.limits.text), "limits")) + failure


def model_status_html(facts: Facts) -> str:
    """State, progress, memory and trouble."""
    head = [tag("span", state_words(facts.state), f"state {facts.state.phase}")]
    if facts.loaded or facts.coming is None:
        head.append(tag("b", both(facts.preset.title.text), ""))
    if facts.coming and (facts.loaded is None or facts.coming.id != facts.preset.id):
        head.append(Markup("→ ") + tag("b", both(facts.coming.title.text), ""))
    parts = [tag("div", Markup(" ").join(head), "model-head")]
    if facts.state.progress:
        parts.append(_progress(facts.state.progress, facts.state.rate, facts.state.left_s))
    if facts.asleep:
        parts.append(tag("div", say("models.asleep"), "notice"))
    parts.append(tag("div", Markup(" · ").join(_figures(facts)), "facts"))
    if facts.trouble:
        parts.append(Markup(error_html(facts.trouble.error)) + tag("div", both(facts.trouble.after), "notice"))
    return str(tag("div", Markup().join(parts), "model-now"))


def log_html(entries: Sequence[LoadEntry]) -> str:
    """The lines of a load, each with its time in UTC; errors and warnings marked."""
    if not entries:
        return str(tag("p", say("models.log_empty"), "limits"))
    line = Markup('<li class="{}"><time>{}</time> {}</li>')
    lines = Markup().join(
        line.format(one.level, datetime.fromtimestamp(one.at, UTC).strftime("%H:%M:%S"), both(one.text))
        for one in entries
    )
    return str(tag("ol", lines, "load-log"))


def cards_html(cards: Iterable[Card], *, choosable: bool) -> str:
    """Each preset with its state, what it is, its limits and its terms."""
    return str(tag("div", Markup().join(_card(card, choosable) for card in cards), "model-cards"))


def room_html(room: Room | None, *, beside: bool) -> str:
    """What a model needs and what is free; ``beside`` where another one is in memory now."""
    if room is None:
        return str(tag("p", say("models.room_unknown"), "limits"))
    free = "?" if room.free is None else amount(room.free)
    words = say("models.room", needed=amount(room.needed), dtype=room.dtype, device=room.device, free=free)
    if beside:
        words += Markup(" ") + say("models.room_beside" if room.fits else "models.room_not_beside")
    elif not room.fits:
        words += Markup(" ") + say("models.room_short")
    return str(tag("p", words, "limits"))


def checks_html(rows: Iterable[CheckRow]) -> str:
    """What a check found, line by line."""
    line = Markup('<li class="{}"><b>{}</b> {}</li>')
    lines = [line.format(row.severity, say(f"models.severity.{row.severity}"), both(row.text)) for row in rows]
    return str(tag("ul", Markup().join(lines), "checks"))


def outcomes_html(outcomes: Sequence[FileOutcome]) -> str:
    """Each weight file with what was found."""
    if not outcomes:
        return ""
    row = Markup('<tr class="{}"><td>{}</td><td>{}</td><td>{}</td></tr>')
    rows = Markup().join(
        row.format(
            one.finding.severity,
            one.name,
            say(f"models.severity.{one.finding.severity}"),
            both(one.finding.text) + Markup(" ") + both(one.finding.hint),
        )
        for one in outcomes
    )
    heads = Markup().join(tag("th", say(f"models.column.{name}"), "") for name in ("file", "verdict", "words"))
    return str(
        Markup('<div class="table-frame"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
            heads, rows
        )
    )


def weights_progress_html(step: WeightsStep, rate: float, left_s: float) -> str:
    """How many bytes of this stage are done, how fast, and how long the rest will take."""
    words = say(
        f"weights.progress.{step.stage}", file=step.file, done=amount(step.done), total=amount(step.total),
        rate=amount(round(rate)), left=_clock(left_s),
    )  # fmt: skip
    return str(tag("div", _bar(step.done, step.total) + tag("div", words, "facts"), "evaluation-progress"))


def _figures(facts: Facts) -> Iterable[Markup]:
    if loaded := facts.loaded:
        yield Markup("{} · {}").format(loaded.engine.info.dtype, loaded.engine.device)
        if loaded.bytes:
            yield say("models.needs", needed=amount(loaded.bytes))
        if loaded.seconds:
            yield say("models.loaded_in", seconds=f"{loaded.seconds:.1f}")
    yield say("models.free", free=amount(facts.free))
    yield say("models.runs", runs=facts.runs, waiting=facts.waiting)


def _progress(progress: FetchProgress, rate: float | None, left_s: float | None) -> Markup:
    words = [say(f"fetch.{progress.step}")]
    if progress.total and progress.step in COUNTED:
        words.append(Markup("{} / {}").format(amount(progress.done), amount(progress.total)))
    elif progress.total:
        words.append(Markup("{} / {}").format(progress.done, progress.total))
    if rate:
        words.append(Markup("{}/s").format(amount(round(rate))))
    if left_s is not None:
        words.append(say("models.left", left=_clock(left_s)))
    return _bar(progress.done, progress.total) + tag("div", Markup(" · ").join(words), "facts")


def _bar(done: int, total: int) -> Markup:
    share = 100 * done / total if total else 0
    return Markup(
        '<span class="bar-track" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{0:.0f}" '
        'aria-label="{0:.0f} %"><span class="bar-fill" style="width:{0:.1f}%"></span></span>'
    ).format(share)


def _card(card: Card, choosable: bool) -> Markup:
    preset = card.preset
    state = "loaded" if card.is_loaded else card.presence.replace(" ", "_")
    head = tag("h3", both(preset.title.text), "") + tag("span", say(f"models.presence.{state}"), f"presence {state}")
    rows = [
        tag("p", tag("b", say(f"model.{name}"), "") + Markup(" ") + both(getattr(preset, name).text), "")
        for name in ("about", "limits", "licence")
    ]
    rows.append(tag("p", tag("b", say("model.origin"), "") + Markup(" ") + preset.origin, ""))
    button = Markup('<button type="button" class="copy" data-model="{}">{}</button>').format(
        preset.id, say("models.choose")
    )
    return tag(
        "section", tag("div", head, "model-title") + Markup().join(rows) + (button if choosable else ""), "model-card"
    )


def _clock(seconds: float) -> str:
    left = round(seconds)
    return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"
