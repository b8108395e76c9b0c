"""Find a project as the host, whoever's it is."""

from __future__ import annotations

from sqlalchemy import Connection, select

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store.review_tables import PROJECTS


def project_called(connection: Connection, wanted: str) -> str:
    """The id of the project with this id, or else of the only one with this name.

    Raises WorkbenchError ``review_no_project`` where there is none, UsageError where several have the name.
    """
    called = (PROJECTS.c.id == wanted) | (PROJECTS.c.name == wanted)
    found = list(connection.scalars(select(PROJECTS.c.id).where(called).order_by(PROJECTS.c.created, PROJECTS.c.id)))
    if wanted in found:
        return wanted
    if not found:
        raise WorkbenchError("review_no_project", name=wanted[:200])
    if len(found) > 1:
        raise UsageError("review_several_projects", name=wanted[:200], ids=", ".join(found))
    return found[0]
