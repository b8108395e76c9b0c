"""A published model of a few kilobytes: its files, its key, and the list that knows their md5."""

import hashlib
import json
from pathlib import Path

import pytest

from techgpt_ui.weights.published import PUBLISHED, Published
from tests.weights.encrypting import encrypt_into, noise, xor_by_chunks

KEY = noise(5_000, "key")
FILES = {
    "config.json": json.dumps({"model_type": "llama"}).encode(),
    "tokenizer_config.json": json.dumps({"padding_side": "left", "note": "x" * 400}).encode(),
    "pytorch_model.bin": noise(40_000, "weights"),
}


def publish(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """The folder with the encrypted files, which are the published ones until the test is over."""
    for name in list(PUBLISHED):
        monkeypatch.delitem(PUBLISHED, name)
    for name, content in FILES.items():
        encrypted = hashlib.md5(xor_by_chunks(content, KEY)).hexdigest()
        monkeypatch.setitem(PUBLISHED, name, Published(encrypted, hashlib.md5(content).hexdigest()))
    return encrypt_into(folder, FILES, KEY)
