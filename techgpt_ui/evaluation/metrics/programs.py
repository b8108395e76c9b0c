"""Programs: whether they parse. Nothing is ever executed, so nothing is said about what they do."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from techgpt_ui.evaluation.metrics.base import Findings, averaged
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.parsers.program_text import MAX_CHARACTERS
from techgpt_ui.presets import Task
from techgpt_ui.schema import Code

ALIASES = {"py": "python", "python3": "python"}
PARSERS: dict[str, Callable[[str], Any]] = {"python": ast.parse, "json": json.loads}


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """The share of documents whose code parses; those in languages without a parser here are left out, and named."""
    documents = [_blocks(task, outcome) for outcome in outcomes]
    measures = [averaged("parses", map(_parses, documents))]
    left_out = Counter(name for blocks in documents for name, _ in blocks if name not in PARSERS)
    named = [f"parsers:{','.join(PARSERS)}", *(f"uncounted:{name or '?'}:{n}" for name, n in sorted(left_out.items()))]
    return Findings("parses", measures, signatures={"parses": "|".join(named)})


def _blocks(task: Task, outcome: Outcome) -> list[tuple[str, str]]:
    """Language and source of each block; one empty block where there is none."""
    asked = next((str(outcome.inputs.get(field.name, "")) for field in task.inputs if field.kind == "choice"), "")
    code = (outcome.result and outcome.result.code) or (Code(language="", source=""),)
    names = [(block.language or asked).strip().casefold() for block in code]
    return [(ALIASES.get(name, name), block.source) for name, block in zip(names, code, strict=True)]


def _parses(blocks: Sequence[tuple[str, str]]) -> float | None:
    """1 where every block of a language that is known here is a program of it."""
    known = [(PARSERS[name], source) for name, source in blocks if name in PARSERS]
    return float(all(_is_accepted(parser, source) for parser, source in known)) if known else None


def _is_accepted(parser: Callable[[str], Any], source: str) -> bool:
    if not source.strip() or len(source) > MAX_CHARACTERS:
        return False
    try:
        parser(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
