"""An evaluation tab without a browser: the handlers and the store are real, the engine says what it is told to say."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr

from techgpt_ui.presets import Library
from techgpt_ui.store import ConversationStore, EvaluationStore, RunStore, open_database, sqlite_url
from techgpt_ui.ui.controls import NUMBERS
from techgpt_ui.ui.evaluation_actions import EvaluationActions, EvaluationParts
from techgpt_ui.ui.evaluation_form import Filled, Form
from techgpt_ui.ui.evaluation_run import EvaluationRun
from techgpt_ui.ui.owners import COOKIE
from techgpt_ui.ui.screen import Outputs
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.workbench import TabParts, Workbench
from tests.hosts import holding

ANN, BOB = "a" * 43, "b" * 43
OSLO = {"text": "Ann is in Oslo.", "mentions": [{"start": 10, "end": 14, "type": "place"}]}
BERN = {"text": "Bern is old.", "mentions": [{"start": 0, "end": 4, "type": "place"}]}


def write_gold(folder: Path, *documents: dict[str, Any], name: str = "gold.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in documents or (OSLO, BERN)), encoding="utf-8")
    return str(path)


def request(cookie: str = ANN) -> gr.Request:
    cookies = {COOKIE: cookie} if cookie else {}
    return cast(gr.Request, SimpleNamespace(session_hash="s", username=None, cookies=cookies))


def event(**data: Any) -> gr.EventData:
    return gr.EventData(None, data)


class EvaluationPage:
    """What the tab of one server does; parts and form fields are called by their names."""

    def __init__(self, library: Library, engine: Any, folder: Path) -> None:
        database = open_database(sqlite_url(folder / "evaluations.db"))
        host = holding(library.models["smollm2-demo"], engine)
        task = library.tasks["ner"]
        controls = ["grounded", "variant", "examples", "preset", "do_sample", *NUMBERS, "seed"]
        inputs = [field.name for field in task.inputs]
        self.tab = TabParts(task, inputs, controls, [f"out_{name}" for name in Outputs._fields], None)
        self.bench = Workbench(
            library=library, host=host, sessions=Sessions(), say=cast(Any, lambda key: key),
            runs=RunStore(database), conversations=ConversationStore(database),
            evaluations=EvaluationStore(database), tabs={"ner": self.tab},
        )  # fmt: skip
        parts, form = EvaluationParts(*EvaluationParts._fields), Form(*(f"form_{name}" for name in Form._fields))
        self.does = EvaluationActions(self.bench, parts, form)
        self.runner = EvaluationRun(self.bench, parts)

    def run(self, gold: str | None, cookie: str = ANN, **wishes: Any) -> dict[str, Any]:
        """What stands on the page when a run is over."""
        shown: dict[str, Any] = {}
        for changes in self.runner.run(request(cookie), *filled(gold, **wishes)):
            shown |= changes
        return shown


def filled(gold: str | None, **wishes: Any) -> Filled:
    usual: dict[str, Any] = {
        "task": "", "limit": 50, "sampling": "extraction", "max_new_tokens": 64, "seed": 0, "grounded": True,
        "variant": "", "labels": ["place"], "examples": "fixed", "pool": None, "shots": 0,
    }  # fmt: skip
    return Filled(gold=gold, **usual | wishes)


def listed(changes: dict[str, Any]) -> dict[str, Any]:
    return json.loads(changes["listing"])
