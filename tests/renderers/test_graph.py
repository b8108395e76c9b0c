"""One graph of several runs: what merges, what stays apart, which sentences witness a triple, and its GraphML."""

import io
import json
import time
from typing import Any

import networkx as nx
import pytest

from techgpt_ui.renderers.graph import (
    Graph,
    GraphInput,
    build_graph,
    graph_elements,
    safe_file_name,
    to_graphml,
)
from techgpt_ui.renderers.graph_evidence import CONTEXT, sentences
from techgpt_ui.schema import Mention, Relation

Triple = tuple[str, str, str]

HOSTILE = [
    "<link prediction>",
    "<img src=x onerror=alert(1)>",
    "</script>",
    "${7*7} {{value}}",
    "a & b \"c\" 'd'",
    "图谱🕸️",
    "line\u2028separator",
]
UNFIT_FOR_XML = ["nul\x00", "bell\x07", "\ud800 alone", "not a character \uffff"]


def given(source: str, *triples: Triple, run: str = "run 1", types: dict[str, str] | None = None) -> GraphInput:
    """Triples as a run reads them: every name is a mention, placed where the source first has it."""
    names = list(dict.fromkeys(end for head, _, tail in triples for end in (head, tail)))
    mentions = tuple(mention(f"m{at}", name, source, (types or {}).get(name, "")) for at, name in enumerate(names))
    ids = {one.surface: one.id for one in mentions}
    relations = tuple(
        Relation(id=f"r{at}", head=ids[head], predicate=predicate, tail=ids[tail])
        for at, (head, predicate, tail) in enumerate(triples)
    )
    return GraphInput(run=run, source=source, mentions=mentions, relations=relations)


def mention(ident: str, name: str, source: str, kind: str = "") -> Mention:
    start = source.find(name)
    if start < 0:
        return Mention(id=ident, type=kind, surface=name, text="", start=None, end=None, status="ungrounded")
    return Mention(id=ident, type=kind, surface=name, text=name, start=start, end=start + len(name), status="exact")


def triples(graph: Graph) -> list[Triple]:
    labels = {node.id: node.label for node in graph.nodes}
    return [(labels[edge.head], edge.predicate, labels[edge.tail]) for edge in graph.edges]


def marked(source: str, *triple: str) -> list[str]:
    """The evidence of one triple, names in brackets."""
    head, predicate, tail = triple
    [edge] = build_graph([given(source, (head, predicate, tail))]).edges
    signs = {"": "{}", "cut": "{}", "head": "[{}]", "tail": "({})", "both": "[({})]"}
    return ["".join(signs[piece.role].format(piece.text) for piece in found.pieces).strip() for found in edge.evidence]


def read_back(graph: Graph) -> Any:
    return nx.read_graphml(io.BytesIO(to_graphml(graph)), force_multigraph=True)


def test_names_that_differ_in_width_or_case_are_one_node() -> None:
    graph = build_graph([given("", ("A公司", "融资", "100万元"), ("a公司", "亏损", "１００万元"))])
    assert [node.label for node in graph.nodes] == ["A公司", "100万元"]
    assert graph.nodes[1].surfaces == ("100万元", "１００万元")
    assert [(edge.head, edge.predicate, edge.tail) for edge in graph.edges] == [
        ("n1", "融资", "n2"),
        ("n1", "亏损", "n2"),
    ]


def test_the_same_triple_of_two_runs_is_one_edge_that_names_both() -> None:
    graph = build_graph(
        [
            given("甲在乙。", ("甲", "位于", "乙"), run="first"),
            given("", ("甲", "位于", "乙"), ("甲", "属于", "丙"), run="second"),
        ]
    )
    assert triples(graph) == [("甲", "位于", "乙"), ("甲", "属于", "丙")]
    assert [(edge.count, edge.runs) for edge in graph.edges] == [(2, ("first", "second")), (1, ("second",))]
    assert [(node.label, node.degree, node.count) for node in graph.nodes] == [("甲", 2, 3), ("乙", 1, 2), ("丙", 1, 1)]
    assert graph.runs == ("first", "second")


def test_a_node_is_grounded_where_any_run_found_it_in_its_text() -> None:
    graph = build_graph([given("", ("甲", "在", "乙"), run="a"), given("甲", ("甲", "在", "丙"), run="b")])
    assert {node.label: node.grounded for node in graph.nodes} == {"甲": True, "乙": False, "丙": False}
    assert [(one.run, one.id) for one in graph.nodes[0].mentions] == [("a", "m0"), ("b", "m0")]


def test_other_predicates_directions_and_loops_stay_edges_of_their_own() -> None:
    written = [("甲", "父亲", "乙"), ("甲", "老师", "乙"), ("乙", "父亲", "甲"), ("甲", "别名", "甲")]
    graph = build_graph([given("", *written)])
    assert triples(graph) == written
    assert [(node.label, node.degree) for node in graph.nodes] == [("甲", 4), ("乙", 3)]


def test_entities_of_another_run_lend_their_types_but_are_no_nodes_without_a_triple() -> None:
    entities = GraphInput(
        run="ner",
        source="Oslo, Dublin",
        mentions=(mention("m1", "Oslo", "Oslo, Dublin", "City"), mention("m2", "Dublin", "Oslo, Dublin", "City")),
        relations=(),
    )
    graph = build_graph([given("", ("Grace", "lives in", "oslo")), entities])
    assert [(node.label, node.types) for node in graph.nodes] == [("Grace", ()), ("oslo", ("City",))]


def test_no_results_and_no_triples_are_an_empty_graph() -> None:
    assert build_graph([]) == Graph()
    assert build_graph([given("甲。")]).nodes == ()


