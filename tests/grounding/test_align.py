"""Where the surfaces of an answer land in the source."""

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.grounding import align

DOSE = "患者被给予250毫克静脉注射头孢，疗程一周。"
# Few characters, so that surfaces often occur, overlap and repeat in the source.
CROWDED = st.text("ab 北京大Aａ…½1２²①İ\u0301ｶﾞ《》()不", max_size=40)


def places(source: str, *surfaces: str) -> list[tuple[str | None, str]]:
    found = align(source, surfaces)
    return [(None if a.start is None else source[a.start : a.end], a.status) for a in found]


def starts(source: str, *surfaces: str) -> list[int | None]:
    return [alignment.start for alignment in align(source, surfaces)]


# Exact


@pytest.mark.parametrize("term", ["250毫克", "静脉注射", "头孢", "一周", DOSE])
def test_unspaced_chinese_terms_are_found_to_the_letter(term: str) -> None:
    assert places(DOSE, term) == [(term, "exact")]


@pytest.mark.parametrize("surface", [" 北京", "北京\n", "\u3000北京 "])
def test_white_space_around_a_surface_does_not_count(surface: str) -> None:
    assert places("在北京，", surface) == [("北京", "exact")]


@pytest.mark.parametrize("source", ["😀 𠮷野家 opens", "👩‍👩‍👧 𠮷野家", "İİ𠮷野家"])
def test_offsets_count_code_points(source: str) -> None:
    assert starts(source, "𠮷野家") == [source.index("𠮷")]


# Exact after folding


@pytest.mark.parametrize(
    ("source", "surface", "text"),
    [
        ("（甲方）应付款", "(甲方)", "（甲方）"),
        ("共１００万元整", "100万元", "１００万元"),
        ("她说“好”", '"好"', "“好”"),
        ("見㈱東芝", "(株)東芝", "㈱東芝"),
        ("占½强", "1⁄2", "½"),
        ("等等…止", "等...", "等…"),
        ("ｶﾞﾗｽ製品", "ガラス", "ｶﾞﾗｽ"),
        ("北 京 大 学", "北京大学", "北 京 大 学"),
        ("卡尔・马克思著", "卡尔·马克思", "卡尔・马克思"),
        ("国发〔2020〕3号文", "国发[2020]3号", "国发〔2020〕3号"),
        ("二〇二〇年", "二零二零年", "二〇二〇年"),
        ("MARIE  Curie", "Marie Curie", "MARIE  Curie"),
        ("Cafe\u0301 Noir", "Café Noir", "Cafe\u0301 Noir"),
        ("北\u200b京大学", "北京", "北\u200b京"),
    ],
)
def test_width_case_punctuation_and_spaces_do_not_matter(source: str, surface: str, text: str) -> None:
    assert places(source, surface) == [(text, "normalized")]


@pytest.mark.parametrize(
    "surface", ["《女人树》", "“女人树”", "(女人树)", "<女人树>", "『女人树", "女人树》", "《 女人树 》。"]
)
def test_brackets_and_quotes_around_a_surface_do_not_count(surface: str) -> None:
    assert places("演唱女人树的人", surface) == [("女人树", "normalized")]


def test_brackets_that_stand_in_the_source_are_part_of_the_mention() -> None:
    assert places("演唱《女人树》的人", "《女人树》") == [("《女人树》", "exact")]


def test_offsets_survive_characters_that_change_length_in_lower_case() -> None:
    assert places("İİİ Ankara'da", "ankara") == [("Ankara", "normalized")]


