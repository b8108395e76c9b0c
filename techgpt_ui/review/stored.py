"""A kept review as the figures want it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from techgpt_ui.errors import UsageError
from techgpt_ui.review.drafting import frame_item
from techgpt_ui.review.records import Examined, MarkedSpan, Missed, Review, Verdict
from techgpt_ui.review.sampling import Sample
from techgpt_ui.store import Content
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.store.review_records import SETTLING

JUDGED = ("accept", "edit", "reject", "skip", "flag", "merge")


def sample_of(content: Content) -> Sample:
    """The frozen sample of a project; UsageError where it has none, so that nothing can be estimated."""
    if not content.project.sample:
        raise UsageError("review_no_sample")
    return Sample.model_validate(content.project.sample)


def review_of(content: Content) -> Review:
    """Everything that figures are computed from; reviewers are called by their names."""
    names = {member.id: member.name for member in content.members}
    return Review(
        frame=tuple(frame_item(number, item) for number, item in content.items.items()),
        documents=tuple(str(number) for number in range(len(content.documents))),
        verdicts=tuple(_verdicts(content, names)),
        missed=tuple(
            Missed(
                document=str(one.event.document), task=_task(one), reviewer=names[one.event.reviewer],
                time=one.event.time, type=_type(one), undone=one.undone,
            )
            for one in content.log
            if one.event.verdict == "missed" and _task(one)
        ),
        examined=tuple(
            Examined(
                document=str(one.event.document), task=_task(one), reviewer=names[one.event.reviewer],
                time=one.event.time,
            )
            for one in content.log
            if one.event.verdict == "examined" and not one.undone and _task(one)
        ),
        spans=tuple(_spans(content, names)),
    )  # fmt: skip


def _verdicts(content: Content, names: dict[str, str]) -> Iterator[Verdict]:
    """One for each judgement; a merged item has the value that stands for the item that it was merged into."""
    for one in content.log:
        event = one.event
        if event.verdict not in JUDGED or event.item is None:
            continue
        value, reason = event.verdict, event.reason
        if value == "merge":
            target = content.current.get(event.item)
            if target is None or target.decision.verdict not in SETTLING:
                continue
            value, reason = target.decision.verdict, target.decision.reason
        yield Verdict.model_validate(
            {
                "item": str(event.item), "reviewer": names[event.reviewer], "value": value, "reason": reason,
                "time": event.time, "seconds": event.seconds, "blind": event.blind, "round": event.round,
                "undone": one.undone, "carried": event.carried is not None,
            }
        )  # fmt: skip


def _spans(content: Content, names: dict[str, str]) -> Iterator[MarkedSpan]:
    """What each reviewer of a doubled item holds to be a mention; what he has replaced since is not it."""
    newest = {
        (one.event.item, one.event.round): one.event
        for one in content.log
        if not one.undone and one.event.verdict in JUDGED and one.event.round != "adjudicated"
    }
    for event in newest.values():
        if event.item is None or event.verdict not in ("accept", "edit"):
            continue
        item = content.items[event.item]
        said: dict[str, Any] = event.payload or item.payload
        if item.kind == "mention" and isinstance(said.get("start"), int) and isinstance(said.get("end"), int):
            yield MarkedSpan(
                document=str(item.document), reviewer=names[event.reviewer], start=said["start"], end=said["end"],
                type=str(said.get("type", "")),
            )  # fmt: skip


def _type(one: Logged) -> str:
    return str(one.event.payload.get("type") or one.event.payload.get("predicate") or "")


def _task(one: Logged) -> str:
    return str(one.event.payload.get("task", ""))
