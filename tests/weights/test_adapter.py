"""A base and a LoRA adapter: merged once, anew where one of them changed, and what is said of an unfit adapter."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file, save_file

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights import FetchProgress, merge_adapter, merged_checkpoint, require_model_folder
from tests.adapters import TARGETS, WEIGHTS, write_adapter, write_base
from tests.weights.fetching import ROOT

CONFIG = "adapter_config.json"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base and its adapter, to be copied by each test."""
    folder = tmp_path_factory.mktemp("made")
    write_adapter(write_base(folder / "base"), folder / "small-demo")
    return folder


@pytest.fixture
def base(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "base", tmp_path / "base")


@pytest.fixture
def adapter(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made / "small-demo", tmp_path / "adapters" / "small-demo")


def merged(cache: Path, base: Path, adapter: Path) -> tuple[Path, list[FetchProgress]]:
    """The folder, which must be whole and alone, and the progress."""
    seen: list[FetchProgress] = []
    folder = merge_adapter(cache, base, adapter, seen.append)
    assert folder == merged_checkpoint(cache, base, adapter)
    assert left_in(cache) == {folder.name}
    require_model_folder(folder)
    return folder, seen


def left_in(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()} - {".small-demo.lock"}


def test_the_merged_weights_are_the_sums_that_lora_means(base: Path, adapter: Path, cache: Path) -> None:
    folder, seen = merged(cache, base, adapter)
    assert [(one.step, one.done) for one in seen] == [*(("merge", at) for at in range(4)), ("done", 1)]
    before, after, lora = (
        load_file(path) for path in (base / "model.safetensors", folder / "model.safetensors", adapter / WEIGHTS)
    )
    assert before.keys() == after.keys()
    for name, weight in before.items():
        expected = weight.float()
        if name.split(".")[-2] in TARGETS:
            stem = f"base_model.model.{name.removesuffix('.weight')}"
            a, b = (lora[f"{stem}.lora_{side}.weight"].float() for side in "AB")
            expected = expected + 2 * b @ a
            assert not torch.equal(after[name], weight)
        assert after[name].dtype == torch.bfloat16
        torch.testing.assert_close(after[name].float(), expected, rtol=2**-8, atol=2**-12)


def test_what_belongs_to_the_base_stays_with_it(base: Path, adapter: Path, cache: Path) -> None:
    (base / "NOTICE").write_text("By its makers.\n")
    (base / "LICENSE").write_text("Freely.\n")
    folder, _ = merged(cache, base, adapter)
    assert (folder / "LICENSE").read_text() == "Freely.\n" and (folder / "tokenizer.json").read_text() == "{}"
    notice = (folder / "NOTICE").read_text()
    assert notice.startswith("By its makers.\n\nThe LoRA adapter small-demo (sha256 ")


def test_a_second_call_touches_nothing(base: Path, adapter: Path, cache: Path) -> None:
    folder, _ = merged(cache, base, adapter)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (adapter / "README.md").write_text("A card is no weight.")
    assert merged(cache, base, adapter) == (folder, [FetchProgress("done", 1, 1)])
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def change_adapter(base: Path, adapter: Path) -> None:
    write_adapter(base, adapter, seed=1)


def change_scale(base: Path, adapter: Path) -> None:
    settings = json.loads((adapter / CONFIG).read_text())
    (adapter / CONFIG).write_text(json.dumps(settings | {"lora_alpha": 9}))


