"""All figures of a review in one record, and what they rest on."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui import __version__
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.review.figures import Figures, review_figures
from techgpt_ui.review.records import VALUES, Examined, Missed, Review
from techgpt_ui.review.sampling import Sample, SamplePlan, draw_sample
from tests.review.examples import START, a_verdict, an_item, some_items, strata_of_the_worked_example, verdicts_on

FRAME = some_items(60)


def figured(*verdicts: object, frame: tuple = FRAME, **plan: object) -> Figures:
    sample = draw_sample(frame, SamplePlan.model_validate({"n": 20, "seed": 3} | plan))
    return review_figures(Review.model_validate({"frame": frame, "verdicts": verdicts}), sample, created=START)


def drawn(frame: tuple = FRAME, **plan: object) -> Sample:
    return draw_sample(frame, SamplePlan.model_validate({"n": 20, "seed": 3} | plan))


def groups(found: Figures) -> list[tuple[str, str]]:
    return [(one.group, one.name) for one in found.precision]


@pytest.fixture(scope="module")
def worked() -> Figures:
    review, sample = strata_of_the_worked_example()
    return review_figures(review, sample, created=START)


def test_the_worked_example_is_weighted_as_its_strata_are(worked: Figures) -> None:
    strict = worked.overall.strict
    assert (strict.value, strict.low, strict.high) == pytest.approx((0.923, 0.860, 0.959), abs=5e-4)
    assert strict.unweighted == pytest.approx(0.786, abs=5e-4)


def test_each_type_has_a_figure_of_its_own_the_most_frequent_first(worked: Figures) -> None:
    assert groups(worked) == [("all", ""), ("type", "a"), ("type", "b"), ("type", "c")]
    last = worked.precision[-1].strict
    assert (last.size, last.n, last.right, last.value, last.low, last.method) == (20, 20, 8, 0.4, 0.4, "census")


def test_a_type_within_other_strata_is_weighted_by_them() -> None:
    """Of type b, 30 items are of the stratum x, all right, and 10 of y, all wrong: 30 of 40 are right."""
    frame = tuple(
        an_item(at, type="b" if at < 30 or at >= 90 else "a", task="x" if at < 60 else "y") for at in range(100)
    )
    sample = draw_sample(frame, SamplePlan(n=80, seed=1, by=("task",), allocation="equal"))
    verdicts = [a_verdict(item, "accept" if item < "i0060" else "reject") for item in sample.items]
    found = review_figures(Review(frame=frame, verdicts=tuple(verdicts)), sample, created=START)
    (type_b,) = [one.strict for one in found.precision if one.name == "b"]
    assert type_b.size == 40 and type_b.value == pytest.approx(0.75)


def test_what_was_seen_blind_has_a_figure_beside_what_was_not() -> None:
    sample = drawn(blind=0.5)
    verdicts = [a_verdict(item, "reject" if item in sample.blind else "accept", blind=item in sample.blind)
                for item in sample.items]  # fmt: skip
    found = figured(*verdicts, blind=0.5)
    assert [(one.name, one.strict.value) for one in found.precision if one.group == "view"] == [
        ("blind", 0.0),
        ("shown", 1.0),
    ]


def test_items_that_someone_else_chose_to_judge_change_no_estimate() -> None:
    sample = drawn()
    verdicts = verdicts_on(sample.items, ["accept", "accept", "reject"])
    chosen = verdicts_on([item.id for item in FRAME if item.id not in sample.items], ["reject"], reviewer="bo")
    alone, together = figured(*verdicts), figured(*verdicts, *chosen)
    assert together.precision == alone.precision and together.calibration == alone.calibration
    assert together.protocol.counts.outside == 40


def test_the_order_of_frame_and_verdicts_changes_nothing() -> None:
    verdicts = verdicts_on(drawn(double=0.5).items, ["accept", "edit", "reject", "accept", "skip"])
    second = verdicts_on(drawn(double=0.5).double, ["accept", "reject"], reviewer="bo", round="second")
    there = figured(*verdicts, *second, double=0.5)
    back = figured(*second[::-1], *verdicts[::-1], frame=FRAME[::-1], double=0.5)
    assert back == there


def test_agreement_is_that_of_the_items_which_lot_gave_to_a_second_reviewer() -> None:
    sample = drawn(double=0.5)
    rest = [item for item in sample.items if item not in sample.double]
    verdicts = [
        *verdicts_on(sample.items, ["accept"]),
        *verdicts_on(sample.double, ["accept"], reviewer="bo", round="second"),
        *verdicts_on(rest, ["reject"], reviewer="bo", round="second"),
    ]
    found = figured(*verdicts, double=0.5).agreement[0]
    assert (found.items, found.figure("p_o").value) == (10, 1)


def test_reasons_are_counted_apart_for_edits_and_rejections() -> None:
    items = drawn().items
    verdicts = [
        *verdicts_on(items[:3], ["reject"], reason="hallucinated"), *verdicts_on(items[3:4], ["edit"], reason="type"),
        *verdicts_on(items[4:6], ["edit"]), *verdicts_on(items[6:], ["accept"]),
    ]  # fmt: skip
    found = [(one.reason, one.edited, one.rejected) for one in figured(*verdicts).reasons]
    assert found == [("hallucinated", 0, 3), ("", 2, 0), ("type", 1, 0)]


def test_a_dispute_is_told_until_someone_settles_it() -> None:
    item = drawn().items[0]
    dispute = [a_verdict(item), a_verdict(item, "reject", reviewer="bo", round="second")]
    settled = a_verdict(item, "edit", reviewer="cy", round="adjudicated")
    assert figured(*dispute).protocol.disputed == 1
    assert figured(*dispute, settled).protocol.disputed == 0


def test_the_protocol_says_how_when_and_with_what() -> None:
    protocol = figured().protocol
    assert protocol.sample == drawn() and protocol.code_version == __version__
    assert (protocol.created, protocol.counts.open) == (START, 20)


def test_the_moment_is_kept_in_utc() -> None:
    local = datetime(2026, 3, 2, 17, 0, tzinfo=timezone(timedelta(hours=8)))
    found = review_figures(Review(frame=FRAME), drawn(), created=local).protocol.created
    assert (found, found.tzinfo) == (START, UTC)


def test_a_review_without_verdicts_has_no_figures_and_no_error() -> None:
    found = figured()
    assert found.overall.strict.value is None and found.overall.clustered.low is None
    assert (found.recall, found.agreement, found.spans, found.pace, found.reasons) == ((), (), (), (), ())


def test_figures_come_back_whole_from_their_file(worked: Figures) -> None:
    assert Figures.model_validate_json(worked.model_dump_json()) == worked


def test_another_frame_than_the_samples_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="not what its plan draws"):
        review_figures(Review(frame=FRAME[1:]), drawn(), created=START)


@pytest.mark.parametrize("wanted", [0, 1.01, float("nan")])
def test_a_wanted_precision_that_cannot_be_is_refused(wanted: float) -> None:
    with pytest.raises(UsageError, match="wanted precision"):
        review_figures(Review(frame=FRAME), drawn(), created=START, wanted=wanted)


@st.composite
def reviews(draw: st.DrawFn) -> tuple[Review, Sample]:
    """A small review by two reviewers, with whatever verdicts, confidences and misses."""
    confidences = draw(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=25))
    frame = tuple(
        an_item(at, type="ab"[at % 2], document=f"d{at % 4}", confidence=value) for at, value in enumerate(confidences)
    )
    strata = draw(st.sampled_from([(), ("type",)]))
    n, seed = draw(st.integers(2, 25)), draw(st.integers(0, 99))
    plan = SamplePlan(n=n, seed=seed, by=strata, minimum=1, documents=3)
    verdicts = [
        a_verdict(item.id, draw(st.sampled_from(VALUES)), at=at, reviewer=name)
        for name in ("ann", "bo")
        for at, item in enumerate(frame)
        if draw(st.integers(0, 9))
    ]
    names = [f"d{at}" for at in range(4)]
    read = tuple(Examined(document=name, task="ner", reviewer="ann", time=START) for name in names)
    lost = tuple(
        Missed(document=name, task="ner", reviewer="ann", time=START) for name in draw(st.lists(st.sampled_from(names)))
    )
    return Review(frame=frame, verdicts=tuple(verdicts), examined=read, missed=lost), draw_sample(frame, plan)


def intervals(found: Figures) -> Iterator[tuple[float | None, float | None, float | None]]:
    """(low, value, high) of every share."""
    for one in found.precision:
        yield one.strict.low, one.strict.value, one.strict.high
        yield one.lenient.low, one.lenient.value, one.lenient.high
        yield one.clustered.low, one.strict.value, one.clustered.high
    for recall in found.recall:
        for value, low, high in (recall.strict, recall.lenient):
            yield low, value, high
    for bin_ in found.calibration.bins:
        yield bin_.right_low, bin_.right, bin_.right_high
    for figure in (*found.calibration.figures, *(one.figure("p_o") for one in found.agreement)):
        yield figure.low, figure.value, figure.high


@settings(max_examples=25, deadline=None)
@given(reviews())
def test_whatever_the_verdicts_shares_lie_in_their_intervals_and_these_between_0_and_1(case: tuple) -> None:
    for low, value, high in intervals(review_figures(*case, created=START)):
        known = [one for one in (low, value, high) if one is not None]
        assert known == sorted(known)
        assert all(-1e-12 <= one <= 1 + 1e-12 for one in known)


@settings(max_examples=15, deadline=None)
@given(reviews(), st.randoms(use_true_random=False))
def test_whatever_the_order_the_figures_are_equal(case: tuple, lot: random.Random) -> None:
    review, sample = case
    mixed = review.model_copy(
        update={name: tuple(lot.sample(getattr(review, name), len(getattr(review, name))))
                for name in ("frame", "verdicts", "missed", "examined")}
    )  # fmt: skip
    assert review_figures(mixed, sample, created=START) == review_figures(review, sample, created=START)
