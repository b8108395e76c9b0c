"""A model preset with an adapter, through the real pipeline on the real demo model."""

import shutil
from pathlib import Path

import pytest

from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.engines.host import HostState, ModelHost
from techgpt_ui.engines.loading import load_engine, model_folder, model_state, resolve_model
from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.keeping import identity
from techgpt_ui.evaluation.planning import Wishes, make_plan
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import complete, prepare, run
from techgpt_ui.presets import Library, ModelPreset, Sampling
from techgpt_ui.schema import Result, Segment
from techgpt_ui.settings import DEFAULT_MODEL, Settings
from tests.adapters import teach_adapter, write_adapter
from tests.evaluation.answering import TRIP, gold_set
from tests.test_wire_format import folder as tiny_llama  # noqa: F401

TEXT = "In 1998 Ada Lindgren left Orbital Metrics in Toronto for the University of Oslo."
TYPES = ["person", "organization", "place"]
INPUTS = {"text": TEXT, "types": TYPES}
NAMES = (
    ("Ada Lindgren", "person"), ("Orbital Metrics", "organization"), ("Toronto", "place"),
    ("University of Oslo", "organization"),
)  # fmt: skip


@pytest.fixture(scope="module")
def own(demo: Path, host: ModelHost, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with an adapter of the default model's name among the user's own presets, and a cache of their own.

    It has learned to find the names of one text, which its base answers to with "none".
    """
    folder = tmp_path_factory.mktemp("adapted")
    task, engine = library.task("ner"), host.engine()
    prompt = prepare(task, INPUTS, model=library.models[DEFAULT_MODEL], engine=engine, sampling=Sampling())
    answer = PARSERS[task.format].write(NAMES, task.prompts.trained.dialect)
    ids = engine.encode([Segment(text=answer), Segment(text="<|im_end|>", control=True)])
    teach_adapter(demo, folder / "presets" / "adapters" / "techgpt-demo", prompt.ids, ids)
    (folder / "data" / "models").mkdir(parents=True)
    (folder / "data" / "models" / demo.name).symlink_to(demo)
    return Settings(data=folder / "data", presets=folder / "presets", lang="en")


class Watched(ModelHost):
    """Remembers what its header showed."""

    def __init__(self, preset: ModelPreset, settings: Settings) -> None:
        self.seen: list[HostState] = []
        super().__init__(preset, settings)

    def enter(self, state: HostState) -> None:
        self.seen.append(state)
        super().enter(state)


@pytest.fixture(scope="module")
def adapted(own: Settings, library: Library) -> Watched:
    preset = resolve_model(own.model, library)
    assert (preset.id, model_state(preset, own)) == (DEFAULT_MODEL, "not merged")
    host = Watched(preset, own)
    host.load()
    return host


def named(preset: ModelPreset, engine: Engine, library: Library, *, grounded: bool = True) -> Result:
    return complete(
        library.task("ner"), INPUTS, model=preset, engine=engine,
        sampling=Sampling(max_new_tokens=100), seed=0, grounded=grounded,
    )  # fmt: skip


def test_it_is_merged_at_the_first_load_and_the_header_says_so(adapted: Watched, own: Settings) -> None:
    adapted.engine()
    shown = [(state.phase, state.progress.step if state.progress else "") for state in adapted.seen]
    assert list(dict.fromkeys(shown)) == [("loading", ""), ("fetching", "merge"), ("ready", "")]
    assert shown[-2:] == [("loading", ""), ("ready", "")]
    assert model_state(adapted.preset, own) == "present"


@pytest.mark.parametrize("grounded", [True, False])
def test_what_the_adapter_learned_is_read_and_stands_in_the_text(
    adapted: Watched, library: Library, grounded: bool
) -> None:
    result = named(adapted.preset, adapted.engine(), library, grounded=grounded)
    assert f"实体类型：{', '.join(TYPES)}" in result.prompt and result.prompt.endswith(" \n\nAssistant:")
    assert (result.status, result.finish_reason) == ("parsed", "stop") and result.mentions is not None
    assert [(one.text, one.type) for one in result.mentions] == list(NAMES)
    assert all(one.text == TEXT[one.start : one.end] for one in result.mentions)


def test_its_base_knows_nothing_of_it(adapted: Watched, host: ModelHost, library: Library) -> None:
    result = named(adapted.preset, host.engine(), library)
    assert [(one.text, one.type) for one in result.mentions or ()] != list(NAMES)
    assert result.model and "+" not in result.model.revision


def test_a_run_says_which_adapter_answered(adapted: Watched, own: Settings) -> None:
    folder = model_folder(adapted.preset, own)
    assert adapted.engine().info.revision == f"{adapted.preset.revision}+{folder.name}"


def test_it_stops_when_told(adapted: Watched, library: Library) -> None:
    cancel = CancelToken()
    endless = run(
        library.task("chat"), {"message": "Hello"}, model=adapted.preset, engine=adapted.engine(),
        sampling=Sampling(max_new_tokens=2000, min_new_tokens=2000), seed=0, grounded=False, cancel=cancel,
    )  # fmt: skip
    for update in endless:
        if update.raw:
            cancel.cancel()
    assert update.result and update.result.finish_reason == "cancelled"


def test_an_answer_goes_on_where_it_ended(adapted: Watched, library: Library) -> None:
    result = complete(
        library.task("chat"), {"message": "Who was Ada Lovelace?"}, model=adapted.preset, engine=adapted.engine(),
        sampling=Sampling(max_new_tokens=4, min_new_tokens=4), seed=0, grounded=False, answer_so_far="Ada",
    )  # fmt: skip
    assert result.raw.startswith("Ada") and len(result.raw) > len("Ada")


def test_a_preset_without_its_adapter_says_so(library: Library, own: Settings, tmp_path: Path) -> None:
    preset = library.models[DEFAULT_MODEL].model_copy(update={"adapter": "adapters/absent"})
    host = ModelHost(preset, own)
    host.load()
    assert host.state.phase == "failed" and host.error and host.error.code == "adapter_missing"
    with pytest.raises(UsageError, match="adapters/absent does not exist"):
        model_state(preset, own)


@pytest.fixture
def folder_preset(library: Library, tiny_llama: Path, tmp_path: Path) -> tuple[ModelPreset, Settings]:  # noqa: F811
    """A folder's model with an adapter, as a user might describe it."""
    write_adapter(tiny_llama, tmp_path / "presets" / "adapters" / "mine")
    preset = resolve_model(str(tiny_llama), library).model_copy(update={"adapter": "adapters/mine"})
    return preset, Settings(data=tmp_path / "data", presets=tmp_path / "presets", dtype="fp32")


def test_an_adapter_goes_on_a_folder_too(folder_preset: tuple[ModelPreset, Settings]) -> None:
    preset, settings = folder_preset
    merged = model_folder(preset, settings)
    assert merged.parent == settings.cache and merged.name.startswith("mine-")
    assert load_engine(preset, settings).info.revision == f"local+{merged.name}"


def test_another_adapter_is_another_evaluation(folder_preset: tuple[ModelPreset, Settings], library: Library) -> None:
    preset, settings = folder_preset
    plan = make_plan(library, gold_set(TRIP), Wishes(), model=preset)
    first = identity(plan, load_engine(preset, settings))
    assert identity(plan, load_engine(preset, settings)) == first
    write_adapter(Path(preset.origin), Path(str(settings.presets)) / "adapters" / "mine", seed=1)
    second = identity(plan, load_engine(preset, settings))
    bare = preset.model_copy(update={"adapter": None})
    third = identity(plan._replace(model=bare), load_engine(bare, settings))
    assert len({first, second, third}) == 3
    shutil.rmtree(settings.cache)
    assert identity(plan, load_engine(preset, settings)) == second
