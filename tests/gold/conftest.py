"""Gold files as tests write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.gold import GoldSet, read_gold

Read = Callable[..., GoldSet]
Refuse = Callable[..., UsageError]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes text, bytes or rows (one JSON a line) to a file and reads it."""

    def write_and_read(content: str | bytes | list[Any], name: str = "gold.jsonl", **options: Any) -> GoldSet:
        if isinstance(content, list):
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_gold(path, **options)

    return write_and_read


@pytest.fixture
def refuse(read: Read) -> Refuse:
    """As ``read`` for what must be refused; hands back the error."""

    def write_and_fail(content: str | bytes | list[Any], name: str = "gold.jsonl", **options: Any) -> UsageError:
        with pytest.raises(UsageError) as caught:
            read(content, name, **options)
        assert caught.value.words("zh").strip() and caught.value.words("en").strip()
        return caught.value

    return write_and_fail
