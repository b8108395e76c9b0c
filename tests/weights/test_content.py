"""Whether a file holds what its name says: real files of each kind do, and noise does not."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from techgpt_ui.weights.content import WHOLE_JSON, kind_of
from tests.weights.encrypting import noise
from tests.weights.model_folders import sentencepiece_model

NAMES = ["config.json", "pytorch_model.bin", "model.pt", "consolidated.00.pth", "model.safetensors", "tokenizer.model"]


def fits(path: Path) -> bool:
    kind = kind_of(path.name)
    assert kind is not None
    return kind.fits(path)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a real file of each kind."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "config.json").write_text('{"名": [1, 2]}', encoding="utf-8")
    torch.save({"a": torch.zeros(3)}, folder / "pytorch_model.bin")
    torch.save({"a": torch.zeros(3)}, folder / "model.pt", _use_new_zipfile_serialization=False)
    (folder / "consolidated.00.pth").write_bytes(pickle.dumps({"a": 1}))
    save_file({"a": torch.zeros(3)}, folder / "model.safetensors")
    (folder / "tokenizer.model").write_bytes(sentencepiece_model())
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_real_file_fits_its_name(real: Path, name: str) -> None:
    assert fits(real / name)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_file_that_lost_its_end_does_not(real: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes((real / name).read_bytes()[:-3])
    # The first of the pickles of an older file is whole all the same; its tensors are the doctor's matter.
    assert fits(tmp_path / name) == (name == "model.pt")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(20))
def test_noise_does_not(tmp_path: Path, name: str, seed: int) -> None:
    (tmp_path / name).write_bytes(noise(3_000, f"{seed}"))
    assert not fits(tmp_path / name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_another_key_that_begins_right_does_not(real: Path, tmp_path: Path, name: str) -> None:
    content = (real / name).read_bytes()
    (tmp_path / name).write_bytes(content[:6] + noise(len(content) - 6, "rest"))
    assert not fits(tmp_path / name)


@pytest.mark.parametrize("name", ["README.md", "notes.txt", "model", "spiece.model"])
def test_other_names_promise_nothing(name: str) -> None:
    assert kind_of(name) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            json.dumps({"vocab": {f"词{number}": number for number in range(WHOLE_JSON // 14)}}, ensure_ascii=False),
            True,
        ),
        (f" [{'1,' * WHOLE_JSON}1]\n", True),
        (f'{{"a": {"1" * WHOLE_JSON}', False),
        ("words " * WHOLE_JSON, False),
    ],
)
def test_large_json_is_known_by_its_encoding_and_its_ends(tmp_path: Path, content: str, expected: bool) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    assert path.stat().st_size > WHOLE_JSON and fits(path) is expected
    path.write_bytes(content.encode() + b"\xff")
    assert not fits(path)
