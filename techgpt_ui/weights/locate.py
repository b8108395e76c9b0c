"""Whether a folder is a model folder: configuration, weights, tokenizer; read without loading anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from techgpt_ui.errors import UsageError
from techgpt_ui.schema import Record
from techgpt_ui.texts import Text
from techgpt_ui.weights.findings import Finding, error, fine, warning
from techgpt_ui.weights.headers import is_pointer, read_tensors
from techgpt_ui.weights.torch_files import UnsafePickleError

SINGLES = ("model.safetensors", "pytorch_model.bin")
"""Names of unsplit weights, in the order in which transformers looks for them; ``NAME.index.json`` lists shards."""
TOKENIZERS = (("tokenizer.json",), ("tokenizer.model",), ("vocab.json", "merges.txt"))
"""Sets of files, each enough for a tokenizer."""
DTYPES = {"BF16": "bf16", "F16": "fp16", "F32": "fp32", "bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}
"""The product's names of dtypes, by safetensors' and by torch's."""
ENCRYPTED = re.compile(r"(?P<plain>.+?)(\.[0-9a-f]{64})?\.enc")
SHARD = re.compile(r"(?P<stem>model|pytorch_model)-\d{5}-of-(?P<total>\d{5})(?P<suffix>\.safetensors|\.bin)")
MOST_SHARDS = 1000
MOST_NAMES = 5
"""How much of what a file claims is told."""
GENERATIVE = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


class FolderReport(Record):
    """A model folder as it was found; ``bytes`` is the size of the files that hold the weights."""

    path: Path
    architecture: str | None
    dtype: str | None
    bytes: int
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps the folder from being loaded, the root of it first."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def problems(self) -> tuple[Text, ...]:
        """The words of the errors; empty when the folder can be loaded."""
        return tuple(finding.text for finding in self.errors)


class ModelFolderError(UsageError):
    """A folder that cannot be loaded: the code is that of its first error, the words are those of all."""

    def __init__(self, errors: tuple[Finding, ...]) -> None:
        super().__init__(errors[0].code, **errors[0].params)
        self.findings = errors
        self.message = _joined([finding.text for finding in errors])
        self.hint = _joined([finding.hint for finding in errors])
        self.args = (self.message.en,)


def inspect_folder(path: Path) -> FolderReport:
    """What a folder holds and what it lacks.

    Raises UsageError ``model_folder_missing``, ``model_folder_is_file`` or ``model_folder_unreadable`` where there is
    no folder to look into.
    """
    if not path.exists():
        raise UsageError("model_folder_missing", path=path)
    if not path.is_dir():
        raise UsageError("model_folder_is_file", path=path)
    try:
        return _inspect(path)
    except OSError as reason:
        raise UsageError("model_folder_unreadable", path=path, why=reason.strerror or reason) from reason


def require_model_folder(path: Path) -> FolderReport:
    """The report of a folder that can be loaded; a UsageError that says all that is missing where it cannot."""
    report = inspect_folder(path)
    if report.errors:
        raise ModelFolderError(report.errors)
    return report


def _inspect(path: Path) -> FolderReport:
    names = {entry.name for entry in path.iterdir() if entry.exists()}  # a link may lead nowhere
    if problem := _not_a_model(path, names):
        return FolderReport(path=path, architecture=None, dtype=None, bytes=0, findings=(problem,))
    config, problems = _config(path, names)
    weights, weight_problems = _weights(path, names)
    problems += weight_problems + list(_tokenizer(path, names)) + list(_pointers(path, names))
    architecture = _architecture(config)
    dtype = _dtype(config, weights)
    size = sum(file.stat().st_size for file in weights)
    if not problems:
        problems = list(_praise(architecture, dtype, size))
    return FolderReport(path=path, architecture=architecture, dtype=dtype, bytes=size, findings=tuple(problems))


def _not_a_model(path: Path, names: set[str]) -> Finding | None:
    """The one thing to say of a folder that is no model folder yet; its parts are not worth listing."""
    if not names:
        return error("model_folder_empty", path=str(path))
    encrypted = sorted(name for name in names if (found := ENCRYPTED.fullmatch(name)) and found["plain"] not in names)
    if encrypted:
        return error("model_folder_encrypted", path=str(path), files=", ".join(encrypted))
    if "adapter_config.json" in names and "config.json" not in names:
        return error("model_folder_is_adapter", path=str(path))
    return None


def _config(path: Path, names: set[str]) -> tuple[dict[str, Any], list[Finding]]:
    if "config.json" not in names:
        return {}, [error("model_config_missing", path=str(path))]
    try:
        config = json.loads((path / "config.json").read_bytes())
    except ValueError as reason:
        return {}, [error("model_config_broken", path=str(path), why=str(reason))]
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        return {}, [error("model_config_broken", path=str(path), why="model_type?")]
    return config, []


def weight_files(path: Path) -> list[Path]:
    """The files of a folder that transformers would take the weights from, those that are there."""
    return _weights(path, {entry.name for entry in path.iterdir() if entry.exists()})[0]


