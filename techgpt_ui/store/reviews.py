"""Reviews: what each person may do in the projects that he is a member of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from techgpt_ui.schema import Record
from techgpt_ui.store import review_counts as counts
from techgpt_ui.store import review_decisions as deciding
from techgpt_ui.store import review_finding as finding
from techgpt_ui.store import review_hiding as hiding
from techgpt_ui.store import review_projects as projects
from techgpt_ui.store import review_queue as queue
from techgpt_ui.store import review_reading as reading
from techgpt_ui.store import review_readings as readings
from techgpt_ui.store import review_sheets as seeing
from techgpt_ui.store import review_siblings as siblings
from techgpt_ui.store.database import Database
from techgpt_ui.store.records import JsonObject
from techgpt_ui.store.review_decisions import Filter, Judged
from techgpt_ui.store.review_queue import QueueName
from techgpt_ui.store.review_reading import Current, Logged
from techgpt_ui.store.review_readings import ReadingSheet
from techgpt_ui.store.review_records import (
    Decision,
    Draft,
    Judgement,
    Member,
    Progress,
    Project,
    Readings,
    ReviewDocument,
    ReviewItem,
    ReviewSettings,
    Role,
    Task,
)
from techgpt_ui.store.review_sheets import Sheet
from techgpt_ui.store.review_siblings import Sibling


class Done(Record):
    """A decision that was written, and what its reviewer has on the screen next."""

    decision: Decision
    tasks: tuple[Task, ...]
    sheets: tuple[Sheet, ...]
    """The same tasks with all that a screen shows of them."""


class Undone(Record):
    """What was taken back, if anything, and what its reviewer has on the screen next."""

    event: Decision | None
    tasks: tuple[Task, ...]


class Content(Record):
    """All of a project: what figures and exports are made from."""

    project: Project
    members: tuple[Member, ...]
    documents: tuple[ReviewDocument, ...]
    items: dict[int, ReviewItem]
    log: tuple[Logged, ...]
    current: dict[int, Current]


class ReviewStore:
    """Projects by member: for everyone else a project is as missing as one that never was.

    Everything is asked for by the owner behind a member; ``clock`` gives seconds of the epoch, for leases.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def create(self, draft: Draft, name: str) -> Member:
        """Begin a project; its owner is its admin under this name."""
        with self._database.writing() as connection:
            return projects.create(connection, draft, name)

    def join(self, owner: str, invitation: str, name: str) -> Member:
        """Become a reviewer of the project of this invitation."""
        with self._database.writing() as connection:
            return projects.join(connection, owner, invitation, name)

    def list(self, owner: str, *, limit: int = 100) -> tuple[Project, ...]:
        """The projects that the owner is a member of, newest first."""
        with self._database.reading() as connection:
            return projects.projects_of(connection, owner, limit)

    def get(self, owner: str, project: str) -> tuple[Project, Member]:
        """A project, and who the owner is there."""
        with self._database.reading() as connection:
            member = projects.member_of(connection, owner, project)
            return projects.project(connection, project), member

    def members(self, owner: str, project: str) -> tuple[Member, ...]:
        """All members, in the order in which they joined."""
        with self._database.reading() as connection:
            projects.member_of(connection, owner, project)
            return projects.members(connection, project)

    def rename(self, owner: str, project: str, name: str) -> Member:
        """Go under another name."""
        with self._database.writing() as connection:
            return projects.rename_member(connection, projects.member_of(connection, owner, project), name)

    def set_role(self, owner: str, project: str, member: str, role: Role) -> None:
        """Give a member another role."""
        with self._database.writing() as connection:
            projects.set_role(connection, projects.admin_of(connection, owner, project), member, role)

    def change(
        self,
        owner: str,
        project: str,
        *,
        name: str | None = None,
        guidelines: str | None = None,
        settings: ReviewSettings | None = None,
    ) -> Project:
        """Change a project; what is not given stays."""
        given = {"name": name, "guidelines": guidelines, "settings": settings and settings.model_dump()}
        changes = {key: value for key, value in given.items() if value is not None}
        with self._database.writing() as connection:
            return projects.change(connection, projects.lead_of(connection, owner, project), changes)

    def delete(self, owner: str, project: str) -> None:
        """Delete a project with all decisions."""
        with self._database.writing() as connection:
            projects.remove(connection, projects.admin_of(connection, owner, project))

    def next(self, owner: str, project: str, *, queue_name: QueueName = "review", count: int = 1) -> tuple[Task, ...]:
        """What the member has on the screen: what he held, then the next free items; held for him from now on."""
        with self._database.writing() as connection:
            member, settings = projects.worker_of(connection, owner, project)
            return queue.take(connection, member, queue_name, count, self._clock(), settings.lease_s)

    def decide(
        self,
        owner: str,
        project: str,
        judged: Judged,
        *,
        queue_name: QueueName = "review",
        count: int = 1,
        of_blind: Callable[[Judged, ReviewItem], Judged] | None = None,
    ) -> Done:
        """Write a judgement and take the next items, in one transaction.

        ``of_blind`` says what the answer means to an item that was shown without what the model had said.
        """
        with self._database.writing() as connection:
            member, settings = projects.worker_of(connection, owner, project)
            if of_blind and siblings.is_blind(connection, project, judged.item, judged.round):
                judged = of_blind(judged, reading.item(connection, project, judged.item)[0])
            at = self._clock()
            decision = deciding.decide(connection, member, judged, at)
            tasks = queue.take(connection, member, queue_name, count, at, settings.lease_s)
            return Done(decision=decision, tasks=tasks, sheets=seeing.sheets(connection, member, tasks))

    def undo(self, owner: str, project: str, *, queue_name: QueueName = "review", count: int = 1) -> Undone:
        """Take back the member's last event that still counts; again and again, back to the first."""
        with self._database.writing() as connection:
            member, settings = projects.worker_of(connection, owner, project)
            at = self._clock()
            event = deciding.undo(connection, member, at + settings.lease_s)
            if event and event.verdict == "examined":
                readings.reopen(connection, member, event, at + settings.lease_s)
            return Undone(event=event, tasks=queue.take(connection, member, queue_name, count, at, settings.lease_s))

    def release(self, owner: str, project: str) -> None:
        """Free what the member holds."""
        with self._database.writing() as connection:
            member = projects.member_of(connection, owner, project)
            queue.give_back(connection, member)
            readings.give_back(connection, member)

    def accept_all(self, owner: str, project: str, wanted: Filter) -> int:
        """Accept all open items outside the sample that the filter takes; one undo takes all of it back."""
        with self._database.writing() as connection:
            member = projects.lead_of(connection, owner, project, works=True)
            return deciding.accept_all(connection, member, wanted, self._clock())

    def reopen(self, owner: str, project: str, verdicts: Iterable[Judgement]) -> int:
        """Put items of these verdicts, skipped ones say, back into the queue."""
        with self._database.writing() as connection:
            return deciding.reopen(connection, projects.lead_of(connection, owner, project), verdicts)

    def carry_over(self, owner: str, project: str, source: str) -> int:
        """Take over the verdicts that another project of the owner's has on the same content."""
        with self._database.writing() as connection:
            projects.member_of(connection, owner, source)
            member = projects.lead_of(connection, owner, project, works=True)
            return deciding.carry_over(connection, member, source)

    def note_missed(self, owner: str, project: str, document: int, payload: JsonObject, comment: str = "") -> Decision:
        """Say what is not among the items of a document."""
        with self._database.writing() as connection:
            member, _ = projects.worker_of(connection, owner, project)
            return deciding.note_missed(connection, member, document, payload, comment)

    def note_examined(self, owner: str, project: str, document: int, task: str) -> Decision:
        """Say that all that a task missed in a document was noted."""
        with self._database.writing() as connection:
            member, _ = projects.worker_of(connection, owner, project)
            event = deciding.note_examined(connection, member, document, task)
            readings.close(connection, project, event)
            return event

    def next_reading(self, owner: str, project: str) -> ReadingSheet | None:
        """The drawn document that the member is to read to its end; held for him from now on."""
        with self._database.writing() as connection:
            member, settings = projects.worker_of(connection, owner, project)
            return readings.take(connection, member, self._clock(), settings.lease_s)

    def postpone_reading(self, owner: str, project: str, document: int, task: str) -> None:
        """Put a drawn document behind all others."""
        with self._database.writing() as connection:
            member, _ = projects.worker_of(connection, owner, project)
            readings.postpone(connection, member, document, task)

    def readings(self, owner: str, project: str) -> Readings:
        """How far the reading of the drawn documents is."""
        return self._read(owner, project, lambda connection, _: readings.counted(connection, project))

    def item(self, owner: str, project: str, number: int) -> tuple[ReviewItem, ReviewDocument]:
        """An item and its document."""
        return self._read(owner, project, lambda connection, _: reading.item(connection, project, number))

    def items(self, owner: str, project: str, *, of_document: int | None = None) -> dict[int, ReviewItem]:
        """Items by number, all or those of one document."""
        return self._read(
            owner, project, lambda connection, _: reading.items(connection, project, of_document=of_document)
        )

    def types(self, owner: str, project: str, task: str, kind: str) -> tuple[str, ...]:
        """Every type that items of a task have, the most frequent first."""
        return self._read(owner, project, lambda connection, _: seeing.types(connection, project, task, kind))

    def sheets(self, owner: str, project: str, tasks: Sequence[Task]) -> tuple[Sheet, ...]:
        """The tasks with all that a screen shows of them."""
        return self._read(owner, project, lambda connection, member: seeing.sheets(connection, member, tasks))

    def history(self, owner: str, project: str, number: int) -> tuple[Logged, ...]:
        """What was decided on an item, as far as the member may know it."""
        return self._read(owner, project, lambda connection, member: reading.history(connection, member, number))

    def histories(self, owner: str, project: str, numbers: Sequence[int]) -> dict[int, tuple[Logged, ...]]:
        """The same for several items at once; one without a decision that he may know of is left out."""
        return self._read(owner, project, lambda connection, member: reading.histories(connection, member, numbers))

    def of_document(self, owner: str, project: str, number: int) -> tuple[Decision, ...]:
        """What was found missing in a document, and who examined it."""
        return self._read(owner, project, lambda connection, _: reading.of_document(connection, project, number))

    def hides(self, owner: str, project: str, document: int, task: str) -> bool:
        """Whether the member has yet to judge items of a task in a document without the model's answer."""
        return self._read(owner, project, lambda connection, member: hiding.hides(connection, member, document, task))

    def siblings(self, owner: str, project: str, number: int) -> tuple[Sibling, ...]:
        """The other items of an item's document that are not merged into another one."""
        return self._read(owner, project, lambda connection, _: siblings.siblings(connection, project, number))

    def progress(self, owner: str, project: str) -> Progress:
        """How far the project is."""
        return self._read(owner, project, lambda connection, member: counts.progress(connection, member, self._clock()))

    def content(self, owner: str, project: str) -> Content:
        """All of a project, as it is at one moment."""
        return self._read(owner, project, lambda connection, _: _content(connection, project))

    def content_of_any_owner(self, wanted: str) -> Content:
        """All of the project with this id or name, whoever's it is: for the host alone."""
        with self._database.reading() as connection:
            return _content(connection, finding.project_called(connection, wanted))

    def _read(self, owner: str, project: str, read: Callable[[Any, Member], Any]) -> Any:
        with self._database.reading() as connection:
            return read(connection, projects.member_of(connection, owner, project))


def _content(connection: Any, project: str) -> Content:
    return Content(
        project=projects.project(connection, project),
        members=projects.members(connection, project),
        documents=reading.documents(connection, project),
        items=reading.items(connection, project),
        log=reading.log(connection, project),
        current=reading.current(connection, project),
    )
