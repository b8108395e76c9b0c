"""The knowledge graph in a real Chromium: drawn, moved, read, saved, and deaf to what the labels say."""

import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import networkx as nx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from techgpt_ui.ui.graph_view import graph_routes, graph_value
from tests.browser.graph_app import CHINESE, HOSTILE, RUNS, Triple
from tests.running_app import ROOT, free_port

pytestmark = pytest.mark.browser

DRAWN_MS = 20_000
BIG_DRAWN_MS = 20_000
AA_CONTRAST = 4.5

CONTRASTS = """async (dark) => {
  const addresses = performance.getEntriesByType("resource").map((one) => one.name);
  const address = addresses.find((one) => one.endsWith("graph_look.js"));
  const paint = (await import(address)).paints(dark);
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const parts = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => one / 255);
    const [r, g, b] = parts.map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [dim, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dim + 0.05);
  };
  const found = [ratio(paint.words, paint.back)];
  for (const kind of ["", "hub", "out"]) {
    for (let hue = 0; hue < 360; hue += 4) {
      const { ink, fill } = paint.node({ data: () => hue, hasClass: (name) => name === kind });
      found.push(ratio(ink, fill));
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def graph_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that holds nothing but graphs."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": str(tmp_path_factory.mktemp("gradio"))}
    command = [sys.executable, "tests/browser/graph_app.py", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}"
    app.terminate()
    app.wait(30)


@pytest.fixture
def page(browser: Browser, graph_address: str, asked: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.on("request", lambda request: asked.append(request.url))
    opened(page, graph_address)
    yield page
    page.close()


def opened(page: Page, address: str, query: str = "lang=en") -> None:
    for _ in range(240):
        try:
            page.goto(f"{address}/?{query}")
            break
        except Error:  # the server is not up yet
            page.wait_for_timeout(250)
    expect(page.locator("#graph .kg-empty")).to_be_visible(timeout=DRAWN_MS)


def drawn(page: Page, name: str, ident: str = "graph") -> None:
    page.click(f"#{name}")
    page.wait_for_function(f"document.querySelector('#{ident} .kg')?.graph", timeout=DRAWN_MS)


def ask(page: Page, question: str) -> Any:
    """The answer of the drawn graph, ``cy`` in the question."""
    return page.evaluate(f"() => {{ const cy = document.querySelector('#graph .kg').graph; return {question}; }}")


def place(page: Page, label: str) -> tuple[float, float]:
    """Where a node stands on the screen."""
    page.locator("#graph .kg-canvas").scroll_into_view_if_needed()
    box = page.locator("#graph .kg-canvas").bounding_box()
    assert box
    at = ask(page, f"cy.nodes().filter((node) => node.data('label') === {label!r}).renderedPosition()")
    return box["x"] + at["x"], box["y"] + at["y"]


def saved(page: Page, action: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(f"#graph [data-do={action}]")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def ends(triples: list[Triple]) -> set[str]:
    return {end for head, _, tail in triples for end in (head, tail)}


def test_the_value_is_plain_ascii_without_a_tag() -> None:
    value = graph_value(RUNS["hostile"])
    assert value.isascii()
    assert "<" not in value
    assert {one["data"]["label"] for one in json.loads(value)["elements"][:6]} == ends(HOSTILE)
    assert graph_value([]) == ""


@pytest.mark.parametrize("root_path", ["", "/behind/a/proxy"])
def test_our_own_files_are_served_and_no_others(root_path: str) -> None:
    [route] = graph_routes()
    client = TestClient(Starlette(routes=[route]), root_path=root_path)
    folder = route.path.removesuffix("/{name:path}")
    assert "javascript" in client.get(f"{folder}/vendor/cytoscape.min.js").headers["content-type"]
    for name in ("nothing.js", "head.js", "../graph_view.py", "%2e%2e/graph_view.py"):
        assert client.get(f"{folder}/{name}").status_code == 404


def test_nothing_is_drawn_or_loaded_before_the_first_triples(page: Page, asked: list[str]) -> None:
    expect(page.locator("#graph .kg-empty")).to_contain_text("No triples yet")
    expect(page.locator("#graph .kg-bar")).to_be_hidden()
    assert not [url for url in asked if "cytoscape" in url]


def test_triples_become_nodes_and_edges(page: Page) -> None:
    drawn(page, "chinese")
    assert set(ask(page, "cy.nodes().map((node) => node.data('label'))")) == ends(CHINESE)
    assert ask(page, "cy.edges().length") == len(CHINESE)
    expect(page.locator("#graph .kg-sum")).to_contain_text("entities: 13 · triples: 14")
    assert ask(page, "cy.nodes('.out').map((node) => node.data('label'))") == ["中国"]


def test_no_box_lies_on_another(page: Page) -> None:
    drawn(page, "chinese")
    boxes = ask(page, "cy.nodes().map((node) => ({ ...node.position(), w: node.width(), h: node.height() }))")
    for at, one in enumerate(boxes):
        for other in boxes[:at]:
            apart = abs(one["x"] - other["x"]) >= (one["w"] + other["w"]) / 2
            assert apart or abs(one["y"] - other["y"]) >= (one["h"] + other["h"]) / 2


def test_an_empty_value_takes_the_graph_away(page: Page) -> None:
    drawn(page, "chinese")
    page.click("#none")
    expect(page.locator("#graph .kg-empty")).to_be_visible()
    expect(page.locator("#graph canvas")).to_have_count(0)


def test_a_node_follows_the_mouse(page: Page) -> None:
    drawn(page, "chinese")
    before = place(page, "香港")
    page.mouse.move(*before)
    page.mouse.down()
    page.mouse.move(before[0] + 60, before[1] + 40, steps=5)
    page.mouse.up()
    assert place(page, "香港") == pytest.approx((before[0] + 60, before[1] + 40), abs=6)


def test_what_was_moved_stays_when_another_run_is_merged(page: Page) -> None:
    drawn(page, "chinese")
    where = "({ ...cy.nodes().filter((node) => node.data('label') === '香港').position() })"
    ask(page, "void cy.nodes().filter((node) => node.data('label') === '香港').position({ x: -400, y: 300 })")
    page.click("#merged")
    page.wait_for_function("document.querySelector('#graph .kg').graph.edges('[count = 2]').length === 4")
    assert ask(page, where) == {"x": -400, "y": 300}


def test_the_wheel_zooms_and_fit_brings_all_back(page: Page) -> None:
    drawn(page, "chinese")
    before = ask(page, "cy.zoom()")
    middle = place(page, "陈奕迅")
    page.mouse.move(*middle)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"document.querySelector('#graph .kg').graph.zoom() > {before * 1.2}")
    assert place(page, "陈奕迅") == pytest.approx(middle, abs=2)
    page.click("#graph [data-do=fit]")
    assert ask(page, "cy.zoom()") == pytest.approx(before)


def test_a_drag_on_the_ground_pans(page: Page) -> None:
    drawn(page, "chinese")
    before = ask(page, "cy.pan()")
    box = page.locator("#graph .kg-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 58, box["y"] + 38, steps=5)
    page.mouse.up()
    after = ask(page, "cy.pan()")
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((50, 30), abs=12)


def test_keys_zoom_pan_fit_and_clear(page: Page) -> None:
    drawn(page, "chinese")
    fitted = ask(page, "({ zoom: cy.zoom(), ...cy.pan() })")
    page.locator("#graph .kg-stage").focus()
    page.keyboard.press("+")
    assert ask(page, "cy.zoom()") > fitted["zoom"]
    page.keyboard.press("0")
    page.keyboard.press("ArrowLeft")
    assert ask(page, "cy.pan().x") > fitted["x"]
    page.locator("#graph .kg-nodes button").first.click()
    page.locator("#graph .kg-stage").press("Escape")
    expect(page.locator("#graph .kg-detail")).to_be_hidden()


def test_a_click_on_a_node_shows_its_triples_in_their_sentences(page: Page) -> None:
    drawn(page, "chinese")
    page.mouse.click(*place(page, "林夕"))
    detail = page.locator("#graph .kg-detail")
    expect(detail.locator(".kg-name")).to_have_text("林夕")
    assert [line.split("\n") for line in detail.locator(".kg-line").all_inner_texts()] == [
        ["《十年》", "作词", "林夕"],
        ["《K歌之王》", "作词", "林夕"],
    ]
    quote = detail.locator("blockquote").last
    assert quote.text_content() == "林夕也为《K歌之王》作词。"
    assert quote.locator("mark.head").text_content() == "《K歌之王》"
    assert quote.locator("mark.tail").text_content() == "林夕"
    assert set(ask(page, "cy.nodes().not('.faded').map((node) => node.data('label'))")) == {
        "林夕",
        "《十年》",
        "《K歌之王》",
    }


def test_a_click_on_an_edge_shows_its_triple(page: Page) -> None:
    drawn(page, "english")
    ask(page, "void cy.edges().filter((edge) => edge.data('label') === 'works for').emit('tap')")
    line = page.locator("#graph .kg-detail .kg-line")
    expect(line).to_have_count(1)
    assert line.inner_text().split("\n") == ["Grace Holloway", "works for", "Fjord Analytics"]


def test_the_list_reaches_every_node_by_keyboard(page: Page) -> None:
    drawn(page, "english")
    page.locator("#graph .kg-stage").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#graph .kg-name")).to_have_text("Grace Holloway")
    expect(page.locator("#graph .kg-nodes [aria-pressed=true]")).to_have_text(re.compile("Grace Holloway"))
    page.locator("#graph .kg-detail button.kg-end", has_text="Oslo").press("Enter")
    expect(page.locator("#graph .kg-name")).to_have_text("Oslo")
    expect(page.locator("#graph .kg-detail")).to_be_focused()
    page.locator("#graph .kg-close").press("Enter")
    expect(page.locator("#graph .kg-stage")).to_be_focused()


def test_the_filter_narrows_the_list(page: Page) -> None:
    drawn(page, "chinese")
    page.fill("#graph .kg-find input", "《")
    assert page.locator("#graph .kg-nodes li:visible").count() == 3
    page.fill("#graph .kg-find input", "10")
    assert page.locator("#graph .kg-nodes li:visible").count() == 0


def test_several_runs_are_named_with_each_triple(page: Page) -> None:
    drawn(page, "merged")
    page.click("#graph .kg-nodes button:has-text('香港')")
    expect(page.locator("#graph .kg-line")).to_contain_text("×2")
    expect(page.locator("#graph .kg-detail")).to_contain_text("运行 1 · 运行 2")


def test_png_is_a_picture_on_white(page: Page) -> None:
    drawn(page, "chinese")
    name, content = saved(page, "png")
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert name == "graph-运行-1.png"
    assert pixels.shape[0] > 400 and pixels.shape[1] > 800
    assert (pixels[0] == 255).all() and (pixels[:, 0] == 255).all()
    assert (pixels != 255).any(axis=2).mean() > 0.02


@pytest.mark.parametrize(("run", "triples"), [("chinese", CHINESE), ("hostile", HOSTILE[:2])])
def test_svg_is_xml_with_all_labels(page: Page, run: str, triples: list[Triple]) -> None:
    drawn(page, run)
    name, content = saved(page, "svg")
    root = ET.fromstring(content)
    titles = {title.text for title in root.iter("{http://www.w3.org/2000/svg}title")}
    wanted = ends(triples) | {predicate for _, predicate, _ in triples}
    assert name.endswith(".svg")
    assert {label.replace("\u2028", " ") for label in wanted} <= titles
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {
        "svg", "defs", "marker", "path", "rect", "g", "title", "text",
    }  # fmt: skip


def test_a_label_short_enough_stands_whole_in_the_svg(page: Page) -> None:
    drawn(page, "chinese")
    root = ET.fromstring(saved(page, "svg")[1])
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"陈奕迅", "出生日期", "《十年》"} <= words


def test_graphml_is_read_by_networkx(page: Page) -> None:
    drawn(page, "chinese")
    name, content = saved(page, "graphml")
    net = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
    labels = dict(net.nodes(data="label"))
    assert name == "graph-运行-1.graphml"
    assert {(labels[head], data["label"], labels[tail]) for head, tail, data in net.edges(data=True)} == set(CHINESE)


def test_hostile_words_stay_words(page: Page) -> None:
    drawn(page, "hostile")
    shown = page.evaluate(
        "() => [...document.querySelectorAll('#graph .kg-nodes button')].map((one) => one.firstChild.textContent)"
    )
    assert set(shown) == ends(HOSTILE)
    for button in page.locator("#graph .kg-nodes button").all():
        button.click()
    for action in ("png", "svg", "graphml"):
        assert saved(page, action)[0].startswith("graph-run")
    assert page.locator("#graph").locator("img, script, b:not([class])").count() == 0
    assert page.title() != "owned"


def test_five_hundred_nodes_are_drawn_and_can_be_moved(page: Page) -> None:
    page.click("#many")
    page.wait_for_function("document.querySelector('#graph .kg')?.graph", timeout=BIG_DRAWN_MS)
    assert ask(page, "[cy.nodes().length, cy.edges().length]") == [500, 800]
    before = ask(page, "cy.pan().x")
    page.locator("#graph .kg-stage").press("ArrowRight")
    assert ask(page, "cy.pan().x") < before


def test_a_graph_behind_another_tab_is_drawn_when_its_tab_opens(page: Page, asked: list[str]) -> None:
    drawn(page, "chinese")
    page.get_by_role("tab", name="later").click()
    page.wait_for_function("document.querySelector('#later .kg')?.graph?.nodes().length === 13", timeout=DRAWN_MS)
    assert page.evaluate("document.querySelector('#later .kg').graph.zoom()") > 0.3
    page.click("#english")
    page.wait_for_function("document.querySelector('#later .kg').graph.nodes().length === 4", timeout=DRAWN_MS)
    page.get_by_role("tab", name="now").click()
    page.wait_for_function("document.querySelector('#graph .kg').graph.nodes().length === 4", timeout=DRAWN_MS)
    assert len([url for url in asked if "cytoscape" in url]) == 1


def test_a_library_that_does_not_load_is_told(page: Page) -> None:
    page.route("**/cytoscape.min.js", lambda route: route.abort())
    page.click("#chinese")
    expect(page.locator("#graph .kg-failed")).to_be_visible(timeout=DRAWN_MS)
    page.unroute("**/cytoscape.min.js")
    drawn(page, "english")


@pytest.mark.parametrize(("lang", "shown", "hidden"), [("zh", "个实体", "entities"), ("en", "entities", "个实体")])
def test_words_are_in_the_language_of_the_page(
    page: Page, graph_address: str, lang: str, shown: str, hidden: str
) -> None:
    opened(page, graph_address, f"lang={lang}")
    drawn(page, "merged")
    page.locator("#graph .kg-nodes button").last.click()
    words = page.locator("#graph").inner_text()
    assert shown in words
    assert hidden not in words


@pytest.mark.parametrize("width", [390, 700, 1360])
def test_it_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    drawn(page, "hostile")
    page.locator("#graph .kg-nodes button").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("#graph .kg-stage").bounding_box()
    assert box and box["width"] > 250 and box["height"] > 300


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_of_the_picture_has_enough_contrast(page: Page, dark: bool) -> None:
    drawn(page, "english")
    assert min(page.evaluate(CONTRASTS, dark)) >= AA_CONTRAST


def test_no_outside_host_is_asked_for_anything(page: Page, asked: list[str]) -> None:
    drawn(page, "chinese")
    for action in ("png", "svg", "graphml"):
        saved(page, action)
    hosts = {urlparse(url).hostname for url in asked if urlparse(url).scheme.startswith("http")}
    assert hosts == {"127.0.0.1"}
