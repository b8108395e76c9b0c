"""The leaderboard: one table a gold set, the best first, unfinished ones at its end."""

import re
from typing import Any

from techgpt_ui.presets import Library
from techgpt_ui.renderers.evaluation import leaderboard_html, leaderboard_report_html
from techgpt_ui.store import EvaluationRecord
from tests.renderers.evaluation.examples import CONDUCT, HOSTILE, a_figure, some_scores, some_settings, visible


def a_record(at: int, value: float | None = 0.5, **changes: Any) -> EvaluationRecord:
    scores = some_scores(figures=(a_figure("string_f1", value, 0.05),)).model_dump(mode="json")
    given: dict[str, Any] = {
        "id": f"{at:032x}", "owner": "browser:me", "task": "ner", "gold": "news.jsonl", "gold_sha256": "ab" * 32,
        "documents": 40, "settings": some_settings(seed=at).model_dump(mode="json"),
        "model": {"name": f"model {at}", "revision": "x", "dtype": "bf16"}, "code_version": "1",
        "scores": scores if value is not None else None, "conduct": CONDUCT.model_dump(mode="json"),
    } | changes  # fmt: skip
    return EvaluationRecord(**given)


def board(library: Library, *records: EvaluationRecord, **options: Any) -> str:
    return leaderboard_html(records, library.tasks, **options)


def ids(markup: str) -> list[int]:
    return [int(found, 16) for found in re.findall(r'<tr data-id="(\w+)"', markup)]


def test_the_best_come_first_and_unfinished_ones_last(library: Library) -> None:
    shown = board(library, a_record(1, 0.3), a_record(2, None), a_record(3, 0.6), done={f"{2:032x}": 7})
    assert ids(shown) == [3, 1, 2]
    assert "unfinished, 7 of 40" in visible(shown)


def test_each_gold_set_has_its_own_table_also_where_names_are_the_same(library: Library) -> None:
    shown = board(library, a_record(1), a_record(2, gold_sha256="cd" * 32), a_record(3, task="domain"))
    assert shown.count("<table>") == 3 and "Domain recognition" in shown and "cdcdcdcd" in shown


def test_a_row_says_headline_interval_settings_and_speed(library: Library) -> None:
    row = visible(board(library, a_record(5, 0.25)))
    for words in (
        "model 5 · bf16",
        "0.250 [0.200 – 0.300]",
        "40",
        "grounded",
        "the task's own",
        "extraction, #5",
        "1.50",
    ):
        assert words in row


def test_quality_is_drawn_against_speed_from_two_evaluations_on(library: Library) -> None:
    assert "<svg" not in board(library, a_record(1), a_record(2, None))
    assert "#2" in board(library, a_record(1), a_record(2))


def test_the_page_can_choose_open_and_sort_and_sees_what_is_the_host_s(library: Library) -> None:
    shown = board(library, a_record(1, owner=""), interactive=True)
    assert shown.count('type="checkbox"') == shown.count("run-open") == 1
    assert 'data-sort="speed"' in shown and "host's" in visible(shown)
    assert "<button" not in board(library, a_record(1)) and "checkbox" not in board(library, a_record(1))


def test_the_file_is_whole_and_opens_in_its_language(library: Library) -> None:
    shown = leaderboard_report_html([a_record(1)], library.tasks, "zh")
    assert shown.startswith("<!doctype html>") and "<title>排行榜</title>" in shown


def test_nothing_is_taken_for_html(library: Library) -> None:
    model = {"name": HOSTILE, "revision": HOSTILE, "dtype": HOSTILE}
    records = [a_record(at, gold=HOSTILE, model=model, task=HOSTILE) for at in (1, 2)]
    shown = board(library, *records, interactive=True)
    assert "<link" not in shown and "<img" not in shown
