"""CoNLL and spaCy's DocBin are read by spaCy and nervaluate."""

import json
from typing import Any

import spacy
from hypothesis import HealthCheck, example, given, settings
from nervaluate.evaluator import Evaluator
from spacy.tokens import DocBin
from spacy.training.converters import conll_ner_to_docs

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters import Export, export
from techgpt_ui.exporters.spacy_docbin import GROUP
from techgpt_ui.presets import load_library
from tests.annotated import TEXT, a_document, documents, labelled

LIBRARY = load_library()
ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exported(name: str, *given_documents: AnnotatedDocument) -> Export:
    return export(given_documents or (a_document(),), name, LIBRARY)


def lost(done: Export) -> dict[str, int]:
    return {loss.code: loss.count for loss in done.losses}


def read(done: Export) -> list[Any]:
    return list(DocBin(store_user_data=True).from_bytes(done.content).get_docs(spacy.blank("xx").vocab))


def test_spacy_reads_the_entities_of_a_conll_file() -> None:
    (doc,) = conll_ner_to_docs(exported("conll").content.decode(), n_sents=0, no_print=True)
    # conll_ner_to_docs joins tokens by spaces.
    found = [(entity.text.replace(" ", ""), entity.label_) for entity in doc.ents]
    assert found == [("𠮷田", "人物_name"), ("😀在Google工", "place"), ("Larry", "person"), ("Google公司", "it's;_a|b")]


def test_chinese_is_tagged_by_character_and_english_by_word() -> None:
    lines = exported("conll").content.decode().splitlines()
    assert lines[:2] == ["-DOCSTART- -X- O O", ""]
    assert {"𠮷 -X- _ B-人物_name", "田 -X- _ I-人物_name", "Larry -X- _ B-person", "founded -X- _ O"} <= set(lines)


def test_nervaluate_finds_the_tags_equal_to_themselves() -> None:
    lines = [line for line in exported("conll").content.decode().splitlines()[2:] if line]
    tags = [line.rsplit(" ", 1)[1] for line in lines]
    results = Evaluator([tags], [tags], tags=sorted({tag[2:] for tag in tags if tag != "O"}), loader="list").evaluate()
    strict = results["overall"]["strict"]
    assert (strict.correct, strict.actual) == (4, 4)


@ANY
@given(document=documents())
@example(document=a_document())
def test_every_line_of_conll_is_a_token_with_a_tag_that_may_follow(document: AnnotatedDocument) -> None:
    before = "O"
    for line in exported("conll", document).content.decode().split("\n"):
        cells = line.split(" ")
        assert len(cells) == 4 or line == ""
        tag = cells[3] if line else "O"
        assert tag == "O" or tag[:2] in ("B-", "I-")
        assert not tag.startswith("I-") or before[2:] == tag[2:]
        before = tag


def test_a_conll_file_lacks_overlaps_and_says_so() -> None:
    assert lost(exported("conll"))["overlap"] == 1


@ANY
@given(document=documents())
@example(document=a_document())
def test_spacy_has_the_text_and_the_spans_or_counts_them(document: AnnotatedDocument) -> None:
    done = exported("spacy", document)
    (doc,) = read(done)
    assert doc.text == document.text
    placed = {p.id: p.current for p in document.mentions if not p.rejected and p.current.start is not None}
    for span in doc.spans[GROUP]:
        value = placed[span.id_]
        assert (span.start_char, span.end_char, span.label_) == (value.start, value.end, value.type)
    assert len(doc.spans[GROUP]) + lost(done).get("misaligned", 0) == len(placed)


def test_entities_of_spacy_do_not_overlap_while_its_span_group_has_all() -> None:
    (doc,) = read(exported("spacy"))
    assert [entity.text for entity in doc.ents] == ["𠮷田", "😀在 Google\n工", "Larry", "Google 公司"]
    assert {span.text for span in doc.spans[GROUP]} == {entity.text for entity in doc.ents} | {"Google"}
    assert doc.user_data["relations"][0]["predicate"] == "<link prediction, 属于, KG>"


def test_a_span_within_a_word_of_english_is_counted_as_misaligned() -> None:
    pieces = [piece for piece in a_document().mentions if piece.id == "m5"]
    inner = pieces[0].value.model_copy(update={"surface": "Larr", "text": "Larr", "end": pieces[0].value.end - 1})
    document = a_document(lang="en", relations=(), mentions=(pieces[0].model_copy(update={"value": inner}),))
    done = exported("spacy", document)
    assert lost(done)["misaligned"] == 1 and read(done)[0].text == TEXT


def test_labels_of_a_text_are_categories_of_spacy() -> None:
    (doc,) = read(exported("spacy", labelled()))
    assert json.loads(json.dumps(doc.cats)) == {"材料": 0.8}
