"""Telling program text from prose. Nothing is executed: Python is parsed, other languages are told by their marks."""

from __future__ import annotations

import ast
import re
import warnings

from techgpt_ui.parsers.base import lines

MAX_CHARACTERS = 20_000
MAX_LINE = 1_000
MAX_DEPTH = 60
"""Bounds on what is given to Python's parser, which recurses on nested text."""

_BLOCKS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match,
    ast.Assign, ast.AugAssign, ast.ImportFrom,
)  # fmt: skip
_MARKED = re.compile(
    r"""\s*(?:
        (?:def|class|async\s+def)\s+\w+.*:
      | (?:if|for|while|elif|with|except|switch|catch|else\s+if)\b.*[:{]
      | (?:else|try|finally|do)\s*[:{]
      | (?:import|from)\s+[\w.]+(?:\s+import\s+.+|\s+as\s+\w+)?;?
      | return\b[^,，。]*
      | \#\s*(?:include|define|ifdef|ifndef|endif|pragma)\b.* | \#!.* | //.* | /\*.* | \*/ | <\?php.*
      | (?:public|private|protected|static|final|export|abstract)\s+.*[{;(]
      | (?:package|using|namespace|use|mod)\s+[\w.:\\*{}, ]+;?
      | (?:func|fn|function|sub|struct|enum|interface|trait|impl)\s+\w+.*[{(]
      | (?:const|let|var|val|auto|int|long|float|double|char|bool|void|string|String)\s+[\w*&]+.*[=;({]\s*.*
      | (?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|FROM|WHERE|GROUP\s+BY|ORDER\s+BY|JOIN|LEFT\s+JOIN)\s.+
      | </?[A-Za-z!][^<>]*>.*
      | [\w.\[\]'"]+(?:,\s?[\w.]+){0,4}\s?(?:[-+*/%|&]?=|:=|<-)\s?[^\s=].*
      | [A-Za-z_][\w.:]*(?:\(.*\)|\(.*|\s*\(.*\)\s*[{;])\s*;?
      | .*[;{}] | [)\]}]+[,;)]{0,3} | @\w+.* | \$\s.+ | end
    )\s*""",
    re.VERBOSE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_QUOTED = re.compile(r"""(?:\#|//|--).*|"[^"\n]*"|'[^'\n]*'""")

Range = tuple[int, int]

# Python's parser has remarks on 1if x; nobody wants to see them for a model's answer.
warnings.filterwarnings("ignore", category=SyntaxWarning, module="<answer>")


def is_program(text: str) -> bool:
    """Whether a whole text is a Python program that does something."""
    if not text or len(text) > MAX_CHARACTERS or max(map(len, text.splitlines()), default=0) > MAX_LINE:
        return False
    if _depth(text) > MAX_DEPTH or not ("import" in text or any(mark in text for mark in "=(:")):
        return False
    try:
        tree = ast.parse(text, "<answer>")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(statement, _BLOCKS) or _does_something(statement) for statement in tree.body)


def program_lines(raw: str) -> Range | None:
    """From the first line that looks like code to the last, where most lines do."""
    ranges = [*lines(raw)]
    marked = [at for at, line in enumerate(ranges) if _is_marked(raw, *line)]
    if len(ranges) == 1 and marked and raw[: ranges[0][1]].endswith((";", "}")):
        return ranges[0]
    if len(marked) < 2 or len(marked) * 2 <= marked[-1] - marked[0] + 1 or len(marked) * 2 < len(ranges):
        return None
    return ranges[marked[0]][0], ranges[marked[-1]][1]


def _is_marked(raw: str, start: int, end: int) -> bool:
    if end - start > MAX_LINE or _MARKED.fullmatch(raw, start, end) is None:
        return False
    # Foreign letters belong into strings and comments: elsewhere they make a sentence.
    return _NOT_ASCII.search(_QUOTED.sub("", raw[start:end])) is None


def _does_something(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import):
        return True
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    names = [node.id for node in ast.walk(statement.value.func) if isinstance(node, ast.Name)]
    return all(name.isascii() for name in names)


def _depth(text: str) -> int:
    """An upper bound on how deep brackets, operators and indentation nest."""
    deepest = depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest
