"""The dialogue that a tab shows, as plain records; the page holds it between two events.

The page sends it back with every event, so a server that restarts or a session that runs out loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from techgpt_ui.inputs import check_turns
from techgpt_ui.renderers.dialogue import Deed, Utterance
from techgpt_ui.schema import ChatMessage, Record, Result

UNFINISHED = ("length", "cancelled")


class Version(Record):
    """One answer to a question, and the settings that it was written with."""

    content: str
    finish_reason: str | None = None
    settings: dict[str, Any] = {}
    run_id: str | None = None
    """The run in the user's history that wrote it."""


class Exchange(Record):
    """A question with its answers, of which one is shown."""

    question: str
    versions: tuple[Version, ...]
    shown: int = 0

    @property
    def answer(self) -> Version:
        """The answer that counts."""
        return self.versions[self.shown]


class Job(Record):
    """What the model is to do: answer ``question``, or go on with ``so_far``."""

    before: tuple[Exchange, ...]
    question: str
    versions: tuple[Version, ...] = ()
    """Answers that the question has already."""
    place: int | None = None
    """Which of them the new one replaces; None adds it."""
    so_far: str = ""


class Sheet(Record):
    """A dialogue with what the tab must know of it."""

    exchanges: tuple[Exchange, ...] = ()
    conversation: str = ""
    """Where it is kept, "" for nowhere yet."""
    editing: int | None = None
    draft: str = ""
    """What stood in the message box when an edit began."""
    dropped: int = 0
    """How many exchanges, oldest first, the last prompt had no room for."""

    def sent(self, message: str) -> Job:
        """Answer a new message, or the one that is being edited."""
        return Job(before=self.exchanges[: self.editing], question=message)

    def again(self) -> Job:
        """Answer the last question once more."""
        last = self.exchanges[-1]
        return Job(before=self.exchanges[:-1], question=last.question, versions=last.versions)

    def further(self) -> Job:
        """Go on with the last answer."""
        last = self.exchanges[-1]
        return self.again().model_copy(update={"place": last.shown, "so_far": last.answer.content})

    def answered(self, job: Job, answer: Version, dropped: int) -> Sheet:
        """With the answer; of the exchanges before only the answers that count are kept."""
        at = len(job.versions) if job.place is None else job.place
        versions = (*job.versions[:at], answer, *job.versions[at + 1 :])
        before = tuple(Exchange(question=each.question, versions=(each.answer,)) for each in job.before)
        exchange = Exchange(question=job.question, versions=versions, shown=at)
        return Sheet(exchanges=(*before, exchange), conversation=self.conversation, dropped=dropped)

    def undone(self) -> Sheet:
        """Without the last exchange."""
        return self._changed(exchanges=self.exchanges[:-1], editing=None, draft="")

    def edited(self, at: int, draft: str) -> Sheet:
        """With a question about to be edited."""
        return self._changed(editing=at, draft=draft)

    def uncancelled(self) -> Sheet:
        """With no edit under way."""
        return self._changed(editing=None, draft="")

    def flipped(self, step: int) -> Sheet:
        """With another answer of the last question shown."""
        last = self.exchanges[-1]
        shown = min(max(last.shown + step, 0), len(last.versions) - 1)
        return self._changed(exchanges=(*self.exchanges[:-1], last.model_copy(update={"shown": shown})))

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The value of the task's turns input: messages, the answers with their other versions."""
        turns: list[dict[str, Any]] = []
        for exchange in self.exchanges:
            versions = [version.model_dump() for version in exchange.versions]
            turns.append({"role": "user", "content": exchange.question})
            turns.append(
                {"role": "assistant", "content": exchange.answer.content, "versions": versions, "shown": exchange.shown}
            )
        return turns

    @property
    def held(self) -> dict[str, Any]:
        """What the page holds beside the turns, sealed to them."""
        return self.model_dump(exclude={"exchanges"}) | {"seal": _seal(messages(self.exchanges))}

    def utterances(self, job: Job | None = None) -> list[Utterance]:
        """The turns to draw; while a job is done, those before its answer and no buttons."""
        exchanges = job.before if job else self.exchanges
        drawn = []
        for at, exchange in enumerate(exchanges):
            marks: dict[str, Any] = {"at": at, "dropped": at < self.dropped}
            marks["replaced"] = self.editing is not None and job is None and at >= self.editing
            free = job is None and self.editing is None
            drawn.append(_question(exchange.question, ("edit",) if free else (), marks))
            deeds = _deeds(exchange.answer) if free and exchange is exchanges[-1] else ()
            drawn.append(_answer(exchange, deeds, marks))
        if job:
            drawn.append(_question(job.question, (), {"at": len(exchanges)}))
        return drawn

    def _changed(self, **changes: Any) -> Sheet:
        return self.model_copy(update=changes)


def read_sheet(turns: object, held: object, name: str) -> Sheet:
    """The dialogue as the page holds it; turns that came from elsewhere begin a new one. UsageError for bad turns."""
    given = turns if isinstance(turns, (list, tuple)) else ()
    checked = check_turns(turns, name)
    answers = [*given[1::2]] if len(given) == len(checked) else [None] * (len(checked) // 2)
    exchanges = tuple(
        _exchange(question["content"], answer["content"], extra)
        for question, answer, extra in zip(checked[::2], checked[1::2], answers, strict=True)
    )
    if not isinstance(held, Mapping) or held.get("seal") != _seal(messages(exchanges)):
        return Sheet(exchanges=exchanges)
    try:
        return Sheet.model_validate({**{key: held[key] for key in held if key != "seal"}, "exchanges": exchanges})
    except ValidationError:
        return Sheet(exchanges=exchanges)


def messages(exchanges: Sequence[Exchange]) -> list[ChatMessage]:
    """The exchanges as a prompt takes them."""
    found: list[ChatMessage] = []
    for exchange in exchanges:
        found.append({"role": "user", "content": exchange.question})
        found.append({"role": "assistant", "content": exchange.answer.content})
    return found


def version_of(result: Result, settings: dict[str, Any]) -> Version:
    """The answer of a run; one that may be continued keeps the white space at its end."""
    cut = result.finish_reason in UNFINISHED
    content = result.raw.lstrip() if cut else result.raw.strip()
    return Version(content=content, finish_reason=result.finish_reason, settings=settings)


def _exchange(question: str, answer: str, extra: object) -> Exchange:
    """With the other versions that the page holds, if they are in order."""
    plain = Exchange(question=question, versions=(Version(content=answer),))
    if not isinstance(extra, Mapping) or "versions" not in extra:
        return plain
    try:
        exchange = Exchange.model_validate(
            {"question": question, "versions": tuple(extra["versions"]), "shown": extra.get("shown", 0)}
        )
    except (TypeError, ValidationError):
        return plain
    inside = 0 <= exchange.shown < len(exchange.versions)
    return exchange if inside and exchange.answer.content == answer else plain


def _question(content: str, deeds: tuple[Deed, ...], marks: dict[str, Any]) -> Utterance:
    return Utterance(role="user", content=content, deeds=deeds, **marks)


def _answer(exchange: Exchange, deeds: tuple[Deed, ...], marks: dict[str, Any]) -> Utterance:
    return Utterance(
        role="assistant",
        content=exchange.answer.content,
        finish_reason=exchange.answer.finish_reason,
        version=exchange.shown + 1,
        versions=len(exchange.versions),
        deeds=deeds,
        **marks,
    )


def _deeds(answer: Version) -> tuple[Deed, ...]:
    more: tuple[Deed, ...] = ("continue",) if answer.finish_reason in UNFINISHED else ()
    return (*more, "regenerate", "undo")


def _seal(turns: Sequence[ChatMessage]) -> str:
    return sha256(json.dumps(turns).encode()).hexdigest()[:16]
