"""Calibration: bins, errors and thresholds, against scikit-learn and cases that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from techgpt_ui.review.calibration import Calibration, calibration, equal_mass
from techgpt_ui.review.design import Judged
from techgpt_ui.review.precision import wilson
from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import SamplePlan, stratum_of
from tests.review.examples import a_verdict, an_item

PLAN = SamplePlan(n=1, seed=1)
CONFIDENCES = st.floats(0, 1).map(lambda value: round(value, 2))


def calibrated(
    said: list[float | None], rights: list[bool], wanted: float = 0.9, more: tuple[Item, ...] = ()
) -> Calibration:
    """All of the judged items, and ``more`` that nobody judged, are the frame."""
    items = [an_item(at, confidence=value) for at, value in enumerate(said)]
    judged = [
        Judged(item, (), a_verdict(item.id, "accept" if right else "reject"))
        for item, right in zip(items, rights, strict=True)
    ]
    return calibration([*items, *more], judged, PLAN, wanted)


def values(found: Calibration) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in found.figures}


def test_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    found = calibrated([0.8] * 50 + [0.2] * 50, ([True] * 8 + [False] * 2) * 5 + ([True] * 2 + [False] * 8) * 5)
    assert values(found)["ece"] == pytest.approx(0)
    assert [(one.confidence, one.right) for one in found.bins] == [pytest.approx((0.2, 0.2)), pytest.approx((0.8, 0.8))]


def test_too_much_confidence_is_the_calibration_error() -> None:
    assert values(calibrated([0.9] * 20, [True, False] * 10))["ece"] == pytest.approx(0.4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=1, max_size=60))
def test_brier_and_auroc_are_those_of_scikit_learn(entries: list[tuple[float, bool]]) -> None:
    said, rights = map(list, zip(*entries, strict=True))
    found = values(calibrated(said, rights))
    assert found["brier"] == pytest.approx(brier_score_loss(rights, said, pos_label=True))
    if len(set(rights)) == 2:
        assert found["auroc"] == pytest.approx(roc_auc_score(rights, said))
    else:
        assert found["auroc"] is None


@given(st.lists(CONFIDENCES, min_size=1, max_size=200), st.randoms(use_true_random=False))
def test_equal_confidences_share_a_bin_whatever_their_order(said: list[float], random) -> None:
    places = dict(zip(said, equal_mass(np.array(said)).tolist(), strict=True))
    random.shuffle(said)
    assert equal_mass(np.array(said)).tolist() == [places[value] for value in said]
    assert sorted(places.values()) == [places[value] for value in sorted(places)]


def test_bins_hold_about_equally_many_items_and_no_more_of_them_than_their_number_bears() -> None:
    assert np.bincount(equal_mass(np.linspace(0, 1, 200))).tolist() == [20] * 10
    assert np.bincount(equal_mass(np.linspace(0, 1, 45))).tolist() == [12, 11, 11, 11]
    assert np.bincount(equal_mass(np.linspace(0, 1, 9))).tolist() == [9]


def test_a_bins_interval_is_wilsons() -> None:
    (found,) = calibrated([0.9] * 10, [True] * 7 + [False] * 3).bins
    assert (found.n, found.right_low, found.right_high) == (10, *map(pytest.approx, wilson(0.7, 10)))


def test_items_weigh_what_they_stand_for() -> None:
    frame = [an_item(at, confidence=0.9 if at < 90 else 0.1) for at in range(100)]
    plan = SamplePlan(n=20, seed=1, by=("confidence",))
    judged = [
        Judged(item, stratum_of(item, plan), a_verdict(item.id, "accept" if item.confidence == 0.9 else "reject"))
        for item in [*frame[:10], *frame[90:]]
    ]
    found = calibration(frame, judged, plan, 0.9)
    assert values(found)["brier"] == pytest.approx(0.01)
    assert values(found)["ece"] == pytest.approx(0.1)
    unweighted = calibration(frame, [entry._replace(stratum=()) for entry in judged], PLAN, 0.9)
    assert unweighted.n == found.n == 20


def test_the_threshold_is_the_lowest_confidence_that_reaches_what_is_wanted() -> None:
    said: list[float | None] = [0.9] * 100 + [0.5] * 100 + [0.1] * 100
    found = calibrated(said, [True] * 98 + [False] * 2 + [True] * 90 + [False] * 10 + [False] * 100, wanted=0.94,
                       more=tuple(an_item(1000 + at, confidence=0.5) for at in range(700)))  # fmt: skip
    assert found.likely is not None and found.likely.confidence == 0.5
    assert found.likely.estimate.value == pytest.approx(0.94) and found.likely.share == pytest.approx(0.9)


def test_the_safe_threshold_is_higher_as_the_lower_end_of_its_interval_has_to_reach_it() -> None:
    said: list[float | None] = [0.9] * 100 + [0.5] * 100
    many = tuple(an_item(1000 + at, confidence=0.95) for at in range(50_00))
    found = calibrated(said, [True] * 99 + [False] + [True] * 90 + [False] * 10, wanted=0.92, more=many)
    assert found.likely is not None and found.safe is not None
    assert (found.likely.confidence, found.safe.confidence) == (0.5, 0.9)
    assert found.safe.estimate.low is not None and found.safe.estimate.low >= 0.92


def test_where_no_confidence_reaches_it_there_is_no_threshold() -> None:
    found = calibrated([0.9] * 20, [True, False] * 10, wanted=0.99)
    assert found.likely is None and found.safe is None


def test_items_without_confidence_are_counted_and_say_nothing() -> None:
    found = calibrated([None, 0.7], [True, True])
    assert (found.n, found.without) == (1, 1)
    nothing = calibrated([None, None], [True, False])
    assert (nothing.n, nothing.without, nothing.bins, nothing.figures, nothing.likely) == (0, 2, (), (), None)


def test_many_distinct_confidences_are_tried_in_steps() -> None:
    said: list[float | None] = [at / 1000 for at in range(1000)]
    found = calibrated(said, [at >= 500 for at in range(1000)], wanted=1.0)
    assert found.likely is not None and found.likely.confidence == 0.5
