"""Read one YAML preset; what is wrong is told with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from techgpt_ui.errors import UsageError
from techgpt_ui.texts import YAML

ModelT = TypeVar("ModelT", bound=BaseModel)


def read_preset(path: Path, kind: type[ModelT]) -> ModelT:
    """Read one YAML preset; a UsageError names file, line and key of what is wrong."""
    try:
        content = path.read_text(encoding="utf-8")
        data = yaml.load(content, Loader=YAML)
    except UnicodeDecodeError as error:
        raise UsageError("preset_broken", path=path, line=1, why="the file is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise UsageError("preset_broken", path=path, line=line, why=getattr(error, "problem", str(error))) from error
    if not isinstance(data, dict):
        raise UsageError("preset_broken", path=path, line=1, why="the file holds no mapping of keys")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = _line_of(yaml.compose(content, Loader=YAML), first["loc"])
        raise UsageError("preset_broken", path=path, line=line, why=f"{where}: {first['msg']}") from error


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """1-based line of the deepest node that ``location`` leads to."""
    line = 1
    for part in location:
        child, line = _descend(node, part, line)
        if child is None:
            return line
        node = child
    return line


def _descend(node: yaml.Node | None, part: int | str, line: int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child, child.start_mark.line + 1
    return None, line
