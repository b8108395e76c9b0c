"""What the review desk can do, each for one owner and with what its page sent."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters.runs import document_of
from techgpt_ui.importers import read_annotations
from techgpt_ui.presets import Library
from techgpt_ui.renderers.review import figures_html
from techgpt_ui.review.drafting import make_draft
from techgpt_ui.review.duplicates import alike
from techgpt_ui.review.figures import Figures, review_figures
from techgpt_ui.review.sampling import Facet, SamplePlan
from techgpt_ui.review.stored import review_of, sample_of
from techgpt_ui.schema import Notice, Record
from techgpt_ui.store import Content, Filter, Judged, ReviewStore, RunStore
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.store.review_records import Member, Project, Role, Task
from techgpt_ui.store.review_sheets import Sheet
from techgpt_ui.ui.review_export import Download, make_export
from techgpt_ui.ui.review_screens import candidate, event_row, made_judgement, said, screen

AHEAD = 3
"""Items that a page holds at once, so that the next one is there before it is asked for."""
ALIKE_LIMIT = 30
"""Items that are offered to merge one into."""
RUN_LIMIT = 10_000
FILE_LIMIT = 10_000_000
"""Bytes of an uploaded file; the request that carries it is a third longer."""

Data = Mapping[str, Any]
Action = Callable[[str, Data], Any]
Found = tuple[list[AnnotatedDocument], dict[str, Any], tuple[Notice, ...]]
"""Documents, where they came from, and what was left out of them."""


class NewProject(Record):
    """The form that makes a project; a file travels in base64."""

    name: str
    reviewer: str
    guidelines: str = Field("", max_length=20_000)
    task: str = ""
    query: str = ""
    file_name: str = ""
    file: str = ""
    n: int = Field(0, ge=0)
    seed: int = 0
    by: tuple[Facet, ...] = ()
    blind: float = 0.0
    double: float = 0.0
    documents: int = Field(0, ge=0)
    order: Literal["random", "unsure", "document"] = "random"


class ReviewActions:
    """The desk's actions by name; the owner comes from the request, never from the page."""

    def __init__(self, reviews: ReviewStore, runs: RunStore, library: Library) -> None:
        self.reviews = reviews
        self._runs = runs
        self._library = library

    def by_name(self) -> dict[str, Action]:
        """All actions."""
        return {
            "projects": self.projects, "create": self.create, "join": self.join, "open": self.open,
            "decide": self.decide, "undo": self.undo,
            "progress": self.progress, "guidelines": self.guidelines, "role": self.role, "accept_all": self.accept_all,
            "reopen": self.reopen, "carry": self.carry, "delete": self.delete, "figures": self.figures_part,
            "show": self.show, "alike": self.alike, "export": self.export_part,
        }  # fmt: skip

    def projects(self, owner: str, data: Data) -> Any:
        """The projects of the owner, and what new ones can be made from."""
        rows = [self._project(owner, project) for project in self.reviews.list(owner)]
        titles = {task.id: task.title.model_dump() for task in self._library.tasks.values()}
        return {"projects": rows, "tasks": titles, "runs": self._runs.count(owner)}

    def create(self, owner: str, data: Data) -> Any:
        """Make a project from the history or from a file."""
        form = NewProject.model_validate(dict(data))
        documents, origin, notices = self._from_file(form) if form.file_name else self._from_history(owner, form)
        wanted = form.model_dump(include=set(SamplePlan.model_fields))
        plan = SamplePlan.model_validate(wanted) if form.n else None
        draft = make_draft(
            documents, owner=owner, name=form.name, guidelines=form.guidelines, plan=plan, order=form.order,
            origin=origin,
        )  # fmt: skip
        self.reviews.create(draft, form.reviewer)
        return {"project": draft.project.id, "notices": [notice.text._asdict() for notice in notices]}

    def join(self, owner: str, data: Data) -> Any:
        """Become a reviewer of the project that an invitation names."""
        return {"project": self.reviews.join(owner, str(data["invitation"]).strip(), str(data["name"])).project}

    def open(self, owner: str, data: Data) -> Any:
        """A project with the items that are next."""
        ident, queue = str(data["project"]), _queue(data)
        project, member = self.reviews.get(owner, ident)
        people = [{"id": one.id, "name": one.name, "role": one.role} for one in self.reviews.members(owner, ident)]
        tasks = self.reviews.next(owner, ident, queue_name=queue, count=AHEAD)
        return {
            **self._project(owner, project),
            "guidelines": project.guidelines,
            "invitation": project.invitation if member.leads else "",
            "members": people,
            "sampled": bool(project.sample),
            "reads": [int(number) for number in project.sample.get("documents", ())],
            "readings": self.reviews.readings(owner, ident).model_dump(),
            "tasks": self._screens(owner, ident, tasks),
        }

    def decide(self, owner: str, data: Data) -> Any:
        """Write a judgement; back come the items that are next."""
        ident = str(data["project"])
        given = Judged.model_validate({name: data[name] for name in Judged.model_fields if name in data})
        done = self.reviews.decide(owner, ident, given, queue_name=_queue(data), count=AHEAD, of_blind=made_judgement)
        return {"verdict": done.decision.verdict, "tasks": self._shown(owner, ident, done.sheets)}

    def undo(self, owner: str, data: Data) -> Any:
        """Take back the last event; its item comes first where there is one."""
        ident = str(data["project"])
        done = self.reviews.undo(owner, ident, queue_name=_queue(data), count=AHEAD)
        item = done.event.item if done.event and not done.event.bulk else None
        tasks = sorted(done.tasks, key=lambda task: task.item != item)
        undone = done.event.verdict if done.event else None
        return {"undone": undone, "item": item, "tasks": self._screens(owner, ident, tasks)}

    def show(self, owner: str, data: Data) -> Any:
        """An item that the member decided before, to look at it again or replace the decision."""
        ident, number = str(data["project"]), number_in(data, "item")
        history = self.reviews.history(owner, ident, number)
        mine = self.reviews.get(owner, ident)[1].id
        last = next((one.event for one in reversed(history) if one.event.reviewer == mine), None)
        if last is None:
            raise WorkbenchError("review_taken")
        task = Task(item=number, round=last.round, sampled=False, blind=last.blind, double=False)
        return {"task": self._screens(owner, ident, [task])[0]}

    def alike(self, owner: str, data: Data) -> Any:
        """The items that an item can be merged into: those of its document that say the same or overlap."""
        ident, number = str(data["project"]), number_in(data, "item")
        item, _ = self.reviews.item(owner, ident, number)
        others = self.reviews.siblings(owner, ident, number)
        return {"items": [candidate(one) for one in others if alike(item, one.item)][:ALIKE_LIMIT]}

    def progress(self, owner: str, data: Data) -> Any:
        """How far the project is."""
        return self.reviews.progress(owner, str(data["project"])).model_dump()

    def guidelines(self, owner: str, data: Data) -> Any:
        """Change the guidelines."""
        words = str(data["guidelines"])[:20_000]
        return {"guidelines": self.reviews.change(owner, str(data["project"]), guidelines=words).guidelines}

    def role(self, owner: str, data: Data) -> Any:
        """Give a member another role."""
        role: Role = TypeAdapter(Role).validate_python(data["role"])
        self.reviews.set_role(owner, str(data["project"]), str(data["member"]), role)
        return {}

    def accept_all(self, owner: str, data: Data) -> Any:
        """Accept what a filter takes, outside the sample."""
        wanted = Filter.model_validate({name: data.get(name) for name in Filter.model_fields})
        self.reviews.release(owner, str(data["project"]))  # what the lead's own page holds is open as well
        return {"count": self.reviews.accept_all(owner, str(data["project"]), wanted)}

    def reopen(self, owner: str, data: Data) -> Any:
        """Put skipped items back into the queue."""
        return {"count": self.reviews.reopen(owner, str(data["project"]), ["skip"])}

    def carry(self, owner: str, data: Data) -> Any:
        """Take over the verdicts that another project has on the same content."""
        self.reviews.release(owner, str(data["project"]))
        return {"count": self.reviews.carry_over(owner, str(data["project"]), str(data["source"]))}

    def delete(self, owner: str, data: Data) -> Any:
        """Delete a project."""
        self.reviews.delete(owner, str(data["project"]))
        return {}

    def figures_part(self, owner: str, data: Data) -> Any:
        """The figures as HTML, escaped."""
        return {"html": figures_html(self.figures(self.reviews.content(owner, str(data["project"]))))}

    def figures(self, content: Content) -> Figures:
        """What the review says by now."""
        return review_figures(review_of(content), sample_of(content), created=datetime.now(UTC))

    def export_part(self, owner: str, data: Data) -> Any:
        """What an export in this format leaves out; the file itself is fetched by its own address."""
        made = self.export(owner, str(data["project"]), str(data["format"]), accepted_only=bool(data.get("accepted")))
        losses = [loss.text._asdict() for loss in made.losses]
        return {"losses": losses, "name": made.name, "bytes": len(made.content), "documents": made.documents}

    def export(self, owner: str, project: str, name: str, *, accepted_only: bool) -> Download:
        """The project in a format."""
        return make_export(self.reviews, self._library, owner, project, name, accepted_only=accepted_only)

    def _project(self, owner: str, project: Project) -> dict[str, Any]:
        member: Member = self.reviews.get(owner, project.id)[1]
        return {
            "id": project.id, "name": project.name, "me": {"id": member.id, "name": member.name, "role": member.role},
            "created": project.created.isoformat(), "progress": self.reviews.progress(owner, project.id).model_dump(),
        }  # fmt: skip

    def _screens(self, owner: str, ident: str, tasks: Sequence[Task]) -> list[dict[str, Any]]:
        return self._shown(owner, ident, self.reviews.sheets(owner, ident, tasks))

    def _shown(self, owner: str, ident: str, sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
        found = []
        for sheet in sheets:
            shown = screen(sheet.task, sheet.item, sheet.document, sheet.types)
            events = [event_row(one, sheet.names, self._into(owner, ident, one)) for one in sheet.history]
            found.append(shown | {"history": events})
        return found

    def _into(self, owner: str, ident: str, one: Logged) -> str:
        into = one.event.payload.get("into") if one.event.verdict == "merge" else None
        return said(self.reviews.item(owner, ident, into)[0]) if isinstance(into, int) else ""

    def _from_history(self, owner: str, form: NewProject) -> Found:
        found = self._runs.search(owner, query=form.query, task=form.task or None, limit=RUN_LIMIT)
        return [document_of(record, self._library) for record in found], {"source": "history", "runs": len(found)}, ()

    def _from_file(self, form: NewProject) -> Found:
        try:
            content = base64.b64decode(form.file, validate=True)
        except ValueError as error:  # binascii's own among them
            raise UsageError("review_bad_request", why=error) from error
        if len(content) > FILE_LIMIT:
            raise UsageError("review_file_large", limit=FILE_LIMIT // 1_000_000)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (Path(form.file_name.replace("\\", "/")).name or "file")
            path.write_bytes(content)
            found = read_annotations(path, library=self._library, task=form.task)
        origin = {"source": "file", "name": found.name, "format": found.format, "sha256": found.sha256}
        return list(found.documents), origin, found.notices


def _queue(data: Data) -> Literal["review", "disputes"]:
    return "disputes" if data.get("queue") == "disputes" else "review"


def number_in(data: Data, name: str) -> int:
    """A whole number that the page sent; UsageError for anything else."""
    value = data[name]
    if type(value) is not int:
        raise UsageError("review_bad_request", why=f"{name}: {str(value)[:40]}")
    return value
