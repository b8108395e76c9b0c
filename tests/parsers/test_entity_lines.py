"""Entity lines as models write them."""

import pytest

from techgpt_ui.parsers import PARSERS, ParseContext

FORMAT = PARSERS["entity_lines"]


@pytest.mark.parametrize(
    ("raw", "pieces"),
    [
        ("实体名: 女人树， 实体类型：影视作品", [("女人树", "影视作品")]),
        ("实体名:毒蕈, 实体类型:微生物类", [("毒蕈", "微生物类")]),
        ("1. 实体名：氧化铝（Al2O3）， 实体类型：材料", [("氧化铝（Al2O3）", "材料")]),
        ("实体名: 北大， 实体类型：机构/人物", [("北大", "机构"), ("北大", "人物")]),
        ("实体名: 甲， 实体类型：人物；实体名: 乙， 实体类型：地点", [("甲", "人物"), ("乙", "地点")]),
        ("- **实体名**: 甲, **实体类型**: 人物", [("甲", "人物")]),
        ('{"实体名": "甲", "实体类型": "人物"}', [("甲", "人物")]),
        ("Entity: Smith, John, Type: person", [("Smith, John", "person")]),
        ("实体名 张三 实体类型 人物", [("张三", "人物")]),
    ],
)
def test_untidy_lines_are_read(raw: str, pieces: list[tuple[str, str]]) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert [(m.surface.text, m.type) for m in parsed.mentions] == pieces and parsed.status == "parsed"


@pytest.mark.parametrize("raw", ["无", "没有实体。", "none", "None.", "There are no entities."])
def test_a_plain_none_is_parsed_and_empty(raw: str) -> None:
    assert FORMAT.parse(raw, ParseContext()).status == "parsed"


def test_preambles_and_cut_off_lines_are_left_over_to_the_letter() -> None:
    parsed = FORMAT.parse("以下是抽取结果：\n实体名: 甲， 实体类型：人物\n实体名: 毒蕈， 实体", ParseContext())
    assert [leftover.text for leftover in parsed.leftovers] == ["以下是抽取结果：", "实体名: 毒蕈， 实体"]


def test_a_line_without_keys_counts_when_its_type_was_asked_for() -> None:
    parsed = FORMAT.parse("Ada Lovelace (person)", ParseContext(labels=("person",)))
    assert [(m.surface.text, m.type) for m in parsed.mentions] == [("Ada Lovelace", "person")]


@pytest.mark.parametrize("raw", ["", "I cannot help with that."])
def test_what_cannot_be_read_is_unparsed(raw: str) -> None:
    assert FORMAT.parse(raw, ParseContext()).status == "unparsed"
