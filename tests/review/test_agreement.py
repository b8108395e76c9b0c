"""Agreement: the worked example, and each coefficient against the library that computes it."""

import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from techgpt_ui.review.agreement import Agreement, agreements, all_agreement, pair_agreement
from techgpt_ui.review.precision import wilson
from techgpt_ui.review.records import DECISIONS
from tests.review.examples import a_verdict

PAIR = ("ann", "bo")
LABELS = st.sampled_from(DECISIONS)


def ratings(*columns: list[str]) -> dict[str, dict[str, str]]:
    """One column of labels a reviewer; "" where there is none."""
    return {
        str(at): {name: label for name, label in zip(("ann", "bo", "cy"), row, strict=False) if label}
        for at, row in enumerate(zip(*columns, strict=True))
    }


def skewed() -> Agreement:
    """100 items: both right on 90, both wrong on 3, one of them right on 4 and on 3."""
    ann = ["right"] * 94 + ["wrong"] * 6
    bo = ["right"] * 90 + ["wrong"] * 4 + ["right"] * 3 + ["wrong"] * 3
    return pair_agreement(ratings(ann, bo), PAIR, "right")


def values(found: Agreement) -> list[float | None]:
    return [figure.value for figure in found.figures]


def test_with_skewed_labels_p_o_is_93_kappa_42_and_ac1_92() -> None:
    found = skewed()
    assert [round(found.figure(name).value or 0, 2) for name in ("p_o", "kappa", "ac1")] == [0.93, 0.42, 0.92]


def test_kappa_of_the_skewed_labels_is_that_of_statsmodels() -> None:
    assert skewed().figure("kappa").value == pytest.approx(cohens_kappa([[90, 4], [3, 3]], return_results=False))


def test_ac1_is_gwets_formula() -> None:
    """π = .935: chance is 2π(1 − π) = .12155."""
    assert skewed().figure("ac1").value == pytest.approx((0.93 - 0.12155) / (1 - 0.12155))


def test_each_figure_stands_in_its_interval_and_shares_the_items() -> None:
    found = skewed()
    assert [figure.name for figure in found.figures] == ["p_o", "kappa", "alpha", "ac1"] and found.items == 100
    for one in found.figures:
        assert one.low is not None and one.value is not None and one.high is not None
        assert one.low < one.value < one.high


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=2, max_size=30))
def test_a_pairs_coefficients_are_those_of_scikit_learn_and_krippendorff(labels: list[tuple[str, str]]) -> None:
    one, other = map(list, zip(*labels, strict=True))
    found = pair_agreement(ratings(one, other), PAIR)
    if len({*one, *other}) == 1:
        assert found.figure("kappa").value is None and found.figure("alpha").value is None
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found.figure("kappa").value == pytest.approx(cohen_kappa_score(one, other), abs=1e-9)
    coded = [[DECISIONS.index(label) for label in column] for column in (one, other)]
    alpha = krippendorff.alpha(reliability_data=coded, level_of_measurement="nominal")
    assert found.figure("alpha").value == pytest.approx(alpha, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS, LABELS), min_size=2, max_size=20))
def test_kappa_of_three_is_fleiss_kappa_of_statsmodels(labels: list[tuple[str, str, str]]) -> None:
    found = all_agreement(ratings(*map(list, zip(*labels, strict=True))), ("ann", "bo", "cy"))
    if len({label for row in labels for label in row}) > 1:
        coded = [[DECISIONS.index(label) for label in row] for row in labels]
        theirs = fleiss_kappa(aggregate_raters(np.array(coded))[0])
        assert found.figure("kappa").value == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["", *DECISIONS])] * 3), min_size=2, max_size=20))
def test_alpha_allows_for_reviewers_who_did_not_judge_all(labels: list[tuple[str, str, str]]) -> None:
    found = all_agreement(ratings(*map(list, zip(*labels, strict=True))), ("ann", "bo", "cy"))
    several = [row for row in labels if sum(map(bool, row)) > 1]
    if len({label for row in several for label in row if label}) > 1:
        coded = [[DECISIONS.index(row[at]) if row[at] else np.nan for row in labels] for at in range(3)]
        theirs = krippendorff.alpha(reliability_data=coded, level_of_measurement="nominal")
        assert found.figure("alpha").value == pytest.approx(theirs, abs=1e-9)
    assert found.items == len(several)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=12))
def test_who_is_named_first_changes_nothing(labels: list[tuple[str, str]]) -> None:
    one, other = map(list, zip(*labels, strict=True))
    there, back = pair_agreement(ratings(one, other), PAIR), pair_agreement(ratings(other, one), PAIR)
    assert values(there) == pytest.approx(values(back), nan_ok=True) or None in values(there)
    for figure in there.figures:
        if figure.value is not None and figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high


def test_where_all_labels_are_alike_kappa_and_alpha_are_not_defined_and_ac1_is_1() -> None:
    assert values(pair_agreement(ratings(["accept"] * 5, ["accept"] * 5), PAIR)) == [1, None, None, 1]


def test_full_agreement_on_five_items_is_not_certain() -> None:
    found = pair_agreement(ratings(["accept"] * 5, ["accept"] * 5), PAIR)
    assert (found.figure("p_o").low, found.figure("p_o").high) == pytest.approx(wilson(1.0, 5))
    assert found.figure("ac1").low is None


def test_two_reviewers_have_one_row_a_scale_and_three_have_that_of_all_before_the_pairs() -> None:
    def rows(*reviewers: str) -> list[tuple[str, ...]]:
        verdicts = [a_verdict(item, reviewer=name) for name in reviewers for item in "xyz"]
        return [one.reviewers for one in agreements(verdicts) if one.scale == "verdict"]

    assert rows("ann", "bo") == [("ann", "bo")]
    assert rows("ann", "bo", "cy") == [("ann", "bo", "cy"), ("ann", "bo"), ("ann", "cy"), ("bo", "cy")]


def test_skips_and_settled_disputes_are_no_part_of_it() -> None:
    verdicts = [
        a_verdict("x"), a_verdict("x", "reject", reviewer="bo", round="second"),
        a_verdict("x", "reject", reviewer="cy", round="adjudicated"),
        a_verdict("y"), a_verdict("y", "skip", reviewer="bo", round="second"),
    ]  # fmt: skip
    (found, _) = agreements(verdicts)
    assert (found.reviewers, found.items, found.figure("p_o").value) == (("ann", "bo"), 1, 0)


def test_edited_and_rejected_differ_as_verdicts_and_not_in_being_wrong() -> None:
    verdicts = [a_verdict("x", "edit"), a_verdict("x", "reject", reviewer="bo", round="second")]
    assert [(one.scale, one.figure("p_o").value) for one in agreements(verdicts)] == [("verdict", 0), ("right", 1)]


def test_one_reviewer_agrees_with_nobody() -> None:
    assert agreements([a_verdict("x"), a_verdict("y")]) == () == agreements([])


def test_reviewers_of_different_items_have_no_agreement() -> None:
    assert agreements([a_verdict("x"), a_verdict("y", reviewer="bo"), a_verdict("z", reviewer="cy")]) == ()
