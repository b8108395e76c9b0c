"""Precision: the worked examples, statsmodels' Wilson, and what holds for any counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from techgpt_ui.review.design import Judged, judged_sample
from techgpt_ui.review.precision import clustered, estimate, precision, wilson
from techgpt_ui.review.records import Review
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from techgpt_ui.review.strata import Cell, weights
from tests.review.examples import a_verdict, an_item, some_items, strata_of_the_worked_example, verdicts_on

ENDLESS = 10**9
PLAN = SamplePlan(n=1, seed=1)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    size = draw(st.integers(0, 500))
    n = draw(st.integers(0, size))
    return Cell(size, n, draw(st.integers(0, n)))


STRATA = st.dictionaries(st.tuples(st.text(max_size=2)), cells(), max_size=6)


def one_stratum(size: int, n: int, right: int):
    return estimate({(): Cell(size, n, right)})


def judged_in(documents: list[str], rights: list[bool]) -> list[Judged]:
    return [
        Judged(an_item(at, document=document), (), a_verdict(f"i{at:04}", "accept" if right else "reject"))
        for at, (document, right) in enumerate(zip(documents, rights, strict=True))
    ]


def like_these(documents: list[str], rights: list[bool]):
    judged = judged_in(documents, rights)
    return clustered([entry.item for entry in judged], judged, PLAN, lambda entry: entry.strict)


def test_188_of_200_is_between_898_and_965() -> None:
    found = one_stratum(ENDLESS, 200, 188)
    assert (found.low, found.high) == (pytest.approx(0.898, abs=5e-4), pytest.approx(0.965, abs=5e-4))


@given(st.integers(1, 3000), st.data())
def test_the_interval_is_that_of_statsmodels(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    assert wilson(right / n, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-9)


def test_the_worked_strata_give_923_between_860_and_959_where_the_bare_share_is_786() -> None:
    found = estimate({("a",): Cell(900, 60, 57), ("b",): Cell(80, 60, 45), ("c",): Cell(20, 20, 8)})
    assert found.value == pytest.approx(0.923) and found.method == "stratified"
    assert (found.low, found.high) == (pytest.approx(0.860, abs=5e-4), pytest.approx(0.959, abs=5e-4))
    assert found.unweighted == pytest.approx(0.786, abs=5e-4)


def test_the_worked_strata_come_out_the_same_from_items_and_verdicts() -> None:
    review, sample = strata_of_the_worked_example()
    judged, _ = judged_sample(review, sample)
    found = precision(review.frame, judged, sample.plan, lambda entry: entry.strict)
    assert (found.value, found.low) == (pytest.approx(0.923), pytest.approx(0.860, abs=5e-4))


def test_without_data_there_is_no_figure_and_no_nan() -> None:
    for found in (one_stratum(50, 0, 0), estimate({})):
        assert (found.value, found.low, found.high, found.unweighted) == (None, None, None, None)
        assert found.method == "no_data"


def test_where_all_items_were_judged_nothing_is_uncertain() -> None:
    found = estimate({("a",): Cell(8, 8, 5), ("b",): Cell(2, 2, 1)})
    assert (found.value, found.low, found.high, found.method) == (0.6, 0.6, 0.6, "census")


def test_a_finite_frame_narrows_the_interval_as_a_larger_sample_would() -> None:
    assert one_stratum(400, 200, 188).n_eff == pytest.approx(400)
    assert one_stratum(ENDLESS, 200, 188).n_eff == pytest.approx(200)


def test_the_correction_is_that_of_the_formula() -> None:
    sizes, n, right = (300, 100), (30, 20), (27, 10)
    variance = sum(
        (size / 400) ** 2 * (1 - m / size) * (k / m) * (1 - k / m) / (m - 1)
        for size, m, k in zip(sizes, n, right, strict=True)
    )
    found = estimate({("a",): Cell(300, 30, 27), ("b",): Cell(100, 20, 10)})
    assert found.value == pytest.approx(0.8) and found.n_eff == pytest.approx(0.8 * 0.2 / variance)


def test_a_stratum_all_right_still_has_some_variance() -> None:
    found = estimate({("a",): Cell(900, 5, 5), ("b",): Cell(100, 50, 25)})
    assert found.n_eff is not None and found.n_eff < 55 and found.low is not None and found.low < 0.85


def test_strata_all_right_and_all_wrong_have_an_interval_with_width() -> None:
    found = estimate({("a",): Cell(500, 5, 0), ("b",): Cell(500, 5, 5)})
    assert found.value == 0.5 and found.high is not None and found.low is not None and found.high - found.low > 0.3


def test_all_right_is_wilson_at_the_size_that_the_weights_leave() -> None:
    found = estimate({("a",): Cell(ENDLESS, 10, 10), ("b",): Cell(ENDLESS, 30, 30)})
    assert found.n_eff == pytest.approx(1 / (0.25 / 10 + 0.25 / 30))
    assert (found.low, found.high) == pytest.approx(wilson(1.0, 30))


def test_strata_with_one_judged_item_are_pooled_and_it_is_told() -> None:
    found = estimate({("a",): Cell(100, 20, 15), ("b",): Cell(50, 1, 1), ("c",): Cell(50, 1, 0)})
    assert found.pooled == 2 and found.value == pytest.approx(0.5 * 0.75 + 0.5 * 0.5)


def test_a_stratum_that_nobody_looked_at_joins_the_smallest_other() -> None:
    found = estimate({("a",): Cell(100, 20, 20), ("b",): Cell(40, 10, 5), ("c",): Cell(60, 0, 0)})
    assert found.pooled == 2 and found.value == pytest.approx(0.5 * 1 + 0.5 * 0.5)


@given(STRATA)
def test_estimates_are_shares_and_lie_in_their_intervals(strata: dict) -> None:
    found = estimate(strata)
    assert (found.value is None) == (found.n == 0)
    if found.value is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert math.isfinite(found.value) and (found.n_eff is None or found.n_eff > 0)


@given(STRATA, st.randoms(use_true_random=False))
def test_the_order_of_the_strata_changes_nothing(strata: dict, random) -> None:
    names = list(strata)
    random.shuffle(names)
    there, back = estimate(strata), estimate({name: strata[name] for name in names})
    assert (there.value, there.low, there.high) == pytest.approx((back.value, back.low, back.high), nan_ok=True)


@given(STRATA)
def test_one_more_right_item_never_lowers_the_estimate(strata: dict) -> None:
    better = {name: Cell(one.size, one.n, min(one.n, one.right + 1)) for name, one in strata.items()}
    assert (estimate(better).value or 0) >= (estimate(strata).value or 0) - 1e-12


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    """Of 1,500 and 500 items 100 and 200 are wrong; 40 of each stratum are judged."""
    draw = np.random.default_rng(11).hypergeometric
    rights = zip(draw(1400, 100, 40, 400), draw(300, 200, 40, 400), strict=True)
    found = [estimate({("a",): Cell(1500, 40, int(one)), ("b",): Cell(500, 40, int(other))}) for one, other in rights]
    held = sum(one.low <= 0.85 <= one.high for one in found if one.low is not None and one.high is not None)
    assert 0.93 <= held / 400 <= 0.985
    assert np.mean([one.value for one in found]) == pytest.approx(0.85, abs=0.006)


def test_items_that_have_nothing_to_do_with_their_document_have_a_design_effect_near_1() -> None:
    rights = np.random.default_rng(2).permutation([True] * 320 + [False] * 80).tolist()
    found = like_these([f"d{at % 40}" for at in range(400)], rights)
    assert found.design_effect == pytest.approx(1, abs=0.3)
    assert found.low == pytest.approx(wilson(0.8, 400)[0], abs=0.01)


def test_documents_all_right_or_all_wrong_count_as_one_item_each() -> None:
    found = like_these([f"d{at // 10}" for at in range(400)], [at // 10 % 5 > 0 for at in range(400)])
    assert found.design_effect == pytest.approx(10, rel=0.05)
    assert (found.low, found.high) == pytest.approx(wilson(0.8, 40), abs=0.01)


def test_all_right_in_five_documents_says_no_more_than_five_items() -> None:
    found = like_these([f"d{at % 5}" for at in range(100)], [True] * 100)
    assert (found.low, found.high) == pytest.approx(wilson(1.0, 5))


def test_one_document_says_nothing_about_others() -> None:
    found = like_these(["d"] * 10, [True, False] * 5)
    assert (found.documents, found.low, found.high) == (1, None, None)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), min_size=2, max_size=30))
def test_the_interval_for_documents_like_these_holds_the_share(entries: list[tuple[str, bool]]) -> None:
    documents, rights = map(list, zip(*entries, strict=True))
    found = like_these(documents, rights)
    if found.low is not None and found.high is not None:
        assert (
            0 <= found.low <= sum(rights) / len(rights) + 1e-12 and sum(rights) / len(rights) - 1e-12 <= found.high <= 1
        )


def test_weights_add_up_to_the_frame_where_strata_are_pooled() -> None:
    frame = [an_item(at, type="abc"[min(at // 20, 2)]) for at in range(60)]
    plan = SamplePlan(n=6, seed=3, by=("type",))
    sample = draw_sample(frame, plan)
    review = Review(
        frame=tuple(frame), verdicts=verdicts_on([*sample.strata[0].items, sample.strata[1].items[0]], ["accept"])
    )
    judged, _ = judged_sample(review, sample)
    assert sum(weights(frame, judged, plan)) == pytest.approx(60)


def test_accepted_is_right_edited_only_leniently_and_rejected_never() -> None:
    frame = some_items(4)
    sample = draw_sample(frame, SamplePlan(n=4, seed=1))
    review = Review(frame=frame, verdicts=verdicts_on(sample.items, ["accept", "edit", "reject", "reject"]))
    judged, _ = judged_sample(review, sample)
    assert precision(frame, judged, sample.plan, lambda entry: entry.strict).value == 0.25
    assert precision(frame, judged, sample.plan, lambda entry: entry.lenient).value == 0.5
