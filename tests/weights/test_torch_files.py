"""What torch wrote, read without torch and without running anything, in both of its formats."""

import collections
import io
import os
import pickle
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.weights.content import begins_with_pickle
from techgpt_ui.weights.pickles import follow
from techgpt_ui.weights.torch_files import HARMLESS, UnsafePickleError, read_torch_file
from tests.weights.model_folders import weights, write_weights

SAFETENSORS_NAMES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32", torch.int64: "I64"}


@pytest.fixture(params=[False, True], ids=["zip", "legacy"])
def legacy(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_names_formats_and_shapes_are_those_that_torch_reads(tmp_path: Path, legacy: bool, dtype: torch.dtype) -> None:
    write_weights(tmp_path / "file.bin", weights(dtype=dtype), legacy=legacy)
    loaded = torch.load(tmp_path / "file.bin", weights_only=True)
    assert {name: (one.dtype, one.shape) for name, one in read_torch_file(tmp_path / "file.bin").items()} == {
        name: (SAFETENSORS_NAMES[tensor.dtype], tuple(tensor.shape)) for name, tensor in loaded.items()
    }


def test_tensors_that_share_their_bytes_share_a_storage(tmp_path: Path, legacy: bool) -> None:
    write_weights(tmp_path / "file.bin", weights(), legacy=legacy)
    found = read_torch_file(tmp_path / "file.bin")
    assert found["lm_head.weight"].storage == found["model.embed_tokens.weight"].storage
    assert found["model.norm.weight"].storage != found["lm_head.weight"].storage


def test_the_state_of_a_real_module_is_read(tmp_path: Path, legacy: bool) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4))
    write_weights(tmp_path / "file.bin", module.state_dict(), legacy=legacy)
    assert set(read_torch_file(tmp_path / "file.bin")) == set(module.state_dict())


def test_tensors_are_found_below_other_things(tmp_path: Path, legacy: bool) -> None:
    state = {"step": 7, "state_dict": {"a": torch.nn.Parameter(torch.ones(2, 3))}, "note": b"bytes"}
    write_weights(tmp_path / "file.bin", state, legacy=legacy)
    assert read_torch_file(tmp_path / "file.bin")["state_dict.a"].shape == (2, 3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_an_error(tmp_path: Path, legacy: bool, share: float) -> None:
    path = tmp_path / "file.bin"
    write_weights(path, weights(), legacy=legacy)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(ValueError, match=r".+"):
        read_torch_file(path)


def test_a_zip_file_without_some_of_its_numbers_is_an_error(tmp_path: Path) -> None:
    write_weights(tmp_path / "whole.bin", weights())
    with zipfile.ZipFile(tmp_path / "whole.bin") as whole, zipfile.ZipFile(tmp_path / "file.bin", "w") as less:
        for entry in whole.infolist():
            if not entry.filename.endswith("data/0"):
                less.writestr(entry, whole.read(entry))
    with pytest.raises(ValueError, match="bytes"):
        read_torch_file(tmp_path / "file.bin")


class Runs:
    """Unpickling this makes a file."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call


@pytest.mark.parametrize("place", ["beside", "within"])
def test_a_pickle_that_would_run_something_is_named_and_not_run(tmp_path: Path, legacy: bool, place: str) -> None:
    mark = tmp_path / "mark"
    trap = Runs(os.mkdir, str(mark))
    state = (
        weights() | {"trap": trap} if place == "beside" else {"inner": collections.OrderedDict(weights() | {"x": trap})}
    )
    write_weights(tmp_path / "file.bin", state, legacy=legacy)
    with pytest.raises(UnsafePickleError) as caught:
        read_torch_file(tmp_path / "file.bin")
    assert caught.value.names == [f"{os.mkdir.__module__}.mkdir"]
    assert not mark.exists()
    torch.load(tmp_path / "file.bin", weights_only=False)
    assert mark.exists(), "the trap is a real one"


def test_a_plain_pickle_with_a_trap_is_named(tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(pickle.dumps(Runs(os.mkdir, str(tmp_path / "mark"))))
    with pytest.raises(UnsafePickleError):
        read_torch_file(tmp_path / "file.bin")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocols_way_to_name_a_function_is_seen(protocol: int) -> None:
    _, names = follow(io.BytesIO(pickle.dumps([Runs(os.getpid), Runs(os.getcwd), Runs(os.getpid)], protocol)))
    assert set(names) == {f"{os.getpid.__module__}.getpid", f"{os.getcwd.__module__}.getcwd"}


@pytest.mark.parametrize(
    "content",
    [
        b"(cos\nsystem\nS'true'\no.",  # OBJ
        b"(S'true'\nios\nsystem\n.",  # INST
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93.",
        b"\x80\x04\x8c\x02os\x940\x8c\x06systemh\x00\x85h\x000\x8c\x02os\x8c\x06system\x93.",
    ],
)
def test_rarer_ways_to_name_a_function_are_seen(content: bytes) -> None:
    assert "os.system" in follow(io.BytesIO(content))[1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"\x80\x02",
        b"\x80\x02}q\x00",
        b"\x80\x02h\x07.",
        b"\x80\x02s.",
        b"\x80\x02\x82\x01.",  # an extension of copyreg
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",  # bytes without end
        b"\x80\x02" + b"\x85" * 9 + b".",
    ],
)
def test_what_is_no_whole_pickle_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        follow(io.BytesIO(content))


@given(noise=st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_noise_is_an_error_or_harmless(noise: bytes) -> None:
    try:
        follow(io.BytesIO(b"\x80\x02" + noise))
    except ValueError:
        return


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
)


@given(value=VALUES, protocol=st.integers(0, pickle.HIGHEST_PROTOCOL))
@settings(max_examples=60, deadline=None)
def test_plain_values_are_what_pickle_reads(value: Any, protocol: int) -> None:
    content = pickle.dumps(value, protocol)
    if any(opcode.name in {"GLOBAL", "STACK_GLOBAL"} for opcode, _, _ in pickletools.genops(content)):
        return  # old protocols spell bytes as a call
    assert follow(io.BytesIO(content))[0] == value


def test_what_is_let_through_is_let_through_by_torchs_careful_loader_too() -> None:
    from torch._weights_only_unpickler import _get_allowed_globals

    allowed = set(_get_allowed_globals())
    assert {name for name in allowed if name.startswith("torch.") and name.endswith("Storage")} <= {
        name for name in allowed if HARMLESS.fullmatch(name)
    }
    for harmful in ("torch.load", "torch.hub.load", "os.system", "builtins.eval", "torch.storage._load_from_bytes"):
        assert harmful not in allowed and not HARMLESS.fullmatch(harmful)


def test_a_pickle_is_known_by_its_beginning(tmp_path: Path) -> None:
    for content, expected in {
        pickle.dumps({"a": 1}): True,
        pickle.dumps(list(range(5000))): True,
        b"\x80\x09.": False,
        b"\x80\x02\xff": False,
        b"": False,
        b"\x80": False,
    }.items():
        (tmp_path / "file").write_bytes(content)
        assert begins_with_pickle(tmp_path / "file") is expected
