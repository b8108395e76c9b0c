"""Presets: the published strings to the letter, samples through the real parser, errors with file and line."""

from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.inputs import check_inputs, with_defaults
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Library, Task, adapter_folder, load_library, read_preset
from techgpt_ui.reading import Reading, read_answer
from techgpt_ui.renderers import RENDERERS


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


SAMPLES = [(task.id, at) for task in load_library().tasks.values() for at in range(len(task.samples))]


def sample_reading(library: Library, task_id: str, at: int) -> tuple[Task, Reading]:
    task = library.task(task_id)
    inputs = check_inputs(task, with_defaults(task, task.samples[at].inputs))
    source = inputs[task.source_input] if task.source_input else ""
    labels = inputs[task.label_input] if task.label_input else ()
    return task, read_answer(task, task.samples[at].answer, source, labels)


@pytest.mark.parametrize(("task_id", "at"), SAMPLES)
def test_a_sample_answer_is_read_whole(library: Library, task_id: str, at: int) -> None:
    _, reading = sample_reading(library, task_id, at)
    assert reading.status == "parsed" and reading.unparsed == ()


@pytest.mark.parametrize(("task_id", "at"), [entry for entry in SAMPLES if entry[0] != "keywords"])
def test_what_a_sample_answer_extracts_stands_in_its_text(library: Library, task_id: str, at: int) -> None:
    _, reading = sample_reading(library, task_id, at)
    values = [value for values in (reading.fields or {}).values() for value in values]
    found = [*(reading.mentions or ()), *(reading.items or ()), *values]
    assert [piece for piece in found if piece.status not in ("exact", "ambiguous")] == []


@pytest.mark.parametrize("task_id", sorted(load_library().tasks))
def test_samples_of_a_task_come_from_more_than_ten_fields_in_both_languages(library: Library, task_id: str) -> None:
    samples = library.task(task_id).samples
    assert len({sample.field.en for sample in samples}) > 10
    assert {sample.lang for sample in samples} == {"zh", "en"}


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


def test_an_adapter_of_the_user_s_own_goes_before_the_built_in_one(tmp_path: Path) -> None:
    built_in = adapter_folder("adapters/techgpt-demo", tmp_path)
    assert built_in == adapter_folder("adapters/techgpt-demo") and built_in.parent.parent.name == "presets"
    (tmp_path / "adapters" / "techgpt-demo").mkdir(parents=True)
    assert adapter_folder("adapters/techgpt-demo", tmp_path) == tmp_path / "adapters" / "techgpt-demo"


def test_instructions_of_a_model_are_variants_of_its_tasks(library: Library) -> None:
    for model in library.models.values():
        for task_id, variant in model.instructions.items():
            assert variant in {one.id for one in library.task(task_id).prompts.trained.variants}
