"""What reviewers do: the log keeps all of it, undo takes back any of it, bulks and carried verdicts are marked."""

from itertools import pairwise

import pytest

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store import Draft, Filter, Place, Project, ReviewDocument, ReviewStore
from tests.store.review_examples import TEXT, Desk, a_colleague, a_lead, a_mention


def test_a_decision_comes_back_as_it_was_made(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    edit = {"text": "马云", "type": "人物", "start": 5, "end": 7}
    ann.say(1, "edit", reason="boundary", comment="边界 \0 <b>", payload=edit, seconds=2.5)
    (logged,) = reviews.history("ann", ann.project, 1)
    event = logged.event
    assert (event.verdict, event.reason, event.comment, event.payload) == ("edit", "boundary", "边界 \0 <b>", edit)
    assert (event.reviewer, event.seconds, event.blind, logged.undone) == (ann.id, 2.5, False, False)


def test_undo_goes_back_to_the_first_decision(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    for item in range(3):
        ann.say(item, "reject")
    assert [ann.undo()[0], ann.undo()[0], ann.undo()[0]] == [2, 1, 0]
    assert reviews.undo("ann", ann.project).event is None
    assert ann.verdicts() == {}


def test_an_undone_item_is_on_the_screen_of_who_undid_it(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    ann.undo()
    assert (ann.next(), bob.next()) == ([0], [2])


def test_undo_touches_nobody_elses_decisions(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(2)
    ann.undo()
    assert ann.verdicts() == {2: "accept"}


def test_the_log_is_only_added_to(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    steps = [lambda: ann.say(0), ann.undo, lambda: ann.say(0, "reject"), lambda: ann.say(1), ann.undo, ann.undo]
    logs: list[list[object]] = [[]]
    for step in steps:
        step()
        logs.append([one.event for one in reviews.content("ann", ann.project).log])
    assert all(after[: len(before)] == before and len(after) == len(before) + 1 for before, after in pairwise(logs))
    assert [event.verdict for event in logs[-1]] == ["accept", "undo", "reject", "accept", "undo", "undo"]


def test_a_replaced_decision_stands_again_when_its_replacement_is_undone(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    ann.say(0)
    ann.say(0, "reject", again=True)
    assert ann.verdicts() == {0: "reject"}
    ann.undo()
    assert ann.verdicts() == {0: "accept"}


def test_nobody_replaces_anothers_decision(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    with pytest.raises(WorkbenchError) as caught:
        bob.say(0, "reject", again=True)
    assert caught.value.code == "review_decided"


def test_a_bulk_accepts_what_its_filter_takes(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=10)
    assert reviews.accept_all("ann", ann.project, Filter(type="组织", min_confidence=0.7)) == 3
    assert ann.verdicts() == {7: "accept", 8: "accept", 9: "accept"}
    assert reviews.accept_all("ann", ann.project, Filter(type="人物")) == 0


def test_a_bulk_leaves_the_sample_and_what_is_on_a_screen(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=6, sampled=2)
    bob = a_colleague(reviews, ann)
    bob.next(count=3)
    assert reviews.accept_all("ann", ann.project, Filter()) == 3
    assert sorted(ann.verdicts()) == [3, 4, 5]


def test_one_undo_takes_a_bulk_back(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=10)
    ann.say(0, "reject")
    reviews.accept_all("ann", ann.project, Filter())
    ann.undo()
    assert ann.verdicts() == {0: "reject"}
    ann.undo()
    assert ann.verdicts() == {}


def test_only_leads_accept_in_bulk(reviews: ReviewStore) -> None:
    bob = a_colleague(reviews, a_lead(reviews))
    with pytest.raises(WorkbenchError) as caught:
        reviews.accept_all("bob", bob.project, Filter())
    assert caught.value.code == "review_leads_only"


def test_skipped_items_can_be_put_back(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    bob.next()
    bob.say(0, "skip")
    assert reviews.reopen("ann", ann.project, ["skip"]) == 1
    assert ann.next() == [0]


def test_what_was_missed_is_noted_and_undone(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    payload = {"task": "ner", "kind": "mention", "text": "马云", "type": "人物", "start": 5, "end": 7}
    reviews.note_missed("ann", ann.project, 0, payload)
    reviews.note_examined("ann", ann.project, 0, "ner")
    noted = reviews.of_document("ann", ann.project, 0)
    assert [(one.verdict, one.payload.get("text")) for one in noted] == [("missed", "马云"), ("examined", None)]
    ann.undo()
    ann.undo()
    assert reviews.of_document("ann", ann.project, 0) == ()


def twice(owner: str = "ann") -> Draft:
    """Two models that say the same of one text."""
    return Draft(
        project=Project(owner=owner, name="two models"),
        documents=(ReviewDocument(name="d", text=TEXT),),
        items=(a_mention(), a_mention(model="other")),
        places=(Place(item=0), Place(item=1)),
    )


def test_a_merged_item_has_the_verdict_of_the_other(reviews: ReviewStore) -> None:
    ann = Desk(reviews, reviews.create(twice(), "Ann"))
    assert [one.number for one in reviews.siblings("ann", ann.project, 1)] == [0]
    ann.say(1, "merge", payload={"into": 0})
    assert ann.verdicts() == {}
    ann.say(0, "reject")
    assert ann.verdicts() == {0: "reject", 1: "reject"}
    assert reviews.siblings("ann", ann.project, 0) == ()


@pytest.mark.parametrize("into", [1, None, "0"])
def test_an_item_is_merged_into_another_one(reviews: ReviewStore, into: object) -> None:
    ann = Desk(reviews, reviews.create(twice(), "Ann"))
    with pytest.raises(UsageError):
        ann.say(1, "merge", payload={"into": into})


def test_merging_makes_no_chain(reviews: ReviewStore) -> None:
    ann = Desk(reviews, reviews.create(twice(), "Ann"))
    ann.say(1, "merge", payload={"into": 0})
    with pytest.raises(UsageError) as caught:
        ann.say(0, "merge", payload={"into": 1})
    assert caught.value.code == "review_merge_chain"


def test_verdicts_are_carried_over_by_content(reviews: ReviewStore) -> None:
    old = a_lead(reviews, count=3)
    old.say(0, "reject", reason="type")
    old.say(1, "skip")
    new = a_lead(reviews, count=4)
    assert reviews.carry_over("ann", new.project, old.project) == 1
    assert new.verdicts() == {0: "reject"}
    (logged,) = reviews.history("ann", new.project, 0)
    assert logged.event.reason == "type"
    assert (logged.event.carried or "").startswith(old.project)


def test_one_undo_takes_carried_verdicts_back(reviews: ReviewStore) -> None:
    old = a_lead(reviews, count=3)
    old.say(0)
    old.say(2)
    new = a_lead(reviews, count=3, double=1)
    reviews.carry_over("ann", new.project, old.project)
    new.undo()
    assert new.verdicts() == {}
    assert new.next(count=3) == [0, 1, 2]


def test_verdicts_come_only_from_projects_of_ones_own(reviews: ReviewStore) -> None:
    theirs = a_lead(reviews, owner="eve")
    mine = a_lead(reviews)
    with pytest.raises(WorkbenchError) as caught:
        reviews.carry_over("ann", mine.project, theirs.project)
    assert caught.value.code == "review_project_missing"


def test_progress_counts_the_sample(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=6, sampled=4, double=1)
    bob = a_colleague(reviews, ann)
    ann.next()
    ann.say(0)
    bob.next()
    bob.say(0, "reject", round="second")
    found = reviews.progress("bob", bob.project)
    assert (found.total, found.done, found.open, found.double, found.double_done) == (4, 1, 3, 1, 1)
    assert (found.disputed, found.mine, found.held) == (1, 1, 2)
