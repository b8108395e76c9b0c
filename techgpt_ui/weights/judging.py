"""Whether a decrypted file is the right one: by the published list, by the digest in its name, or by its own format."""

from __future__ import annotations

from pathlib import Path

from techgpt_ui.weights.content import kind_of
from techgpt_ui.weights.findings import Finding, error, fine, warning
from techgpt_ui.weights.headers import is_pointer
from techgpt_ui.weights.outcomes import FileOutcome, FileState
from techgpt_ui.weights.passing import Digests
from techgpt_ui.weights.published import EncryptedName, Published

Verdict = tuple[FileState, Finding]


def judge(name: EncryptedName, source: Path, result: Path, digests: Digests) -> FileOutcome:
    """The outcome of a decryption whose result stands in the file ``result``."""
    published = name.published(digests.md5_encrypted)
    if published:
        state, finding = _by_list(name, source, published, digests)
    else:
        state, finding = _by_digest(name, result, digests)
    return FileOutcome(
        name=name.plain,
        state=state,
        finding=finding,
        size=result.stat().st_size,
        md5=digests.md5,
        md5_encrypted=digests.md5_encrypted,
    )


def _by_list(name: EncryptedName, source: Path, published: Published, digests: Digests) -> Verdict:
    if digests.md5 == published.plain:
        return "right", fine("decrypt_right", name=name.plain)
    if is_pointer(source):
        return "damaged", error("decrypt_pointer", source=name.whole)
    if digests.md5_encrypted != published.encrypted:
        words = {"source": name.whole, "found": digests.md5_encrypted, "expected": published.encrypted}
        return "damaged", error("decrypt_damaged", **words)
    return "wrong_key", error("decrypt_wrong_key", name=name.plain, found=digests.md5, expected=published.plain)


def _by_digest(name: EncryptedName, result: Path, digests: Digests) -> Verdict:
    if name.claim is None:
        return _by_content(name, result, "decrypt_unknown")
    if name.claim == digests.sha256:
        return "right", fine("decrypt_digest_of_content", name=name.plain)
    if name.claim == digests.sha256_encrypted:
        return _by_content(name, result, "decrypt_digest_of_source")
    return "damaged", error("decrypt_digest_of_neither", source=name.whole)


def _by_content(name: EncryptedName, result: Path, code: str) -> Verdict:
    """What only the format can tell; an empty file was never touched by a key."""
    kind = kind_of(name.plain)
    if kind is None or result.stat().st_size == 0:
        return "unchecked", warning(code, name=name.plain)
    if not kind.fits(result):
        return "wrong_key", error("decrypt_noise", name=name.plain, kind=kind.name)
    return "unchecked", warning(f"{code}_fits", name=name.plain, kind=kind.name)
