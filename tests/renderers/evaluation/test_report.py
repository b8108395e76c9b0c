"""The report of one evaluation: all that was recorded, worst first, in one file that asks nobody for anything."""

import html
import re
import shlex
from itertools import pairwise

import pytest

from techgpt_ui.presets import Library
from techgpt_ui.renderers.evaluation import evaluation_html, report_html
from techgpt_ui.renderers.evaluation import report as report_module
from techgpt_ui.renderers.evaluation.facts import command_of
from techgpt_ui.texts import Lang
from tests.renderers.evaluation.examples import (
    CONDUCT,
    FAILED,
    HALF,
    HOSTILE,
    NOTHING,
    RIGHT,
    GoldMention,
    a_confusion,
    a_figure,
    a_gold,
    an_answer,
    an_evaluation,
    an_outcome,
    some_scores,
    some_settings,
    visible,
)


def reported(library: Library, *outcomes: object, lang: Lang = "en", **changes: object) -> str:
    scores = some_scores(**{name: changes.pop(name) for name in list(changes) if name in ("confusion", "breakdown")})
    return report_html(an_evaluation(*outcomes, **changes), scores, CONDUCT, lang, library.tasks["ner"])


def failing(markup: str) -> list[str]:
    """What the line of each document that went wrong says."""
    return [visible(line) for line in re.findall(r'<details class="outcome"><summary>(.*?)</summary>', markup)]


def test_the_headline_stands_with_its_interval_and_the_number_of_documents(library: Library) -> None:
    assert re.search(r"string_f1 0\.512 .*95 % interval 0\.412 – 0\.612, 4 documents", visible(reported(library)))


def test_a_figure_that_is_not_defined_is_a_dash(library: Library) -> None:
    row = next(row for row in re.findall(r"<tr>.*?</tr>", reported(library)) if "type_f1" in row)
    assert visible(row).endswith("––")


def test_what_was_run_is_told_whole(library: Library) -> None:
    told = visible(reported(library))
    for words in ("news.jsonl", "abababababab", "SmolLM2", "abc123", "bf16", "extraction", "0.2.0", "2026-02-03 04:05"):
        assert words in told


def test_how_the_answers_came_about_is_told_in_counts_and_shares(library: Library) -> None:
    told = visible(reported(library))
    for words in ("1 (25 %)", "2 (50 %)", "25.0 %", "6.00 s", "1.50 s"):
        assert words in told


def test_baselines_stand_beside_the_headline(library: Library) -> None:
    shown = reported(library, baselines={"my_own": some_scores(figures=(a_figure("string_f1", 0.123),))})
    assert "my_own" in shown and "0.123" in shown


def test_documents_that_went_wrong_come_worst_first_and_right_ones_not_at_all(library: Library) -> None:
    lines = failing(reported(library, RIGHT, HALF, NOTHING, FAILED))
    assert [line.split()[0] for line in lines] == ["3", "4", "2"]
    assert "not parsed" in lines[0] and "failed" in lines[1] and "0.50" in lines[2]


def test_a_document_says_what_was_right_missed_and_wrong_in_words(library: Library) -> None:
    shown = reported(library, HALF)
    for place, words in (("right", "Grace Holloway"), ("missed", "Dublin"), ("wrong", "Oslo")):
        (row,) = re.findall(f'<tr class="{place}">(.*?)</tr>', shown)
        assert place in visible(row) and words in visible(row)


def test_notices_errors_and_the_raw_answer_are_shown(library: Library) -> None:
    told = visible(reported(library))
    assert "was cut off" in told and "I cannot say." in told and "The text is too long." in told


def test_the_words_say_how_many_failures_are_not_listed(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "FAILURES_IN_FILE", 2)
    shown = reported(library)
    assert len(failing(shown)) == 2
    assert "3 of 4 documents are not all right; the worst come first. The first 2 are listed" in visible(shown)


def test_a_confusion_of_many_labels_frames_the_right_ones(library: Library) -> None:
    shown = reported(library, confusion=a_confusion(*(f"label {at}" for at in range(70))))
    assert shown.count('<td class="right"') == 70
    assert "none or other" in shown


def test_a_long_breakdown_is_drawn_in_part_and_listed_whole(library: Library) -> None:
    kinds = [entry.model_copy(update={"name": f"kind{at}"}) for at, entry in enumerate(some_scores().breakdown * 15)]
    shown = reported(library, breakdown=tuple(kinds))
    assert "All 30 types" in shown and "kind29" in shown


def test_nothing_of_gold_model_or_settings_is_taken_for_html(library: Library) -> None:
    gold = a_gold(HOSTILE, (GoldMention(start=0, end=5, type=HOSTILE),))
    outcome = an_outcome(0, an_answer((HOSTILE, HOSTILE), source=HOSTILE, raw=HOSTILE), gold=gold)
    scores = some_scores().breakdown[0].model_copy(update={"name": HOSTILE})
    shown = reported(
        library, outcome, gold=HOSTILE, settings=some_settings(labels=(HOSTILE,), model=HOSTILE),
        breakdown=(scores,), confusion=a_confusion(HOSTILE),
    )  # fmt: skip
    assert "<link" not in shown and "<img" not in shown
    assert html.unescape(shown).count(HOSTILE) >= 8


def test_the_file_asks_nobody_for_anything_and_runs_nothing(library: Library) -> None:
    shown = reported(library, confusion=a_confusion("a", "b"))
    assert "<script" not in shown and "@import" not in shown
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', shown) == []
    assert "url(" not in re.sub(r"url\(#\w+\)", "", shown)
    assert "default-src 'none'" in shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_file_holds_both_languages_and_opens_in_the_wanted_one(library: Library, lang: Lang) -> None:
    shown = reported(library, lang=lang)
    assert "Documents that went wrong" in shown and "出错的文档" in shown
    assert re.findall(r'id="lang-(\w+)" checked', shown) == [lang]


def test_only_the_page_has_buttons_that_open_a_document(library: Library) -> None:
    parts = (an_evaluation(), some_scores(), CONDUCT)
    page = evaluation_html(*parts, library.tasks["ner"])
    assert re.findall(r'data-position="(\d)"', page) == ["2", "3", "1"]
    assert "data-position" not in evaluation_html(*parts, library.tasks["ner"], buttons=False)
    assert "data-position" not in reported(library)


def test_the_command_repeats_the_settings(library: Library) -> None:
    settings = some_settings(
        grounded=False, labels=("a b", "c"), examples="nearest", pool="pool 1.jsonl", shots=3, limit=20, variant="v"
    )
    words = shlex.split(command_of(an_evaluation(settings=settings), library.tasks["ner"]))
    assert words[:4] == ["techgpt-ui", "evaluate", "ner", "news.jsonl"] and "--free" in words
    pairs = dict(pairwise(words))
    wanted = {
        "--model": "smollm2-demo", "--seed": "7", "--labels": "a b,c", "--examples": "pool 1.jsonl", "--shots": "3",
        "--limit": "20", "--max-new-tokens": "96", "--variant": "v",
    }  # fmt: skip
    assert {name: pairs[name] for name in wanted} == wanted


def test_a_command_without_labels_asks_for_none(library: Library) -> None:
    evaluation = an_evaluation(settings=some_settings(labels=(), examples="none"))
    command = command_of(evaluation, library.tasks["ner"])
    assert "--open" in command and "--shots 0" in command and "--labels" not in command
