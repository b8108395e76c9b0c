"""A run in the history: all that was recorded to the letter, and nothing of it taken for HTML."""

import html
import re

import pytest

from techgpt_ui.presets import Library
from techgpt_ui.renderers.history import row_html, run_facts, run_html
from tests.store.examples import NOON, TEXT, a_result, a_run

HOSTILE = '<img src=x onerror=alert(1)> "quoted" ${1+1} {{value}}'


def visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def test_a_row_says_when_what_and_how_it_went_in_both_languages(library: Library) -> None:
    row = row_html(a_run(created=NOON, note="再看"), library.tasks["ner"])
    assert '<time datetime="2026-11-25T12:00:00+00:00">' in row
    for words in (
        "命名实体识别",
        "Named entity recognition",
        "已解析",
        "parsed",
        TEXT,
        "TechGPT-7B",
        "再看",
        "imported",
    ):
        assert words in row or words == "imported"
    assert "imported" in row_html(a_run(kind="import"), library.tasks["ner"])


def test_a_row_shows_only_the_beginning_of_a_long_text(library: Library) -> None:
    row = row_html(a_run(inputs={"types": ["x"], "text": "开头" + "很长" * 500}), library.tasks["ner"])
    assert "开头" in row and len(row) < 2000


def test_the_run_shows_every_text_and_every_number_that_was_recorded(library: Library) -> None:
    record = a_run(raw="第一行\n  第二行", settings={"grounded": True, "variant": "v1", "cut_at": 4, "odd": [1, 2]})
    shown = visible(run_html(record, library.tasks["ner"]))
    for words in (
        "第一行\n  第二行",
        "Human: …\n\nAssistant: ",
        TEXT,
        "组织, 地点",
        "bf16",
        "main",
        "0.5",
        "v1",
        record.id,
    ):
        assert words in shown
    assert "✂" in shown


def test_a_run_of_a_task_that_is_gone_shows_what_was_written_and_says_so() -> None:
    shown = visible(run_html(a_run(task="my_own", inputs={"scroll": "羊皮纸"}), None))
    for words in ("my_own", "羊皮纸", "阿里巴巴：组织", "There is no task", "这里没有任务"):
        assert words in shown


@pytest.mark.parametrize("known", [True, False])
def test_nothing_of_a_run_is_taken_for_html(library: Library, known: bool) -> None:
    record = a_run(
        raw=HOSTILE,
        model=HOSTILE,
        note=HOSTILE,
        inputs={"text": HOSTILE, HOSTILE: [HOSTILE]},
        settings={HOSTILE: HOSTILE},
    )
    record = record.model_copy(update={"task": "ner" if known else HOSTILE, "code_version": HOSTILE})
    task = library.tasks["ner"] if known else None
    shown = row_html(record, task) + run_html(record, task)
    assert "<img" not in shown
    assert HOSTILE in visible(shown)


@pytest.mark.parametrize("cut_at", [-1, 10**9, "4", None, [4]])
def test_a_cut_that_makes_no_sense_is_passed_over(library: Library, cut_at: object) -> None:
    assert "✂" not in run_html(a_run(settings={"cut_at": cut_at}), library.tasks["ner"])


def test_facts_name_the_sampling_that_was_used() -> None:
    settings = {"sampling": {"temperature": 9.9}, "sampling_preset": "precise", "grounded": False, "seed": 3}
    record = a_run(settings=settings, result=a_result().to_stored())
    facts = run_facts(record)
    assert facts["temperature"] == 0.7 and facts["seed"] == 7 and facts["grounded"] is False
    assert facts["sampling_preset"] == "precise" and facts["model_name"] == "TechGPT-7B"
    assert "sampling" not in facts and "variant" not in facts
