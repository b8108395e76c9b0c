"""Projects and members: who sees a review, and what strangers learn of it."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store import Database, Filter, ReviewSettings, ReviewStore
from tests.store.review_examples import a_colleague, a_draft, a_lead
from tests.store.strategies import WEIRD


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(WorkbenchError) as caught:
        act()
    return caught.value.code


def test_a_project_comes_back_as_it_was_made(reviews: ReviewStore) -> None:
    draft = a_draft(5)
    draft = draft.model_copy(update={"project": draft.project.model_copy(update={"guidelines": WEIRD})})
    reviews.create(draft, "Ann")
    found = reviews.content("ann", draft.project.id)
    assert found.project == draft.project
    assert found.documents == draft.documents
    assert tuple(found.items.values()) == draft.items


def test_projects_are_listed_for_their_members_only(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    a_colleague(reviews, ann)
    listed = [[project.id for project in reviews.list(owner)] for owner in ("ann", "bob", "eve", "")]
    assert listed == [[ann.project], [ann.project], [], []]


@pytest.mark.parametrize("stranger", ["eve", ""])
def test_a_stranger_learns_and_changes_nothing(reviews: ReviewStore, stranger: str) -> None:
    project = a_lead(reviews).project
    acts: list[Callable[[], object]] = [
        lambda: reviews.get(stranger, project),
        lambda: reviews.next(stranger, project),
        lambda: reviews.undo(stranger, project),
        lambda: reviews.item(stranger, project, 0),
        lambda: reviews.history(stranger, project, 0),
        lambda: reviews.progress(stranger, project),
        lambda: reviews.content(stranger, project),
        lambda: reviews.members(stranger, project),
        lambda: reviews.accept_all(stranger, project, Filter()),
        lambda: reviews.note_missed(stranger, project, 0, {}),
        lambda: reviews.delete(stranger, project),
    ]
    assert {code_of(act) for act in acts} == {"review_project_missing"}


def test_a_reviewer_changes_no_project(reviews: ReviewStore) -> None:
    bob = a_colleague(reviews, a_lead(reviews))
    acts: list[Callable[[], object]] = [
        lambda: reviews.change("bob", bob.project, name="mine"),
        lambda: reviews.reopen("bob", bob.project, ["skip"]),
    ]
    assert {code_of(act) for act in acts} == {"review_leads_only"}


def test_a_lead_gives_no_roles_and_deletes_nothing(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    reviews.set_role("ann", ann.project, bob.id, "lead")
    acts: list[Callable[[], object]] = [
        lambda: reviews.delete("bob", bob.project),
        lambda: reviews.set_role("bob", bob.project, bob.id, "admin"),
    ]
    assert {code_of(act) for act in acts} == {"review_admins_only"}


def test_who_joins_twice_is_the_same_member(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    assert a_colleague(reviews, ann).id == a_colleague(reviews, ann).id


def test_a_name_belongs_to_one_member(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    invitation = reviews.get("ann", ann.project)[0].invitation
    assert code_of(lambda: reviews.join("eve", invitation, " Ann ")) == "review_name_taken"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\0b"])
def test_a_name_is_a_short_line(reviews: ReviewStore, name: str) -> None:
    with pytest.raises(UsageError):
        reviews.create(a_draft(), name)
    assert reviews.list("ann") == ()


def test_an_unknown_invitation_opens_nothing(reviews: ReviewStore) -> None:
    a_lead(reviews)
    assert code_of(lambda: reviews.join("bob", "0" * 32, "Bob")) == "review_invitation"


def test_a_member_becomes_an_admin_but_the_last_admin_stays(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    assert code_of(lambda: reviews.set_role("ann", ann.project, ann.id, "lead")) == "review_last_admin"
    reviews.set_role("ann", ann.project, bob.id, "admin")
    reviews.set_role("bob", ann.project, ann.id, "reviewer")
    assert [member.role for member in reviews.members("ann", ann.project)] == ["reviewer", "admin"]


def test_guidelines_and_settings_can_be_changed(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    reviews.change("ann", ann.project, guidelines="只标组织名。", settings=ReviewSettings(lease_s=30))
    project, _ = reviews.get("ann", ann.project)
    assert (project.name, project.guidelines, project.settings.lease_s) == ("组织", "只标组织名。", 30)


def test_a_deleted_project_is_gone_with_its_log(reviews: ReviewStore, database: Database) -> None:
    ann = a_lead(reviews)
    ann.say(0)
    reviews.delete("ann", ann.project)
    assert reviews.list("ann") == ()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM review_decisions").scalar() == 0


def test_a_project_without_items_is_refused(reviews: ReviewStore) -> None:
    assert code_of(lambda: reviews.create(a_draft(0), "Ann")) == "review_no_items"


def test_a_confidence_is_a_share() -> None:
    with pytest.raises(ValidationError):
        a_draft(1).items[0].model_validate({**a_draft(1).items[0].model_dump(), "confidence": float("nan")})
