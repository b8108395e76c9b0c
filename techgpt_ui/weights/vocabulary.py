"""How many tokens a tokenizer has, read from its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from techgpt_ui.weights.content import sentencepiece_pieces


def vocabulary_size(folder: Path) -> int | None:
    """One more than the highest id that the tokenizer of a model folder can give; None where there is no tokenizer.

    Looks at the file that transformers would take. Raises ValueError with the name of a file that cannot be read.
    """
    sizes = [size for name, read in _READERS.items() if (size := _size(folder / name, read)) is not None][:1]
    if not sizes:
        return None
    added = (_size(folder / name, read) or 0 for name, read in _ADDED.items())
    return max(*sizes, *added)


def _size(file: Path, read: Any) -> int | None:
    if not file.is_file():
        return None
    try:
        return int(read(file))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(file.name) from error


def _whole(file: Path) -> int:
    """The format of the tokenizers library: ids by token, or pieces in the order of their ids; added tokens apart."""
    content = json.loads(file.read_bytes())
    vocabulary = content["model"]["vocab"]
    added = [token["id"] for token in content.get("added_tokens") or ()]
    return _beyond(_ids(vocabulary), added) if isinstance(vocabulary, dict) else max(len(vocabulary), _beyond(added))


def _table(file: Path) -> int:
    return _beyond(_ids(json.loads(file.read_bytes())))


def _decoder(file: Path) -> int:
    added = json.loads(file.read_bytes()).get("added_tokens_decoder") or {}
    return _beyond(int(number) for number in added)


def _ids(table: dict[str, Any]) -> Iterator[int]:
    return (int(number) for number in table.values())


def _beyond(*groups: Any) -> int:
    return 1 + max((number for group in groups for number in group), default=-1)


_READERS = {"tokenizer.json": _whole, "tokenizer.model": sentencepiece_pieces, "vocab.json": _table}
"""In the order in which transformers looks for them."""
_ADDED = {"added_tokens.json": _table, "tokenizer_config.json": _decoder}
