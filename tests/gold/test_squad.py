"""Questions on passages in nested JSON."""

import json
from typing import Any

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices


def squad(*questions: Any, context: str = "她住在𠮷野😀。") -> str:
    return json.dumps(
        {"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": context, "qas": list(questions)}]}]},
        ensure_ascii=False,
        indent=1,
    )


def question(*answers: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "q",
        "question": "她住在哪里？",
        "answers": [{"text": text, "answer_start": 3} for text in answers],
    } | more


def test_squad_and_cmrc_nest_questions_in_paragraphs(read: Read) -> None:
    gold = read(squad(question("𠮷野", "𠮷野", "在𠮷野")), "cmrc2018_dev.json")
    assert (gold.format, gold.task) == ("squad", "mrc")
    assert gold.documents[0].inputs == {"passage": "她住在𠮷野😀。", "question": "她住在哪里？"}
    assert gold.documents[0].texts == ("𠮷野", "𠮷野", "在𠮷野")


def test_the_same_questions_serve_dialogue_with_a_context(read: Read) -> None:
    assert set(read(squad(question("𠮷野")), task="context_qa").documents[0].inputs) == {"context", "question"}


def test_questions_are_counted_through(read: Read) -> None:
    assert [one.line for one in read(squad(question("a"), question("b"))).documents] == [1, 2]


@pytest.mark.parametrize(
    "impossible",
    [
        question(is_impossible=True),
        question("x", is_impossible=True),
        question(),
        {"question": "?", "is_impossible": True},
    ],
)
def test_what_cannot_be_answered_has_no_answer(read: Read, impossible: dict[str, Any]) -> None:
    assert read(squad(impossible)).documents[0].texts == ()


def test_blank_answers_are_told(read: Read) -> None:
    gold = read(squad(question("", "𠮷野")))
    assert gold.documents[0].texts == ("𠮷野",) and notices(gold) == ["gold_blank_answers"]


def test_cmrc_s_own_form_is_a_list_of_passages(read: Read) -> None:
    row = {
        "context_id": "TRIAL_0", "context_text": "她住在奥斯陆。", "title": "t",
        "qas": [{"query_id": "TRIAL_0_0", "query_text": "哪里？", "answers": ["奥斯陆", "在奥斯陆"]}],
    }  # fmt: skip
    document = read(json.dumps([row]), "cmrc2018_trial.json").documents[0]
    assert document.inputs == {"passage": "她住在奥斯陆。", "question": "哪里？"}
    assert document.texts == ("奥斯陆", "在奥斯陆")


def test_crlf_in_a_passage_becomes_a_line_feed(read: Read) -> None:
    assert read(squad(question("b"), context="a\r\nb")).documents[0].inputs["passage"] == "a\nb"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"question": "?"}, "gold_missing_key"),
        ({"answers": []}, "gold_missing_key"),
        ({"question": "?", "answers": {}}, "gold_wrong_kind"),
        ({"question": "?", "answers": [5]}, "gold_no_object"),
        ({"question": "?", "answers": [{"text": 5}]}, "gold_wrong_kind"),
        ("?", "gold_no_object"),
    ],
)
def test_a_bad_question_is_told_with_its_element(refuse: Refuse, bad: Any, code: str) -> None:
    error = refuse(squad(question("x"), bad))
    assert error.code == code and "data[0].paragraphs[0].qas[1]" in error.message.en


def test_a_key_twice_in_nested_json_is_refused(refuse: Refuse) -> None:
    error = refuse('{"data": [{"paragraphs": [{"context": "a", "context": "b", "qas": []}]}]}')
    assert error.code == "gold_duplicate_key"
