"""Imports: what annotation tools give back, verdicts included, as documents."""

from __future__ import annotations

from pathlib import Path

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import UsageError
from techgpt_ui.gold.files import open_source
from techgpt_ui.gold.places import quoted
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers.answers import Answers
from techgpt_ui.importers.base import Importer
from techgpt_ui.importers.brat import NAMES, Brat
from techgpt_ui.importers.csv_table import CsvTable
from techgpt_ui.importers.doccano import Doccano
from techgpt_ui.importers.label_studio import LabelStudio
from techgpt_ui.importers.prodigy import Prodigy
from techgpt_ui.importers.results import Results
from techgpt_ui.presets import Library
from techgpt_ui.schema import Notice, Record


class Imported(Record):
    """An annotated file that was read whole."""

    name: str
    """The file's name, without its folder."""
    format: str
    sha256: str
    documents: tuple[AnnotatedDocument, ...]
    notices: tuple[Notice, ...] = ()
    """What was left out or changed, counted."""


IMPORTERS: dict[str, Importer] = {
    importer.id: importer
    for importer in (Brat(), CsvTable(), Results(), LabelStudio(), Prodigy(), Doccano(), Answers())
}
"""By id, in the order in which formats are tried."""


def read_annotations(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002
    library: Library | None = None,
    source_text: str | None = None,
    task: str = "",
) -> Imported:
    """All documents of a file, a folder or an archive in one of the formats of ``IMPORTERS``.

    ``library`` tells which input of a task its text is; ``source_text`` is the text of Results that come without one,
    and ``task`` the task of raw answers whose lines name none.
    Raises UsageError with file and line for what is wrong, and for a format that is unknown or not recognised.
    """
    source = open_source(path, also=(NAMES,))
    known = IMPORTERS | {Results.id: Results(library, source_text), Answers.id: Answers(library, task)}
    if format is not None and format not in known:
        raise UsageError("gold_no_such_format", name=quoted(format), known=", ".join(known))
    fitting = [known[format]] if format else [one for one in known.values() if one.recognises(source)]
    if not fitting:
        source.complain()
        raise UsageError("gold_unknown_format", file=source.name, known=", ".join(known))
    tally = Tally()
    documents = tuple(fitting[0].documents(source, tally))
    if not documents:
        raise UsageError("gold_empty", file=source.name)
    ids = [document.id for document in documents]
    if repeated := next((ident for ident in ids if ids.count(ident) > 1), None):
        raise UsageError("import_twice", file=source.name, name=quoted(repeated))
    return Imported(
        name=source.name, format=fitting[0].id, sha256=source.sha256, documents=documents, notices=tally.notices
    )


__all__ = ["IMPORTERS", "Imported", "Importer", "read_annotations"]
