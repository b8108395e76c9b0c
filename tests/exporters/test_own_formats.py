"""Results, gold, fine-tuning files, and the report of what a format could not hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui import exporters
from techgpt_ui.annotations import AnnotatedDocument, Answer, Piece, from_run
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters import EXPORTERS, Export, base, export
from techgpt_ui.exporters.base import EVERYTHING
from techgpt_ui.gold import read_gold
from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.presets import load_library
from techgpt_ui.schema import Mention, Result
from tests.annotated import (
    PREDICATE,
    TEXT,
    a_document,
    judged,
    labelled,
    mention,
    texts_document,
    with_fields,
    with_items,
)
from tests.store.examples import TEXT as SOURCE
from tests.store.examples import a_result

LIBRARY = load_library()
RIGHT = "水的沸点是100℃。"


def exported(name: str, *given_documents: AnnotatedDocument, **options: Any) -> Export:
    return export(given_documents or (a_document(),), name, LIBRARY, **options)


def rows(done: Export) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.content.decode().split("\n") if line]


def lost(done: Export) -> dict[str, int]:
    return {loss.code: loss.count for loss in done.losses}


def decided(*verdicts: Any) -> AnnotatedDocument:
    """Entities 𠮷田 and Google with these verdicts; an edit makes the second one's type 机构."""
    pieces = []
    for ident, surface, verdict in zip(("m1", "m2"), ("𠮷田", "Google"), verdicts, strict=True):
        edited = mention(ident, surface, "机构") if verdict == "edit" else None
        decision = judged(verdict) if verdict else None
        value = mention(ident, surface, "人物")
        pieces.append(Piece[Mention](id=ident, value=value, edited=edited, decision=decision))
    return AnnotatedDocument(
        id="d", text=TEXT, lang="zh", task="ner", inputs={"text": TEXT, "types": []}, mentions=tuple(pieces)
    )


def edited_text(answer: str) -> AnnotatedDocument:
    wrong = Answer(text="水的沸点是50℃。")
    piece = Piece[Answer](id="t1", value=wrong, edited=Answer(text=answer), decision=judged("edit"))
    return texts_document(texts=(piece,))


def test_a_run_becomes_a_document_and_its_result_again() -> None:
    result = a_result()
    document = from_run(result, source=SOURCE, inputs={"text": SOURCE}, lang="zh", run="r")
    assert document.result() == result and not document.reviewed


def test_a_result_that_names_places_which_the_text_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="outside a text"):
        from_run(a_result(), source="短", inputs={}, lang="zh")


def test_lines_of_jsonl_are_results_of_the_contract() -> None:
    (row,) = rows(exported("jsonl"))
    read = Result.from_stored({key: row[key] for key in row.keys() & {*Result.model_fields, "warnings"}})
    assert read == a_document().result()
    assert next(relation.predicate for relation in read.relations or ()) == PREDICATE


def test_jsonl_loses_nothing() -> None:
    assert exported("jsonl").losses == () and EXPORTERS["jsonl"].holds == EVERYTHING


@pytest.mark.parametrize(
    ("document", "task"),
    [(decided("accept", "edit"), "ner"), (a_document(), "triples"), (labelled(), "domain"), (with_items(), "keywords")],
)
def test_evaluation_reads_gold(document: AnnotatedDocument, task: str, tmp_path: Path) -> None:
    done = exported("gold", document)
    (tmp_path / "gold.jsonl").write_bytes(done.content)
    read = read_gold(tmp_path / "gold.jsonl", task=task)
    assert (read.format, read.task, len(read.documents)) == ("jsonl", task, 1)
    assert read.documents[0].inputs["text"] == TEXT


def test_gold_has_what_was_accepted_and_the_corrections_not_what_is_open_or_rejected() -> None:
    assert rows(exported("gold", decided("accept", "edit")))[0]["mentions"] == [
        {"start": 0, "end": 2, "type": "人物"},
        {"start": 5, "end": 11, "type": "机构"},
    ]
    for verdict in ("reject", "flag", "skip", None):
        assert len(rows(exported("gold", decided("accept", verdict)))[0]["mentions"]) == 1


def test_gold_that_nobody_reviewed_is_a_draft_and_says_so() -> None:
    done = exported("gold", decided(None, None))
    assert len(rows(done)[0]["mentions"]) == 2 and lost(done)["unreviewed"] == 1


def test_gold_of_several_tasks_is_a_file_for_each() -> None:
    done = exported("gold", decided("accept", "accept"), labelled())
    assert set(done.files) == {"gold-ner.jsonl", "gold-domain.jsonl"}


