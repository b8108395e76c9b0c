"""Two runs side by side: differences marked by elements, not by colour alone, and everything escaped."""

import re

from techgpt_ui.presets import Library
from techgpt_ui.renderers.compare import comparison_html
from techgpt_ui.store import RunRecord
from tests.store.examples import a_result, a_run


def compared(library: Library, one: RunRecord, other: RunRecord) -> str:
    return comparison_html(one, other, [library.tasks.get(record.task) for record in (one, other)])


def test_words_of_one_answer_alone_are_deleted_and_inserted_ones(library: Library) -> None:
    shown = compared(library, a_run(raw="Ann lives in Oslo"), a_run(raw="Ann lives in Bergen"))
    assert "Ann lives in <del class=''>Oslo</del>" in shown
    assert "Ann lives in <ins class=''>Bergen</ins>" in shown


def test_what_is_the_same_is_shown_once_and_said_to_be_the_same(library: Library) -> None:
    shown = compared(library, a_run(), a_run())
    assert "<del" not in shown and "<ins" not in shown and "≠" not in shown
    assert shown.count("Human: …") == 1
    assert "the same" in shown and "相同" in shown


def test_settings_that_differ_are_marked(library: Library) -> None:
    shown = compared(library, a_run(settings={"grounded": True}), a_run(settings={"grounded": False}))
    (row,) = re.findall(r'<tr class="differs">(.*?)</tr>', shown)
    assert "From the text only" in row and "✓" in row and "✗" in row and "≠" in row


def test_pieces_stand_under_who_has_them(library: Library) -> None:
    one, other = a_result().to_stored(), a_result().to_stored()
    (mention,) = one["mentions"]
    one["mentions"] = [mention, mention | {"id": "m2", "type": "地点"}]
    other["mentions"] = [mention, mention | {"id": "m2", "start": 5, "end": 7, "text": "杭州"}]
    shown = compared(library, a_run(result=one), a_run(result=other))
    assert [len(re.findall(f'class="in-{place}"', shown)) for place in ("one", "both", "other")] == [1, 1, 1]
    assert re.search(r'class="in-one">.*?地点', shown) and re.search(r'class="in-other">.*?杭州', shown)


def test_runs_of_different_tasks_and_of_a_task_that_is_gone_can_be_compared(library: Library) -> None:
    other = a_run(task="my_own", inputs={"scroll": "羊皮纸"}, result=a_result().to_stored() | {"task": "my_own"})
    shown = compared(library, a_run(), other)
    assert "my_own" in shown and "羊皮纸" in shown and "Named entity recognition" in shown


def test_nothing_of_either_run_is_taken_for_html(library: Library) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    one = a_run(raw=hostile, note=hostile, inputs={hostile: hostile}, settings={hostile: hostile})
    other = a_run(raw=hostile * 2, model=hostile, task=hostile)
    assert "<img" not in compared(library, one, other)
