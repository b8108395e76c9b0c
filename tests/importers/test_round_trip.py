"""What is exported comes back, as far as the format holds it."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings

from techgpt_ui.annotations import AnnotatedDocument, Decision, Piece
from techgpt_ui.exporters import export
from techgpt_ui.importers import read_annotations
from techgpt_ui.presets import load_library
from tests.annotated import a_document, documents, labelled, texts_document, with_fields, with_items

ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LIBRARY = load_library()


def returned(document: AnnotatedDocument, name: str, *, chief: bool = True) -> AnnotatedDocument:
    """The document after it was written in a format and read again, its format recognised by its content."""
    done = export([document], name, LIBRARY)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(next(iter(done.files.values())) if chief else done.content)
        found = read_annotations(path, library=LIBRARY)
    assert found.format == name and len(found.documents) == 1
    return found.documents[0]


def places(pieces: Any, of: Callable[[Any], Any]) -> set[Any]:
    return {(v.start, v.end, v.type) for piece in pieces if (v := of(piece)) and v.start is not None}


def triples(document: AnnotatedDocument, kept: Callable[[Piece[Any]], bool]) -> set[Any]:
    """Triples by the places of their ends; those with an end that has none are not there."""
    known = {piece.id: piece.current for piece in document.mentions}
    found = set()
    for piece in document.relations:
        head, tail = known[piece.current.head], known[piece.current.tail]
        if kept(piece) and head.start is not None and tail.start is not None:
            found.add((head.start, head.end, piece.current.predicate, tail.start, tail.end))
    return found


def verdicts(document: AnnotatedDocument) -> dict[Any, Decision | None]:
    return {piece.id: piece.decision for _, piece in document.pieces()}


@ANY
@given(document=documents())
@example(document=a_document())
@example(document=texts_document())
@example(document=labelled())
@example(document=with_items())
@example(document=with_fields())
def test_results_come_back_whole(document: AnnotatedDocument) -> None:
    assert returned(document, "jsonl") == document


@ANY
@given(document=documents())
@example(document=a_document())
@example(document=texts_document())
@example(document=labelled())
@example(document=with_items())
@example(document=with_fields())
def test_a_table_comes_back_with_every_piece_and_every_decision(document: AnnotatedDocument) -> None:
    back = returned(document, "csv")
    assert [*back.pieces()] == [*document.pieces()]
    assert (back.id, back.text, back.title, back.decision) == (
        document.id,
        document.text,
        document.title,
        document.decision,
    )


@ANY
@given(document=documents(grounded=True))
@example(document=a_document())
def test_label_studio_gives_back_proposals_corrections_and_who_judged(
    document: AnnotatedDocument,
) -> None:
    back = returned(document, "label_studio")
    assert back.text == document.text and back.decision == document.decision
    if document.decision and document.decision.verdict == "skip":
        return
    before = {piece.id: piece for _, piece in document.pieces()}
    for _, piece in back.pieces():
        assert piece.decision == before[piece.id].decision
        assert piece.added == before[piece.id].added
    assert places(back.mentions, lambda piece: piece.value) == places(document.mentions, lambda piece: piece.value)
    assert places(back.mentions, lambda piece: piece.edited) == places(document.mentions, lambda piece: piece.edited)
    assert triples(back, lambda piece: piece.settled) == triples(document, lambda piece: piece.settled)


@ANY
@given(document=documents(grounded=True))
@example(document=a_document())
def test_prodigy_gives_back_what_stands_and_what_was_rejected(document: AnnotatedDocument) -> None:
    back = returned(document, "prodigy")
    kept = {piece.id: piece for piece in back.mentions}
    for piece in document.mentions:
        if piece.id in kept:
            assert kept[piece.id].decision == piece.decision and kept[piece.id].added == piece.added
    blank = [piece for piece in document.mentions if not (piece.current.text or "").strip()]
    assert {piece.id for piece in document.mentions} - kept.keys() == {
        piece.id for piece in (*blank, *(one for one in document.mentions if one.current.start is None))
    }
    assert back.decision == document.decision


@ANY
@given(document=documents(grounded=True))
@example(document=a_document())
def test_brat_gives_back_places_verdicts_reasons_and_relations(document: AnnotatedDocument) -> None:
    back = returned(document, "brat", chief=False)
    assert back.text == document.text
    solid = [piece for piece in document.mentions if (piece.current.text or "").strip()]
    assert sorted(
        (piece.verdict or "", (piece.decision.reason or "") if piece.decision else "") for piece in solid
    ) == (
        sorted(
            (piece.verdict or "", (piece.decision.reason or "") if piece.decision else "") for piece in back.mentions
        )
    )


@ANY
@given(document=documents(grounded=True))
@example(document=a_document())
def test_doccano_gives_back_what_stands(document: AnnotatedDocument) -> None:
    assume(any(not piece.rejected and piece.current.start is not None for piece in document.mentions))
    back = returned(document, "doccano")
    standing = [piece for piece in document.mentions if not piece.rejected]
    assert places(back.mentions, lambda piece: piece.current) == places(standing, lambda piece: piece.current)
    assert all(piece.verdict == "accept" for piece in back.mentions)
