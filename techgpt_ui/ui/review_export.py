"""A project as a file in the format of another tool, and what that format could not hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters import Loss, export
from techgpt_ui.presets import Library
from techgpt_ui.review.exporting import annotated
from techgpt_ui.store import ReviewStore

UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')
"""What some system does not allow in the name of a file."""


class Download(NamedTuple):
    """A file for the reviewer's own disk."""

    name: str
    content: bytes
    losses: tuple[Loss, ...]
    documents: int


def make_export(
    reviews: ReviewStore, library: Library, owner: str, project: str, name: str, *, accepted_only: bool
) -> Download:
    """The project in the format ``name``, for leads alone; WorkbenchError as ``export`` raises it."""
    if not reviews.get(owner, project)[1].leads:
        raise WorkbenchError("review_leads_only")
    content = reviews.content(owner, project)
    documents = annotated(content)
    done = export(documents, name, library, accepted_only=accepted_only)
    if not any(done.files.values()):
        raise UsageError("export_nothing_fits", name=name)
    return Download(
        name=file_name(content.project.name, done.name), content=done.content, losses=done.losses,
        documents=len(documents),
    )  # fmt: skip


def file_name(project: str, ending: str) -> str:
    """A file's name with that of its project in it, in characters that every system allows."""
    stem = UNSAFE.sub("_", project).strip("._")
    return f"{stem}-{ending}" if stem else ending
