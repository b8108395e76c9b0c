"""What is said of a folder that should hold a model, from the empty one to the whole one."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from techgpt_ui.errors import UsageError
from techgpt_ui.weights import ModelFolderError, inspect_folder, require_model_folder
from techgpt_ui.weights.headers import read_header

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float16"}
ENCRYPTED = f"{'e3b0c44298fc1c149afbf4c8996fb924' * 2}.enc"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole model folder: 400 bytes of fp16 and 40 of fp32."""
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "tokenizer.model").write_bytes(b"sentencepiece")
    tensors = {"a": np.zeros(100, np.float16), "b": np.zeros(100, np.float16), "c": np.zeros(10, np.float32)}
    save_file(tensors, tmp_path / "model.safetensors")
    return tmp_path


def shard(folder: Path) -> Path:
    """Split the weights of a whole folder in two files with an index; returns the second."""
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    second = folder / "model-00002-of-00002.safetensors"
    save_file({"d": np.zeros(5, np.float16)}, second)
    names = dict.fromkeys("abc", "model-00001-of-00002.safetensors") | {"d": second.name}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    return second


def codes(folder: Path) -> list[str]:
    return [finding.code for finding in inspect_folder(folder).findings]


def test_a_whole_folder(folder: Path) -> None:
    report = require_model_folder(folder)
    size = (folder / "model.safetensors").stat().st_size
    assert (report.architecture, report.dtype, report.bytes) == ("LlamaForCausalLM", "fp16", size)
    assert [(finding.severity, finding.code) for finding in report.findings] == [("ok", "model_folder")]
    assert report.problems == ()


def test_shards_count_together(folder: Path) -> None:
    shard(folder)
    report = require_model_folder(folder)
    assert report.bytes == sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def test_pickled_weights_say_their_dtype(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"a": torch.zeros(9, dtype=torch.bfloat16)}, folder / "pytorch_model.bin")
    report = require_model_folder(folder)
    assert (report.dtype, report.bytes) == ("bf16", (folder / "pytorch_model.bin").stat().st_size)


def test_the_file_that_transformers_takes_first_is_the_one_reported(folder: Path) -> None:
    torch.save({"a": torch.zeros(1234)}, folder / "pytorch_model.bin")
    assert inspect_folder(folder).bytes == (folder / "model.safetensors").stat().st_size


@pytest.mark.parametrize("files", [("tokenizer.json",), ("vocab.json", "merges.txt")])
def test_every_kind_of_tokenizer_will_do(folder: Path, files: tuple[str, ...]) -> None:
    (folder / "tokenizer.model").unlink()
    assert codes(folder) == ["model_tokenizer_missing"]
    for name in files:
        (folder / name).write_text("{}")
    assert codes(folder) == ["model_folder"]


def test_a_model_that_does_not_write_is_a_warning(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(CONFIG | {"architectures": ["BertModel"]}))
    report = require_model_folder(folder)
    assert [(finding.severity, finding.code) for finding in report.findings][1:] == [
        ("warning", "model_not_generative")
    ]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        inspect_folder(tmp_path / "absent")
    assert (caught.value.code, caught.value.exit_code) == ("model_folder_missing", 2)
    assert str(tmp_path / "absent") in caught.value.words("zh")


