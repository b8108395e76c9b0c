"""Which verdict stands for an item, and which items count."""

from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.review.design import deciding, judged_sample, standing
from techgpt_ui.review.records import Review, Verdict
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from tests.review.examples import a_verdict, an_item, some_items, verdicts_on

FRAME = some_items(100)
SAMPLE = draw_sample(FRAME, SamplePlan(n=10, seed=4))


def the_verdict(*verdicts: Verdict) -> str | None:
    found = deciding(verdicts).get("x")
    return found and found.value


def test_a_later_verdict_of_the_same_reviewer_replaces_the_earlier_one() -> None:
    assert the_verdict(a_verdict("x", "reject", at=5), a_verdict("x", "accept", at=1)) == "reject"


def test_a_verdict_that_was_taken_back_counts_for_nothing() -> None:
    assert the_verdict(a_verdict("x", "accept", undone=True)) is None
    assert the_verdict(a_verdict("x", "accept", at=1), a_verdict("x", "reject", at=2, undone=True)) == "accept"


def test_of_two_reviewers_of_the_first_round_the_one_who_was_first_decides() -> None:
    assert the_verdict(a_verdict("x", "edit", at=9, reviewer="bo"), a_verdict("x", "reject", at=3)) == "reject"


def test_a_second_reviewer_never_decides() -> None:
    assert the_verdict(a_verdict("x", "reject", round="second")) is None


def test_what_was_adjudicated_decides_over_all() -> None:
    settled = a_verdict("x", "edit", at=1, reviewer="chair", round="adjudicated")
    assert the_verdict(a_verdict("x", "accept", at=2), settled) == "edit"


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_order_of_the_list_of_verdicts_changes_nothing(data: st.DataObject) -> None:
    verdicts = [
        a_verdict(item, value, at=at, reviewer=reviewer, round=round_)
        for at, (item, value, reviewer, round_) in enumerate(
            data.draw(
                st.lists(
                    st.tuples(
                        st.sampled_from("xy"),
                        st.sampled_from(["accept", "edit", "reject", "skip"]),
                        st.sampled_from(["ann", "bo"]),
                        st.sampled_from(["first", "second", "adjudicated"]),
                    )
                )
            )
        )
    ]
    shuffled = data.draw(st.permutations(verdicts))
    assert deciding(shuffled) == deciding(verdicts) and standing(shuffled) == standing(verdicts)


def test_skipped_and_flagged_items_are_left_out_and_counted() -> None:
    review = Review(frame=FRAME, verdicts=verdicts_on(SAMPLE.items, ["accept", "skip", "flag", "edit", "reject"]))
    judged, counts = judged_sample(review, SAMPLE)
    assert [entry.verdict.value for entry in judged] == ["accept", "edit", "reject"] * 2
    assert (counts.drawn, counts.judged, counts.skipped, counts.flagged, counts.open) == (10, 6, 2, 2, 0)


def test_what_was_judged_out_of_turn_waits_for_those_before_it() -> None:
    gap = [*SAMPLE.items[:4], *SAMPLE.items[5:8]]
    judged, counts = judged_sample(Review(frame=FRAME, verdicts=verdicts_on(gap, ["accept"])), SAMPLE)
    assert [entry.item.id for entry in judged] == [*SAMPLE.items[:4]]
    assert (counts.waiting, counts.open) == (3, 3)
    filled = Review(frame=FRAME, verdicts=verdicts_on([*gap, SAMPLE.items[4]], ["accept"]))
    assert len(judged_sample(filled, SAMPLE)[0]) == 8


def test_each_stratum_waits_for_its_own_items_alone() -> None:
    frame = [an_item(at, type="a" if at < 50 else "b") for at in range(100)]
    sample = draw_sample(frame, SamplePlan(n=10, seed=4, by=("type",)))
    one, other = sample.strata
    review = Review(frame=tuple(frame), verdicts=verdicts_on([*one.items[1:], *other.items], ["accept"]))
    judged, counts = judged_sample(review, sample)
    assert {entry.item.id for entry in judged} == set(other.items)
    assert counts.waiting == len(one.items) - 1


def test_items_that_were_not_drawn_never_count() -> None:
    others = [item.id for item in FRAME if item.id not in SAMPLE.items]
    judged, counts = judged_sample(Review(frame=FRAME, verdicts=verdicts_on(others, ["reject"])), SAMPLE)
    assert judged == () and (counts.outside, counts.open) == (90, 10)
