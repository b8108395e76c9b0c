"""All figures of a review in one frozen record, with the protocol that says how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from techgpt_ui import __version__
from techgpt_ui.errors import UsageError
from techgpt_ui.review.agreement import Agreement, agreements, ratings_of
from techgpt_ui.review.calibration import Calibration, calibration
from techgpt_ui.review.design import Counts, Judged, judged_sample
from techgpt_ui.review.precision import Clustered, Estimate, clustered, precision
from techgpt_ui.review.recall import Recall, recalls
from techgpt_ui.review.records import Item, Review, Verdict
from techgpt_ui.review.sampling import Sample, check_sample
from techgpt_ui.review.spans import SpanAgreement, span_agreements
from techgpt_ui.review.speed import Pace, paces
from techgpt_ui.schema import Record

Group = Literal["all", "task", "kind", "type", "model", "preset", "view"]
"""What items are told apart by; a view is whether the reviewer saw the model's answer (blind or shown)."""

WANTED = 0.95
FIELDS: tuple[Literal["task", "kind", "type", "model", "preset"], ...] = ("task", "kind", "type", "model", "preset")


class Precision(Record):
    """The precision of one group of items. Strict: right as it stands. Lenient: right once edited, too."""

    group: Group
    name: str
    strict: Estimate
    lenient: Estimate
    clustered: Clustered
    """The strict one's interval for documents like these."""


class Reasons(Record):
    """How often each reason was given for an edit or a rejection of the sample's items; "" for none given."""

    reason: str
    edited: int
    rejected: int


class Protocol(Record):
    """How the sample was drawn, what became of it, and with which program the figures were computed."""

    sample: Sample
    counts: Counts
    disputed: int
    """Items of the sample that two reviewers judged differently and nobody settled."""
    carried: int = 0
    """Judged items of the sample whose verdict was taken over from another project."""
    created: datetime
    code_version: str


class Figures(Record):
    """What a review says about the model and about the reviewers."""

    precision: tuple[Precision, ...]
    reasons: tuple[Reasons, ...]
    recall: tuple[Recall, ...]
    calibration: Calibration
    agreement: tuple[Agreement, ...]
    spans: tuple[SpanAgreement, ...]
    pace: tuple[Pace, ...]
    protocol: Protocol

    @property
    def overall(self) -> Precision:
        """The precision of all items."""
        return self.precision[0]


def review_figures(review: Review, sample: Sample, *, created: datetime, wanted: float = WANTED) -> Figures:
    """The figures of a review; verdicts that are not on the frozen sample say nothing about precision.

    Raises WorkbenchError where the sample is not what its plan draws from the frame, UsageError for a wanted
    precision outside (0, 1].
    """
    if not 0 < wanted <= 1:
        raise UsageError("review_wanted")
    check_sample(sample, review.frame, review.documents)
    judged, counts = judged_sample(review, sample)
    return Figures(
        precision=_precisions(review, judged, sample),
        reasons=_reasons(judged),
        recall=recalls(review, sample),
        calibration=calibration(review.frame, judged, sample.plan, wanted),
        agreement=agreements(_doubled(review, sample)),
        spans=span_agreements(review.spans),
        pace=paces(review.verdicts),
        protocol=Protocol(
            sample=sample,
            counts=counts,
            disputed=_disputed(review, sample),
            carried=sum(entry.verdict.carried for entry in judged),
            created=created.astimezone(UTC),
            code_version=__version__,
        ),
    )


def _precisions(review: Review, judged: tuple[Judged, ...], sample: Sample) -> tuple[Precision, ...]:
    """That of all, of each task, kind, type, model and preset where there are several, and by view where both are."""
    frame = review.frame
    found = [_precision("all", "", frame, judged, sample)]
    for field in FIELDS:
        parts: dict[str, list[Item]] = {}
        for item in frame:
            parts.setdefault(getattr(item, field), []).append(item)
        if len(parts) > 1:
            for name, items in sorted(parts.items(), key=lambda part: (-len(part[1]), part[0])):
                among = [entry for entry in judged if getattr(entry.item, field) == name]
                found.append(_precision(field, name, items, among, sample))
    blind = set(sample.blind)
    views = {
        "blind": [entry for entry in judged if entry.verdict.blind and entry.item.id in blind],
        "shown": [entry for entry in judged if not entry.verdict.blind and entry.item.id not in blind],
    }
    if all(views.values()):
        found += [_precision("view", name, frame, among, sample) for name, among in views.items()]
    return tuple(found)


def _precision(group: Group, name: str, frame: Sequence[Item], judged: Sequence[Judged], sample: Sample) -> Precision:
    return Precision(
        group=group,
        name=name,
        strict=precision(frame, judged, sample.plan, _strict),
        lenient=precision(frame, judged, sample.plan, _lenient),
        clustered=clustered(frame, judged, sample.plan, _strict),
    )


def _reasons(judged: Sequence[Judged]) -> tuple[Reasons, ...]:
    counts: dict[str, list[int]] = {}
    for entry in judged:
        if entry.verdict.value != "accept":
            count = counts.setdefault(entry.verdict.reason or "", [0, 0])
            count[entry.verdict.value == "reject"] += 1
    ranked = sorted(counts.items(), key=lambda one: (-sum(one[1]), one[0]))
    return tuple(Reasons(reason=reason, edited=edited, rejected=rejected) for reason, (edited, rejected) in ranked)


def _doubled(review: Review, sample: Sample) -> Iterable[Verdict]:
    """Verdicts on the items that lot gave to a second reviewer; on all where it gave none.

    Others that two people happened to judge are rarely like the rest: they were doubtful, or easy.
    """
    double = set(sample.double)
    return (verdict for verdict in review.verdicts if not double or verdict.item in double)


def _disputed(review: Review, sample: Sample) -> int:
    settled = {verdict.item for verdict in review.verdicts if verdict.round == "adjudicated" and not verdict.undone}
    labels = ratings_of(review.verdicts)
    return sum(len(set(labels.get(name, {}).values())) > 1 for name in sample.items if name not in settled)


def _strict(entry: Judged) -> bool:
    return entry.strict


def _lenient(entry: Judged) -> bool:
    return entry.lenient
