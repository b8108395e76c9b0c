"""Projects and their members: who may see a review, and what it consists of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store.records import new_id
from techgpt_ui.store.review_queue import FIRST
from techgpt_ui.store.review_records import Draft, Member, Project, ReviewSettings, Role, content_hash
from techgpt_ui.store.review_tables import DOCUMENTS, ITEMS, MEMBERS, PROJECTS, READINGS, SLOTS, TYPES

NAME_LIMIT = 60
"""Characters that the name of a reviewer or a project may have."""
_PORTION = 5_000
_MEMBER_COLUMNS = tuple(MEMBERS.c[name] for name in Member.model_fields)
_MEMBER = select(*_MEMBER_COLUMNS).where(
    MEMBERS.c.owner == bindparam("of_owner"), MEMBERS.c.project == bindparam("in_project")
)
_WORKER = (
    _MEMBER.add_columns(PROJECTS.c.settings)
    .join(PROJECTS, PROJECTS.c.id == MEMBERS.c.project)
    .with_for_update(of=MEMBERS)
)
_NAMES = select(MEMBERS.c.id, MEMBERS.c.name).where(MEMBERS.c.project == bindparam("in_project"))
_PROJECT_COLUMNS = tuple(PROJECTS.c[name] for name in Project.model_fields)


def create(connection: Connection, draft: Draft, name: str) -> Member:
    """Write a new project; who made it becomes its admin, under this name."""
    project = draft.project
    if not draft.items:
        raise UsageError("review_no_items")
    row = project.model_dump(exclude={"settings"}) | {"settings": project.settings.model_dump()} | _totals(draft)
    connection.execute(insert(PROJECTS).values(**{**row, "name": _named(project.name, "review_project_name")}))
    member = _add_member(connection, project.id, project.owner, name, "admin")
    _write(connection, DOCUMENTS, _document_rows(draft))
    _write(connection, ITEMS, _item_rows(draft))
    _write(connection, SLOTS, _slot_rows(draft))
    _write(connection, TYPES, _type_rows(draft))
    _write(connection, READINGS, _reading_rows(draft))
    return member


def join(connection: Connection, owner: str, invitation: str, name: str) -> Member:
    """Become a reviewer of the project of this invitation; who is in it already comes back as he is."""
    project = connection.scalar(select(PROJECTS.c.id).where(PROJECTS.c.invitation == invitation))
    if project is None:
        raise WorkbenchError("review_invitation")
    try:
        return member_of(connection, owner, project)
    except WorkbenchError:
        return _add_member(connection, project, owner, name, "reviewer")


def member_of(connection: Connection, owner: str, project: str) -> Member:
    """The owner as a member; WorkbenchError ``review_project_missing`` for anyone else, so that he learns nothing."""
    return _member(_found(connection, _MEMBER, owner, project))


def worker_of(connection: Connection, owner: str, project: str) -> tuple[Member, ReviewSettings]:
    """The owner as a member whose counts are about to change, kept from other writers; how the project is worked on."""
    row = _found(connection, _WORKER, owner, project)
    return _member(row), ReviewSettings.model_validate(row.settings)


def lead_of(connection: Connection, owner: str, project: str, *, works: bool = False) -> Member:
    """The owner as a lead; WorkbenchError for others."""
    member = worker_of(connection, owner, project)[0] if works else member_of(connection, owner, project)
    if not member.leads:
        raise WorkbenchError("review_leads_only")
    return member


def admin_of(connection: Connection, owner: str, project: str) -> Member:
    """The owner as an admin; WorkbenchError for others."""
    member = member_of(connection, owner, project)
    if member.role != "admin":
        raise WorkbenchError("review_admins_only")
    return member


def _found(connection: Connection, statement: Select[Any], owner: str, project: str) -> Row[Any]:
    row = connection.execute(statement, {"of_owner": owner, "in_project": project}).one_or_none() if owner else None
    if row is None:
        raise WorkbenchError("review_project_missing")
    return row


def members(connection: Connection, project: str) -> tuple[Member, ...]:
    """All members, in the order in which they joined."""
    statement = select(*_MEMBER_COLUMNS).where(MEMBERS.c.project == project).order_by(MEMBERS.c.joined, MEMBERS.c.id)
    return tuple(map(_member, connection.execute(statement)))


def names_of(connection: Connection, project: str) -> dict[str, str]:
    """Every member's name by id."""
    return {row.id: row.name for row in connection.execute(_NAMES, {"in_project": project})}


def rename_member(connection: Connection, member: Member, name: str) -> Member:
    """Give a member another name, which nobody else of the project has."""
    chosen = _free_name(connection, member.project, name, member.id)
    same = (MEMBERS.c.project == member.project, MEMBERS.c.id == member.id)
    connection.execute(update(MEMBERS).where(*same).values(name=chosen))
    return member.model_copy(update={"name": chosen})


