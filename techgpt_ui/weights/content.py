"""Whether a file holds what its name says, as far as its own format can tell: what a wrong key makes is noise."""

from __future__ import annotations

import codecs
import json
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from techgpt_ui.weights.files import chunks, is_zip
from techgpt_ui.weights.headers import read_header
from techgpt_ui.weights.pickles import bounded

Given = TypeVar("Given")

WHOLE_JSON = 2**20
"""Bytes of JSON that are parsed as a whole; of larger files the encoding and both ends are looked at."""
PICKLE_OPCODES = 1000
"""How far a pickle is read; noise does not come so far."""


class Kind(NamedTuple):
    """A format: what it is called, and how a file of it is known."""

    name: str
    fits: Callable[[Path], bool]


def kind_of(name: str) -> Kind | None:
    """The format that a file's name promises; None where none is known."""
    return next((kind for suffix, kind in _KINDS.items() if name.endswith(suffix)), None)


def begins_with_pickle(path: Path) -> bool:
    """Whether a file begins with a pickle of protocol 2 or newer; nothing in it is run."""
    with path.open("rb") as source:
        if source.read(2) not in _PICKLE_BEGINNINGS:
            return False
        source.seek(0)
        try:
            return any(
                opcode.name == "STOP" or count == PICKLE_OPCODES
                for count, (opcode, _, _) in enumerate(pickletools.genops(bounded(source)))
            )
        except ValueError:  # cut off, or no opcode
            return False


def sentencepiece_pieces(path: Path) -> int:
    """How many pieces a SentencePiece model has; ValueError for what is none."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(path.read_bytes())
    except RuntimeError as error:
        raise ValueError("no SentencePiece model") from error
    return int(processor.vocab_size())


def _is_checkpoint(path: Path) -> bool:
    return is_zip(path) or begins_with_pickle(path)


def _is_safetensors(path: Path) -> bool:
    return _succeeds(read_header, path)


def _is_sentencepiece(path: Path) -> bool:
    return path.stat().st_size < 2**30 and _succeeds(sentencepiece_pieces, path)


def _is_json(path: Path) -> bool:
    if path.stat().st_size <= WHOLE_JSON:
        return _succeeds(json.loads, path.read_bytes())
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = last = ""
    with path.open("rb") as source:
        try:
            for chunk in chunks(source):
                if words := decoder.decode(chunk).strip():
                    first, last = first or words[0], words[-1]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return first + last in {"{}", "[]"}


def _succeeds(read: Callable[[Given], object], given: Given) -> bool:
    try:
        read(given)
    except ValueError:
        return False
    return True


_PICKLE_BEGINNINGS = {bytes([0x80, protocol]) for protocol in range(2, 6)}
_KINDS = {
    ".json": Kind("JSON", _is_json),
    ".bin": Kind("zip/pickle", _is_checkpoint),
    ".pt": Kind("zip/pickle", _is_checkpoint),
    ".pth": Kind("zip/pickle", _is_checkpoint),
    ".safetensors": Kind("safetensors", _is_safetensors),
    "tokenizer.model": Kind("SentencePiece", _is_sentencepiece),
}