def change_base(base: Path, adapter: Path) -> None:
    weights = load_file(base / "model.safetensors")
    save_file({name: one + 1 for name, one in weights.items()}, base / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("change", [change_adapter, change_scale, change_base])
def test_a_change_makes_a_new_folder_in_the_place_of_the_old(
    base: Path, adapter: Path, cache: Path, change: Callable[[Path, Path], None]
) -> None:
    old, _ = merged(cache, base, adapter)
    weights = load_file(old / "model.safetensors")
    change(base, adapter)
    assert merged_checkpoint(cache, base, adapter) is None
    new, _ = merged(cache, base, adapter)
    assert new != old and any(
        not torch.equal(one, weights[name]) for name, one in load_file(new / "model.safetensors").items()
    )


def test_what_others_have_in_the_cache_stays(base: Path, adapter: Path, cache: Path) -> None:
    others = {"small-demo", "small-demo-2", "another-demo-0123456789ab", "small-demo-0123456789ab-x"}
    for name in others:
        (cache / name).mkdir(parents=True)
    merge_adapter(cache, base, adapter, lambda progress: None)
    assert others < left_in(cache)


def test_a_damaged_folder_and_the_rest_of_a_killed_run_are_made_good(base: Path, adapter: Path, cache: Path) -> None:
    folder, _ = merged(cache, base, adapter)
    os.truncate(folder / "model.safetensors", 100)
    (cache / ".small-demo.partial" / "checkpoint").mkdir(parents=True)
    (cache / ".small-demo.partial" / "checkpoint" / "half").write_text("")
    again, seen = merged(cache, base, adapter)
    assert again == folder and len(seen) > 1 and not (folder / "half").exists()


def test_one_merges_and_the_others_wait(base: Path, adapter: Path, cache: Path) -> None:
    cache.mkdir()
    lock = FileLock(cache / ".small-demo.lock")
    seen: list[FetchProgress] = []

    def listen(progress: FetchProgress) -> None:
        seen.append(progress)
        lock.release()

    with lock:
        merge_adapter(cache, base, adapter, listen)
    assert seen[0] == FetchProgress("merge", 0, 0) and seen[-1].step == "done"


def test_a_listener_can_stop_the_work(base: Path, adapter: Path, cache: Path) -> None:
    def stop(progress: FetchProgress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge_adapter(cache, base, adapter, stop)
    assert left_in(cache) == set()


def test_the_state_is_known_without_torch(base: Path, adapter: Path, cache: Path) -> None:
    folder, _ = merged(cache, base, adapter)
    code = (
        "import sys; from pathlib import Path; import techgpt_ui.weights as w\n"
        "print(w.merged_checkpoint(*map(Path, sys.argv[1:])), 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(cache), str(base), str(adapter)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert output.split() == [str(folder), "False"]


class Trap:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.trace,)


def pickled(adapter: Path) -> None:
    (adapter / WEIGHTS).unlink()
    (adapter / "adapter_model.bin").write_bytes(pickle.dumps(Trap(adapter / "trace")))


def configured(content: str) -> Callable[[Path], None]:
    return lambda adapter: (adapter / CONFIG).write_text(content) and None


def broken_numbers(adapter: Path) -> None:
    weights = load_file(adapter / WEIGHTS)
    save_file({name: one * float("nan") for name, one in weights.items()}, adapter / WEIGHTS)


def of_another(**shape: int) -> Callable[[Path], None]:
    def replace(adapter: Path) -> None:
        write_adapter(write_base(adapter.parent / "other", **shape), adapter)

    return replace


def of_other_layers(adapter: Path) -> None:
    settings = json.loads((adapter / CONFIG).read_text())
    (adapter / CONFIG).write_text(json.dumps(settings | {"target_modules": ["c_attn"]}))


HARMS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no folder": (shutil.rmtree, "adapter_missing", "smollm2-demo"),
    "no weights": (lambda adapter: (adapter / WEIGHTS).unlink(), "adapter_incomplete", WEIGHTS),
    "no configuration": (lambda adapter: (adapter / CONFIG).unlink(), "adapter_incomplete", CONFIG),
    "pickled": (pickled, "adapter_pickled", "adapter_model.bin"),
    "cloned without lfs": (
        lambda adapter: (adapter / WEIGHTS).write_text(POINTER),
        "model_files_are_pointers",
        WEIGHTS,
    ),
    "cut": (lambda adapter: os.truncate(adapter / WEIGHTS, 500), "model_weights_damaged", WEIGHTS),
    "half a configuration": (configured('{"peft_type"'), "adapter_config_broken", "JSONDecodeError"),
    "a list": (configured("[]"), "adapter_config_broken", "TypeError"),
    "another method": (configured('{"peft_type": "IA3"}'), "adapter_config_broken", "peft_type: IA3"),
    "numbers that are none": (broken_numbers, "adapter_merge_failed", "NaNs detected"),
    "a wider base": (of_another(width=64), "adapter_for_another_base", "(64, 4) ≠ (32, 4)"),
    "a deeper base": (of_another(layers=3), "adapter_for_another_base", "layers.2"),
    "a shallower base": (of_another(layers=1), "adapter_for_another_base", "layers.1"),
    "other layers": (of_other_layers, "adapter_for_another_base", "c_attn"),
}


@pytest.mark.parametrize("case", HARMS)
def test_an_adapter_that_does_not_fit_is_told(base: Path, adapter: Path, cache: Path, case: str) -> None:
    harm, code, named = HARMS[case]
    harm(adapter)
    cache.mkdir()
    with pytest.raises(WorkbenchError) as caught:
        merge_adapter(cache, base, adapter, lambda progress: None)
    assert caught.value.code == code and left_in(cache) == set()
    assert all(named in caught.value.words(lang) and str(adapter) in caught.value.words(lang) for lang in ("zh", "en"))
    assert not (adapter / "trace").exists()


def test_pickled_weights_beside_the_others_are_not_opened(base: Path, adapter: Path, cache: Path) -> None:
    (adapter / "adapter_model.bin").write_bytes(pickle.dumps(Trap(adapter / "trace")))
    merged(cache, base, adapter)
    assert not (adapter / "trace").exists()
