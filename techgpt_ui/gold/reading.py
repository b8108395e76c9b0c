"""Read a gold file: know its format, choose the task, hand back all documents or say what is wrong."""

from __future__ import annotations

from pathlib import Path

from techgpt_ui.errors import UsageError
from techgpt_ui.gold.brat import Brat
from techgpt_ui.gold.cluener import Cluener
from techgpt_ui.gold.conll import Conll
from techgpt_ui.gold.contract_jsonl import SHAPES, ContractJsonl
from techgpt_ui.gold.csl import Csl, CslDiscipline
from techgpt_ui.gold.doccano import Doccano
from techgpt_ui.gold.duie import DuIE
from techgpt_ui.gold.files import open_source
from techgpt_ui.gold.label_studio import LabelStudio
from techgpt_ui.gold.places import quoted
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldSet
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.squad import Squad
from techgpt_ui.gold.tally import Tally
from techgpt_ui.gold.token_spans import CrossRE, SciERC

READERS: dict[str, GoldReader] = {
    reader.id: reader
    for reader in (
        Brat(),
        Csl(),
        CslDiscipline(),
        Doccano(),
        ContractJsonl(),
        Cluener(),
        CrossRE(),
        SciERC(),
        DuIE(),
        LabelStudio(),
        Squad(),
        Conll(),
    )
}
"""By id, in the order in which formats are tried."""


def read_gold(path: Path, *, task: str | None = None, format: str | None = None) -> GoldSet:  # noqa: A002
    """All documents of a gold file for a task, which may be left out where the file serves one alone.

    Raises UsageError with file and line for what is wrong, and for a format or task that the file does not have.
    """
    source = open_source(path)
    reader = _named(format) if format is not None else _recognised(source, task)
    chosen = _task(reader, source, task)
    tally = Tally()
    documents = tuple(reader.documents(source, chosen, tally))
    if not documents:
        raise UsageError("gold_empty", file=source.name)
    return GoldSet(
        name=source.name, format=reader.id, task=chosen, sha256=source.sha256, documents=documents,
        notices=tally.notices,
    )  # fmt: skip


def _named(name: str) -> GoldReader:
    if name not in READERS:
        raise UsageError("gold_no_such_format", name=quoted(name), known=", ".join(READERS))
    return READERS[name]


def _recognised(source: Source, task: str | None) -> GoldReader:
    for reader in READERS.values():
        if reader.recognises(source):
            return reader
    source.complain()
    # Lines of JSON in no known form are most likely the workbench's own, misspelt: what they lack helps more.
    if source.probe and task in SHAPES:
        tuple(ContractJsonl().documents(source, task, Tally()))
    raise UsageError("gold_unknown_format", file=source.name, known=", ".join(READERS))


def _task(reader: GoldReader, source: Source, wanted: str | None) -> str:
    held = reader.tasks(source)
    if not held:
        source.complain()
        raise UsageError("gold_unfit_format", file=source.name, format=reader.id)
    if wanted is not None and wanted not in held:
        raise UsageError("gold_no_such_task", file=source.name, task=quoted(wanted), held=", ".join(held))
    chosen = wanted or reader.obvious(source)
    if chosen is None:
        raise UsageError("gold_which_task", file=source.name, held=", ".join(held))
    return chosen
