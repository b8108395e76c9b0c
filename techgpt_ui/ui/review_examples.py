"""What a review's verdicts give back to the model: examples for its prompts, and files to train and measure it with."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters import Export, export
from techgpt_ui.presets import ExampleSet, Library, read_preset
from techgpt_ui.presets.base import Words
from techgpt_ui.review.exporting import annotated
from techgpt_ui.review.settling import Settled, settled
from techgpt_ui.schema import Record
from techgpt_ui.store import Content, Project, ReviewStore
from techgpt_ui.texts import text
from techgpt_ui.ui.own_examples import OwnExamples
from techgpt_ui.ui.review_export import file_name

Data = Mapping[str, Any]
Json = dict[str, Any]
GivenBack = Literal["gold", "sft", "preference", "few_shot"]


class Wanted(Record):
    """Whose verdicts, and as what."""

    project: str
    task: str = Field(min_length=1)
    unexamined: bool = False
    """Also documents that nobody searched for what was missed."""
    format: GivenBack = "few_shot"


class ExampleActions:
    """The desk's actions; the owner comes from the request, never from the page."""

    def __init__(self, host: ModelHost, library: Library, reviews: ReviewStore, own: OwnExamples) -> None:
        self._host = host
        self._library = library
        self._reviews = reviews
        self._own = own

    def by_name(self) -> dict[str, Callable[[str, Data], Any]]:
        """All actions."""
        return {"example_sets": self.list, "example_make": self.make, "example_delete": self.delete}

    def list(self, owner: str, data: Data) -> Json:
        """How far each task of a project is, and the person's sets."""
        content = self._content(owner, str(data["project"]))
        tasks = Counter(item.task for item in content.items.values())
        sets = self._own.of(owner).values()
        return {
            "tasks": [
                {"id": task, "title": self._title(task), **_counted(settled(content, task=task))} for task in tasks
            ],
            "sets": [
                {"id": one.id, "title": one.title.model_dump(), "task": one.task, "examples": len(one.examples)}
                for one in sets
            ],
        }

    def make(self, owner: str, data: Data) -> Json:
        """Make an example set of the settled documents of a task, for the person's own tabs."""
        wanted = _wanted({**data, "format": "few_shot"})
        done, left, project = self.given_back(owner, wanted)
        made = _set_of(done, project, wanted.task)
        kept = self._own.keep(owner, made)
        return {
            "id": kept.id, "task": kept.task, "title": self._title(kept.task), "examples": len(kept.examples),
            "few_shot": self._host.preset.prompting == "few_shot", **_counted(left),
        }  # fmt: skip

    def delete(self, owner: str, data: Data) -> Json:
        """Delete one of the person's sets."""
        self._own.delete(owner, str(data["id"]))
        return {}

    def file(self, owner: str, data: Data) -> tuple[str, bytes]:
        """The name and content of a file that the desk offers for download."""
        wanted = _wanted(data)
        done, _, project = self.given_back(owner, wanted)
        return file_name(project.name, done.name), done.content

    def given_back(self, owner: str, wanted: Wanted) -> tuple[Export, Settled, Project]:
        """The settled documents of a task in a format; UsageError says why there are none."""
        content = self._content(owner, wanted.project)
        self._library.task(wanted.task)
        ready = settled(content, task=wanted.task, unexamined=wanted.unexamined)
        documents = settled_documents(ready)
        if not documents:
            raise UsageError("review_none_settled", **_left(ready))
        return export(documents, wanted.format, self._library), ready, content.project

    def _content(self, owner: str, project: str) -> Content:
        """All of a project: whoever is still to judge without knowing others' verdicts must not learn them here."""
        if not self._reviews.get(owner, project)[1].leads:
            raise WorkbenchError("review_leads_only")
        return self._reviews.content(owner, project)

    def _title(self, task: str) -> Json:
        known = self._library.tasks.get(task)
        return known.title.model_dump() if known else {"zh": task, "en": task}


def settled_documents(ready: Settled) -> list[AnnotatedDocument]:
    """What was judged whole, as exports take it."""
    return [document for document in annotated(ready.content) if document.reviewed]


def _set_of(done: Export, project: Project, task: str) -> ExampleSet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.yaml"
        path.write_bytes(done.content)
        made = read_preset(path, ExampleSet)
    name = " ".join(project.name.split()) or text("review.examples").en
    return made.model_copy(update={"id": f"{task}-{project.id[:8]}", "title": Words(zh=name, en=name)})


def _left(ready: Settled) -> dict[str, int]:
    return {"open": ready.left_out.get("open", 0), "unexamined": ready.left_out.get("unexamined", 0)}


def _counted(ready: Settled) -> Json:
    return {"documents": ready.documents, **_left(ready)}


def _wanted(data: Data) -> Wanted:
    try:
        return Wanted.model_validate({name: data[name] for name in Wanted.model_fields if name in data})
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError("review_bad_request", why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
