"""Progress and pace of reviewers."""

import pytest

from techgpt_ui.review.speed import paces
from tests.review.examples import a_verdict, verdicts_on

ITEMS = [f"i{at}" for at in range(61)]


def test_a_decision_every_ten_seconds_is_360_an_hour() -> None:
    (found,) = paces(verdicts_on(ITEMS, ["accept"], seconds=10))
    assert found.decisions == 61 and found.hours == pytest.approx(610 / 3600) and found.per_hour == pytest.approx(360)


def test_a_gap_of_more_than_five_minutes_is_a_pause() -> None:
    (short,) = paces([a_verdict("x", at=0), a_verdict("y", at=300)])
    (long,) = paces([a_verdict("x", at=0), a_verdict("y", at=301)])
    assert short.hours == pytest.approx(300 / 3600)
    assert (long.hours, long.per_hour) == (0, None)


def test_the_first_item_after_a_pause_took_as_long_as_it_was_on_the_screen_but_no_pause() -> None:
    (found,) = paces([a_verdict("x", at=0, seconds=20), a_verdict("y", at=9000, seconds=5000)])
    assert found.hours == pytest.approx(320 / 3600)


def test_what_was_taken_back_is_a_share_of_all_verdicts_and_no_decision() -> None:
    (found,) = paces([a_verdict("x", undone=True), a_verdict("x", at=4), a_verdict("y", at=8), a_verdict("z", at=9)])
    assert (found.undone, found.decisions) == (0.25, 3)


def test_skips_flags_and_blind_decisions_are_counted_apart() -> None:
    (found,) = paces([a_verdict("x", "skip"), a_verdict("y", "flag", blind=True), a_verdict("z", "edit", blind=True)])
    assert (found.decisions, found.skipped, found.flagged, found.blind) == (1, 1, 1, 1)


def test_the_time_on_an_item_is_the_median_of_those_that_are_known() -> None:
    (found,) = paces([a_verdict(str(at), seconds=value) for at, value in enumerate((3, 5, None, 100))])
    assert found.seconds == 5
    assert paces([a_verdict("x")])[0].seconds is None


def test_several_reviewers_have_a_row_each_and_one_for_all() -> None:
    rows = paces([*verdicts_on(ITEMS, ["accept"], reviewer="bo"), *verdicts_on(ITEMS, ["edit"], reviewer="ann")])
    assert [row.reviewer for row in rows] == ["ann", "bo", ""]
    assert rows[2].decisions == 122 and rows[2].hours == pytest.approx(rows[0].hours + rows[1].hours)


def test_without_verdicts_there_are_no_rows() -> None:
    assert paces([]) == ()