def test_a_file(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        require_model_folder(folder / "config.json")
    assert caught.value.code == "model_folder_is_file"


def remove(*names: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return harm


def write(name: str, content: str | bytes) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return harm


def encrypt(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.rename(folder / f"{path.name}.{ENCRYPTED}")


def lose_a_shard(folder: Path) -> None:
    shard(folder).unlink()


def cut(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", 300)


def link_to_nowhere(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(folder / "blob")


def break_index(content: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        shard(folder)
        (folder / "model.safetensors.index.json").write_text(content)

    return harm


def noise_for_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(bytes(1234))


class Runs:
    """Unpickling this makes a folder."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("never",)


def run_something(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"a": torch.zeros(9), "b": Runs()}, folder / "pytorch_model.bin")


def index_of_others(folder: Path) -> None:
    shard(folder)
    index = folder / "model.safetensors.index.json"
    places = json.loads(index.read_bytes())["weight_map"]
    index.write_text(json.dumps({"weight_map": places | {"elsewhere": "model-00002-of-00002.safetensors"}}))


def lose_the_index(folder: Path) -> None:
    shard(folder)
    (folder / "model.safetensors.index.json").unlink()


def lose_the_index_and_a_shard(folder: Path) -> None:
    shard(folder).unlink()
    (folder / "model.safetensors.index.json").unlink()


ALL = ("config.json", "tokenizer.model", "model.safetensors")
HARMS = {
    "empty": (remove(*ALL), ["model_folder_empty"], ""),
    "no config": (remove("config.json"), ["model_config_missing"], "config.json"),
    "half a config": (write("config.json", '{"architectures"'), ["model_config_broken"], "Expecting"),
    "config in another encoding": (write("config.json", b'{"a": "\xff"}'), ["model_config_broken"], "decode"),
    "config without a model": (write("config.json", "{}"), ["model_config_broken"], "model_type"),
    "config that is a list": (write("config.json", "[]"), ["model_config_broken"], "model_type"),
    "no weights": (remove("model.safetensors"), ["model_weights_missing"], "model.safetensors, pytorch_model.bin"),
    "weights that are elsewhere": (link_to_nowhere, ["model_weights_missing"], "model.safetensors"),
    "cut weights": (cut, ["model_weights_damaged"], "model.safetensors"),
    "empty weights": (write("model.safetensors", ""), ["model_weights_damaged"], "model.safetensors"),
    "a missing shard": (lose_a_shard, ["model_shards_missing"], "model-00002-of-00002.safetensors"),
    "half an index": (break_index('{"weight_map"'), ["model_index_broken"], "model.safetensors.index.json"),
    "an index of nothing": (break_index("[1]"), ["model_index_broken"], "model.safetensors.index.json"),
    "shards without names": (break_index('{"weight_map": {"a": 1}}'), ["model_index_broken"], "index.json"),
    "noise as pickled weights": (noise_for_weights, ["model_weights_damaged"], "pytorch_model.bin"),
    "pickled weights that run something": (run_something, ["model_pickle_unsafe"], f"{os.mkdir.__module__}.mkdir"),
    "an index of other shards": (index_of_others, ["model_tensors_missing"], "elsewhere"),
    "shards without an index": (lose_the_index, ["model_index_missing"], "model.safetensors.index.json"),
    "one shard alone": (
        lose_the_index_and_a_shard,
        ["model_index_missing", "model_shards_absent"],
        "model-00002-of-00002.safetensors",
    ),
    "encrypted": (encrypt, ["model_folder_encrypted"], ENCRYPTED),
    "one file encrypted": (write("x.json.enc", "?"), ["model_folder_encrypted"], "x.json.enc"),
    "no tokenizer": (remove("tokenizer.model"), ["model_tokenizer_missing"], "vocab.json + merges.txt"),
    "cloned without lfs": (write("model.safetensors", POINTER), ["model_files_are_pointers"], "model.safetensors"),
    "two things": (remove(*ALL[:2]), ["model_config_missing", "model_tokenizer_missing"], "tokenizer.json"),
}


@pytest.mark.parametrize("case", HARMS)
def test_what_cannot_be_loaded_is_named(folder: Path, case: str) -> None:
    harm, expected, named = HARMS[case]
    harm(folder)
    report = inspect_folder(folder)
    assert [finding.code for finding in report.findings] == expected
    with pytest.raises(ModelFolderError) as caught:
        require_model_folder(folder)
    error = caught.value
    assert (error.code, error.findings) == (expected[0], report.findings)
    for lang in ("zh", "en"):
        words = error.words(lang)
        assert named in words
        assert str(folder) in words
        assert all(finding.hint.within(lang) in words for finding in report.findings)
    assert str(error) == error.message.en


def test_an_adapter_is_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    assert codes(tmp_path) == ["model_folder_is_adapter"]


def test_encrypted_files_beside_the_decrypted_ones_do_no_harm(folder: Path) -> None:
    for name in ALL:
        (folder / f"{name}.{ENCRYPTED}").write_bytes(b"?")
    (folder / "config.json.enc").write_bytes(b"?")
    assert codes(folder) == ["model_folder"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        (2**40).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (2).to_bytes(8, "little") + b"xx",
        (9).to_bytes(8, "little") + b'{"a": {}}',
        (9).to_bytes(8, "little") + b'{"a": 12}',
        (2).to_bytes(8, "little") + b"{}" + b"more",
    ],
)
def test_what_is_no_safetensors_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=r".+"):
        read_header(tmp_path / "file")
