"""How many items to look at, in all and of each stratum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import samplesize_confint_proportion

from techgpt_ui.errors import UsageError
from techgpt_ui.review.allocation import Allocation, allocate, sample_size

ALLOCATIONS = st.sampled_from(["proportional", "equal"])
SIZES = st.dictionaries(st.text(max_size=3), st.integers(1, 60), min_size=1, max_size=8)


@pytest.mark.parametrize(("half_width", "n"), [(0.05, 139), (0.03, 385)])
def test_where_nine_of_ten_are_right_139_items_give_5_points_and_385_give_3(half_width: float, n: int) -> None:
    assert sample_size(0.9, half_width) == n


@given(st.floats(0.01, 0.99), st.floats(0.005, 0.45))
def test_the_size_is_that_of_statsmodels(expected: float, half_width: float) -> None:
    theirs = samplesize_confint_proportion(expected, half_width)
    assert theirs - 1e-6 <= sample_size(expected, half_width) <= max(1, theirs + 1)


def test_a_small_frame_needs_fewer_and_never_more_than_it_has() -> None:
    assert sample_size(0.9, 0.05, 300) == 95
    assert sample_size(0.5, 0.01, 20) == 20


@pytest.mark.parametrize(("expected", "half_width"), [(0, 0.05), (1, 0.05), (0.9, 0), (0.9, 0.5), (float("nan"), 0.1)])
def test_numbers_that_make_no_sense_are_refused(expected: float, half_width: float) -> None:
    with pytest.raises(UsageError, match="without either"):
        sample_size(expected, half_width)


def test_proportional_follows_the_sizes_and_equal_does_not() -> None:
    sizes = {"a": 900, "b": 80, "c": 20}
    assert allocate(sizes, 100, "proportional", 0) == {"a": 90, "b": 8, "c": 2}
    assert allocate(sizes, 100, "equal", 0) == {"a": 40, "b": 40, "c": 20}


def test_a_minimum_is_kept_or_the_whole_stratum_taken() -> None:
    assert allocate({"a": 900, "b": 80, "c": 3}, 100, "proportional", 10) == {"a": 87, "b": 10, "c": 3}


def test_fewer_items_than_the_minimums_are_refused_with_the_least_that_would_do() -> None:
    with pytest.raises(UsageError) as refused:
        allocate({"a": 9, "b": 1}, 5, "equal", 5)
    assert "6" in refused.value.hint.en


@given(SIZES, st.integers(1, 500), ALLOCATIONS)
def test_all_is_handed_out_and_no_stratum_gives_more_than_it_has(
    sizes: dict[str, int], n: int, allocation: Allocation
) -> None:
    counts = allocate(sizes, n, allocation, 0)
    assert sum(counts.values()) == min(n, sum(sizes.values()))
    assert all(0 <= counts[name] <= sizes[name] for name in sizes)


@given(SIZES, st.integers(1, 60), ALLOCATIONS)
def test_one_item_more_takes_none_away(sizes: dict[str, int], n: int, allocation: Allocation) -> None:
    before, after = (allocate(sizes, count, allocation, 0) for count in (n, n + 1))
    assert all(before[name] <= after[name] for name in sizes)