def test_sft_asks_in_the_trained_instruction_and_answers_as_the_parser_reads() -> None:
    (row,) = rows(exported("sft", decided("accept", "edit")))
    task = LIBRARY.task("ner")
    instruction = task.prompts.trained.variants[0].instruction
    assert f"{row['instruction']}\n{row['input']}" == instruction.replace("{text}", TEXT)
    parsed = PARSERS[task.format].parse(row["output"], ParseContext(source=TEXT, labels=()))
    assert [(one.surface.text, one.type) for one in parsed.mentions] == [("𠮷田", "人物"), ("Google", "机构")]
    assert parsed.status == "parsed"


def test_sft_leaves_out_what_nobody_stands_behind_and_counts_it() -> None:
    done = exported("sft", decided("accept", None), decided("reject", "reject").model_copy(update={"id": "e"}))
    (row,) = rows(done)
    assert "Google" not in row["output"]
    assert (lost(done)["unsettled"], lost(done)["rejected"], lost(done)["no_example"]) == (1, 2, 1)


def test_sft_puts_an_instruction_that_surrounds_its_text_in_one_piece() -> None:
    (row,) = rows(exported("sft", edited_text(RIGHT)))
    assert row == {"instruction": "水的沸点？", "input": "", "output": RIGHT}


def test_sft_writes_each_field_of_an_open_extraction() -> None:
    (row,) = rows(exported("sft", with_fields()))
    assert row["output"] == "时间：1998。\n地点：无。"


def test_what_nobody_judged_cannot_be_trained_on() -> None:
    for name in ("sft", "preference"):
        with pytest.raises(UsageError) as told:
            exported(name, decided(None, None))
        assert told.value.code == "export_nothing_judged"


def test_a_correction_makes_a_pair() -> None:
    (row,) = rows(exported("preference", edited_text(RIGHT)))
    assert (row["chosen"], row["rejected"]) == (RIGHT, "水的沸点是50℃。")


def test_a_pair_has_the_whole_answer_with_and_without_the_corrections() -> None:
    (row,) = rows(exported("preference", decided("reject", "edit")))
    assert row["chosen"] == "实体名: Google， 实体类型：机构"
    assert row["rejected"] == "实体名: 𠮷田， 实体类型：人物\n实体名: Google， 实体类型：人物"


def test_half_judged_or_confirmed_answers_make_no_pair() -> None:
    good = decided("reject", "edit").model_copy(update={"id": "good"})
    done = exported("preference", good, decided("reject", None), decided("accept", "accept"))
    assert len(rows(done)) == 1 and (lost(done)["half_judged"], lost(done)["no_pair"]) == (1, 1)


def test_triples_make_pairs_although_nobody_judged_their_ends() -> None:
    ends = tuple(piece.model_copy(update={"decision": None}) for piece in decided(None, None).mentions)
    (first, *_) = a_document().relations
    rejected = first.model_copy(update={"decision": judged("reject")})
    document = a_document(mentions=ends, relations=(rejected,), provenance=decided(None, None).provenance)
    (row,) = rows(exported("preference", document))
    assert (row["chosen"], row["rejected"]) == ("无", f"<𠮷田, {PREDICATE}, Google>")


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_format_reports_what_it_does_not_hold_and_nothing_else(name: str) -> None:
    holds = EXPORTERS[name].holds
    given_documents = [edited_text(RIGHT)] if name == "preference" else [a_document()]
    losses = lost(exported(name, *given_documents))
    aspects = set(losses) & EVERYTHING - {"ungrounded", "labels", "texts", "rejected"}
    assert not aspects & holds
    if name not in ("preference",):
        assert ("comment" in losses) == ("comment" not in holds)


def test_every_loss_is_said_in_both_languages_with_its_count() -> None:
    for loss in exported("conll").losses:
        assert str(loss.count) in loss.text.zh and str(loss.count) in loss.text.en


def test_only_what_was_accepted_can_be_exported() -> None:
    done = exported("doccano", accepted_only=True)
    labels = {entity["label"] for entity in rows(done)[0]["entities"]}
    assert labels == {"人物 name", "org", "it's; a|b"} and lost(done)["unsettled"] == 4


def test_the_same_documents_give_the_same_bytes() -> None:
    for name in EXPORTERS.keys() - {"xlsx", "sft", "preference"}:
        assert exported(name).content == exported(name).content


def test_a_missing_library_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(base, "import_module", missing)
    with pytest.raises(WorkbenchError) as told:
        exported("rdf")
    assert "pip install -r requirements-export.txt" in told.value.words("en")
    assert exported("csv").files


def test_an_unknown_format_is_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as told:
        exported("word")
    assert "label_studio" in told.value.words("en")
    assert exporters.export([a_document()], "Label-Studio", LIBRARY).files.keys() == {"tasks.json", "config.xml"}
