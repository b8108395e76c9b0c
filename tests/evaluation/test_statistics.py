"""Bootstrap intervals and the paired test, against known cases and scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from techgpt_ui.evaluation.metrics.base import averaged, micro
from techgpt_ui.evaluation.statistics import Array, Measure, figures, paired_tests


def coin(values: list[float]) -> Measure:
    return averaged("mean", values)


def noise(size: int, seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=size)


def test_the_value_is_the_formula_of_the_sums() -> None:
    (figure, *_) = figures(micro("x", [(1, 2, 3), (0, 4, 1)]))
    assert figure.name == "x_f1" and figure.value == pytest.approx(2 * 1 / (6 + 4))


def test_an_interval_of_a_mean_is_near_that_of_the_normal_distribution() -> None:
    values = noise(400, seed=1)
    (figure,) = figures([averaged("mean", values.tolist())])
    half = 1.96 * values.std() / math.sqrt(len(values))
    assert figure.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert figure.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    held = 0
    for seed in range(100):
        (figure,) = figures([averaged("mean", noise(60, seed).tolist())])
        held += figure.low is not None and figure.high is not None and figure.low <= 0 <= figure.high
    assert 88 <= held <= 99


def test_equal_documents_have_equal_intervals_whatever_stands_beside_them() -> None:
    one, other = coin([0, 1, 1, 0, 1]), coin([1, 1, 0, 0, 0])
    assert figures([one]) == figures([one])
    assert figures([other, one])[1] == figures([one])[0]


def test_many_documents_are_drawn_in_blocks_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    measure, rival = averaged("mean", noise(50, 1).tolist()), averaged("mean", noise(50, 2).tolist())
    whole = figures([measure]), paired_tests([measure], [rival])
    monkeypatch.setattr("techgpt_ui.evaluation.statistics._BLOCK", 700)
    assert figures([measure])[0].low == pytest.approx(whole[0][0].low)
    assert paired_tests([measure], [rival])[0].p == pytest.approx(whole[1][0].p)


def test_one_document_has_an_interval_without_width() -> None:
    (figure,) = figures([coin([0.25])])
    assert (figure.value, figure.low, figure.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("counts", [[], [(0, 0, 0)], [(0, 0, 0), (0, 0, 0)]])
def test_where_there_is_nothing_to_divide_by_there_is_no_figure(counts: list[tuple[int, int, int]]) -> None:
    for figure in figures(micro("x", counts)):
        assert (figure.value, figure.low, figure.high) == (None, None, None)


def test_nothing_said_has_no_precision_but_a_recall_and_an_f1_of_zero() -> None:
    assert [figure.value for figure in figures(micro("x", [(0, 0, 3)]))] == [0, None, 0]


def test_draws_without_a_figure_are_left_out_of_the_interval() -> None:
    (figure,) = figures([averaged("mean", [1.0, None, None, None])])
    assert (figure.low, figure.high) == (1.0, 1.0)


def test_no_measures_have_no_figures() -> None:
    assert figures([]) == () and paired_tests([], []) == ()


def test_equal_runs_differ_by_nothing_and_p_is_1() -> None:
    (test,) = paired_tests([coin([0, 1, 1])], [coin([0, 1, 1])])
    assert (test.difference, test.low, test.high, test.p) == (0, 0, 0, 1)


def test_the_test_is_symmetric() -> None:
    one, other = coin([0, 1, 1, 0, 1, 0.5]), coin([1, 1, 1, 0.5, 1, 1])
    (there,), (back,) = paired_tests([one], [other]), paired_tests([other], [one])
    assert there.p == back.p
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert there.low == pytest.approx(-(back.high or 0))


def test_a_run_that_is_better_everywhere_is_told_apart() -> None:
    (test,) = paired_tests([coin([0.0] * 20)], [coin([1.0] * 20)])
    assert test.difference == 1 and test.p == pytest.approx(1 / 5001) and test.low == 1


def test_two_documents_can_prove_nothing() -> None:
    (test,) = paired_tests([coin([0.0, 0.0])], [coin([1.0, 1.0])])
    assert test.p == pytest.approx(0.5, abs=0.03)


def test_p_is_that_of_scipys_permutation_test() -> None:
    one, other = noise(30, seed=3), noise(30, seed=4) + 0.4
    (test,) = paired_tests([averaged("mean", one.tolist())], [averaged("mean", other.tolist())])
    reference = stats.permutation_test(
        (one, other),
        lambda x, y, axis: np.mean(y - x, axis=axis),
        permutation_type="samples",
        n_resamples=20_000,
        rng=1,
    )
    assert test.p == pytest.approx(reference.pvalue, abs=0.02)


def test_p_of_a_corpus_metric_is_that_of_all_swaps() -> None:
    one, other = [(1, 2, 3), (0, 1, 2), (2, 2, 2), (1, 3, 1)], [(3, 3, 3), (1, 2, 2), (2, 3, 2), (0, 3, 1)]

    def f1(rows: list[tuple[int, int, int]]) -> float:
        hits, said, wanted = map(sum, zip(*rows, strict=True))
        return 2 * hits / (said + wanted)

    gaps = []
    for mask in range(16):
        pairs = [(b, a) if mask >> at & 1 else (a, b) for at, (a, b) in enumerate(zip(one, other, strict=True))]
        gaps.append(abs(f1([b for _, b in pairs]) - f1([a for a, _ in pairs])))
    exact = sum(gap >= gaps[0] - 1e-12 for gap in gaps) / len(gaps)
    assert paired_tests(micro("x", one), micro("x", other))[0].p == pytest.approx(exact, abs=0.03)


def test_a_metric_that_one_run_has_not_is_not_tested() -> None:
    (test,) = paired_tests([averaged("mean", [None, None])], [coin([1, 0])])
    assert (test.one, test.other, test.difference, test.p) == (None, 0.5, None, None)
    assert paired_tests([coin([1])], micro("x", [(1, 1, 1)])) == ()


def test_runs_on_different_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="different documents"):
        paired_tests([coin([1, 0])], [coin([1])])
