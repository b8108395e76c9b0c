"""The tensors of a file that ``torch.save`` wrote, in either of its formats, without torch and without unpickling."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from techgpt_ui.weights.files import is_zip
from techgpt_ui.weights.pickles import PICKLE_LIMIT, Call, Stored, Table, follow
from techgpt_ui.weights.stored import ITEM_BYTES, StoredTensor

MAGIC = 0x1950A86A20F9469CFC6C
"""The first object of a file of before torch 1.6."""
DEPTH = 8
"""How deep dictionaries of tensors are looked into."""
HARMLESS = re.compile(
    r"collections\.(OrderedDict|Counter)|_codecs\.encode|(builtins|__builtin__)\.(bytearray|set|complex)"
    r"|torch\.((cuda\.)?\w+Storage|Size|Tensor|device|u?int(8|16|32|64)|b?float(16|32|64)|bool|complex(32|64|128)"
    r"|float8_\w+|half|float|double|short|int|long|qint8|quint8|qint32)"
    r"|torch\.storage\.(Typed|Untyped)Storage|torch\.nn\.parameter\.Parameter|torch\.serialization\._get_layout"
    r"|torch\._utils\._rebuild_(tensor|tensor_v2|tensor_v3|parameter|parameter_with_state|qtensor|sparse_tensor"
    r"|meta_tensor_no_storage|nested_tensor)|torch\._tensor\._rebuild_from_type_v2"
)
"""What tables of tensors name, and torch's own careful loader (``weights_only``) lets through."""
_DTYPES = {
    "Float": "F32", "Half": "F16", "BFloat16": "BF16", "Double": "F64", "Long": "I64", "Int": "I32", "Short": "I16",
    "Char": "I8", "Byte": "U8", "Bool": "BOOL", "Untyped": "U8",
}  # fmt: skip


class UnsafePickleError(ValueError):
    """A pickle that names more than tensors need; reading it with ``pickle`` could run anything."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("a pickle holds more than tensors")
        self.names = names


def read_torch_file(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a torch file by name.

    Raises UnsafePickleError, and ValueError for what is no such file or is cut off.
    """
    if is_zip(path):
        return _read_zip(path)
    with path.open("rb") as source:
        return _read_legacy(source, path.stat().st_size)


def _read_zip(path: Path) -> dict[str, StoredTensor]:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            table = next((name for name in sizes if name.endswith("/data.pkl")), None)
            if table is None or sizes[table] > PICKLE_LIMIT:
                raise ValueError("no table of tensors")
            content = archive.read(table)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ValueError("no whole zip file") from error
    tensors, storages = _tensors(*follow(io.BytesIO(content)))
    folder = table.removesuffix("data.pkl")
    if any(sizes.get(f"{folder}data/{key}", -1) < size for key, size in storages.items()):
        raise ValueError("tensors without their bytes")
    return tensors


def _read_legacy(source: IO[bytes], size: int) -> dict[str, StoredTensor]:
    """Three pickles about the format, the table, the keys of the storages, then each one's length and bytes."""
    magic, names = follow(source)
    if magic != MAGIC:
        _require_harmless(names)
        raise ValueError("no table of tensors")
    for _ in range(2):
        _require_harmless(follow(source)[1])
    tensors, storages = _tensors(*follow(source))
    _require_harmless(follow(source)[1])
    if size < source.tell() + sum(8 + one for one in storages.values()):
        raise ValueError("the file is shorter than its tensors")
    return tensors


def _require_harmless(names: list[str]) -> None:
    if harmful := sorted({name for name in names if not HARMLESS.fullmatch(name)}):
        raise UnsafePickleError(harmful)


def _tensors(root: Any, names: list[str]) -> tuple[dict[str, StoredTensor], dict[str, int]]:
    """The tensors of a table by name, and the bytes of each storage by key."""
    _require_harmless(names)
    tensors: dict[str, StoredTensor] = {}
    storages: dict[str, int] = {}
    try:
        for name, call in _found(root, "", DEPTH):
            storage = call.arguments[0]
            _, kind, key, _, length = storage[:5]
            dtype = _DTYPES[str(kind).rpartition(".")[2].removesuffix("Storage")]
            storages[str(key)] = ITEM_BYTES[dtype] * int(length)
            if call.name.endswith("_v3"):
                dtype = _named(call.arguments[6])
            tensors[name] = StoredTensor(dtype, tuple(int(size) for size in call.arguments[2]), storage=str(key))
    except (IndexError, KeyError, TypeError) as error:
        raise ValueError("a tensor that is none") from error
    if not tensors:
        raise ValueError("no tensors")
    return tensors, storages


def _found(value: Any, name: str, depth: int) -> Iterator[tuple[str, Call]]:
    """The calls that rebuild tensors, with the keys that lead to them."""
    if isinstance(value, Call) and "_rebuild_parameter" in value.name:
        yield from _found(value.arguments[0], name, depth)
    elif isinstance(value, Call) and "_rebuild_tensor" in value.name and isinstance(value.arguments[0], Stored):
        yield name, value
    elif isinstance(value, Call | Table) and depth:
        for item in value.items:
            if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
                yield from _found(item[1], f"{name}.{item[0]}" if name else item[0], depth - 1)


def _named(dtype: Any) -> str:
    """The name that safetensors has for a dtype that torch names."""
    names = {"torch.bfloat16": "BF16", "torch.float16": "F16", "torch.float32": "F32"}
    return names.get(str(dtype), str(dtype).removeprefix("torch.").upper())
