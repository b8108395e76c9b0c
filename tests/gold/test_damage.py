"""However a gold file is damaged, the answer is its documents or an error that tells what is wrong."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techgpt_ui.errors import UsageError
from techgpt_ui.gold import READERS, read_gold

TEXT = "索尼 Sony 😀"
CHOICE = {"type": "choices", "value": {"choices": ["x"]}}
SPAN = {"id": "a", "type": "labels", "value": {"start": 0, "end": 2, "text": "索尼", "labels": ["x"]}}
RELATION = {"type": "relation", "from_id": "a", "to_id": "a", "labels": ["r"], "direction": "bi"}
SOUND: list[Any] = [
    {"text": TEXT, "mentions": [{"start": 0, "end": 2, "type": "x"}], "task": "ner"},
    {"text": TEXT, "relations": [{"head": "索尼", "predicate": "is", "tail": "Sony"}], "items": ["Sony"], "label": "x"},
    {"passage": TEXT, "question": "?", "answers": ["索尼"], "direction": "zh-en", "reference": "x",
     "fields": {"a": ["b"]}},
    {"text": TEXT, "label": {"name": {"索尼": [[0, 1]]}}},
    {"doc_key": "d", "sentence": ["索", "尼"], "ner": [[0, 1, "x"]], "relations": [[0, 0, 1, 1, "r"]]},
    {"sentences": [["a"], ["b"]], "ner": [[[0, 0, "x"]], []], "relations": [[], [[1, 1, 1, 1, "r"]]], "clusters": []},
    {"text": TEXT, "spo_list": [{"subject": "索尼", "predicate": "is", "object": {"@value": "Sony"}}]},
    {"text": TEXT, "entities": [{"id": 1, "label": "x", "start_offset": 0, "end_offset": 2}],
     "relations": [{"from_id": 1, "to_id": 1, "type": "r"}]},
    {"text": TEXT, "label": [[0, 2, "x"]]},
    {"data": {"text": TEXT}, "annotations": [{"result": [SPAN, RELATION, CHOICE]}]},
    {"data": [{"paragraphs": [{"context": TEXT, "qas": [{"question": "?", "answers": [{"text": "索尼"}]}]}]}]},
    {"context_text": TEXT, "qas": [{"query_text": "?", "answers": ["索尼"]}]},
    {"title": "t", "abstract": "a", "keywords": ["k"], "category": "工学", "discipline": "d"},
    {"prompt": "to title", "text_a": "a", "text_b": "b"},
]  # fmt: skip
VALUES = st.sampled_from(
    [None, True, -1, 10**9, 0.5, "", " ", "x", [], [[]], ["x"], {}, {"x": 1}, [None], [[0, 1, "x"]]]
)
LINES = st.text(st.sampled_from("T1RE#* \t\n\r;:0 1\ufeffOB-x索😀\x00,to_ke"), max_size=60)
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A sound row with one value, somewhere in it, replaced or removed."""
    row = copy.deepcopy(draw(st.sampled_from(SOUND)))
    node = row
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], (dict, list)) and node[key] and draw(st.booleans()):
            node = node[key]
            continue
        if draw(st.booleans()):
            del node[key]
        else:
            node[key] = draw(VALUES)
        return row


def read_in_every_way(path: Path) -> None:
    told: list[UsageError] = []
    for name in (None, *READERS):
        for task in (
            None,
            "ner",
            "triples",
            "keywords",
            "domain",
            "mrc",
            "abstract_to_title",
            "open_ie",
            "translation",
        ):
            try:
                assert read_gold(path, task=task, format=name).documents
            except UsageError as error:
                told.append(error)
    assert all(path.stem in error.message.en and error.message.zh and error.hint.en for error in told)


@given(damaged(), st.booleans())
@QUIET
def test_damaged_json_is_read_or_told(tmp_path: Path, row: Any, as_array: bool) -> None:
    path = tmp_path / "gold.json"
    path.write_text(json.dumps([row, row] if as_array else row), encoding="utf-8")
    read_in_every_way(path)


@given(LINES)
@QUIET
def test_damaged_lines_are_read_or_told(tmp_path: Path, lines: str) -> None:
    path = tmp_path / "gold.txt"
    path.write_text(lines, encoding="utf-8", newline="")
    read_in_every_way(path)


@given(LINES, LINES)
@QUIET
def test_damaged_annotations_are_read_or_told(tmp_path: Path, text: str, lines: str) -> None:
    for ending, content in ((".txt", text), (".ann", f"T1\tX 0 1\t{text[:1]}\n{lines}")):
        (tmp_path / f"gold{ending}").write_text(content, encoding="utf-8", newline="")
    read_in_every_way(tmp_path / "gold.ann")
