"""Whether a model fits together and fits a machine: each finding, brought about by what causes it."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from techgpt_ui.errors import UsageError
from techgpt_ui.weights import Finding, Gpu, MachineReport, examine_folder, fitness, memory_needed, stored_tensors
from techgpt_ui.weights.stored import StoredTensor
from techgpt_ui.weights.vocabulary import vocabulary_size
from tests.weights.model_folders import CONFIG, TOKENS, sentencepiece_model, write_model

GB = 10**9
MACHINE = MachineReport(
    python="3.11",
    system="Linux",
    cpu_cores=2,
    cpu_bf16=True,
    memory_total=32 * GB,
    memory_free=16 * GB,
    gpus=(),
    disk_path=Path("/"),
    disk_free=100 * GB,
    versions={"torch": "2.13.0"},
)
OLD_GPU = Gpu(name="P100", memory_total=16 * GB, memory_free=15 * GB, capability=(6, 0))
NEW_GPU = Gpu(name="H100", memory_total=80 * GB, memory_free=79 * GB, capability=(9, 0))


@pytest.fixture(scope="session")
def tokenizer() -> bytes:
    return sentencepiece_model()


@pytest.fixture(params=["safetensors", "bin"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[False, True], ids=["single", "sharded"])
def folder(tmp_path: Path, tokenizer: bytes, kind: str, request: pytest.FixtureRequest) -> Path:
    """A whole folder, of each kind."""
    return write_model(tmp_path / "model", tokenizer, kind, sharded=request.param)


@pytest.fixture
def single(tmp_path: Path, tokenizer: bytes) -> Path:
    return write_model(tmp_path / "model", tokenizer, "safetensors")


def found(folder: Path, machine: MachineReport = MACHINE, **wishes: str) -> dict[str, Finding]:
    return {finding.code: finding for finding in examine_folder(folder, machine, **wishes)}


def severities(findings: dict[str, Finding]) -> dict[str, str]:
    return {code: finding.severity for code, finding in findings.items()}


def with_machine(**changes: object) -> MachineReport:
    return MACHINE.model_copy(update=changes)


def test_a_whole_folder_of_each_kind_is_fine(folder: Path) -> None:
    assert severities(found(folder)) == dict.fromkeys(["model_folder", "model_tokenizer", "model_memory"], "ok")


def test_a_folder_that_cannot_be_loaded_has_only_that_said(single: Path) -> None:
    (single / "tokenizer.model").unlink()
    assert set(found(single)) == {"model_tokenizer_missing"}


def test_no_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        examine_folder(tmp_path / "absent", MACHINE)


@pytest.mark.parametrize(
    ("rows", "code", "severity"),
    [
        (TOKENS, "model_tokenizer", "ok"),
        (TOKENS + 32, "model_tokenizer", "ok"),
        (TOKENS - 1, "model_tokenizer_too_large", "error"),
        (TOKENS + 64, "model_tokenizer_too_small", "error"),
    ],
)
def test_the_tokenizer_is_compared_with_the_embedding(
    tmp_path: Path, tokenizer: bytes, kind: str, rows: int, code: str, severity: str
) -> None:
    findings = found(write_model(tmp_path / "model", tokenizer, kind, rows=rows))
    assert findings[code].severity == severity
    assert str(TOKENS) in findings[code].text.zh and str(rows) in findings[code].text.en


@pytest.mark.parametrize(
    ("tokens", "rows", "code"),
    [
        (151_646, 151_936, "model_tokenizer"),  # Qwen1.5-7B
        (32_000, 32_000, "model_tokenizer"),  # LLaMA
        (32_000, 55_296, "model_tokenizer_too_small"),  # LLaMA's tokenizer beside Chinese-Alpaca-2
        (55_296, 32_000, "model_tokenizer_too_large"),
    ],
)
def test_the_pairs_that_occur(tmp_path: Path, tokens: int, rows: int, code: str) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"a": tokens - 1}}}))
    tensors = {"model.embed_tokens.weight": StoredTensor("F16", (rows, 4096))}
    assert [finding.code for finding in fitness._tokenizer_findings(tmp_path, tensors)] == [code]


def test_a_tokenizer_that_cannot_be_read_is_named(single: Path) -> None:
    (single / "tokenizer.model").write_bytes(b"noise")
    assert "tokenizer.model" in found(single)["model_tokenizer_broken"].text.zh


TOKENIZERS: dict[str, tuple[dict[str, object], int]] = {
    "a table of ids": ({"tokenizer.json": {"model": {"vocab": {"a": 0, "b": 7}}}}, 8),
    "added tokens": ({"tokenizer.json": {"model": {"vocab": {"a": 0}}, "added_tokens": [{"id": 5}]}}, 6),
    "pieces with scores": ({"tokenizer.json": {"model": {"vocab": [["a", 0], ["b", -1]]}}}, 2),
    "a vocabulary file": ({"vocab.json": {"a": 0, "b": 1}, "merges.txt": {}}, 2),
    "tokens in the configuration": (
        {"vocab.json": {"a": 0}, "tokenizer_config.json": {"added_tokens_decoder": {"3": {}}}},
        4,
    ),
    "tokens beside it": ({"vocab.json": {"a": 0}, "added_tokens.json": {"<pad>": 9}}, 10),
    "two tokenizers": ({"tokenizer.json": {"model": {"vocab": {"a": 1}}}, "vocab.json": {"a": 99}}, 2),
}


@pytest.mark.parametrize("case", TOKENIZERS)
def test_every_kind_of_tokenizer_is_counted(tmp_path: Path, case: str) -> None:
    files, size = TOKENIZERS[case]
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    assert vocabulary_size(tmp_path) == size


def test_sentencepiece_and_added_tokens_are_counted(tmp_path: Path, tokenizer: bytes) -> None:
    (tmp_path / "tokenizer.model").write_bytes(tokenizer)
    assert vocabulary_size(tmp_path) == TOKENS
    (tmp_path / "added_tokens.json").write_text(json.dumps({"[PAD]": TOKENS}))
    assert vocabulary_size(tmp_path) == TOKENS + 1


def test_no_tokenizer_has_no_size(tmp_path: Path) -> None:
    assert vocabulary_size(tmp_path) is None


def test_fp32_where_16_bits_are_meant_is_a_warning(tmp_path: Path, tokenizer: bytes, kind: str) -> None:
    folder = write_model(tmp_path / "model", tokenizer, kind, dtype=torch.float32)
    finding = found(folder)["model_stored_wide"]
    assert finding.severity == "warning" and "fp16 is meant" in finding.text.en
    (folder / "config.json").write_text(json.dumps(CONFIG | {"torch_dtype": "float32"}))
    assert "model_stored_wide" not in found(folder)


def test_a_7b_model_in_fp32_is_a_warning_by_itself(single: Path) -> None:
    (single / "config.json").write_text(json.dumps(CONFIG | {"torch_dtype": "float32"}))
    report = fitness.inspect_folder(single)
    large = {"a": StoredTensor("F32", (7, 10**9))}
    (finding,) = fitness._stored_findings(report, large)
    assert finding.code == "model_stored_wide" and "28.00 GB" in finding.text.zh


def llama_7b() -> dict[str, StoredTensor]:
    """The tensors of LLaMA-7B, by its published sizes."""
    wide, narrow = StoredTensor("F16", (11008, 4096)), StoredTensor("F16", (4096, 4096))
    tensors = {name: StoredTensor("F16", (32000, 4096)) for name in ("model.embed_tokens.weight", "lm_head.weight")}
    for layer in range(32):
        tensors |= {f"model.layers.{layer}.{name}_proj.weight": narrow for name in "qkvo"}
        tensors |= {f"model.layers.{layer}.{name}_proj.weight": wide for name in ("gate", "up", "down")}
        tensors |= {f"model.layers.{layer}.{name}_norm.weight": StoredTensor("F16", (4096,)) for name in ("a", "b")}
    return tensors | {"model.norm.weight": StoredTensor("F16", (4096,))}


@pytest.mark.parametrize(
    ("dtype", "gigabytes"), [("fp32", 29.65), ("fp16", 14.82), ("bf16", 14.82), ("int8", 7.70), ("nf4", 4.58)]
)
def test_the_memory_of_a_7b_model_is_near_what_upstream_gives(dtype: str, gigabytes: float) -> None:
    """Upstream: fp16 15 GB, int8 8 GB, int4 5 GB."""
    need = memory_needed(llama_7b(), dtype)
    assert need.parameters == 6_738_415_616
    assert need.memory / 1e9 == pytest.approx(gigabytes, abs=0.01)


def test_shared_numbers_need_memory_once(tmp_path: Path, tokenizer: bytes) -> None:
    tensors = stored_tensors(write_model(tmp_path / "model", tokenizer, "bin"))
    assert memory_needed(tensors, "fp16").parameters == TOKENS * 8 + 16 * 8 + 8


Wishes = dict[str, str]
DEVICES: dict[str, tuple[MachineReport, Wishes, str, str]] = {
    "a gpu that is not there": (MACHINE, {"device": "cuda"}, "device_not_here", "error"),
    "a second gpu": (with_machine(gpus=(NEW_GPU,)), {"device": "cuda:1"}, "device_not_here", "error"),
    "bf16 on an old gpu": (with_machine(gpus=(OLD_GPU,)), {"dtype": "bf16"}, "dtype_beyond_gpu", "error"),
    "int8 on an old gpu": (with_machine(gpus=(OLD_GPU,)), {"dtype": "int8"}, "dtype_beyond_gpu", "error"),
    "fp16 on a processor": (MACHINE, {"dtype": "fp16"}, "dtype_slow", "warning"),
    "bf16 on an old processor": (with_machine(cpu_bf16=False), {"dtype": "bf16"}, "dtype_slow", "warning"),
}


@pytest.mark.parametrize("case", DEVICES)
def test_a_format_that_a_device_does_not_run_is_told(single: Path, case: str) -> None:
    machine, wishes, code, severity = DEVICES[case]
    assert severities(found(single, machine, **wishes))[code] == severity


def test_a_format_whose_package_is_missing_is_told(single: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "find_spec", lambda name: None)
    finding = found(single, dtype="int8", device="cpu")["dtype_needs_package"]
    assert finding.severity == "error" and "bitsandbytes" in finding.hint.zh


@pytest.mark.parametrize(
    ("machine", "wishes", "device", "dtype"),
    [
        (MACHINE, {}, "cpu", "bf16"),
        (with_machine(cpu_bf16=False), {}, "cpu", "fp32"),
        (with_machine(gpus=(NEW_GPU,)), {}, "cuda:0", "fp16"),
        (with_machine(gpus=(NEW_GPU,), versions={"torch": "2.13.0+cpu"}), {}, "cpu", "bf16"),
        (with_machine(gpus=(NEW_GPU,)), {"device": "cpu"}, "cpu", "bf16"),
        (with_machine(gpus=(OLD_GPU, NEW_GPU)), {"device": "cuda:1", "dtype": "nf4"}, "cuda:1", "nf4"),
    ],
)
def test_what_auto_comes_to(machine: MachineReport, wishes: Wishes, device: str, dtype: str) -> None:
    target = fitness.choose_target(machine, **({"dtype": "auto", "device": "auto"} | wishes))
    assert (target.device, target.dtype) == (device, dtype)


@pytest.mark.parametrize(
    ("free", "code", "hint"),
    [
        (16 * GB, "model_memory", ""),
        (10 * GB, "model_memory_short", "int8"),
        (5 * GB, "model_memory_short", "nf4"),
        (2 * GB, "model_memory_never", "demo"),
    ],
)
@pytest.mark.parametrize("place", ["processor", "gpu"])
def test_memory_is_told_with_both_figures(free: int, code: str, hint: str, place: str) -> None:
    machine = with_machine(memory_free=free)
    if place == "gpu":
        machine = with_machine(gpus=(NEW_GPU.model_copy(update={"memory_free": free}),), memory_free=0)
    target = fitness.choose_target(machine, dtype="fp16", device="auto")
    (finding,) = fitness._memory_findings(llama_7b(), target, machine)
    assert finding.code == code and hint in finding.hint.en
    assert "14.82 GB" in finding.text.zh and f"{free / GB:.2f} GB" in finding.text.en


def test_a_gpu_that_does_not_tell_its_memory_is_not_judged(single: Path) -> None:
    machine = with_machine(gpus=(NEW_GPU.model_copy(update={"memory_free": None}),))
    assert not any("memory" in code for code in found(single, machine))


def test_the_folder_is_left_as_it_was(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    found(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()
    }
