"""The recipes that the demo adapter is made from."""

from pathlib import Path

import pytest

import training
from techgpt_ui.errors import UsageError
from techgpt_ui.gold.wording import words_for
from techgpt_ui.presets import Library
from training.recipe import read_recipe

FOLDER = Path(training.__file__).parent
OURS = [FOLDER / "first.yaml", FOLDER / "second.yaml"]
BOTH = pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)


@BOTH
def test_it_trains_for_a_preset_with_an_adapter_from_its_plain_base(library: Library, path: Path) -> None:
    recipe = read_recipe(path)
    model, base = library.models[recipe.preset], library.models[recipe.base]
    assert model.adapter and not base.adapter and model.source == base.source


@BOTH
def test_parts_are_of_known_tasks_and_have_names_of_their_own(library: Library, path: Path) -> None:
    parts = read_recipe(path).parts
    assert {part.read_as for part in parts} <= set(library.tasks)
    assert len({part.name for part in parts}) == len(parts)


@BOTH
def test_schemes_name_types_that_have_words(path: Path) -> None:
    for part in read_recipe(path).parts:
        assert all(words_for(kind) for scheme in part.schemes for kind in scheme)


def test_a_file_without_a_source_is_refused_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "recipe.yaml"
    broken.write_text(
        OURS[0].read_text(encoding="utf-8").replace("{file: conll04.jsonl,", "{file: other.jsonl,"), encoding="utf-8"
    )
    with pytest.raises(UsageError, match="conll04"):
        read_recipe(broken)


def test_a_second_stage_trains_an_adapter_of_the_same_shape() -> None:
    first, second = (read_recipe(path).settings for path in OURS)
    assert (first.rank, first.alpha) == (second.rank, second.alpha)