@pytest.mark.parametrize(("source", "surface"), [("見㈱東芝", "株"), ("占½强", "2强"), ("ｶﾞﾗｽ", "カ"), ("ﬁn", "in")])
def test_a_part_of_an_expanded_character_is_no_match(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


@pytest.mark.parametrize(("source", "surface"), [("about 10² of", "102"), ("1½ cups", "11/2")])
def test_folding_does_not_join_two_numbers_into_one(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


# Word and number borders


def test_an_occurrence_that_is_a_word_is_preferred() -> None:
    assert starts("The party loves art", "art") == [16]


@pytest.mark.parametrize(("source", "surface"), [("The party", "art"), ("two cats", "cat"), ("PARTY", "art")])
def test_a_part_of_a_word_is_ungrounded(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


@pytest.mark.parametrize(("source", "surface"), [("于2015年", "5年"), ("占3.5%", "5%"), ("共1,250人", "250人")])
def test_a_part_of_a_number_is_ungrounded(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


def test_a_whole_word_is_taken_for_its_inflected_form() -> None:
    assert places("two mutations here", "mutation") == [("mutations", "fuzzy")]


def test_an_acronym_is_found_in_its_plural() -> None:
    assert places("Large LLMs", "LLM") == [("LLM", "exact")]


def test_a_word_of_its_own_is_preferred_to_one_before_a_digit() -> None:
    assert starts("GPT4 follows GPT", "GPT") == [13]


# Assigning occurrences


def test_equal_mentions_take_distinct_occurrences_even_out_of_order() -> None:
    assert starts("甲公司收购乙公司，乙公司起诉甲公司", "乙公司", "甲公司", "甲公司", "乙公司") == [5, 0, 14, 9]


def test_surplus_mentions_reuse_occurrences() -> None:
    assert starts("张三和张三", "张三", "张三", "张三") == [0, 3, 0]


@pytest.mark.parametrize("surfaces", [("北京", "北京大学"), ("北京大学", "北京")])
def test_an_occurrence_that_no_other_mention_covers_is_preferred(surfaces: tuple[str, str]) -> None:
    assert starts("北京大学在北京", *surfaces)[surfaces.index("北京")] == 5


def test_an_occurrence_outside_every_occurrence_of_a_longer_mention_is_preferred() -> None:
    assert places("北京大学，北京大学，北京", "北京大学", "北京")[1] == ("北京", "exact")


def test_an_occurrence_inside_an_unclaimed_longer_one_is_preferred_to_a_claimed_one() -> None:
    assert starts("北京大学，北京大学", "北京大学", "北京") == [0, 5]


def test_nested_mentions_both_stay() -> None:
    assert places("脊髓前角细胞受损", "脊髓", "脊髓前角细胞", "脊髓前角细胞受损") == [
        ("脊髓", "exact"),
        ("脊髓前角细胞", "exact"),
        ("脊髓前角细胞受损", "exact"),
    ]


def test_surfaces_equal_after_folding_take_their_own_spelling_each() -> None:
    assert starts("（甲方）与(甲方)", "(甲方)", "（甲方）") == [5, 0]


def test_a_surface_equal_only_after_folding_takes_what_is_left() -> None:
    assert starts("（甲方）与(甲方 )", "（甲方）", "(甲方)") == [0, 5]


def test_the_source_and_its_reversal_of_roles_are_told_apart() -> None:
    assert starts("张三打了李四", "张三打了李四", "李四打了张三") == [0, None]


# Ambiguity


def test_one_mention_of_a_name_that_stands_twice_is_ambiguous_and_takes_the_first() -> None:
    assert places("张三打了李四，张三走了", "张三") == [("张三", "ambiguous")]
    assert starts("张三打了李四，张三走了", "张三") == [0]


def test_as_many_mentions_as_occurrences_are_not_ambiguous() -> None:
    assert places("张三和张三", "张三", "张三") == [("张三", "exact")] * 2


def test_a_covered_occurrence_does_not_make_a_free_one_ambiguous() -> None:
    assert places("北京大学在北京", "北京", "北京大学")[0] == ("北京", "exact")


def test_two_occurrences_after_folding_are_ambiguous() -> None:
    assert places("（甲方）与（甲方）", "(甲方)") == [("（甲方）", "ambiguous")]


# Fuzzy


def test_a_shared_prefix_is_no_match() -> None:
    assert places("北面有山", "北京大学") == [(None, "ungrounded")]


@pytest.mark.parametrize(
    ("source", "surface", "text"),
    [
        ("the Nordic Sea Institute in Oslo", "Nordic Sea Institut", "Nordic Sea Institute"),
        ("采用富氧喷煤工艺技术生产", "“富氧喷媒工艺技术”", "富氧喷煤工艺技术"),
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
        ("新冠病毒核酸检测阳性", "新冠病毒核酸检测阴性"),
    ],
)
def test_a_differing_number_negation_opposite_or_short_name_is_not_forgiven(source: str, surface: str) -> None:
    assert places(source, surface) == [(None, "ungrounded")]


def test_a_fuzzy_span_does_not_cross_another_mention() -> None:
    source = "gene mutations database"
    assert places(source, "mutations database", "gene mutation") == [
        ("mutations database", "exact"),
        (None, "ungrounded"),
    ]


# Properties


@pytest.mark.parametrize("surface", ["", "  ", "\n", "\u3000", "\u200b", "()", "《》"])
def test_a_blank_surface_is_ungrounded(surface: str) -> None:
    assert places("正文 text", surface) == [(None, "ungrounded")]


def test_nothing_is_grounded_in_nothing() -> None:
    assert places("", "北京", "") == [(None, "ungrounded")] * 2


@given(st.text(max_size=60) | CROWDED, st.lists(st.text(max_size=12) | CROWDED, max_size=5))
def test_every_alignment_lies_within_the_source(source: str, surfaces: list[str]) -> None:
    for found in align(source, surfaces):
        assert found.status == "ungrounded" or (
            found.start is not None and found.end is not None and 0 <= found.start < found.end <= len(source)
        )


@given(CROWDED, st.lists(CROWDED, max_size=5))
def test_ungrounded_means_no_offsets(source: str, surfaces: list[str]) -> None:
    assert all((a.status == "ungrounded") == (a.start is None) == (a.end is None) for a in align(source, surfaces))


@given(CROWDED, st.lists(CROWDED, max_size=5))
def test_exact_means_equal_to_the_letter(source: str, surfaces: list[str]) -> None:
    for surface, found in zip(surfaces, align(source, surfaces), strict=True):
        assert found.status != "exact" or source[found.start : found.end] == surface.strip()


@given(st.text("北京大学在的", min_size=1, max_size=40), st.data())
def test_any_piece_of_a_chinese_source_is_found(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source) - 1))
    surface = source[start : data.draw(st.integers(start + 1, len(source)))]
    assert align(source, [surface])[0].status in ("exact", "ambiguous")


@given(st.text("北京大学在", max_size=30), st.lists(st.text("北京大学", min_size=1, max_size=3), max_size=4))
def test_distinct_surfaces_land_alike_in_any_order(source: str, surfaces: list[str]) -> None:
    by_length = {len(surface): surface for surface in surfaces}
    found = {
        frozenset(zip(order, align(source, order), strict=True)) for order in itertools.permutations(by_length.values())
    }
    assert len(found) == 1


def test_a_long_source_with_many_surfaces_takes_no_time() -> None:
    draw = random.Random(0)
    source = "".join(draw.choices("".join(map(chr, range(0x4E00, 0x5200))), k=20_000))
    surfaces = [source[at : at + 5] + "一" + source[at + 5 : at + 10] for at in range(0, 10_000, 100)]
    began = time.perf_counter()
    align(source, surfaces)
    assert time.perf_counter() - began < 2