@pytest.mark.parametrize(
    ("source", "triple", "evidence"),
    [
        ("他来了。甲住在乙。走了。", ("甲", "住", "乙"), "[甲]住在(乙)。"),
        ("😀甲。乙来。", ("甲", "见", "乙"), "😀[甲]。(乙)来。"),
        ("甲来。无关。乙走。", ("甲", "见", "乙"), "[甲]来。…(乙)走。"),
        ("甲来。无关。丙来。甲住在丙。", ("甲", "住", "丙"), "[甲]住在(丙)。"),
        ("北京大学。", ("北京大学", "位于", "北京"), "[(北京)][大学]。"),
        ("Dr. J. Smith met Bo. He left.", ("Smith", "met", "Bo"), "Dr. J. [Smith] met (Bo). He left."),
        ("The He left. I. A man. He is a man.", ("He", "is", "man"), "[He] is a (man)."),
        ("甲来。", ("甲", "见", "乙"), "[甲]来。"),
    ],
    ids=[
        "one sentence", "neighbouring sentences", "far apart", "closer together elsewhere",
        "nested", "abbreviations", "whole words", "one end ungrounded",
    ],
)  # fmt: skip
def test_evidence_is_the_sentences_of_both_names(source: str, triple: Triple, evidence: str) -> None:
    assert marked(source, *triple) == [evidence]


def test_a_triple_of_which_nothing_stands_in_the_text_has_no_evidence() -> None:
    assert marked("别的。", "甲", "见", "乙") == []


def test_a_long_sentence_is_cut_to_what_surrounds_the_names() -> None:
    [evidence] = marked("前" * 1000 + "甲见乙" + "后" * 1000 + "。", "甲", "见", "乙")
    assert evidence == "…" + "前" * CONTEXT + "[甲]见(乙)" + "后" * CONTEXT + "…"


@pytest.mark.parametrize("text", ["", "。", "甲。乙！”丙", "One. Two", "3.5 km. J. Li. Dr. Wu\n\n。。", "a\r\nb. "])
def test_sentences_are_the_whole_text(text: str) -> None:
    assert "".join(text[start:end] for start, end in sentences(text)) == text


def test_elements_are_json_that_keeps_every_string_to_the_letter() -> None:
    graph = build_graph([given("".join(HOSTILE), *((name, name, name) for name in HOSTILE))])
    elements = json.loads(json.dumps(graph_elements(graph)))
    nodes = [element["data"] for element in elements if element["group"] == "nodes"]
    edges = [element["data"] for element in elements if element["group"] == "edges"]
    assert [node["label"] for node in nodes] == HOSTILE
    assert [edge["label"] for edge in edges] == HOSTILE
    assert {edge["source"] for edge in edges} | {edge["target"] for edge in edges} == {node["id"] for node in nodes}


def test_a_type_gives_its_nodes_a_colour() -> None:
    elements = graph_elements(build_graph([given("", ("甲", "在", "乙"), types={"甲": "人物"})]))
    assert [element["data"].get("hue") is None for element in elements[:2]] == [False, True]


def test_graphml_holds_the_same_nodes_labels_and_predicates() -> None:
    written = [(a, b, c) for a, b, c in zip(HOSTILE, HOSTILE[1:], HOSTILE[2:], strict=False)]
    written += [("甲", "父亲", "乙"), ("甲", "老师", "乙"), ("乙", "别名", "乙")]
    graph = build_graph([given("甲教乙。", *written)])
    net = read_back(graph)
    labels = dict(net.nodes(data="label"))
    assert labels == {node.id: node.label for node in graph.nodes}
    assert sorted((labels[a], data["label"], labels[b]) for a, b, data in net.edges(data=True)) == sorted(written)
    assert {data["evidence"] for *_, data in net.edges(data=True) if data["label"] == "老师"} == {"甲教乙。"}
    assert net.nodes["n1"]["grounded"] is False


def test_graphml_joins_several_runs_and_surfaces() -> None:
    runs = [given("", ("Ａ", "在", "乙"), run="r1"), given("", ("a", "在", "乙"), run="r2")]
    net = read_back(build_graph(runs))
    assert net.nodes["n1"] | {"surfaces": "Ａ | a", "mentions": "r1:m0 | r2:m0"} == net.nodes["n1"]
    assert net.edges["n1", "n2", "e1"] | {"runs": "r1 | r2", "count": 2} == net.edges["n1", "n2", "e1"]


@pytest.mark.parametrize("name", UNFIT_FOR_XML)
def test_what_xml_cannot_hold_is_replaced(name: str) -> None:
    net = read_back(build_graph([given(name, (name, name, "乙"), run=name)]))
    replaced = "".join("\ufffd" if ord(one) in {0, 7, 0xD800, 0xFFFF} else one for one in name)
    assert net.nodes["n1"]["label"] == replaced
    assert net.edges["n1", "n2", "e1"]["label"] == replaced


def test_an_empty_graph_is_graphml_too() -> None:
    assert len(read_back(Graph())) == 0


def test_a_big_graph_is_built_while_one_waits() -> None:
    written = [(f"实体{at % 500}", f"关系{at % 7}", f"实体{at * at % 499}") for at in range(800)]
    source = "".join(f"{head}与{tail}有关。" for head, _, tail in written)
    started = time.perf_counter()
    graph = build_graph([given(source, *written)])
    assert len(graph.nodes) == 500
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("", "graph"),
        ("../../etc/passwd", "graph-etc-passwd"),
        ("CON", "graph-CON"),
        ("三元组 1", "graph-三元组-1"),
        ("a\x00b\ud800<c>|\"*?", "graph-ab-c"),
        ("长" * 200, "graph-" + "长" * 60),
    ],
)  # fmt: skip
def test_file_names_suit_every_system(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe
