"""The triples of all documents as one knowledge graph: GraphML, CSV for Neo4j's import, and Cypher.

Nodes are entities, not mentions: names that differ only in width or case are one. The graph is the page's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import ClassVar

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.characters import plain
from techgpt_ui.renderers.graph import Edge, Graph, GraphInput, Node, build_graph, to_graphml

HELD: frozenset[Aspect] = frozenset(("mentions", "relations", "ungrounded", "alignment"))
LABEL = "Entity"
"""The label that every node has."""


class GraphML(Exporter):
    """One ``graphml`` file, as the page's graph is downloaded."""

    id: ClassVar[str] = "graphml"
    holds: ClassVar[frozenset[Aspect]] = HELD

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """The graph."""
        return {"graph.graphml": to_graphml(graph_of(documents, losses))}


class Neo4jCsv(Exporter):
    """Nodes and edges for ``neo4j-admin database import``; labels of a node are parted by ``;``."""

    id: ClassVar[str] = "neo4j"
    holds: ClassVar[frozenset[Aspect]] = HELD

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """Two tables."""
        graph = graph_of(documents, losses)
        nodes = [(node.id, _cell(node.label, losses), _labels(node, losses)) for node in graph.nodes]
        edges = [(edge.head, edge.tail, _cell(edge.predicate, losses), str(edge.count)) for edge in graph.edges]
        return {
            "nodes.csv": _table(("entityId:ID(Entity)", "name", ":LABEL"), nodes),
            "edges.csv": _table((":START_ID(Entity)", ":END_ID(Entity)", ":TYPE", "count:int"), edges),
        }


class Cypher(Exporter):
    """Statements that create the graph.

    All text is in escaped literals; no name becomes a label or a relationship type, so that none can be a command.
    """

    id: ClassVar[str] = "cypher"
    holds: ClassVar[frozenset[Aspect]] = HELD

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One statement a line."""
        graph = graph_of(documents, losses)
        lines = [*map(_node, graph.nodes), *map(_edge, graph.edges)]
        return {"graph.cypher": "".join(f"{plain(line, losses)}\n" for line in lines).encode()}


def graph_of(documents: Sequence[AnnotatedDocument], losses: Losses) -> Graph:
    """One graph of what stands in all documents; mentions that no triple names have no node and are counted."""
    for document in documents:
        linked = {end for one in document.relations for end in (one.current.head, one.current.tail)}
        losses.add("unlinked", sum(mention.id not in linked for mention in document.mentions))
    return build_graph(
        [
            GraphInput(
                run=document.id,
                source=document.text,
                mentions=tuple(piece.current for piece in document.mentions),
                relations=tuple(piece.current for piece in document.relations),
            )
            for document in documents
        ]
    )


def _labels(node: Node, losses: Losses) -> str:
    types = [_cell(name, losses).replace(";", "；") for name in node.types]
    losses.add("renamed", sum(";" in name for name in node.types))
    return ";".join(dict.fromkeys([LABEL, *types]))


def _cell(words: str, losses: Losses) -> str:
    """A cell in one line: the import reads no more without being told."""
    return " ".join(plain(words, losses).split())


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return sink.getvalue().encode()


def _node(node: Node) -> str:
    types = ", ".join(map(_literal, node.types))
    return f"CREATE (:{LABEL} {{entityId: {_literal(node.id)}, name: {_literal(node.label)}, types: [{types}]}});"


def _edge(edge: Edge) -> str:
    ends = f"(a:{LABEL} {{entityId: {_literal(edge.head)}}}), (b:{LABEL} {{entityId: {_literal(edge.tail)}}})"
    return f"MATCH {ends} CREATE (a)-[:RELATION {{predicate: {_literal(edge.predicate)}, count: {edge.count}}}]->(b);"


_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _literal(words: str) -> str:
    """A Cypher string of one line."""
    return f"'{words.translate(_ESCAPES)}'"
