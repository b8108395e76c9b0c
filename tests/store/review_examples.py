"""Review projects to work on."""

from typing import Any

from techgpt_ui.store import (
    Draft,
    Judged,
    Member,
    Place,
    Project,
    ReviewDocument,
    ReviewItem,
    ReviewSettings,
    ReviewStore,
)

TEXT = "阿里巴巴由马云创立。"


def a_mention(document: int = 0, **changes: Any) -> ReviewItem:
    usual: dict[str, Any] = {
        "document": document, "task": "ner", "kind": "mention", "type": "组织", "confidence": 0.9, "model": "demo",
        "payload": {"text": "阿里巴巴", "type": "组织", "start": 0, "end": 4},
    }  # fmt: skip
    return ReviewItem(**usual | changes)


def a_draft(
    count: int = 3, *, owner: str = "ann", double: int = 0, sampled: int = 0, same: bool = False, **settings: Any
) -> Draft:
    """``count`` documents with a mention each; the first ``double`` are for two, the first ``sampled`` are a sample."""
    documents = tuple(ReviewDocument(name=f"d{n}", text=TEXT if same else f"{TEXT}{n}") for n in range(count))
    return Draft(
        project=Project(owner=owner, name="组织", settings=ReviewSettings(**settings)),
        documents=documents,
        items=tuple(a_mention(number, confidence=(number % 10) / 10) for number in range(count)),
        places=tuple(Place(item=n, double=n < double, sampled=n < sampled) for n in range(count)),
    )


class Desk:
    """A reviewer at work in a project."""

    def __init__(self, reviews: ReviewStore, member: Member) -> None:
        self.reviews = reviews
        self.owner, self.project, self.id = member.owner, member.project, member.id

    def next(self, **options: Any) -> list[int]:
        return [task.item for task in self.reviews.next(self.owner, self.project, **options)]

    def say(self, item: int, verdict: str = "accept", *, queue_name: Any = "review", **more: Any) -> list[int]:
        judged = Judged.model_validate({"item": item, "verdict": verdict, **more})
        done = self.reviews.decide(self.owner, self.project, judged, queue_name=queue_name)
        return [task.item for task in done.tasks]

    def undo(self) -> list[int]:
        return [task.item for task in self.reviews.undo(self.owner, self.project).tasks]

    def verdicts(self) -> dict[int, str]:
        """The verdict that stands, by item."""
        current = self.reviews.content(self.owner, self.project).current
        return {item: one.decision.verdict for item, one in sorted(current.items())}


def a_lead(reviews: ReviewStore, **draft: Any) -> Desk:
    """Ann, who leads a new project."""
    return Desk(reviews, reviews.create(a_draft(**draft), "Ann"))


def a_colleague(reviews: ReviewStore, lead: Desk, owner: str = "bob") -> Desk:
    """Somebody who joined the project."""
    invitation = reviews.get(lead.owner, lead.project)[0].invitation
    return Desk(reviews, reviews.join(owner, invitation, owner.title()))
