"""Checkpoints in every form that a model comes in, through the real loader."""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from techgpt_ui.engines import precision
from techgpt_ui.engines.base import CancelToken, Finished, GenerationRequest
from techgpt_ui.engines.library_warnings import OnceHandler
from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.engines.loading import load_engine, resolve_model
from techgpt_ui.engines.placement import budgets, placing
from techgpt_ui.engines.transcript import Transcript
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library, ModelPreset, Sampling
from techgpt_ui.settings import Settings
from tests import checkpoints

ROOT = Path(__file__).resolve().parent.parent.parent
IDS = torch.tensor([[1, 5, 9, 40, 300]])
PROMPT = (1, 5, 9, 40)
SIX = (
    "config.json", "generation_config.json", "pytorch_model.bin", "special_tokens_map.json", "tokenizer.model",
    "tokenizer_config.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TechGPT 1.0's six files."""
    path = tmp_path_factory.mktemp("six")
    checkpoints.train_sentencepiece(path)
    checkpoints.write_bin(checkpoints.llama(), path)
    return path


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def loaded(library: Library, place: Path, log: LoadLog | None = None, **settings: Any) -> Any:
    preset = resolve_model(str(place), library)
    return load_engine(preset, Settings(**{"dtype": "fp32", "device": "cpu", **settings}), log=log)


def request(**changes: Any) -> GenerationRequest:
    sampling = Sampling(**{"max_new_tokens": 8, **changes})
    return GenerationRequest(prompt_ids=PROMPT, sampling=sampling, seed=3)


def answered(engine: Any, wanted: GenerationRequest) -> Finished:
    *_, last = engine.stream(wanted, CancelToken())
    assert isinstance(last, Finished)
    return last


def generated(engine: Any, wanted: GenerationRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The very ids that the engine's model gave."""
    seen: list[list[int]] = []
    bare = engine._model.generate

    def spy(**arguments: Any) -> Any:
        output = bare(**arguments)
        seen.append(output[0, len(PROMPT) :].tolist())
        return output

    monkeypatch.setattr(engine._model, "generate", spy)
    answered(engine, wanted)
    return seen[0]


def test_the_checkpoint_is_the_six_files_of_1_0(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == sorted(SIX)


@pytest.mark.parametrize("form", ["bin", "bin shards", "safetensors", "safetensors shards", "gguf folder", "gguf file"])
def test_every_form_gives_the_same_numbers(library: Library, folder: Path, tmp_path: Path, form: str) -> None:
    model, place = checkpoints.llama(), tmp_path / "model"
    place.mkdir()
    if form.startswith("gguf"):
        import sentencepiece

        tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        checkpoints.write_gguf(model, tokenizer, place / "tiny.gguf")
    else:
        for name in ("special_tokens_map.json", "tokenizer.model", "tokenizer_config.json"):
            shutil.copy(folder / name, place)
        if form.startswith("bin"):
            checkpoints.write_bin(model, place, shards=3 if "shards" in form else 1)
        else:
            model.save_pretrained(place, max_shard_size="50KB" if "shards" in form else "1GB")
    engine = loaded(library, place / "tiny.gguf" if form == "gguf file" else place)
    assert torch.equal(engine._model(IDS).logits, model(IDS).logits)


@pytest.mark.parametrize(("dtype", "off"), [("fp16", 2e-3), ("bf16", 2e-2), ("int8", 3e-2), ("nf4", 0.3)])
def test_every_number_format_says_nearly_the_same(library: Library, folder: Path, dtype: str, off: float) -> None:
    engine = loaded(library, folder, dtype=dtype)
    expected = checkpoints.llama()(IDS).logits
    assert engine.info.dtype == dtype
    assert 0 < (engine._model(IDS).logits.float() - expected).abs().max() < off
    assert answered(engine, request()).usage.completion_tokens > 0


@pytest.mark.parametrize(
    "drawing", [{}, {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "top_k": 40, "repetition_penalty": 1.2}]
)
def test_an_answer_is_that_of_bare_transformers_token_by_token(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, drawing: dict[str, Any]
) -> None:
    model = checkpoints.llama()
    torch.manual_seed(3)
    ids = torch.tensor([PROMPT])
    expected = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, pad_token_id=0,
        **{"do_sample": False, **drawing},
    )[0, len(PROMPT) :].tolist()  # fmt: skip
    assert generated(loaded(library, folder), request(**drawing), monkeypatch) == expected


def test_every_end_that_generation_config_lists_ends_an_answer(library: Library, copy: Path) -> None:
    first = checkpoints.llama()(torch.tensor([PROMPT])).logits[0, -1].argmax().item()
    (copy / "generation_config.json").write_text(json.dumps({"eos_token_id": [2, first]}))
    last = answered(loaded(library, copy), request())
    assert (last.finish_reason, last.usage.completion_tokens) == ("stop", 1)


def test_nothing_else_of_generation_config_comes_into_a_run(
    library: Library, folder: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = generated(loaded(library, folder), request(), monkeypatch)
    hidden = {"eos_token_id": 2, "suppress_tokens": plain, "repetition_penalty": 3.0, "no_repeat_ngram_size": 1}
    (copy / "generation_config.json").write_text(json.dumps(hidden))
    assert generated(loaded(library, copy), request(), monkeypatch) == plain


class Code:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("ran",)


def test_code_in_a_pickled_checkpoint_is_not_run(
    library: Library, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"lm_head.weight": Code()}, copy / "pytorch_model.bin")
    with pytest.raises(WorkbenchError):
        loaded(library, copy)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("dtype", ["int8", "nf4"])
def test_a_missing_bitsandbytes_is_told_with_the_command(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, dtype: str
) -> None:
    monkeypatch.setattr(precision, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refusal:
        loaded(library, folder, dtype=dtype)
    assert "pip install -r requirements-quantized.txt" in refusal.value.words("en")
    assert (ROOT / "requirements-quantized.txt").is_file()


def test_bitsandbytes_has_one_version_everywhere() -> None:
    pins = [
        line
        for name in ("requirements-quantized.txt", "requirements-test.txt")
        for line in (ROOT / name).read_text().splitlines()
        if line.startswith("bitsandbytes==")
    ]
    assert len(pins) == 2 and len(set(pins)) == 1


def test_several_gguf_files_are_told(library: Library, tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(UsageError, match=r"a\.gguf, b\.gguf"):
        resolve_model(str(tmp_path), library)


def test_interpolated_positions_reach_further(library: Library, folder: Path) -> None:
    preset = resolve_model(str(folder), library).model_copy(update={"context_scale": 3.0, "context": 13312})
    engine = load_engine(preset, Settings(dtype="fp32", device="cpu"))
    plain = loaded(library, folder)
    assert (plain.context, engine.context) == (2048, 3 * 2048)
    assert torch.allclose(engine._model.model.rotary_emb.inv_freq * 3, plain._model.model.rotary_emb.inv_freq)


def test_a_folder_named_like_a_repository_is_spoken_to_as_its_preset_says(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "TechGPT-2.0-atom-hf"))
    assert resolve_model(str(place), library).wire == library.models["techgpt-2-atom"].wire


@pytest.mark.parametrize(
    ("name", "ident", "revision"),
    [
        ("neukg/TechGPT-7B", "techgpt-7b", None),
        ("neukg/TechGPT-2.0-alpaca-hf@abc123", "techgpt-2-alpaca", "abc123"),
        ("someone/model@v1", "someone-model", "v1"),
    ],
)
def test_a_hub_id_may_pin_a_revision(library: Library, name: str, ident: str, revision: str | None) -> None:
    preset: ModelPreset = resolve_model(name, library)
    assert (preset.id, preset.revision) == (ident, revision)


def test_a_load_keeps_its_log(library: Library, folder: Path) -> None:
    log = LoadLog()
    loaded(library, folder, log)
    words = [entry.text.en for entry in log.entries]
    assert words[0].startswith(f"Reading {folder.name} ")
    assert "fp32 on cpu" in words[1] and words[-1].startswith("Loaded in")
    assert [entry.at for entry in log.entries] == sorted(entry.at for entry in log.entries)


def test_a_warning_that_comes_again_and_again_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    handler, heard = OnceHandler(), list[str]()
    record = logging.LogRecord("bitsandbytes.x", logging.WARNING, "", 0, "cast from %s", ("bf16",), None)
    with handler.heard_by(heard.append):
        for _ in range(3):
            handler.handle(record)
    assert caplog.messages == ["bitsandbytes.x: cast from bf16"]
    assert set(heard) == {"bitsandbytes.x: cast from bf16"}


@pytest.mark.parametrize("where", ["cpu", "python"])
def test_a_run_without_memory_names_remedies_and_the_next_one_works(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    engine = loaded(library, folder)
    before = answered(engine, request()).text

    def greedy(*_: Any, **__: Any) -> Any:
        return torch.empty(2**58, dtype=torch.uint8) if where == "cpu" else bytearray(2**62)

    with monkeypatch.context() as patch:
        patch.setattr(engine._model, "forward", greedy)
        with pytest.raises(WorkbenchError) as failure:
            answered(engine, request())
    assert failure.value.code == "out_of_memory"
    hint = failure.value.hint.en
    assert all(word in hint for word in ("Shorten", "fewer new tokens", "fewer beams", "smaller number format"))
    assert answered(engine, request()).text == before


def test_an_unloaded_model_refuses_runs(library: Library, folder: Path) -> None:
    engine = loaded(library, folder)
    engine.close()
    with pytest.raises(WorkbenchError) as refusal:
        answered(engine, request())
    assert refusal.value.code == "engine_closed"


def test_unloading_ends_the_run_that_is_under_way(library: Library, folder: Path) -> None:
    engine = loaded(library, folder)
    endless = request(max_new_tokens=1900, min_new_tokens=1900)
    events = engine.stream(endless, CancelToken())
    next(events)
    engine.close()
    *_, last = events
    assert isinstance(last, Finished) and last.finish_reason == "cancelled"


def test_without_a_choice_weights_go_straight_to_the_device() -> None:
    assert placing("auto", "cpu", offload=False) == {"device_map": {"": "cpu"}}


def test_weights_that_a_gpu_has_no_room_for_go_beside_it_only_when_asked() -> None:
    from accelerate import infer_auto_device_map, init_empty_weights
    from transformers import LlamaForCausalLM

    with init_empty_weights():
        model = LlamaForCausalLM(checkpoints.llama_config(num_hidden_layers=6))
    half = sum(one.numel() * one.element_size() for one in model.parameters()) // 2
    whole = {"no_split_module_classes": ["LlamaDecoderLayer"]}
    spread = infer_auto_device_map(model, max_memory=budgets({0: half}, 10**9), **whole)
    tight = infer_auto_device_map(model, max_memory=budgets({0: half}, 0), **whole)
    assert set(spread.values()) == {0, "cpu"}
    assert "cpu" not in tight.values()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_load_takes_little_more_than_the_weights_and_unloading_gives_them_back(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.engines.memory_process", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    spare = 150_000_000  # buffers that do not grow with the weights
    assert told["peak"] < 1.15 * told["weights"] + spare
    assert told["kept"] < 0.35 * told["weights"]


def test_bytes_that_are_no_text_do_not_end_a_run(library: Library, folder: Path) -> None:
    tokenizer = loaded(library, folder)._tokenizer
    odd = [tokenizer.convert_tokens_to_ids(piece) for piece in ("<0xE9>", "<0x99>", "▁The", "<0xE9>", "▁The")]
    transcript = Transcript(tokenizer, ())
    for token in odd:
        transcript.push(token)
    assert "The" in transcript.text and "\ufffd" in transcript.text
    assert len(transcript.ends) == len(odd)
