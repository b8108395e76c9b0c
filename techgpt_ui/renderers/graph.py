"""Triples of one or several runs as one graph: nodes by folded name, edges with the sentences they stand in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from techgpt_ui.grounding import fold
from techgpt_ui.renderers.graph_evidence import Evidence, Witness
from techgpt_ui.renderers.markup import hue
from techgpt_ui.schema import Mention, Record, Relation

FILE_NAME_CHARACTERS = 60

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_FILE_NAMES = re.compile(r"[^\w-]+")


class GraphInput(Record):
    """What one run read from its source."""

    run: str
    source: str
    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]


class MentionRef(Record):
    """A mention of one of the runs."""

    run: str
    id: str


class Node(Record):
    """An entity: all mentions whose names fold to the same."""

    id: str
    label: str
    degree: int
    """Edges that begin or end here; a loop is one."""
    count: int
    """Triples behind these edges, repeats included."""
    surfaces: tuple[str, ...]
    types: tuple[str, ...]
    mentions: tuple[MentionRef, ...]
    grounded: bool
    """Whether any mention stands in its source."""


class Edge(Record):
    """A triple, however many runs wrote it."""

    id: str
    head: str
    predicate: str
    tail: str
    count: int
    runs: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class Graph(Record):
    """Nodes and edges in the order in which they were first read."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    runs: tuple[str, ...] = ()


class _Triple(NamedTuple):
    """A relation with its ends looked up."""

    run: str
    head: Mention
    predicate: str
    tail: Mention
    evidence: Evidence | None

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal for triples that are one edge."""
        return _folded(_name(self.head)), _folded(self.predicate), _folded(_name(self.tail))


def build_graph(results: Sequence[GraphInput]) -> Graph:
    """One graph of all triples; mentions that no triple names add their types and surfaces, but no node."""
    triples = [triple for given in results for triple in _triples(given)]
    edges: dict[tuple[str, str, str], list[_Triple]] = {}
    for triple in triples:
        edges.setdefault(triple.key, []).append(triple)
    nodes: dict[str, list[tuple[str, Mention]]] = {end: [] for head, _, tail in edges for end in (head, tail)}
    for given in results:
        for mention in given.mentions:
            if (key := _folded(_name(mention))) in nodes:
                nodes[key].append((given.run, mention))
    ids = {key: f"n{at}" for at, key in enumerate(nodes, start=1)}
    counts: dict[str, list[int]] = {key: [] for key in nodes}
    for (head, _, tail), same in edges.items():
        for end in {head, tail}:
            counts[end].append(len(same))
    return Graph(
        nodes=tuple(_node(ids[key], mentions, counts[key]) for key, mentions in nodes.items()),
        edges=tuple(
            _edge(f"e{at}", ids[head], ids[tail], same)
            for at, ((head, _, tail), same) in enumerate(edges.items(), start=1)
        ),
        runs=_unique(given.run for given in results),
    )


def graph_elements(graph: Graph) -> list[dict[str, Any]]:
    """Nodes and edges as cytoscape takes them; strings to the letter."""
    nodes = [
        {
            "group": "nodes",
            "data": {
                "id": node.id,
                "label": node.label,
                "degree": node.degree,
                "count": node.count,
                "grounded": node.grounded,
                "surfaces": list(node.surfaces),
                "types": list(node.types),
                "hue": hue(node.types[0]) if node.types else None,
            },
        }
        for node in graph.nodes
    ]
    edges = [
        {
            "group": "edges",
            "data": {
                "id": edge.id,
                "source": edge.head,
                "target": edge.tail,
                "label": edge.predicate,
                "count": edge.count,
                "runs": list(edge.runs),
                "evidence": [[[piece.text, piece.role] for piece in found.pieces] for found in edge.evidence],
            },
        }
        for edge in graph.edges
    ]
    return nodes + edges


def to_graphml(graph: Graph) -> bytes:
    """GraphML in UTF-8; characters that XML cannot hold become U+FFFD, several values are set apart by `` | ``."""
    import networkx as nx  # only this file format needs it

    net: Any = nx.MultiDiGraph()
    for node in graph.nodes:
        net.add_node(
            node.id,
            label=_xml(node.label),
            degree=node.degree,
            count=node.count,
            grounded=node.grounded,
            types=_joined(node.types),
            surfaces=_joined(node.surfaces),
            mentions=_joined(f"{mention.run}:{mention.id}" for mention in node.mentions),
        )
    for edge in graph.edges:
        net.add_edge(
            edge.head,
            edge.tail,
            key=edge.id,
            label=_xml(edge.predicate),
            count=edge.count,
            runs=_joined(edge.runs),
            evidence=_joined(found.text for found in edge.evidence),
        )
    sink = io.BytesIO()
    nx.write_graphml_xml(net, sink, encoding="utf-8", prettyprint=True)
    return sink.getvalue()


def safe_file_name(name: str) -> str:
    """``graph-…``, in letters and digits of any script; no name that any system reserves."""
    stem = _NOT_IN_FILE_NAMES.sub("-", _NOT_XML.sub("", name))[:FILE_NAME_CHARACTERS].strip("-_")
    return f"graph-{stem}" if stem else "graph"


def _triples(given: GraphInput) -> Iterator[_Triple]:
    mentions = {mention.id: mention for mention in given.mentions}
    witness = Witness(given.run, given.source)
    for relation in given.relations:
        head, tail = mentions[relation.head], mentions[relation.tail]
        yield _Triple(given.run, head, relation.predicate, tail, witness.evidence(head, tail))


def _node(ident: str, mentions: Sequence[tuple[str, Mention]], counts: Sequence[int]) -> Node:
    return Node(
        id=ident,
        label=_name(mentions[0][1]),
        degree=len(counts),
        count=sum(counts),
        surfaces=_unique(name for _, mention in mentions for name in (_name(mention), mention.surface)),
        types=_unique(mention.type for _, mention in mentions if mention.type),
        mentions=tuple(MentionRef(run=run, id=mention.id) for run, mention in mentions),
        grounded=any(mention.start is not None for _, mention in mentions),
    )


def _edge(ident: str, head: str, tail: str, same: Sequence[_Triple]) -> Edge:
    return Edge(
        id=ident,
        head=head,
        predicate=same[0].predicate,
        tail=tail,
        count=len(same),
        runs=_unique(triple.run for triple in same),
        evidence=tuple({triple.evidence.text: triple.evidence for triple in same if triple.evidence}.values()),
    )


def _name(mention: Mention) -> str:
    return mention.text or mention.surface


def _folded(name: str) -> str:
    return fold(name).text or name


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _joined(values: Iterable[str]) -> str:
    return _xml(" | ".join(values))


def _xml(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
