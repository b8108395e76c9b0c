"""What went wrong with a server, in our own words. What the server wrote is quoted, short and without the key."""

from __future__ import annotations

import re
from typing import Any

from techgpt_ui.errors import WorkbenchError

MAX_QUOTE = 300
_CONTEXT_FULL = re.compile(r"context[ _](length|size|window)|maximum context|exceed_context|too many tokens", re.I)


def quoted(words: object, key: str = "") -> str:
    """A server's words on one line, bounded, and without the key that it may repeat."""
    line = " ".join(str(words).split())
    line = line.replace(key, "***") if key else line
    return line if len(line) <= MAX_QUOTE else line[:MAX_QUOTE] + "…"


def unreachable(error: Exception, address: str) -> WorkbenchError:
    """No connection came about; the reason is at the end of the chain of causes."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return WorkbenchError("server_unreachable", address=address, why=quoted(cause) or type(cause).__name__)


def status_error(error: Any, *, address: str, model: str, key: str, known: str = "") -> WorkbenchError:
    """The error for an answer with a status of 4xx or 5xx (an ``openai.APIStatusError``)."""
    status = error.status_code
    said = quoted(message_of(error), key)
    if status in (401, 403):
        return WorkbenchError("server_key_refused", address=address, status=status)
    if status == 429:
        return WorkbenchError("server_busy", address=address, why=said)
    if status >= 500:
        return WorkbenchError("server_failed", address=address, status=status, why=said)
    if _CONTEXT_FULL.search(said):
        return WorkbenchError("server_context_full", why=said)
    if status == 404 or (model and "pinned" in said):
        return WorkbenchError("server_model_missing", name=model, address=address, known=known or "–", why=said)
    return WorkbenchError("server_refused", address=address, status=status, why=said)


def lacks_endpoint(error: Any) -> bool:
    """Whether a 404 says that there is no such endpoint, or not for this model, rather than no such model."""
    said = message_of(error).lower()
    return error.status_code in (404, 405) and ("chat model" in said or "model" not in said)


def message_of(error: Any) -> str:
    """What the server wrote: OpenAI's ``message``, FastAPI's ``detail``, or the whole body."""
    body = error.body
    if isinstance(body, dict):
        return str(body.get("message") or body.get("detail") or body.get("error") or body)
    return str(body or error.message)
