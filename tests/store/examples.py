"""Runs to keep, as the pipeline would hand them over."""

from datetime import UTC, datetime
from typing import Any

import pytest

from techgpt_ui.schema import Mention, ModelInfo, Notice, Result, Usage
from techgpt_ui.store import RunRecord
from techgpt_ui.texts import Text

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXT = "阿里巴巴在杭州。"
SQLITE_ONLY = pytest.mark.parametrize("any_url", ["sqlite"], indirect=True)
"""For a test that looks at the file itself, or asks the database how it works."""


def a_result(raw: str = "阿里巴巴：组织", model: str = "TechGPT-7B") -> Result:
    mention = Mention(
        id="m1", type="组织", surface="阿里巴巴", text="阿里巴巴", start=0, end=4, status="exact", confidence=0.9
    )
    return Result(
        task="ner",
        status="parsed",
        prompt="Human: …\n\nAssistant: ",
        raw=raw,
        seed=7,
        sampling={"temperature": 0.7, "top_p": 0.9},
        model=ModelInfo(name=model, revision="main", dtype="bf16"),
        mentions=(mention,),
        notices=(Notice(code="ungrounded", text=Text(zh="不在原文中", en="not in the text")),),
        finish_reason="stop",
        usage=Usage(prompt_tokens=20, completion_tokens=8, ttft_s=0.1, total_s=0.5),
    )


def a_run(owner: str = "ann", *, raw: str = "阿里巴巴：组织", model: str = "TechGPT-7B", **changes: Any) -> RunRecord:
    usual: dict[str, Any] = {
        "task": "ner",
        "inputs": {"text": TEXT, "types": ["组织", "地点"]},
        "settings": {"preset": "precise", "seed": 7, "grounded": True, "variant": None},
        "result": a_result(raw, model).to_json("en"),
        "code_version": "1.0",
    }
    return RunRecord(owner=owner, **usual | changes)
