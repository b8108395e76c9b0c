"""A review desk without a browser: its actions are real, the engine says what it is told to say."""

from pathlib import Path
from typing import Any, cast

from techgpt_ui.presets import Library
from techgpt_ui.store import (
    ConversationStore,
    Draft,
    EvaluationStore,
    Judged,
    Place,
    Project,
    ReviewDocument,
    ReviewItem,
    ReviewStore,
    RunStore,
    open_database,
    sqlite_url,
)
from techgpt_ui.ui.own_examples import OwnExamples
from techgpt_ui.ui.review_examples import ExampleActions
from techgpt_ui.ui.review_rerun import RerunActions
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.workbench import Workbench
from tests.hosts import holding

ANN, BOB = "browser:ann", "browser:bob"
TEXT = "Ada left Rome."
ROME = {"text": "Rome", "type": "place", "start": 9, "end": 13}
ADA = {"text": "Ada", "type": "person", "start": 0, "end": 3}


def a_mention(payload: dict[str, Any], **changes: Any) -> ReviewItem:
    usual: dict[str, Any] = {
        "document": 0,
        "task": "ner",
        "kind": "mention",
        "type": payload["type"],
        "payload": payload,
    }
    return ReviewItem.model_validate(usual | changes)


class ReviewPage:
    """A project of Ann's with one text, of which a model said two mentions."""

    def __init__(
        self,
        library: Library,
        engine: Any,
        folder: Path,
        *,
        model: str = "smollm2-demo",
        inputs: dict[str, Any] | None = None,
        places: tuple[Place, ...] = (Place(item=0), Place(item=1)),
    ) -> None:
        store = open_database(sqlite_url(folder / "kept.db"))
        self.reviews = ReviewStore(store)
        self.bench = Workbench(
            library=library, host=holding(library.models[model], engine), sessions=Sessions(), say=cast(Any, None),
            runs=RunStore(store), conversations=ConversationStore(store), evaluations=EvaluationStore(store), tabs={},
        )  # fmt: skip
        given = {"text": TEXT, "types": ["person", "place"]} if inputs is None else inputs
        draft = Draft(
            project=Project(owner=ANN, name="Places"),
            documents=(ReviewDocument(name="d", text=TEXT, inputs=given),),
            items=(a_mention(ADA), a_mention(ROME)),
            places=places,
        )
        self.project = self.reviews.create(draft, "Ann").project
        self.rerun = RerunActions(self.bench, self.reviews)
        self.own = OwnExamples(folder, library)
        self.examples = ExampleActions(self.bench.host, library, self.reviews, self.own)

    def asks(self, **wishes: Any) -> dict[str, Any]:
        return {"project": self.project, "item": 0, **wishes}

    def run(self, owner: str = ANN, **wishes: Any) -> dict[str, Any]:
        """The last that a further run tells."""
        return [step for step in self.rerun.steps(owner, self.asks(**wishes)) if step][-1]

    def decide(self, item: int, verdict: str = "accept", owner: str = ANN, **more: Any) -> None:
        self.reviews.next(owner, self.project, count=10)
        self.reviews.decide(owner, self.project, Judged.model_validate({"item": item, "verdict": verdict, **more}))

    def join(self, owner: str = BOB) -> None:
        self.reviews.join(owner, self.reviews.get(ANN, self.project)[0].invitation, "Bob")
