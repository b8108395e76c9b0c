"""A dialogue tab without a browser: the handlers are real, the engine says what it is told to say."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr

from techgpt_ui.engines.base import CancelToken, Delta, Event, Finished, GenerationRequest
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.schema import FinishReason, ModelInfo, Usage
from techgpt_ui.store import Conversation, ConversationStore, EvaluationStore, RunStore, open_database, sqlite_url
from techgpt_ui.ui.controls import NUMBERS
from techgpt_ui.ui.dialogue_desk import Desk, message_field
from techgpt_ui.ui.dialogue_sheet import Sheet
from techgpt_ui.ui.owners import COOKIE
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.workbench import Workbench
from tests.character_tokens import CharacterTokens
from tests.hosts import holding

OWNER = "b" * 32
PARTS = (
    "dialogue", "live", "spoken", "message", "run", "stop", "status", "raw", "table", "file", "prompt", "payload",
    "held", "turns", "main", "entries", "title", "seed",
)  # fmt: skip
DRAWN = {"draw": True, "max_new_tokens": 64}


class Engine(CharacterTokens):
    """Says the answers of a list, one a run; a token is a character."""

    grounds = False
    device = "cpu"
    busy = 0
    info = ModelInfo(name="scripted", revision="1", dtype="fp32")

    def __init__(self, *answers: str | WorkbenchError, finish: FinishReason = "stop", context: int = 8192) -> None:
        self.answers = list(answers)
        self.finish = finish
        self.context = context
        self.requests: list[GenerationRequest] = []

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, WorkbenchError):
            raise answer
        if answer:
            yield Delta(text=answer, tokens=1)
        usage = Usage(prompt_tokens=len(request.prompt_ids), completion_tokens=len(answer), ttft_s=0.1, total_s=0.2)
        yield Finished(text=request.answer_so_far + answer, finish_reason=self.finish, usage=usage)


class TabPage:
    """What one browser holds of a dialogue tab."""

    def __init__(
        self, library: Library, engine: Engine, database: Path, task: str = "chat", cookie: str = OWNER
    ) -> None:
        self.engine = engine
        store = open_database(sqlite_url(database))
        host = holding(library.models["smollm2-demo"], engine)
        self.bench = Workbench(
            library=library, host=host, sessions=Sessions(), say=cast(Any, None), runs=RunStore(store),
            conversations=ConversationStore(store), evaluations=EvaluationStore(store), tabs={},
        )  # fmt: skip
        self.task = library.task(task)
        others = [f"input_{field.name}" for field in self.task.inputs if field.kind in ("system", "passage")]
        self.desk = Desk(self.bench, self.task, dict.fromkeys([*PARTS, *others]))
        self.request = cast(
            gr.Request, SimpleNamespace(session_hash="s", username=None, cookies={COOKIE: cookie} if cookie else {})
        )
        self.values: dict[str, Any] = dict.fromkeys([*PARTS, *others], "")
        self.values |= {"turns": [], "held": Sheet().held, "seed": 0}
        self.sampling = {
            "draw": False, "temperature": 1.0, "top_p": 1.0, "top_k": 50, "repetition_penalty": 1.0,
            "min_new_tokens": 0, "max_new_tokens": 64, "num_beams": 1,
        }  # fmt: skip

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def said(self) -> list[str]:
        """The turns in their order."""
        return [turn["content"] for turn in self.values["turns"]]

    @property
    def owner(self) -> str:
        return f"browser:{self.request.cookies[COOKIE]}"

    @property
    def kept(self) -> tuple[Conversation, ...]:
        return self.bench.conversations.list(self.owner, self.task.id)

    def given(self) -> list[Any]:
        names = {message_field(self.task).name: "message", self.task.turns_input: "turns"}
        inputs = [self.values[names.get(field.name, f"input_{field.name}")] for field in self.task.inputs]
        numbers = [self.sampling[name] for name in NUMBERS]
        controls = [False, "", "", "chat", self.sampling["draw"], *numbers, self.values["seed"]]
        return [self.values["held"], self.values["title"], *inputs, *controls]

    def send(self, message: str) -> None:
        from techgpt_ui.ui.dialogue_run import sender

        self.values["message"] = message
        self.look(sender(self.desk)(self.request, *self.given()))

    def press(self, handler: Callable[[Desk], Any], deed: str, **data: Any) -> None:
        """Press a button of the dialogue or of the list."""
        event = gr.EventData(None, {"deed": deed, **{name: str(value) for name, value in data.items()}})
        self.look(handler(self.desk)(event, self.request, *self.given()))

    def tell(self, handler: Callable[[Desk], Any]) -> None:
        """What a change of a value calls."""
        self.look(handler(self.desk)(self.request, *self.given()))

    def look(self, changes: Any, most: int | None = None) -> None:
        """Take over what a handler gives, all of it or the first steps."""
        for step in itertools.islice(changes, most) if isinstance(changes, Iterator) else [changes]:
            for name, change in zip(self.desk.parts, step, strict=True):
                if not isinstance(change, dict) or change.get("__type__") != "update":
                    self.values[name] = change
