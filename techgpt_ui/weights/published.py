"""The weights of TechGPT-7B (1.0) as published: encrypted names, and the md5 of each file before and after."""

from __future__ import annotations

import re
from typing import NamedTuple

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Of empty input; every published name carries it, so there it says nothing about the content."""

_ENCRYPTED = re.compile(r"(?P<plain>.+?)(?:\.(?P<digest>[0-9a-fA-F]{64}))?\.enc")


class Published(NamedTuple):
    """The md5 of a published file, as hexadecimal digits."""

    encrypted: str
    plain: str


PUBLISHED = {
    "config.json": Published("6b2b545ff7bacaeec6297198b4b745dd", "6d5f0d60a6e36ebc1518624a46f5a717"),
    "generation_config.json": Published("4ba9cc7f11df0422798971bc962fe076", "2917a1cafb895cf57e746cfd7696bfe5"),
    "pytorch_model.bin": Published("560b35ffd8a7a1f5b2d34a94a523659a", "0d322cb6bde34f7086791ce12fbf2bdc"),
    "special_tokens_map.json": Published("85ae4132b11747b1609b8953c7086367", "15f7a943faa91a794f38dd81a212cb01"),
    "tokenizer_config.json": Published("953dceae026a7aa88e062787c61ed9b0", "08f6f621dba90b2a23c6f9f7af974621"),
    "tokenizer.model": Published("e765a7740a908b5e166e95b6ee09b94b", "6ffe559392973a92ea28032add2a8494"),
}


class EncryptedName(NamedTuple):
    """What the name of an encrypted file says: the plain name, and the sha256 of nobody knows what."""

    whole: str
    plain: str
    digest: str | None

    @property
    def claim(self) -> str | None:
        """The digest where it can say something; that of empty input cannot."""
        return None if self.digest == EMPTY_SHA256 else self.digest

    def published(self, md5_encrypted: str | None = None) -> Published | None:
        """The published file that this is: by its whole name, or by its content under a name that somebody changed."""
        known = PUBLISHED.get(self.plain)
        if known and (self.digest == EMPTY_SHA256 or known.encrypted == md5_encrypted):
            return known
        return None


def read_name(name: str) -> EncryptedName | None:
    """The parts of ``NAME.<sha256>.enc`` or ``NAME.enc``; None for any other name."""
    found = _ENCRYPTED.fullmatch(name)
    if found is None or found["plain"] in {".", ".."}:
        return None
    return EncryptedName(name, found["plain"], found["digest"] and found["digest"].lower())
