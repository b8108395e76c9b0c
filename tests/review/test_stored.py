"""From a kept review to what figures are computed from: each judgement once, and what it stands for."""

from collections.abc import Iterator
from typing import Any

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.review.records import Review
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from techgpt_ui.review.stored import review_of, sample_of
from techgpt_ui.store import ReviewStore, open_database, sqlite_url
from tests.store.review_examples import Desk, a_colleague, a_draft, a_lead

MISSED = {"task": "ner", "kind": "mention", "type": "人物", "text": "马云", "start": 5, "end": 7}


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewStore]:
    """One database for all: no project knows of another."""
    database = open_database(sqlite_url(tmp_path_factory.mktemp("stored") / "reviews.db"))
    yield ReviewStore(database)
    database.close()


def review(desk: Desk) -> Review:
    return review_of(desk.reviews.content(desk.owner, desk.project))


def values(desk: Desk) -> dict[str, str]:
    """What counts of each item: verdicts that were taken back do not."""
    return {verdict.item: verdict.value for verdict in review(desk).verdicts if not verdict.undone}


def test_every_item_is_in_the_frame_as_it_was_drawn_from(reviews: ReviewStore) -> None:
    frame = review(a_lead(reviews, count=3)).frame
    assert [(item.id, item.task, item.kind, item.type, item.document) for item in frame] == [
        (str(number), "ner", "mention", "组织", str(number)) for number in range(3)
    ]


def test_a_verdict_tells_who_judged_why_and_for_how_long(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, "reject", reason="type", seconds=2.5)
    (verdict,) = review(ann).verdicts
    assert (verdict.reviewer, verdict.value, verdict.reason, verdict.seconds, verdict.round) == (
        "Ann",
        "reject",
        "type",
        2.5,
        "first",
    )


def test_two_reviewers_and_a_lead_are_three_rounds(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "reject", round="second")
    ann.say(0, round="adjudicated", queue_name="disputes")
    assert [(one.round, one.reviewer, one.value) for one in review(ann).verdicts] == [
        ("first", "Ann", "accept"),
        ("second", "Bob", "reject"),
        ("adjudicated", "Ann", "accept"),
    ]


def test_what_was_taken_back_is_marked_and_the_undo_is_no_verdict(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0)
    ann.undo()
    assert [(one.value, one.undone) for one in review(ann).verdicts] == [("accept", True)]


def test_a_bulk_counts_item_by_item(reviews: ReviewStore) -> None:
    from techgpt_ui.store import Filter

    ann = a_lead(reviews, count=3)
    reviews.accept_all("ann", ann.project, Filter())
    assert values(ann) == {"0": "accept", "1": "accept", "2": "accept"}


@pytest.mark.parametrize(("target", "counts"), [("accept", "accept"), ("reject", "reject")])
def test_a_merged_item_has_the_value_of_what_it_was_merged_into(reviews: ReviewStore, target: str, counts: str) -> None:
    ann = a_lead(reviews, count=2, same=True)
    ann.say(0, target, reason="type")
    ann.say(1, "merge", payload={"into": 0})
    assert values(ann) == {"0": target, "1": counts}


@pytest.mark.parametrize("target", [None, "skip", "flag"])
def test_a_merged_item_counts_for_nothing_while_the_other_is_open(reviews: ReviewStore, target: str | None) -> None:
    ann = a_lead(reviews, count=2, same=True)
    if target:
        ann.say(0, target)
    ann.say(1, "merge", payload={"into": 0})
    assert values(ann) == ({"0": target} if target else {})


def test_what_was_missed_and_examined_is_by_document_and_task(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=2)
    reviews.note_missed("ann", ann.project, 1, MISSED)
    reviews.note_examined("ann", ann.project, 1, "ner")
    found = review(ann)
    assert [(one.document, one.task, one.type, one.reviewer, one.undone) for one in found.missed] == [
        ("1", "ner", "人物", "Ann", False)
    ]
    assert [(one.document, one.task) for one in found.examined] == [("1", "ner")]
    assert found.documents == ("0", "1")


def test_what_was_missed_and_examined_can_be_taken_back(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    reviews.note_missed("ann", ann.project, 0, MISSED)
    reviews.note_examined("ann", ann.project, 0, "ner")
    ann.undo()
    ann.undo()
    found = review(ann)
    assert ([one.undone for one in found.missed], found.examined) == ([True], ())


def test_a_note_without_a_task_belongs_to_no_estimate(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    reviews.note_missed("ann", ann.project, 0, {"text": "马云"})
    assert review(ann).missed == ()


def spans(desk: Desk) -> list[tuple[str, int, int, str]]:
    return [(span.reviewer, span.start, span.end, span.type) for span in review(desk).spans]


def test_each_reviewer_marks_what_he_accepted_or_made_of_it(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "edit", round="second", payload={"text": "阿里", "type": "公司", "start": 0, "end": 2})
    ann.say(0, round="adjudicated", queue_name="disputes")
    assert spans(ann) == [("Ann", 0, 4, "组织"), ("Bob", 0, 2, "公司")]


def test_a_judgement_that_was_replaced_marks_nothing(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0)
    ann.say(0, "edit", payload={"text": "阿里", "type": "公司", "start": 0, "end": 2}, again=True)
    assert spans(ann) == [("Ann", 0, 2, "公司")]
    ann.undo()
    assert spans(ann) == [("Ann", 0, 4, "组织")]


@pytest.mark.parametrize("verdict", ["reject", "skip", "flag"])
def test_who_does_not_stand_behind_it_marks_nothing(reviews: ReviewStore, verdict: str) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, verdict)
    assert spans(ann) == []


@pytest.mark.parametrize("place", [{"start": None, "end": None}, {"start": "0", "end": 2}, {}])
def test_a_correction_without_a_place_marks_nothing(reviews: ReviewStore, place: dict[str, Any]) -> None:
    ann = a_lead(reviews, count=1)
    ann.say(0, "edit", payload={"text": "阿里", "type": "公司", **place})
    assert spans(ann) == []


def test_the_frozen_sample_comes_back(reviews: ReviewStore) -> None:
    draft = a_draft(5)
    sample = draw_sample(review(a_lead(reviews, count=5)).frame, SamplePlan(n=3, seed=7))
    project = draft.project.model_copy(update={"sample": sample.model_dump(mode="json")})
    member = reviews.create(draft.model_copy(update={"project": project}), "Ann")
    assert sample_of(reviews.content("ann", member.project)) == sample


def test_a_project_without_a_sample_estimates_nothing(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    with pytest.raises(UsageError) as caught:
        sample_of(reviews.content("ann", ann.project))
    assert caught.value.code == "review_no_sample"
