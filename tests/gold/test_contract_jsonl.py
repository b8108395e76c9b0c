"""The workbench's own gold files."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices, surfaces, triples

NER = {
    "text": "索尼在𠮷野家😀旁边",
    "mentions": [{"start": 0, "end": 2, "type": "机构"}, {"start": 3, "end": 7, "type": "店"}],
}
TITLE = {"abstract": "We study steel.", "title": "Steel"}


def test_entities_have_offsets_in_characters_beyond_the_first_plane_too(read: Read) -> None:
    gold = read([NER])
    assert (gold.format, gold.task) == ("jsonl", "ner")
    assert surfaces(gold) == [[("索尼", "机构"), ("𠮷野家😀", "店")]]


def test_triples_are_strings(read: Read) -> None:
    row = {"text": "A is in B", "relations": [{"head": "A", "predicate": "in", "tail": "B"}]}
    assert triples(read([row])) == [[("A", "in", "B")]]


@pytest.mark.parametrize("task", ["keywords", "terms"])
def test_keywords_and_terms_look_alike_and_must_be_chosen(read: Read, refuse: Refuse, task: str) -> None:
    rows = [{"text": "steel and iron", "items": ["steel", "iron"]}]
    assert read(rows, task=task).documents[0].items == ("steel", "iron")
    assert "keywords" in refuse(rows).hint.en


def test_a_domain_is_a_label(read: Read) -> None:
    gold = read([{"text": "钢的硬度", "label": "材料"}])
    assert (gold.task, gold.documents[0].label, gold.kinds) == ("domain", "材料", ("材料",))


@pytest.mark.parametrize(
    ("task", "inputs", "texts"),
    [
        ("abstract_to_title", {"abstract": "We study steel."}, ("Steel",)),
        ("title_to_abstract", {"title": "Steel"}, ("We study steel.",)),
    ],
)
def test_title_and_abstract_serve_two_tasks(
    read: Read, refuse: Refuse, task: str, inputs: dict[str, str], texts: tuple[str, ...]
) -> None:
    document = read([TITLE], task=task).documents[0]
    assert (document.inputs, document.texts) == (inputs, texts)
    assert refuse([TITLE]).code == "gold_which_task"


@pytest.mark.parametrize("key", ["passage", "context"])
@pytest.mark.parametrize("task", ["mrc", "context_qa"])
def test_the_passage_goes_by_either_name(read: Read, task: str, key: str) -> None:
    row = {key: "She lives in Oslo.", "question": "Where?", "answers": ["Oslo", "in Oslo"]}
    document = read([row], task=task).documents[0]
    wanted = {"mrc": "passage", "context_qa": "context"}[task]
    assert document.inputs == {wanted: "She lives in Oslo.", "question": "Where?"}
    assert document.texts == ("Oslo", "in Oslo")


@pytest.mark.parametrize(("key", "task"), [("passage", "mrc"), ("context", "context_qa")])
def test_the_name_of_the_passage_tells_the_task(read: Read, key: str, task: str) -> None:
    assert read([{key: "x", "question": "?", "answers": []}]).task == task


def test_a_question_without_answers_has_none(read: Read) -> None:
    assert read([{"passage": "x", "question": "?", "answers": []}]).documents[0].texts == ()


@pytest.mark.parametrize("reference", ["钢", ["钢"]])
def test_a_translation_has_a_direction_and_a_reference(read: Read, reference: Any) -> None:
    document = read([{"text": "steel", "direction": "en-zh", "reference": reference}]).documents[0]
    assert (document.inputs, document.texts) == ({"text": "steel", "direction": "en-zh"}, ("钢",))


def test_an_open_extraction_asks_for_its_fields(read: Read) -> None:
    document = read([{"text": "in May in Oslo", "fields": {"time": ["May"], "place": "Oslo", "person": []}}]).documents[
        0
    ]
    assert document.inputs == {"text": "in May in Oslo", "fields": ["time", "place", "person"]}
    assert document.fields == (("time", "May"), ("place", "Oslo"))


def test_code_has_a_request_and_no_answer(read: Read) -> None:
    gold = read([{"request": "add two numbers", "language": "go"}])
    assert (gold.task, gold.documents[0].inputs) == ("code", {"language": "go", "request": "add two numbers"})


def test_further_keys_and_blank_lines_are_passed_over(read: Read) -> None:
    gold = read("\n" + json.dumps(NER | {"lang": "zh", "id": 7}) + "\n\n" + json.dumps(NER))
    assert [document.line for document in gold.documents] == [2, 4]


def test_one_json_array_is_read_as_well_with_its_lines(read: Read) -> None:
    written = json.dumps([NER, NER], indent=1)
    begins = [number for number, line in enumerate(written.split("\n"), start=1) if line == " {"]
    assert [document.line for document in read(written).documents] == begins


def test_white_space_at_the_ends_of_a_text_stays(read: Read) -> None:
    assert read([TITLE | {"abstract": " a \n"}], task="abstract_to_title").documents[0].inputs == {"abstract": " a \n"}


def test_a_task_named_in_all_lines_is_taken(read: Read) -> None:
    assert read([TITLE | {"task": "abstract_to_title"}]).task == "abstract_to_title"


def test_a_task_named_in_all_lines_does_not_hinder_another_that_fits(read: Read) -> None:
    assert read([{"text": "x", "items": ["x"], "task": "keywords"}], task="terms").task == "terms"


def test_lines_of_other_tasks_are_passed_over(read: Read, refuse: Refuse) -> None:
    rows = [NER | {"task": "ner"}, {"task": "triples", "text": "x", "relations": []}]
    assert [len(read(rows, task=task).documents) for task in ("ner", "triples")] == [1, 1]
    assert refuse(rows).code == "gold_which_task"


def test_a_task_that_the_file_has_no_gold_for_is_refused_with_what_it_has(refuse: Refuse) -> None:
    error = refuse([NER], task="triples")
    assert error.code == "gold_no_such_task" and "ner" in error.hint.en


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 4), (9, 12)])
def test_offsets_outside_the_text_are_refused_with_their_line(refuse: Refuse, start: int, end: int) -> None:
    row = {"text": "abc", "mentions": [{"start": start, "end": end, "type": "x"}]}
    error = refuse([NER, row])
    assert error.code == "gold_offsets" and "line 2, mentions[0]" in error.message.en


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"text": "abc"}, "gold_missing_key"),
        ({"text": 5, "mentions": []}, "gold_wrong_kind"),
        ({"text": "abc", "mentions": {}}, "gold_wrong_kind"),
        ({"text": "abc", "mentions": ["x"]}, "gold_no_object"),
        ({"text": "abc", "mentions": [{"start": 0, "end": 1}]}, "gold_missing_key"),
        ({"text": "abc", "mentions": [{"start": 0.0, "end": 1, "type": "x"}]}, "gold_wrong_kind"),
        ({"text": "abc", "mentions": [{"start": False, "end": 1, "type": "x"}]}, "gold_wrong_kind"),
        ({"text": "abc", "mentions": [{"start": 0, "end": 1, "type": " "}]}, "gold_blank"),
    ],
)
def test_a_line_unlike_the_others_is_refused(refuse: Refuse, row: dict[str, Any], code: str) -> None:
    error = refuse([NER, row])
    assert error.code == code and "line 2" in error.message.en and "第 2 行" in error.message.zh


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"text": "abc"}, "gold_missing_key"),
        ({"sentence": "abc", "mentions": []}, "gold_missing_key"),
        ({"text": "abc", "mentions": {}}, "gold_wrong_kind"),
    ],
)
def test_a_file_in_no_form_is_told_what_it_lacks_for_the_task(refuse: Refuse, row: dict[str, Any], code: str) -> None:
    error = refuse([row], task="ner")
    assert error.code == code and "line 1" in error.message.en


@pytest.mark.parametrize(
    ("row", "task"),
    [
        ({"text": "x", "label": " "}, "domain"),
        (TITLE | {"title": ""}, "abstract_to_title"),
        ({"text": "x", "direction": "en-zh", "reference": []}, "translation"),
        ({"text": "x", "fields": {}}, "open_ie"),
        ({"text": "x", "relations": [{"head": "", "predicate": "p", "tail": "t"}]}, "triples"),
    ],
)
def test_gold_that_says_nothing_is_refused(refuse: Refuse, row: dict[str, Any], task: str) -> None:
    assert refuse([row], task=task).code in ("gold_blank", "gold_wrong_kind")


def test_a_blank_text_stays_a_document_and_is_told(read: Read) -> None:
    gold = read([NER, {"text": " ", "mentions": []}])
    assert len(gold.documents) == 2 and notices(gold) == ["gold_blank_inputs"]


def test_repetitions_count_once_and_are_told(read: Read) -> None:
    gold = read([{"text": "x", "items": ["a", "b", "a", ""]}], task="terms")
    assert gold.documents[0].items == ("a", "b")
    assert sorted(notices(gold)) == ["gold_blank_items", "gold_repeated_items"]


def test_nested_mentions_stay_and_repeated_ones_do_not(read: Read) -> None:
    one, inner = {"start": 0, "end": 3, "type": "x"}, {"start": 1, "end": 2, "type": "x"}
    gold = read([{"text": "abc", "mentions": [inner, one, one]}])
    assert surfaces(gold) == [[("abc", "x"), ("b", "x")]] and notices(gold) == ["gold_repeated_mentions"]


@pytest.mark.parametrize("text", ["\ufeffa\r\nb😀\rc", "a\r\n\r\nb😀c", "\r\nb😀"])
def test_offsets_move_along_when_line_ends_shrink(read: Read, text: str) -> None:
    start = text.index("b")
    gold = read([{"text": text, "mentions": [{"start": start, "end": start + 2, "type": "x"}]}])
    assert surfaces(gold) == [[("b😀", "x")]] and "\r" not in gold.documents[0].inputs["text"]


def test_a_mention_of_nothing_but_a_bom_is_refused(refuse: Refuse) -> None:
    row = {"text": "\ufeffa", "mentions": [{"start": 0, "end": 1, "type": "x"}]}
    assert refuse([row]).code == "gold_offsets"


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))), max_size=4))
    mentions = [{"start": start, "end": end, "type": "t"} for start, end in spans if start < end]
    return {"text": text, "mentions": mentions}


@given(st.lists(rows(), min_size=1, max_size=4), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_read_again(read: Read, written: list[dict[str, Any]], ascii_only: bool) -> None:
    clean = [row for row in written if not set("\ufeff\r") & set(row["text"])] or [NER]
    gold = read("\n".join(json.dumps(row, ensure_ascii=ascii_only) for row in clean))
    assert [document.inputs["text"] for document in gold.documents] == [row["text"] for row in clean]
    assert [{(one.start, one.end) for one in document.mentions} for document in gold.documents] == [
        {(one["start"], one["end"]) for one in row["mentions"]} for row in clean
    ]


@given(rows())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_mention_says_the_same_with_settled_line_ends(read: Read, row: dict[str, Any]) -> None:
    kept = [one for one in row["mentions"] if row["text"][one["start"] : one["end"]].strip("\r\n\ufeff")]
    found = {surface for surface, _ in surfaces(read([{"text": row["text"], "mentions": kept}], task="ner"))[0]}
    for one in kept:
        surface = row["text"][one["start"] : one["end"]]
        if "\r" not in surface and not surface.startswith("\n") and "\ufeff" not in surface:
            assert surface in found
