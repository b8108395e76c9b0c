"""From a folder to a Result, for each architecture that TechGPT's models have."""

from pathlib import Path

import pytest

from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.engines.loading import load_engine
from techgpt_ui.pipeline import complete
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.schema import Result
from techgpt_ui.settings import Settings
from tests import checkpoints
from tests.adapters import write_adapter

TEXT = "陈奕迅出生于香港。"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("architectures")
    llama, qwen = root / "llama", root / "qwen"
    for folder in (llama, qwen):
        folder.mkdir()
    checkpoints.train_sentencepiece(llama)
    checkpoints.write_bin(checkpoints.llama(), llama)
    checkpoints.write_qwen(qwen)
    write_adapter(llama, root / "lora", size=0.5)
    return {"llama": llama, "qwen": qwen, "lora": root / "lora"}


def named(library: Library, model: str, folder: Path, data: Path, adapter: Path | None = None) -> Result:
    preset = library.models[model].model_copy(
        update={"source": "folder", "origin": str(folder), "adapter": str(adapter) if adapter else None}
    )
    engine = load_engine(preset, Settings(data=data, dtype="fp32", device="cpu"), log=LoadLog())
    return complete(
        library.task("ner"), {"text": TEXT, "types": ["人物", "地点"]}, model=preset, engine=engine,
        sampling=Sampling(max_new_tokens=120), seed=0, grounded=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "architecture"),
    [("techgpt-7b", "llama"), ("techgpt-2-alpaca", "llama"), ("techgpt-2-atom", "llama"), ("techgpt-2-qwen", "qwen")],
)
def test_a_folder_of_each_architecture_answers_grounded(
    library: Library, folders: dict[str, Path], tmp_path: Path, model: str, architecture: str
) -> None:
    result = named(library, model, folders[architecture], tmp_path)
    assert result.usage and result.usage.completion_tokens > 0 and result.raw
    assert all(one.text == TEXT[one.start : one.end] and one.text for one in result.mentions or ())


def test_a_lora_changes_what_its_base_says(library: Library, folders: dict[str, Path], tmp_path: Path) -> None:
    bare = named(library, "techgpt-2-long", folders["llama"], tmp_path)
    adapted = named(library, "techgpt-2-long", folders["llama"], tmp_path, folders["lora"])
    assert adapted.model and adapted.model.revision.startswith("local+lora-")
    assert adapted.raw != bare.raw
