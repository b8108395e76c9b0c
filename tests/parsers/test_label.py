"""The field of a text as models name it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext

FORMAT = PARSERS["label"]
LABELS = ("计算机科学", "材料", "材料学", "Materials", "AI", "C++")


def read(raw: str, labels: tuple[str, ...] = LABELS) -> list[str]:
    return [label.text for label in FORMAT.parse(raw, ParseContext(labels=labels)).labels]


@pytest.mark.parametrize(
    ("raw", "labels"),
    [
        ("计算机科学", ["计算机科学"]),
        ("领域：计算机科学", ["计算机科学"]),
        ("该文本属于计算机科学领域。", ["计算机科学"]),
        ("这篇文章的领域是“材料”。", ["材料"]),
        ('This text belongs to the field of "Materials".', ["Materials"]),
        ("**Label:** materials", ["materials"]),
        ("ＡＩ", ["ＡＩ"]),
        ("材料学", ["材料学"]),
        ("材料、计算机科学", ["材料", "计算机科学"]),
        ("材料 / AI", ["材料", "AI"]),
        ("C++.", ["C++"]),
        ("- 材料\n- AI", ["材料", "AI"]),
    ],
)
def test_known_labels_are_found_in_their_wrapping(raw: str, labels: list[str]) -> None:
    assert read(raw) == labels and FORMAT.parse(raw, ParseContext(labels=LABELS)).status == "parsed"


@pytest.mark.parametrize(
    ("raw", "labels", "left"),
    [
        ("计算机科学\n理由：文本讨论材料。", ["计算机科学"], ["理由：文本讨论材料。"]),
        ("文本讨论了计算机科学的难题", ["计算机科学"], ["文本讨论了", "的难题"]),
        ("不属于材料领域，而属于AI", ["AI"], ["不属于材料领域，而属于"]),
        ("经济学", [], ["经济学"]),
        ("The main air", [], ["The main air"]),
    ],
)
def test_what_says_more_is_left_over_to_the_letter(raw: str, labels: list[str], left: list[str]) -> None:
    parsed = FORMAT.parse(raw, ParseContext(labels=LABELS))
    assert [label.text for label in parsed.labels] == labels
    assert [leftover.text for leftover in parsed.leftovers] == left
    assert parsed.status == ("partial" if labels else "unparsed")


@pytest.mark.parametrize(
    ("raw", "labels"),
    [
        ("经济学", ["经济学"]),
        ("人工智能领域", ["人工智能"]),
        ("该文本属于计算机科学领域。", ["计算机科学"]),
        ("该文本的领域是冶金，因为它讲高炉。", ["冶金"]),
        ('This text belongs to the field of "Materials science".', ["Materials science"]),
        ("The field is: Physics.", ["Physics"]),
        ("Label: **Economics**\nReason: money", ["Economics"]),
        ("This long sentence says nothing about it at all", []),
        ("I'm sorry", []),
        ("", []),
    ],
)
def test_without_known_labels_a_short_answer_is_the_label(raw: str, labels: list[str]) -> None:
    assert read(raw, ()) == labels


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@given(label=st.sampled_from(LABELS))
def test_what_is_written_is_read_back(dialect: str, label: str) -> None:
    written = FORMAT.write([(label,)], dialect)
    assert written == label and read(written) == [label]
