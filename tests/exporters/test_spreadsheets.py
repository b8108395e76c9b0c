"""Tables are read as a spreadsheet reads them: nothing is a formula, Chinese stays Chinese."""

import csv
import io
from typing import Any

import openpyxl
from hypothesis import HealthCheck, example, given, settings

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters import Export, export
from techgpt_ui.exporters.spreadsheets import MAX_CELL
from techgpt_ui.presets import load_library
from tests.annotated import TEXT, a_document, documents, texts_document

LIBRARY = load_library()
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exported(name: str, *given_documents: AnnotatedDocument) -> Export:
    return export(given_documents or (a_document(),), name, LIBRARY)


def sheet(done: Export, name: str) -> list[dict[str, Any]]:
    columns, *rows = openpyxl.load_workbook(io.BytesIO(done.content))[name].iter_rows(values_only=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


@ANY
@given(document=documents())
@example(document=a_document())
def test_no_cell_of_csv_begins_like_a_formula(document: AnnotatedDocument) -> None:
    content = exported("csv", document).content
    assert content.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(FORMULA) for cell in row)


def test_csv_has_the_words_of_a_triple_beside_its_ids() -> None:
    rows = list(csv.DictReader(io.StringIO(exported("csv").content.decode("utf-8-sig"), newline="")))
    (triple,) = [row for row in rows if row["id"] == "r1"]
    assert (triple["head_text"], triple["tail_text"], triple["verdict"]) == ("𠮷田", "Google", "accept")
    assert rows[0]["text"] == TEXT and rows[0]["title"] == "'=1+1"


@ANY
@given(document=documents())
@example(document=a_document())
def test_every_cell_of_a_workbook_is_text_or_a_number(document: AnnotatedDocument) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported("xlsx", document).content))
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "n"}


def test_a_workbook_has_a_sheet_for_each_kind_with_text_to_the_letter() -> None:
    done = exported("xlsx")
    assert sheet(done, "documents")[0]["text"] == TEXT and sheet(done, "documents")[0]["title"] == "=1+1"
    edited = next(row for row in sheet(done, "mentions") if row["id"] == "m2")
    assert (edited["text"], edited["edited_text"], edited["edited_end"]) == ("Google\n工作", "Google", 11)
    assert next(row["predicate"] for row in sheet(done, "relations")) == "<link prediction, 属于, KG>"


def test_a_cell_that_is_too_long_is_cut_without_breaking_a_character_and_counted() -> None:
    done = exported("xlsx", texts_document(answer="x" + "😀" * MAX_CELL))
    assert {loss.code: loss.count for loss in done.losses}["cut"] == 1
    assert sheet(done, "answers")[0]["text"] == "x" + "😀" * (MAX_CELL // 2)


def test_characters_that_a_workbook_cannot_hold_are_replaced_and_counted() -> None:
    done = exported("xlsx", texts_document(answer="a\x00b\x1bc\ud800"))
    assert sheet(done, "answers")[0]["text"] == "a\ufffdb\ufffdc\ufffd"
    assert {loss.code: loss.count for loss in done.losses}["characters"] == 3
