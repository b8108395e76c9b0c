"""Where surfaces land in the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.grounding import align


def places(source: str, *surfaces: str) -> list[tuple[str | None, str]]:
    found = align(source, surfaces)
    return [(None if a.start is None else source[a.start : a.end], a.status) for a in found]


@pytest.mark.parametrize("term", ["250毫克", "静脉注射", "头孢", "一周"])
def test_unspaced_chinese_terms_are_found_to_the_letter(term: str) -> None:
    assert places("患者被给予250毫克静脉注射头孢，疗程一周。", term) == [(term, "exact")]


@pytest.mark.parametrize(
    ("source", "surface", "text"),
    [
        ("（甲方）应付款", "(甲方)", "（甲方）"),
        ("共１００万元整", "100万元", "１００万元"),
        ("她说“好”", '"好"', "“好”"),
        ("見㈱東芝", "(株)東芝", "㈱東芝"),
        ("占½强", "1⁄2", "½"),
        ("ｶﾞﾗｽ製品", "ガラス", "ｶﾞﾗｽ"),
        ("北 京 大 学", "北京大学", "北 京 大 学"),
        ("演唱女人树的人", "《女人树》", "女人树"),
        ("MARIE  Curie", "Marie Curie", "MARIE  Curie"),
        ("Cafe\u0301 Noir", "Café Noir", "Cafe\u0301 Noir"),
    ],
)
def test_width_case_and_punctuation_do_not_matter(source: str, surface: str, text: str) -> None:
    assert places(source, surface) == [(text, "normalized")]


def test_a_shared_prefix_is_no_match() -> None:
    assert places("北面有山", "北京大学") == [(None, "ungrounded")]


def test_equal_mentions_take_two_occurrences_even_when_the_output_is_out_of_order() -> None:
    source = "甲公司收购乙公司，乙公司起诉甲公司"
    found = align(source, ["乙公司", "甲公司", "甲公司", "乙公司"])
    assert sorted(a.start for a in found if a.start is not None) == [0, 5, 9, 14]


@pytest.mark.parametrize("surfaces", [("北京", "北京大学"), ("北京大学", "北京")])
def test_an_occurrence_that_no_other_mention_covers_is_preferred(surfaces: tuple[str, str]) -> None:
    source = "北京大学在北京"
    assert align(source, surfaces)[surfaces.index("北京")].start == 5


def test_nested_mentions_both_stay() -> None:
    assert places("脊髓前角细胞受损", "脊髓", "脊髓前角细胞", "脊髓前角细胞受损") == [
        ("脊髓", "exact"),
        ("脊髓前角细胞", "exact"),
        ("脊髓前角细胞受损", "exact"),
    ]


def test_one_mention_of_a_name_that_stands_twice_is_ambiguous() -> None:
    assert places("张三打了李四，张三走了", "张三") == [("张三", "ambiguous")]


def test_offsets_survive_characters_that_change_length_in_lower_case() -> None:
    assert places("İİİ Ankara'da", "ankara") == [("Ankara", "normalized")]


@pytest.mark.parametrize("source", ["😀 𠮷野家 opens", "👩‍👩‍👧 𠮷野家"])
def test_emoji_and_astral_characters_count_as_they_are(source: str) -> None:
    assert align(source, ["𠮷野家"])[0].start == source.index("𠮷")


def test_a_word_is_not_found_inside_another_word() -> None:
    assert align("The party loves art", ["art"])[0].start == 16


def test_a_part_of_a_word_is_ungrounded() -> None:
    assert places("The party", "art") == [(None, "ungrounded")]


@pytest.mark.parametrize(
    ("source", "surface", "text"),
    [
        ("the Nordic Sea Institute in Oslo", "Nordic Sea Institut", "Nordic Sea Institute"),
        ("采用富氧喷煤工艺技术生产", "富氧喷媒工艺技术", "富氧喷煤工艺技术"),
    ],
)
def test_a_slip_of_the_pen_is_forgiven(source: str, surface: str, text: str) -> None:
    assert places(source, surface) == [(text, "fuzzy")]


@pytest.mark.parametrize(
    ("source", "surface"),
    [
        ("a dose of 250 milligrams", "a dose of 350 milligrams"),
        ("患者可以进行手术治疗", "患者不可以进行手术治疗"),
        ("the valve is not closed", "the valve is now closed"),
        ("张开建是中国人", "张建"),
    ],
)
def test_a_differing_number_negation_or_short_name_is_not_forgiven(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


@pytest.mark.parametrize("surface", ["", "  ", "\n"])
def test_a_blank_surface_is_ungrounded(surface: str) -> None:
    assert places("text", surface) == [(None, "ungrounded")]


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=5))
def test_every_alignment_lies_within_the_source(source: str, surfaces: list[str]) -> None:
    for found in align(source, surfaces):
        assert found.status == "ungrounded" or (
            found.start is not None and found.end is not None and 0 <= found.start < found.end <= len(source)
        )


@given(st.text(min_size=1, max_size=40), st.data())
def test_exact_means_equal_to_the_letter(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source) - 1))
    surface = source[start : data.draw(st.integers(start + 1, len(source)))]
    found = align(source, [surface])[0]
    assert found.status != "exact" or source[found.start : found.end] == surface.strip()
