"""The knowledge graph is read by rdflib, networkx and Kùzu."""

import io
from pathlib import Path
from typing import Any

import kuzu
import networkx as nx
import pytest
import rdflib
from hypothesis import HealthCheck, example, given, settings
from rdflib.compare import isomorphic

from techgpt_ui.annotations import AnnotatedDocument, Piece
from techgpt_ui.exporters import Export, export
from techgpt_ui.exporters.rdf import VOCABULARY, iri
from techgpt_ui.presets import load_library
from techgpt_ui.schema import Mention, Relation
from tests.annotated import PREDICATE, a_document, documents, judged, mention

LIBRARY = load_library()
ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HOSTILE = "it's; \\u0060 `x` \\"
OWN = rdflib.Namespace(VOCABULARY)


def exported(name: str, *given_documents: AnnotatedDocument) -> Export:
    return export(given_documents or (a_document(),), name, LIBRARY)


def turtle(done: Export) -> rdflib.Graph:
    return rdflib.Graph().parse(data=done.content, format="turtle")


def names(*predicates: str) -> AnnotatedDocument:
    """A document whose predicates are these."""
    ends = (
        Piece[Mention](id="m1", value=mention("m1", "𠮷田", "人")),
        Piece[Mention](id="m2", value=mention("m2", "Google", "org'; DROP")),
    )
    relations = tuple(
        Piece[Relation](id=f"r{at}", value=Relation(id=f"r{at}", head="m1", predicate=predicate, tail="m2"))
        for at, predicate in enumerate(predicates)
    )
    return a_document(mentions=ends, relations=relations)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    return kuzu.Connection(kuzu.Database(str(tmp_path / "graph")))


def answers(connection: Any, query: str) -> list[Any]:
    found = connection.execute(query)
    rows = []
    while found.has_next():
        rows.append(found.get_next())
    return rows


def test_a_triple_that_stands_is_asserted_and_its_statement_has_the_verdict() -> None:
    graph = turtle(exported("rdf"))
    head, predicate, tail = (
        rdflib.URIRef(iri(*name)) for name in (("entity", "𠮷田"), ("predicate", PREDICATE), ("entity", "Google"))
    )
    assert (head, predicate, tail) in graph
    statement = rdflib.URIRef(iri("annotation", "doc1", "r1"))
    assert graph.value(statement, rdflib.RDF.subject) == head
    assert str(graph.value(statement, OWN.verdict)) == "accept"
    assert str(graph.value(predicate, rdflib.RDFS.label)) == PREDICATE


def test_a_rejected_triple_is_stated_but_not_asserted() -> None:
    document = a_document(mentions=tuple(p for p in a_document().mentions if p.id in ("m2", "m5", "m4", "m1")))
    graph = turtle(exported("rdf", document))
    statement = rdflib.URIRef(iri("annotation", "doc1", "r3"))
    triple = tuple(graph.value(statement, rdflib.RDF[part]) for part in ("subject", "predicate", "object"))
    assert str(graph.value(statement, OWN.verdict)) == "reject" and triple not in graph


@ANY
@given(document=documents())
@example(document=a_document())
def test_turtle_is_the_same_graph_after_another_round(document: AnnotatedDocument) -> None:
    done = exported("rdf", document)
    graph = turtle(done)
    again = rdflib.Graph().parse(data=graph.serialize(format="nt"), format="nt")
    assert isomorphic(graph, again)
    statements = set(graph.subjects(rdflib.RDF.type, rdflib.RDF.Statement))
    mentions = {one.id for one in document.mentions}
    assert len(statements) == sum({r.current.head, r.current.tail} <= mentions for r in document.relations)
    # A prefix cut out of a percent-encoded name would be no IRI.
    assert not any("%" in line for line in done.content.decode().split("\n") if line.startswith("@prefix"))


@ANY
@given(document=documents())
@example(document=a_document())
def test_networkx_reads_every_graphml(document: AnnotatedDocument) -> None:
    net = nx.read_graphml(io.BytesIO(exported("graphml", document).content), force_multigraph=True)
    assert all(data["label"] for _, data in net.nodes(data=True)) or net.number_of_nodes() >= 0
    assert net.number_of_edges() <= len(document.relations)


def test_graphml_has_names_and_predicates_to_the_letter() -> None:
    net = nx.read_graphml(io.BytesIO(exported("graphml", names(PREDICATE, HOSTILE)).content), force_multigraph=True)
    assert {data["label"] for _, data in net.nodes(data=True)} == {"𠮷田", "Google"}
    assert {data["label"] for *_, data in net.edges(data=True)} == {PREDICATE, HOSTILE}


def test_kuzu_copies_the_tables_for_neo4j(connection: Any, tmp_path: Path) -> None:
    done = exported("neo4j", names(PREDICATE, HOSTILE, 'a "b", c'))
    for name, content in done.files.items():
        (tmp_path / name).write_bytes(content)
    connection.execute("CREATE NODE TABLE Entity(entityId STRING PRIMARY KEY, name STRING, labels STRING)")
    connection.execute("CREATE REL TABLE Relation(FROM Entity TO Entity, predicate STRING, count INT64)")
    options = "(header=true, escape='\"')"
    connection.execute(f'COPY Entity FROM "{tmp_path}/nodes.csv" {options}')
    connection.execute(f'COPY Relation FROM "{tmp_path}/edges.csv" {options}')
    found = answers(connection, "MATCH (a)-[r]->(b) RETURN a.name, r.predicate, b.name")
    assert sorted(found) == sorted(["𠮷田", predicate, "Google"] for predicate in (PREDICATE, HOSTILE, 'a "b", c'))
    assert answers(connection, "MATCH (n) WHERE n.name = 'Google' RETURN n.labels") == [["Entity;org'； DROP"]]


@pytest.mark.parametrize("predicate", [PREDICATE, HOSTILE, "x'}) DETACH DELETE n; //", "两\n行\t\\", "\\'", "$p {a}"])
def test_kuzu_runs_the_cypher_and_no_name_is_a_command(connection: Any, predicate: str) -> None:
    connection.execute("CREATE NODE TABLE Entity(entityId STRING PRIMARY KEY, name STRING, types STRING[])")
    connection.execute("CREATE REL TABLE RELATION(FROM Entity TO Entity, predicate STRING, count INT64)")
    connection.execute(exported("cypher", names(predicate)).content.decode())
    found = answers(connection, "MATCH (a)-[r]->(b) RETURN a.name, a.types, r.predicate, b.name, b.types")
    assert found == [["𠮷田", ["人"], predicate, "Google", ["org'; DROP"]]]


def test_mentions_that_no_triple_names_are_counted() -> None:
    losses = {loss.code: loss.count for loss in exported("graphml", a_document(relations=())).losses}
    assert losses["unlinked"] == 6


def test_a_triple_goes_with_an_end_that_was_rejected() -> None:
    rejected = Piece[Mention](id="m1", value=mention("m1", "𠮷田", "人"), decision=judged("reject"))
    document = names(PREDICATE)
    done = exported("cypher", document.model_copy(update={"mentions": (rejected, document.mentions[1])}))
    assert {loss.code: loss.count for loss in done.losses}["ends_rejected"] == 1 and b"RELATION" not in done.content
