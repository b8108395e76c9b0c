"""Frozen samples: the same plan and frame give the same sample, whatever the order, the machine or the year."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.review.sampling import Sample, SamplePlan, check_sample, draw_sample, stratum_of
from tests.review.examples import an_item, some_items

FRAME = some_items(400)


def a_plan(**changes: object) -> SamplePlan:
    return SamplePlan.model_validate({"n": 40, "seed": 7} | changes)


def test_a_known_plan_draws_the_items_that_it_has_always_drawn() -> None:
    """The expected ids are those that the program sha256sum puts first."""
    assert draw_sample(some_items(6), a_plan(n=3, seed=1)).items == ("i0001", "i0004", "i0005")


@settings(max_examples=25, deadline=None)
@given(st.permutations(some_items(30)), st.integers(), st.integers(1, 30))
def test_the_order_of_the_frame_changes_nothing(frame: list, seed: int, n: int) -> None:
    plan = a_plan(n=n, seed=seed, by=("document",), minimum=0, blind=0.3, double=0.5, documents=3)
    assert draw_sample(frame, plan) == draw_sample(some_items(30), plan)


def test_another_seed_draws_other_items() -> None:
    assert set(draw_sample(FRAME, a_plan()).items) != set(draw_sample(FRAME, a_plan(seed=8)).items)


def test_every_item_is_drawn_about_equally_often() -> None:
    frame = some_items(10)
    counts = Counter(item for seed in range(500) for item in draw_sample(frame, a_plan(n=3, seed=seed)).items)
    assert len(counts) == 10 and all(abs(count - 150) < 5 * 10.3 for count in counts.values())


def test_a_larger_sample_only_adds_items() -> None:
    small, large = (draw_sample(FRAME, a_plan(n=n, by=("document",), minimum=0)) for n in (60, 90))
    assert set(small.items) < set(large.items)


def test_a_small_frame_is_taken_whole() -> None:
    assert sorted(draw_sample(some_items(5), a_plan()).items) == [f"i{number:04}" for number in range(5)]


def test_strata_are_drawn_each_on_their_own_and_say_how_large_they_are() -> None:
    frame = [an_item(number, type="ORG" if number < 300 else "人物") for number in range(400)]
    sample = draw_sample(frame, a_plan(by=("type",)))
    assert [(one.name, one.size, len(one.items)) for one in sample.strata] == [
        (("ORG",), 300, 30),
        (("人物",), 100, 10),
    ]
    assert all(item < "i0300" for item in sample.strata[0].items)


@pytest.mark.parametrize(
    ("confidence", "band"), [(None, "?"), (0.0, "0.0–0.5"), (0.5, "0.5–0.7"), (0.899, "0.7–0.9"), (1.0, "0.9–1.0")]
)
def test_a_band_of_confidence_holds_its_lower_border(confidence: float | None, band: str) -> None:
    assert stratum_of(an_item(1, confidence=confidence), a_plan(by=("confidence",))) == (band,)


def test_the_hash_of_the_frame_follows_ids_strata_and_documents_and_nothing_else() -> None:
    plan = a_plan(by=("type",))
    known = draw_sample(FRAME, plan).frame_sha256
    retyped = [item.model_copy(update={"type": "LOC"}) if item.id == "i0000" else item for item in FRAME]
    revised = [item.model_copy(update={"position": 5}) for item in FRAME]
    assert draw_sample(FRAME, plan.model_copy(update={"seed": 9})).frame_sha256 == known
    assert draw_sample(revised, plan).frame_sha256 == known
    others = [draw_sample(frame, plan, documents) for frame, documents in (
        (FRAME[1:], ()), (retyped, ()), (FRAME, ("empty",)))]  # fmt: skip
    assert all(other.frame_sha256 != known for other in others)


def test_blind_and_double_items_are_a_part_of_the_sample_by_lot() -> None:
    sample = draw_sample(FRAME, a_plan(blind=0.25, double=0.5))
    assert len(sample.blind) == 10 and len(sample.double) == 20
    assert set(sample.blind) | set(sample.double) <= set(sample.items)
    assert set(sample.blind) != set(sample.items[:10]) and not set(sample.blind) <= set(sample.double)


def test_documents_without_items_can_be_drawn_as_well() -> None:
    empty = [f"e{number}" for number in range(50)]
    sample = draw_sample(FRAME, a_plan(documents=30), empty)
    assert sample.document_count == 100 and len(set(sample.documents)) == 30
    assert 0 < sum(name in empty for name in sample.documents) < 30


def test_the_frozen_sample_passes_for_its_frame_and_no_other() -> None:
    sample = draw_sample(FRAME, a_plan())
    check_sample(sample, FRAME[::-1])
    with pytest.raises(WorkbenchError, match="not what its plan draws"):
        check_sample(sample, FRAME[1:])


def test_a_list_that_someone_put_together_is_no_sample() -> None:
    sample = draw_sample(FRAME, a_plan())
    (stratum,) = sample.strata
    chosen = stratum.model_copy(update={"items": tuple(item.id for item in FRAME[:40])})
    with pytest.raises(WorkbenchError, match="not what its plan draws"):
        check_sample(sample.model_copy(update={"strata": (chosen,)}), FRAME)


def test_a_sample_comes_back_whole_from_its_file() -> None:
    sample = draw_sample(FRAME, a_plan(by=("type", "confidence"), blind=0.1, documents=2))
    assert Sample.model_validate_json(sample.model_dump_json()) == sample


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n": 0}, "at least 1 item"),
        ({"minimum": -1}, "cannot be less than 0"),
        ({"documents": -1}, "cannot be less than 0"),
        ({"blind": 1.5}, "between 0 and 1"),
        ({"double": float("nan")}, "between 0 and 1"),
        ({"bands": (0.7, 0.5)}, "have to rise"),
        ({"bands": (0.0, 0.5)}, "have to rise"),
        ({"by": ("type", "type")}, "twice"),
        ({"by": ("document",), "n": 99}, "99 items are too few for 50 strata"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused_in_a_sentence(changes: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        draw_sample(FRAME, a_plan(**changes))


def test_an_empty_frame_and_a_repeated_id_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing to draw"):
        draw_sample([], a_plan())
    with pytest.raises(UsageError, match="“i0001” stands for more than one"):
        draw_sample([*some_items(3), an_item(1)], a_plan())
