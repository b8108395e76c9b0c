"""What a user filled in is checked by its kind, and what is wrong is told by name."""

from typing import Any

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.inputs import check_inputs, language_of, with_defaults, worded
from techgpt_ui.presets import Library

COPY: dict[str, Any] = {"topic": "a bicycle lamp"}


def checked(library: Library, task_id: str, **inputs: object) -> dict[str, Any]:
    return check_inputs(library.task(task_id), inputs)


def test_blank_numbers_and_choices_take_their_default(library: Library) -> None:
    found = checked(library, "copywriting", **COPY, length="", genre=" ")
    assert (found["length"], found["genre"]) == (100, "ad")


@pytest.mark.parametrize("value", ["0", 5001, "many", "12.5", "nan", "-3", "1e9999"])
def test_a_number_out_of_bounds_is_refused_with_its_bounds(library: Library, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        checked(library, "copywriting", **COPY, length=value)
    assert "5 to 2000" in caught.value.words("en") and str(value) in caught.value.words("zh")


@pytest.mark.parametrize("value", ["zh-en", "Chinese to English", "中译英", "ZH-EN"])
def test_a_choice_is_known_by_its_id_and_its_labels(library: Library, value: str) -> None:
    assert checked(library, "translation", text="x", direction=value)["direction"] == "zh-en"


def test_a_choice_that_is_not_open_names_what_it_knows(library: Library) -> None:
    with pytest.raises(UsageError) as caught:
        checked(library, "translation", text="x", direction="fr-en")
    assert "zh-en, en-zh" in caught.value.words("en")


def test_an_open_choice_takes_the_user_s_own_words(library: Library) -> None:
    assert checked(library, "code", request="x", language="COBOL")["language"] == "COBOL"


def test_a_choice_is_named_in_the_language_of_the_prompt(library: Library) -> None:
    task = library.task("translation")
    inputs = check_inputs(task, {"text": "x", "direction": "zh-en"})
    assert worded(task, inputs, "zh")["direction"] == "把下面的中文翻译成英文"


@pytest.mark.parametrize(
    "value",
    [
        "no json",
        '{"role": "user", "content": "a"}',
        [{"role": "user", "content": "a"}],
        [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}],
        [{"role": "user", "content": 1}, {"role": "assistant", "content": "b"}],
        ["a", "b"],
        7,
    ],
)
def test_a_broken_record_of_turns_is_refused(library: Library, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        checked(library, "chat", message="x", history=value)
    assert "history" in caught.value.words("en")


def test_turns_are_read_from_json_too(library: Library) -> None:
    text = '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]'
    assert [turn["content"] for turn in checked(library, "chat", message="x", history=text)["history"]] == ["a", "b"]


def test_defaults_come_in_the_language_of_the_text(library: Library) -> None:
    task = library.task("ner")
    assert "人物" in with_defaults(task, {"text": "陈奕迅出生于香港。"})["types"]
    assert "person" in with_defaults(task, {"text": "She was born in Oslo."})["types"]
    assert with_defaults(task, {"text": "x", "types": []})["types"] == []


def test_the_language_is_that_of_most_of_the_text() -> None:
    assert language_of({"a": "用 Python 写一个排序", "b": 3}) == "zh"
    assert language_of({"a": "the word 词 in a sentence"}) == "en"
