"""Conversations as files to keep: JSON Lines for programs, Markdown for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from techgpt_ui.store.encoding import json_bytes
from techgpt_ui.store.records import Conversation

_MARKUP = re.compile(r"([\\`*_\[\]<>#&|~!$])")


def jsonl_line(conversation: Conversation) -> bytes:
    """The conversation as one line of JSON."""
    messages = [{"role": turn.role, "content": turn.content} for turn in conversation.turns]
    data = {"id": conversation.id, "title": conversation.title, "task": conversation.task, "messages": messages}
    return json_bytes(data) + b"\n"


def markdown(conversation: Conversation) -> bytes:
    """The conversation with a heading for each input and each turn; what was written stands in fences, untouched."""
    return "\n".join(_parts(conversation)).encode("utf-8", "backslashreplace")


def _parts(conversation: Conversation) -> Iterator[str]:
    yield f"# {_one_line(conversation.title) or conversation.id}\n"
    for name, value in conversation.inputs.items():
        yield f"## {_one_line(name)}\n"
        yield _fenced(value if isinstance(value, str) else json_bytes(value, indent=2).decode("utf-8"))
    for number, turn in enumerate(conversation.turns, 1):
        yield f"## {number}. {turn.role}\n"
        yield _fenced(turn.content)


def _one_line(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _fenced(text: str) -> str:
    """The text in a fence longer than any row of backticks within."""
    longest = max((len(row) for row in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}\n"
