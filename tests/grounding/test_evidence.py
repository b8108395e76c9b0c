"""Which parts of a source an answer rests on."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.grounding.evidence import MAX_SPANS, evidence_spans

HERON = (
    "The Heron satellite was built by Aurelia Space in Toulouse and launched in March 2021 on a Vega rocket for €1,000."
)
PATIENT = "患者因持续发热三天入院，胸部CT提示右下肺炎，给予头孢曲松静脉注射，一周后体温恢复正常。"


def evidence(answer: str, source: str) -> list[str]:
    return [source[start:end] for start, end in evidence_spans(answer, source)]


@pytest.mark.parametrize(
    ("answer", "source", "found"),
    [
        (
            "It was built by aurelia space, then LAUNCHED in 2021.",
            HERON,
            ["was built by Aurelia Space", "launched in", "2021"],
        ),
        (
            "On a Vega rocket, after Aurelia Space in Toulouse.",
            HERON,
            ["Aurelia Space in Toulouse", "on a Vega rocket"],
        ),
        ("头孢曲松被用于肺炎，一周后体温正常了", PATIENT, ["肺炎", "头孢曲松", "一周后体温", "正常"]),
        ("提示右下肺炎的胸部ＣＴ", PATIENT, ["胸部CT", "提示右下肺炎"]),
        ("It cost 1,000 pounds", HERON, ["1,000"]),
        ("Nothing of that, I'd say", HERON, []),
        ("He said on the way in", HERON, []),
        ("这是他的了", PATIENT, []),
        ("built built built", HERON, ["built"]),
        ("", HERON, []),
        ("Toulouse?", "", []),
    ],
)
def test_repeated_stretches_are_found_in_the_order_of_the_source(answer: str, source: str, found: list[str]) -> None:
    assert evidence(answer, source) == found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("built by Aurelia Space in Toulouse", "built by Aurelia Space in Toulouse"),
        ("“toulouse”.", "Toulouse"),
        ("in", "in"),
        ("€1,000", "1,000"),
    ],
)
def test_an_answer_that_stands_in_the_source_is_its_one_span(answer: str, found: str) -> None:
    assert evidence(answer, HERON) == [found]


def test_an_answer_of_one_chinese_character_counts_when_it_is_all() -> None:
    assert evidence("患", PATIENT) == ["患"] and evidence("我患热", PATIENT) == []


@pytest.mark.parametrize("answer", ["1 and 000", "ouse", "Heronsatellite", "Aurelias"])
def test_words_and_numbers_are_never_cut(answer: str) -> None:
    assert evidence(answer, HERON) == []


def test_the_longest_stretches_are_kept_when_there_are_many() -> None:
    source = "；".join(f"第{at}号项目{'甲乙丙丁'[: at % 4]}" for at in range(30))
    assert len(evidence_spans("！".join(reversed(source.split("；"))), source)) == MAX_SPANS


@given(st.text("ab AB1. 北京的，", max_size=30), st.text("ab AB1. 北京的，", max_size=30))
def test_spans_are_apart_in_order_and_said(answer: str, source: str) -> None:
    spans = evidence_spans(answer, source)
    assert all(0 <= start < end <= len(source) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(
        source[start:end].casefold().replace(" ", "") in answer.casefold().replace(" ", "") for start, end in spans
    )


@pytest.mark.parametrize("alphabet", ["甲乙丙丁戊己庚辛", "甲", "ab ", "甲a 1，."])
def test_twenty_thousand_characters_take_no_time_worth_mentioning(alphabet: str) -> None:
    draw = random.Random(7)
    source = "".join(draw.choice(alphabet) for _ in range(20_000))
    started = time.monotonic()
    evidence_spans(source[::-1] + "x" + source[5_000:], source)
    assert time.monotonic() - started < 5
