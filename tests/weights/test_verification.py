"""What is said of a folder that should hold the published weights."""

from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.weights import FileOutcome, decrypt, plan_decryption, verify
from tests.weights.encrypting import encrypted_name
from tests.weights.small_weights import FILES, KEY, publish


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return publish(monkeypatch, tmp_path / "encrypted")


@pytest.fixture
def plain(published: Path, tmp_path: Path) -> Path:
    """The decrypted files."""
    (tmp_path / "key").write_bytes(KEY)
    list(decrypt(plan_decryption(published, tmp_path / "key", tmp_path / "plain")))
    return tmp_path / "plain"


def outcomes(folder: Path) -> dict[str, FileOutcome]:
    return {step.outcome.name: step.outcome for step in verify(folder) if step.outcome}


def codes(folder: Path) -> dict[str, tuple[str, str]]:
    return {name: (outcome.state, outcome.finding.code) for name, outcome in outcomes(folder).items()}


def test_the_decrypted_files_are_right(plain: Path) -> None:
    assert {name: outcome.state for name, outcome in outcomes(plain).items()} == dict.fromkeys(FILES, "right")


def test_progress_ends_at_the_bytes_of_all_files(plain: Path) -> None:
    steps = list(verify(plain))
    assert steps[-1].done == steps[-1].total == sum(map(len, FILES.values()))


def test_files_that_are_still_encrypted_are_told_so(published: Path) -> None:
    assert set(codes(published).values()) == {("encrypted", "verify_encrypted")}
    assert not any(outcome.ok for outcome in outcomes(published).values())


def test_an_encrypted_file_without_its_name_is_told_by_its_content(published: Path) -> None:
    (published / encrypted_name("config.json")).rename(published / "config.json")
    assert codes(published)["config.json"] == ("encrypted", "verify_encrypted")


def test_a_damaged_encrypted_file_is_told(published: Path) -> None:
    (published / encrypted_name("config.json")).write_bytes(b"?")
    assert codes(published)["config.json"] == ("encrypted", "verify_encrypted_damaged")


def test_the_plain_file_counts_where_both_are_there(published: Path, plain: Path) -> None:
    for path in published.iterdir():
        path.rename(plain / path.name)
    assert {name: outcome.state for name, outcome in outcomes(plain).items()} == dict.fromkeys(FILES, "right")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{}", ("wrong", "verify_wrong")),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n", ("wrong", "verify_pointer")),
    ],
)
def test_a_changed_file_is_wrong(plain: Path, content: bytes, expected: tuple[str, str]) -> None:
    (plain / "config.json").write_bytes(content)
    assert codes(plain)["config.json"] == expected


def test_a_missing_file_is_told(plain: Path) -> None:
    (plain / "config.json").unlink()
    assert codes(plain)["config.json"] == ("missing", "verify_missing")


def test_other_files_are_unknown_and_no_failure(plain: Path) -> None:
    (plain / "README.md").write_text("words")
    (plain / "other.bin.enc").write_text("?")
    found = outcomes(plain)
    assert {name for name, outcome in found.items() if outcome.state == "unknown"} == {"README.md", "other.bin.enc"}
    assert all(outcome.ok for outcome in found.values())


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(verify(tmp_path / "absent"))
    assert caught.value.code == "verify_folder_unreadable"


def test_the_published_list_is_that_of_techgpt() -> None:
    """The md5 of both sides, as its authors gave them."""
    from techgpt_ui.weights.published import PUBLISHED

    assert PUBLISHED["pytorch_model.bin"] == ("560b35ffd8a7a1f5b2d34a94a523659a", "0d322cb6bde34f7086791ce12fbf2bdc")
    assert PUBLISHED["tokenizer.model"].plain == "6ffe559392973a92ea28032add2a8494"
    assert all(len(md5) == 32 for pair in PUBLISHED.values() for md5 in pair) and len(PUBLISHED) == 6