def _weights(path: Path, names: set[str]) -> tuple[list[Path], list[Finding]]:
    """The files that transformers would take the weights from, and what is wrong with them."""
    for single in SINGLES:
        if single in names:
            return _checked([path / single])
        index = f"{single}.index.json"
        if index in names:
            return _sharded(path, index)
    if shards := sorted(filter(SHARD.fullmatch, names)):
        return _loose(path, shards)
    return [], [error("model_weights_missing", path=str(path), expected=", ".join(SINGLES))]


def _loose(path: Path, shards: list[str]) -> tuple[list[Path], list[Finding]]:
    """Shards without the index that says what is in them."""
    found = [match for name in shards if (match := SHARD.fullmatch(name))]
    missing = [
        f"{match['stem']}-{number:05}-of-{match['total']}{match['suffix']}"
        for match in found[:1]
        for number in range(1, int(match["total"]) + 1)
    ]
    absent = [name for name in missing[:MOST_SHARDS] if name not in shards]
    stem, suffix = found[0]["stem"], found[0]["suffix"]
    return [], [
        error("model_index_missing", path=str(path), index=f"{stem}{suffix}.index.json"),
        *([error("model_shards_absent", path=str(path), files=", ".join(absent))] if absent else []),
    ]


def _sharded(path: Path, index: str) -> tuple[list[Path], list[Finding]]:
    try:
        places = json.loads((path / index).read_bytes())["weight_map"]
        shards = [path / name for name in sorted(set(places.values()))]
    except (ValueError, KeyError, TypeError, AttributeError) as reason:
        return [], [error("model_index_broken", path=str(path), index=index, why=str(reason))]
    present = [shard for shard in shards if shard.is_file()]
    files, problems = _checked(present)
    if absent := [shard.name for shard in shards if shard not in present]:
        missing = error("model_shards_missing", path=str(path), index=index, files=", ".join(absent))
        return files, [missing, *problems]
    return files, problems or list(_misplaced(path, index, places))


def _misplaced(path: Path, index: str, places: dict[str, str]) -> Iterator[Finding]:
    """Tensors that the index promises and their shard does not hold."""
    held = {name: set(read_tensors(path / name)) for name in set(places.values()) if not is_pointer(path / name)}
    if lost := sorted(tensor for tensor, name in places.items() if tensor not in held.get(name, {tensor})):
        words = {"count": str(len(lost)), "tensor": lost[0], "file": places[lost[0]]}
        yield error("model_tensors_missing", path=str(path), index=index, **words)


def _checked(files: list[Path]) -> tuple[list[Path], list[Finding]]:
    problems, damaged = [], []
    for file in files:
        try:
            if not is_pointer(file):
                read_tensors(file)
        except UnsafePickleError as unsafe:
            words = {"file": file.name, "names": ", ".join(unsafe.names[:MOST_NAMES])}
            problems.append(error("model_pickle_unsafe", path=str(file.parent), **words))
        except ValueError:
            damaged.append(file.name)
    if damaged:
        problems.append(error("model_weights_damaged", path=str(files[0].parent), files=", ".join(damaged)))
    return files, problems


def _tokenizer(path: Path, names: set[str]) -> Iterator[Finding]:
    if not any(names.issuperset(files) for files in TOKENIZERS):
        expected = ", ".join(" + ".join(files) for files in TOKENIZERS)
        yield error("model_tokenizer_missing", path=str(path), expected=expected)


def _pointers(path: Path, names: set[str]) -> Iterator[Finding]:
    pointers = sorted(name for name in names if is_pointer(path / name))
    if pointers:
        yield error("model_files_are_pointers", path=str(path), files=", ".join(pointers))


def _architecture(config: dict[str, Any]) -> str | None:
    named = config.get("architectures")
    if isinstance(named, list) and named:
        return str(named[0])
    return config.get("model_type")


def declared_dtype(path: Path) -> str | None:
    """The number format that a folder's configuration means the weights to have."""
    return _declared(_config(path, {"config.json"})[0])


def _declared(config: dict[str, Any]) -> str | None:
    declared = config.get("dtype") or config.get("torch_dtype")
    return DTYPES.get(str(declared), str(declared)) if declared else None


def _dtype(config: dict[str, Any], weights: list[Path]) -> str | None:
    """What most tensors of the first file are stored in, or else what the configuration says."""
    try:
        tensors = read_tensors(weights[0]).values() if weights else ()
    except ValueError:
        return None
    if not tensors:
        return _declared(config)
    name = Counter(tensor.dtype for tensor in tensors).most_common(1)[0][0]
    return DTYPES.get(name, name)


def _praise(architecture: str | None, dtype: str | None, size: int) -> Iterator[Finding]:
    name = str(architecture)
    yield fine("model_folder", architecture=name, dtype=dtype or "?", gigabytes=f"{size / 1e9:.2f}")
    if name[0].isupper() and not name.endswith(GENERATIVE):
        yield warning("model_not_generative", architecture=name)


def _joined(texts: list[Text]) -> Text:
    unique = list(dict.fromkeys(texts))
    return Text(zh="".join(text.zh for text in unique), en=" ".join(text.en for text in unique))