def set_role(connection: Connection, admin: Member, member_id: str, role: Role) -> None:
    """Give a member another role; the last admin stays one."""
    everyone = {member.id: member for member in members(connection, admin.project)}
    if member_id not in everyone:
        raise WorkbenchError("review_member_missing")
    others = [member for member in everyone.values() if member.role == "admin" and member.id != member_id]
    if role != "admin" and not others:
        raise UsageError("review_last_admin")
    same = (MEMBERS.c.project == admin.project, MEMBERS.c.id == member_id)
    connection.execute(update(MEMBERS).where(*same).values(role=role))


def project(connection: Connection, ident: str) -> Project:
    """A project by its id."""
    row = connection.execute(select(*_PROJECT_COLUMNS).where(PROJECTS.c.id == ident)).one_or_none()
    if row is None:
        raise WorkbenchError("review_project_missing")
    return _project(row)


def projects_of(connection: Connection, owner: str, limit: int) -> tuple[Project, ...]:
    """The projects that an owner is in, newest first."""
    joined = PROJECTS.join(MEMBERS, (MEMBERS.c.project == PROJECTS.c.id) & (MEMBERS.c.owner == owner))
    statement = select(*_PROJECT_COLUMNS).select_from(joined).order_by(PROJECTS.c.created.desc(), PROJECTS.c.id.desc())
    return tuple(map(_project, connection.execute(statement.limit(limit)))) if owner else ()


def change(connection: Connection, lead: Member, changes: dict[str, Any]) -> Project:
    """Change name, guidelines or settings of a project."""
    if "name" in changes:
        changes = changes | {"name": _named(changes["name"], "review_project_name")}
    connection.execute(update(PROJECTS).where(PROJECTS.c.id == lead.project).values(**changes))
    return project(connection, lead.project)


def remove(connection: Connection, admin: Member) -> None:
    """Delete a project with all that belongs to it."""
    connection.execute(delete(PROJECTS).where(PROJECTS.c.id == admin.project))


def _add_member(connection: Connection, project_id: str, owner: str, name: str, role: Role) -> Member:
    if not owner:
        raise UsageError("review_no_cookie")
    member = Member(
        project=project_id, id=new_id()[:12], owner=owner, name=_free_name(connection, project_id, name), role=role
    )
    try:
        with connection.begin_nested():
            connection.execute(insert(MEMBERS).values(**member.model_dump()))
    except IntegrityError as error:  # the same person or name joined in this very moment
        raise WorkbenchError("review_name_taken", name=member.name) from error
    return member


def _free_name(connection: Connection, project_id: str, name: str, but: str = "") -> str:
    chosen = _named(name, "review_reviewer_name")
    taken = select(func.count()).where(MEMBERS.c.project == project_id, MEMBERS.c.name == chosen, MEMBERS.c.id != but)
    if connection.scalar(taken):
        raise UsageError("review_name_taken", name=chosen)
    return chosen


def _named(name: str, code: str) -> str:
    chosen = " ".join(name.split())
    if not 0 < len(chosen) <= NAME_LIMIT or not chosen.isprintable():
        raise UsageError(code, limit=NAME_LIMIT)
    return chosen


def _write(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while portion := list(islice(waiting, _PORTION)):
        connection.execute(insert(table), portion)


def _totals(draft: Draft) -> dict[str, Any]:
    """What the progress is measured against: the sample, or all where there is none."""
    sampled = any(place.sampled for place in draft.places)
    counted = [place for place in draft.places if place.sampled or not sampled]
    return {"sampled": sampled, "total": len(counted), "doubled": sum(place.double for place in counted)}


def _document_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    for number, document in enumerate(draft.documents):
        yield {
            "project": draft.project.id, "number": number, "sha256": document.sha256, **document.model_dump()
        }  # fmt: skip


def _item_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(draft.items):
        same = content_hash(draft.documents[item.document], item)
        yield {"project": draft.project.id, "number": number, "content_hash": same, **item.model_dump()}


def _type_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    counts = Counter((item.task, item.kind, item.type) for item in draft.items if item.type)
    for (task, kind, type_), count in counts.items():
        yield {"project": draft.project.id, "task": task, "kind": kind, "type": type_, "count": count}


def _reading_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    for position, reading in enumerate(draft.readings):
        yield {"project": draft.project.id, "position": position, **reading.model_dump()}


def _slot_rows(draft: Draft) -> Iterator[dict[str, Any]]:
    """A slot of the first round for every place, one of the second for those that two look at."""
    for position, place in enumerate(draft.places):
        row = {"project": draft.project.id, "position": position, **place.model_dump()}
        yield {**row, "round": "first", "lane": FIRST}
        if place.double:
            yield {**row, "round": "second", "lane": None}


def _project(row: Row[Any]) -> Project:
    return Project.model_validate(dict(row._mapping))


def _member(row: Row[Any]) -> Member:
    return Member.model_validate({name: row._mapping[name] for name in Member.model_fields})
