"""A review project in every format, and back with the same verdicts where a format holds them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.annotations import AnnotatedDocument, Decision, Opinion, Piece
from techgpt_ui.exporters import EXPORTERS, Export, export
from techgpt_ui.importers import read_annotations
from techgpt_ui.presets import load_library
from techgpt_ui.review.drafting import make_draft
from techgpt_ui.review.exporting import annotated
from techgpt_ui.schema import Mention
from techgpt_ui.store import ReviewStore, open_database, sqlite_url
from tests.annotated import TEXT, a_document, labelled, mention, with_items
from tests.store.review_examples import Desk, a_colleague

LIBRARY = load_library()
Known = dict[Any, Decision | None]


def found(*idents: str) -> AnnotatedDocument:
    """A document with entities that nobody has judged."""
    surfaces = ("𠮷田", "Google", "Larry Page", "Google 公司", "1998")
    mentions = [
        Piece[Mention](id=f"m{at}", value=mention(f"m{at}", surface, "名", confidence=0.5))
        for at, surface in enumerate(surfaces, start=1)
    ]
    return AnnotatedDocument(id="d", text=TEXT, lang="zh", task="ner", inputs={"text": TEXT}, mentions=tuple(mentions))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[AnnotatedDocument]]:
    """Two reviewers: accepted, corrected, rejected, disputed, undone and open mentions, one that was missed."""
    database = open_database(sqlite_url(tmp_path_factory.mktemp("reviews") / "reviews.db"))
    reviews = ReviewStore(database)
    draft = make_draft([found(), labelled(), with_items(), a_document()], owner="ann", name="审核")
    draft = draft.model_copy(
        update={"places": tuple(place.model_copy(update={"double": place.item == 2}) for place in draft.places)}
    )
    ann = Desk(reviews, reviews.create(draft, "ann@example.org"))
    bob = a_colleague(reviews, ann)
    edit = {"text": "Google\n工作", "type": "机构", "start": 5, "end": 14}
    ann.say(0)
    ann.say(1, "edit", payload=edit, reason="boundary", comment="<b>更长</b>")
    ann.say(2)
    reviews.release("ann", ann.project)
    bob.say(2, "reject", round="second", reason="type", comment="不是人")
    reviews.release("bob", ann.project)
    ann.say(2, "reject", round="adjudicated", reason="hallucinated", queue_name="disputes")
    ann.say(3)
    ann.undo()
    ann.say(5)
    missed = {"task": "ner", "kind": "mention", "type": "数", "text": "in", "start": 45, "end": 47}
    reviews.note_missed("bob", ann.project, 0, missed)
    yield annotated(reviews.content("ann", ann.project))
    database.close()


def exported(documents: list[AnnotatedDocument], name: str) -> Export:
    return export(documents, name, LIBRARY)


def returned(documents: list[AnnotatedDocument], name: str, folder: Path) -> list[AnnotatedDocument]:
    path = folder / "file"
    path.write_bytes(next(iter(exported(documents, name).files.values())))
    return list(read_annotations(path, library=LIBRARY).documents)


def judged(documents: list[AnnotatedDocument]) -> Known:
    """What was decided about each label and each mention that has a place, by what stands and where."""
    return {
        (document.id, getattr(value, "start", None), getattr(value, "end", None), getattr(value, "type", value.text)): (
            piece.decision
        )
        for document in documents
        for kind, piece in document.pieces()
        if (value := piece.current) and (kind == "labels" or (kind == "mentions" and value.start is not None))
    }


def test_the_project_has_every_sort_of_verdict(documents: list[AnnotatedDocument]) -> None:
    verdicts = [(piece.verdict, piece.added, len(piece.opinions)) for piece in documents[0].mentions]
    assert verdicts == [
        ("accept", False, 0),
        ("edit", False, 0),
        ("reject", False, 2),
        (None, False, 0),
        (None, False, 0),
        ("accept", True, 0),
    ]


@pytest.mark.parametrize("name", ["jsonl", "csv", "label_studio"])
def test_the_same_verdicts_come_back(documents: list[AnnotatedDocument], name: str, tmp_path: Path) -> None:
    assert judged(returned(documents, name, tmp_path)) == judged(documents)


def test_prodigy_gives_back_the_same_verdicts_on_mentions(documents: list[AnnotatedDocument], tmp_path: Path) -> None:
    back = returned(documents[:1], "prodigy", tmp_path)
    assert judged(back) == judged(documents[:1])


def test_prodigy_tells_that_it_loses_who_accepted_a_label(documents: list[AnnotatedDocument]) -> None:
    (label,) = (document for document in documents if document.labels)
    losses = {loss.code: loss.count for loss in exported([label], "prodigy").losses}
    assert label.labels[0].verdict == "accept" and (losses["reviewer"], losses["time"]) == (1, 1)


def test_doccano_gives_back_what_stands(documents: list[AnnotatedDocument], tmp_path: Path) -> None:
    back = returned(documents, "doccano", tmp_path)
    kept = {(piece.current.start, piece.current.end, piece.current.type) for piece in back[0].mentions}
    stands = [piece.current for piece in documents[0].mentions if not piece.rejected]
    assert kept == {(one.start, one.end, one.type) for one in stands}
    assert {piece.verdict for piece in back[0].mentions} == {"accept"}


@pytest.mark.parametrize("name", ["jsonl", "label_studio"])
def test_what_both_reviewers_said_comes_back(documents: list[AnnotatedDocument], name: str, tmp_path: Path) -> None:
    before, after = documents[0].mentions[2], returned(documents, name, tmp_path)[0].mentions[2]
    assert after.opinions == before.opinions
    assert [(one.decision.reviewer, one.decision.verdict) for one in after.opinions] == [
        ("ann@example.org", "accept"),
        ("Bob", "reject"),
    ]


@pytest.mark.parametrize("name", sorted(EXPORTERS.keys() - {"jsonl", "label_studio", "preference"}))
def test_other_formats_count_the_opinions_that_they_lose(name: str) -> None:
    """But for pairs of answers, which want every piece of a document judged."""
    document = a_document()
    opinion = Opinion[Any](decision=Decision(verdict="accept", reviewer="ann"))
    first, *others = document.relations
    several = (first.model_copy(update={"opinions": (opinion,)}), *others)
    judged_whole = document.model_copy(update={"relations": several})
    losses = {loss.code: loss.count for loss in exported([judged_whole], name).losses}
    assert losses.get("opinions") == 1 or losses["relations"] > 0


@pytest.mark.parametrize("name", [*EXPORTERS])
def test_every_format_takes_a_project(documents: list[AnnotatedDocument], name: str) -> None:
    if name == "preference":
        settled = documents[0].model_copy(
            update={"mentions": tuple(piece for piece in documents[0].mentions if piece.settled)}
        )
        documents = [settled]
    assert exported(documents, name).content
