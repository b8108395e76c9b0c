"""Exports: documents and what was decided about them, in the formats of other tools, and what each could not hold."""

from __future__ import annotations

from collections.abc import Sequence

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import UsageError
from techgpt_ui.exporters.base import Context, Export, Exporter, Loss, Losses
from techgpt_ui.exporters.brat import Brat
from techgpt_ui.exporters.conll import Conll
from techgpt_ui.exporters.doccano import Doccano
from techgpt_ui.exporters.few_shot import FewShot
from techgpt_ui.exporters.finetuning import Preference, Sft
from techgpt_ui.exporters.graphs import Cypher, GraphML, Neo4jCsv
from techgpt_ui.exporters.jsonl import Gold, ResultJsonl
from techgpt_ui.exporters.label_studio import LabelStudio
from techgpt_ui.exporters.prodigy import Prodigy
from techgpt_ui.exporters.rdf import Rdf
from techgpt_ui.exporters.selection import selected
from techgpt_ui.exporters.spacy_docbin import SpacyDocBin
from techgpt_ui.exporters.spreadsheets import Csv, Xlsx
from techgpt_ui.presets import Library

EXPORTERS: dict[str, Exporter] = {
    exporter.id: exporter
    for exporter in (
        ResultJsonl(),
        Gold(),
        Csv(),
        Xlsx(),
        LabelStudio(),
        Doccano(),
        Brat(),
        Conll(),
        SpacyDocBin(),
        Prodigy(),
        Rdf(),
        GraphML(),
        Neo4jCsv(),
        Cypher(),
        Sft(),
        Preference(),
        FewShot(),
    )
}
"""By id."""


def export(
    documents: Sequence[AnnotatedDocument], name: str, library: Library, *, accepted_only: bool = False
) -> Export:
    """The documents in a format, and what it could not hold.

    Raises UsageError for an unknown format or where nothing fits it, WorkbenchError where a library is missing.
    """
    exporter = EXPORTERS.get(name.replace("-", "_").casefold())
    if exporter is None:
        raise UsageError("export_no_such_format", name=name[:40], known=", ".join(EXPORTERS))
    if not documents:
        raise UsageError("export_no_documents")
    losses = Losses()
    chosen = [
        selected(document, exporter, losses, settled=accepted_only or exporter.wants_settled(document))
        for document in documents
    ]
    files = exporter.files(chosen, Context(library=library), losses)
    if not files:
        raise UsageError("export_nothing_fits", name=exporter.id)
    return Export(files=files, losses=losses.report)


__all__ = ["EXPORTERS", "Context", "Export", "Exporter", "Loss", "Losses", "export"]
