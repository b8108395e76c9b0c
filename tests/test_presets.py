"""Presets: the published strings to the letter, samples through the real parser, errors with file and line."""

from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import read_answer
from techgpt_ui.presets import Library, Task, load_library, read_preset
from techgpt_ui.renderers import RENDERERS


@pytest.mark.parametrize(
    ("task", "instruction"),
    [("ner", "抽取出下面文本的实体和实体类型：\n{text}"), ("triples", "请抽取出下面的关系三元组：\n{text}")],
)
def test_the_trained_instruction_stands_to_the_letter(library: Library, task: str, instruction: str) -> None:
    assert library.task(task).prompts.trained.instruction == instruction


def test_techgpt_speaks_its_wire_format(library: Library) -> None:
    preset = library.models["techgpt-7b"]
    assert preset.wire == "Human: {input} \n\nAssistant:"
    assert (preset.tokens.pad, preset.tokens.bos, preset.tokens.eos) == (0, 1, 2)
    assert preset.stops == ("Human:",)


def test_upstream_s_sampling_is_kept_exactly(library: Library) -> None:
    assert library.sampling("upstream").values.model_dump() == {
        "do_sample": True,
        "temperature": 0.1,
        "top_p": 0.75,
        "top_k": 40,
        "repetition_penalty": 1.2,
        "min_new_tokens": 10,
        "max_new_tokens": 128,
        "num_beams": 1,
    }


def test_every_task_names_a_known_format_renderer_and_sampling(library: Library) -> None:
    for task in library.tasks.values():
        assert task.format in PARSERS and task.renderer in RENDERERS and task.sampling in library.samplings


@pytest.mark.parametrize(
    ("task_id", "at"), [(task.id, at) for task in load_library().tasks.values() for at in range(len(task.samples))]
)
def test_a_sample_answer_is_read_whole_and_stands_in_its_text(library: Library, task_id: str, at: int) -> None:
    task: Task = library.task(task_id)
    sample = task.samples[at]
    reading = read_answer(task, sample.answer, sample.inputs[task.source_input], ())
    assert reading.status == "parsed" and reading.unparsed == ()
    assert [mention.surface for mention in reading.mentions if mention.status not in ("exact", "ambiguous")] == []


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        ("id: x\ntitle: {zh: 甲, en: A}\nreason: {zh: 甲, en: A}\nvalues:\n  heat: 3\n", 5, "heat"),
        ("id: x\ntitle: {zh: 甲, en: A\n", 3, "expected"),
        ("id: x\ntitle: {zh: 甲, en: A}\nreason: {zh: 甲, en: A}\nvalues:\n  top_p: 2\n", 5, "top_p"),
        ("- a\n", 1, "mapping"),
    ],
)
def test_a_broken_preset_is_told_with_file_and_line(tmp_path: Path, content: str, line: int, why: str) -> None:
    from techgpt_ui.presets import SamplingPreset

    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_preset(path, SamplingPreset)
    words = caught.value.words("en")
    assert "mine.yaml" in words and f"line {line}" in words and why in words
