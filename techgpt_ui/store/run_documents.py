"""A run as a JSON document that can be kept elsewhere and brought back."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from techgpt_ui.errors import UsageError
from techgpt_ui.schema import Result
from techgpt_ui.store.encoding import json_bytes
from techgpt_ui.store.records import RunRecord, new_id

FORMAT = "techgpt-run"
VERSION = 1
IMPORT_LIMIT = 5_000_000
"""Bytes that an imported document may have."""

M = TypeVar("M", bound=BaseModel)

# Whose run it was is nobody's business where the document is read.
_RUN_KEYS = RunRecord.model_fields.keys() - {"owner"}
_ALWAYS_IN_RESULT = {"task", "status", "prompt", "raw", "sampling", "warnings"}


def write_run(record: RunRecord) -> bytes:
    """The document of a run."""
    run = record.model_dump(exclude={"owner"}) | {"created": record.created.isoformat()}
    return json_bytes({"format": FORMAT, "version": VERSION, "run": run}, indent=2) + b"\n"


def read_run(data: bytes, owner: str) -> RunRecord:
    """The run of a document, as a new record of this owner; UsageError says what is wrong with the document."""
    run = _run(_document(data))
    _require("run", run, _RUN_KEYS)
    if unknown := sorted(run.keys() - _RUN_KEYS):
        raise UsageError("import_bad_value", name=f"run.{unknown[0]}", why="unknown key")
    record = _validated(RunRecord, "run", {**run, "owner": owner})
    _check_result(record.result)
    return record.model_copy(update={"id": new_id(), "kind": "import", "origin": record.id})


def _document(data: bytes) -> Any:
    if len(data) > IMPORT_LIMIT:
        raise UsageError("import_too_large", size=f"{len(data) / 1e6:.1f}", limit=f"{IMPORT_LIMIT / 1e6:.0f}")
    try:
        return json.loads(data, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise UsageError("import_not_json", why=error) from error


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _run(document: object) -> dict[str, Any]:
    """What stands under ``run`` in a document of this format and version."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UsageError("import_not_a_run")
    _require("document", document, {"version", "run"})
    version, run = document["version"], document["run"]
    if type(version) is not int or version < 1:
        raise UsageError("import_bad_value", name="version", why="not a whole number from 1 on")
    if version > VERSION:
        raise UsageError("import_newer", version=version, known=VERSION)
    if not isinstance(run, dict):
        raise UsageError("import_bad_value", name="run", why="not an object")
    return run


def _check_result(result: dict[str, Any]) -> None:
    """A result must have the public form of a Result: without the keys that are null, with warnings for notices."""
    _require("run.result", result, _ALWAYS_IN_RESULT)
    warnings = result["warnings"]
    if not isinstance(warnings, list) or not all(isinstance(warning, str) for warning in warnings):
        raise UsageError("import_bad_value", name="run.result.warnings", why="not a list of texts")
    told = {key: value for key, value in result.items() if key != "warnings"}
    _validated(Result, "run.result", {"seed": None, "model": None, **told})


def _require(name: str, found: dict[str, Any], keys: set[str]) -> None:
    if missing := sorted(keys - found.keys()):
        raise UsageError("import_keys_missing", name=name, keys=", ".join(missing))


def _validated(model: type[M], name: str, values: dict[str, Any]) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([name, *map(str, first["loc"])])
        raise UsageError("import_bad_value", name=place, why=first["msg"]) from error
