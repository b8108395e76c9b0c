"""A gold file is known by what it holds; what is wrong with it is told with file and line."""

import re
from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.gold import READERS, read_gold
from techgpt_ui.gold.brat import LEFT_OUT
from techgpt_ui.texts import catalogue
from tests.gold.conftest import Read, Refuse

LINE = '{"text": "钢", "label": "材料"}'
PACKAGE = Path(__file__).resolve().parent.parent.parent / "techgpt_ui" / "gold"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))


def test_a_gold_set_names_its_file_and_its_content(read: Read) -> None:
    first, again, other = read(LINE, "a.jsonl"), read(LINE, "b.jsonl"), read(LINE + "\n", "c.jsonl")
    assert (first.name, again.name) == ("a.jsonl", "b.jsonl")
    assert first.sha256 == again.sha256 != other.sha256 and len(first.sha256) == 64


@pytest.mark.parametrize("name", ["gold.json", "gold.txt", "gold"])
def test_the_name_of_a_file_does_not_matter(read: Read, name: str) -> None:
    assert read(LINE, name).format == "jsonl"


@pytest.mark.parametrize("content", [f"\ufeff{LINE}\r\n{LINE}\r\n", f"{LINE}\r{LINE}", f"{LINE}\n\n{LINE}"])
def test_bom_and_line_ends_of_the_file_do_not_matter(read: Read, content: str) -> None:
    assert [document.inputs["text"] for document in read(content).documents] == ["钢", "钢"]


def test_a_line_separator_inside_a_text_parts_no_lines(read: Read) -> None:
    assert read('{"text": "a\u2028b\x85c", "label": "x"}').documents[0].inputs["text"] == "a\u2028b\x85c"


@pytest.mark.parametrize("content", ["", " \n\n", "\ufeff"])
def test_an_empty_file_is_refused(refuse: Refuse, content: str) -> None:
    assert refuse(content).code == "gold_empty"


@pytest.mark.parametrize("content", [LINE.encode("gb18030"), f"{LINE}\n".encode() + b'{"text": "\xff"}'])
def test_bytes_that_are_no_utf_8_are_told_with_their_line(refuse: Refuse, content: bytes) -> None:
    error, lines = refuse(content), content.split(b"\n")
    assert error.code == "gold_not_utf8" and f"line {len(lines)}:" in error.message.en


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_unicode_is_refused(refuse: Refuse, encoding: str) -> None:
    assert refuse(LINE.encode(encoding)).code == "gold_not_utf8"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{broken", "gold_not_json"),
        ('{"text": "x" "label": "y"}', "gold_not_json"),
        ('{"text": "x", "text": "y", "label": "z"}', "gold_duplicate_key"),
        ('{"text": "x", "label": "y", "score": NaN}', "gold_not_a_number"),
        ('{"text": "x", "label": "y", "score": -Infinity}', "gold_not_a_number"),
        ('{"text": "x\\ud83d", "label": "y"}', "gold_surrogate"),
        ('{"text": "x", "label": "y", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}", "gold_not_json"),
        ('{"text": "x", "label": "y", "large": ' + "9" * 5000 + "}", "gold_not_json"),
        ('["text"]', "gold_no_object"),
    ],
)
def test_a_line_that_is_no_sound_json_is_told_with_its_number(refuse: Refuse, line: str, code: str) -> None:
    error = refuse(f"{LINE}\n\n{line}\n{LINE}")
    assert error.code == code and "gold.jsonl" in error.message.en and "line 3" in error.message.en


def test_an_emoji_in_two_escapes_is_one_character(read: Read) -> None:
    assert read('{"text": "\\ud83d\\ude00", "label": "x"}').documents[0].inputs["text"] == "😀"


@pytest.mark.parametrize("line", ["{broken", LINE.replace("}", "")])
def test_a_broken_first_line_is_told_too(refuse: Refuse, line: str) -> None:
    error = refuse(f"{line}\n{LINE}", format="jsonl")
    assert error.code == "gold_not_json" and "line 1" in error.message.en


def test_broken_nested_json_is_told_with_its_line(refuse: Refuse) -> None:
    error = refuse('{\n "data": [\n  {"paragraphs": [}\n ]\n}')
    assert error.code == "gold_not_json" and "line 3" in error.message.en


def test_a_broken_element_of_an_array_is_told_with_its_line(refuse: Refuse) -> None:
    error = refuse(f"[\n{LINE},\n{{broken\n]")
    assert error.code == "gold_not_json" and "line 3" in error.message.en


@pytest.mark.parametrize("content", [f"[{LINE}] {LINE}", f"[{LINE}", f"[{LINE},]", f"[{LINE} {LINE}]", "[] x"])
def test_an_array_that_does_not_end_as_it_should_is_refused(refuse: Refuse, content: str) -> None:
    assert refuse(content, format="jsonl").code == "gold_not_json"


@pytest.mark.parametrize("content", ["[]", '{"unknown": 1}', "just some words\n", "{}", "[1, 2]"])
def test_what_no_reader_knows_is_refused(refuse: Refuse, content: str) -> None:
    assert refuse(content).code in ("gold_unknown_format", "gold_no_object")


def test_an_unknown_format_lists_the_known_ones(refuse: Refuse) -> None:
    error = refuse(LINE, format="xml")
    assert error.code == "gold_no_such_format" and all(name in error.hint.en for name in READERS)


@pytest.mark.parametrize("name", [name for name in READERS if name not in ("jsonl", "conll")])
def test_a_format_that_does_not_fit_is_refused(refuse: Refuse, name: str) -> None:
    assert refuse(LINE, format=name).code == "gold_unfit_format"


def test_a_format_can_be_forced(read: Read) -> None:
    assert read('{"text": "x", "spo_list": [], "label": "y"}', format="duie").task == "triples"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_gold(tmp_path / "none.jsonl")
    assert caught.value.code == "gold_missing"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("wb") as file:
        file.truncate(201 * 1024 * 1024)
    with pytest.raises(UsageError) as caught:
        read_gold(path)
    assert caught.value.code == "gold_too_large"


def test_what_the_file_says_cannot_write_the_error(refuse: Refuse) -> None:
    error = refuse([{"text": "x", "mentions": [{"start": 0, "end": 1, "type": "{file}"}, {"{where}": "{0}" * 99}]}])
    assert error.code == "gold_missing_key" and "{where}" in error.message.en and len(error.message.en) < 200


def test_every_fault_has_words_and_a_hint() -> None:
    codes = set(re.findall(r'fault\(\s*"(\w+)"', CODE)) | set(re.findall(r'_RefusedError\("(\w+)"', CODE))
    assert len(codes) > 15
    assert [code for code in codes if {f"error.{code}", f"error.{code}.hint"} - catalogue().keys()] == []


def test_every_notice_and_kind_of_value_has_words() -> None:
    counted = re.findall(r'add\("(\w+)"', CODE) + re.findall(r'(?:filled|unique)\(.*, "(\w+)"\)', CODE)
    notices = {*counted, *LEFT_OUT.values()}
    kinds = set(re.findall(r'wrong_kind\(\w+, "(\w+)"', CODE))
    wanted = {f"gold.notice.{code}" for code in notices} | {f"gold.kind.{kind}" for kind in kinds}
    assert len(wanted) > 15 and wanted - catalogue().keys() == set()
