"""The picture of a knowledge graph: one component that draws itself with cytoscape.js, from our own server."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from techgpt_ui.renderers.graph import GraphInput, build_graph, graph_elements, safe_file_name, to_graphml
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.texts import text

ASSETS = Path(__file__).parent / "assets"

_FILES = {
    path.relative_to(ASSETS).as_posix(): path for path in sorted([*ASSETS.glob("graph*"), *ASSETS.glob("vendor/*")])
}
# Under Gradio's own prefix, which the Node server of a Space passes on to Python; the digest outdates cached copies.
_PATH = "/gradio_api/techgpt-" + sha256(b"".join(path.read_bytes() for path in _FILES.values())).hexdigest()[:12]

# The page may be reached under another port or scheme than the server believes; as Gradio does, its origin wins.
_ON_LOAD = """
const root = new URL(window.gradio_config?.root ?? "", location.href);
const origin = root.hostname === location.hostname ? location.origin : root.origin;
import(origin + root.pathname.replace(/[/]+$/, "") + "PATH/graph.js")
  .then((view) => view.mount(element, props, watch))
  .catch(() => {
    element.querySelector(".kg-empty").hidden = true;
    element.querySelector(".kg-failed").hidden = false;
  });
""".replace("PATH", _PATH)

_WORDS = ("summary", "ungrounded", "close", "surfaces", "runs", "no_evidence")


class GraphView(NamedTuple):
    """The component; its value is what ``graph_value`` returns."""

    html: Any


def graph_routes() -> list[Route]:
    """What ``launch(app_kwargs={"routes": …})`` needs so that the page finds the scripts."""
    # No Mount: its files are not found behind a proxy that strips a root path.
    return [Route(_PATH + "/{name:path}", _send)]


def build_graph_view(say_ui: Callable[[str], Any], ident: str) -> GraphView:
    """An empty graph; nothing is loaded until the first triples arrive."""
    words = {name: text(f"graph.{name}")._asdict() for name in _WORDS}
    return GraphView(
        gr.HTML(
            "",
            label=say_ui("graph.title"),
            html_template=_template(ident),
            js_on_load=_ON_LOAD,
            apply_default_css=False,
            elem_id=ident,
            words=words,
        )
    )


def graph_value(results: Sequence[GraphInput]) -> str:
    """The value for the component: one graph of all results, "" without triples."""
    graph = build_graph(results)
    if not graph.nodes:
        return ""
    value = {
        "elements": graph_elements(graph),
        "several": len(graph.runs) > 1,
        "graphml": to_graphml(graph).decode("utf-8"),
        "file": safe_file_name(graph.runs[0]),
    }
    # All ASCII, and no "<": Gradio's serialiser refuses lone surrogates, and warns of "<script>" in a value.
    return json.dumps(value).replace("<", "\\u003c")


async def _send(request: Request) -> Response:
    """One of our own files, which browsers may keep: another content has another address."""
    path = _FILES.get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not Found", status_code=404)
    return FileResponse(path, headers={"cache-control": "public, max-age=31536000, immutable"})


def _template(ident: str) -> str:
    """The frame that graph.js fills; it holds no data, for Gradio evaluates it as a template."""
    bar = Markup().join(
        [
            Markup('<span class="kg-sum"></span><span class="kg-tip">{}</span>').format(say("graph.tip")),
            *(_button(name, sign, say(f"graph.{name}")) for name, sign in (("zoom_out", "−"), ("zoom_in", "+"))),
            _button("fit", say("graph.fit")),
            *(_button(name, say(f"graph.{name}"), say("graph.save")) for name in ("png", "svg", "graphml")),
        ]
    )
    states = tag("p", say("graph.empty"), "kg-empty") + Markup().join(
        Markup('<p class="kg-{}" hidden>{}</p>').format(name, say(f"graph.{name}")) for name in ("loading", "failed")
    )
    return str(
        Markup(
            '<section class="kg">{states}<div class="kg-bar" hidden>{bar}</div><div class="kg-body" hidden>'
            '<div class="kg-stage" tabindex="0" role="application" aria-labelledby="{ident}-help">'
            '<div class="kg-canvas"></div><span class="kg-unseen" id="{ident}-help">{help}</span>'
            '<div class="kg-keys"><span class="in">{grounded}</span><span class="out">{ungrounded}</span></div></div>'
            '<div class="kg-side"><div class="kg-detail" tabindex="-1" hidden></div>'
            '<label class="kg-find"><span>{find}</span><input type="search" autocomplete="off"></label>'
            '<ul class="kg-nodes"></ul></div></div></section>'
        ).format(
            states=states,
            bar=bar,
            ident=ident,
            help=say("graph.stage"),
            grounded=say("graph.grounded"),
            ungrounded=say("graph.ungrounded"),
            find=say("graph.find"),
        )
    )


def _button(action: str, shown: object, spoken: Markup | None = None) -> Markup:
    """A button that graph.js answers; ``spoken`` completes its name for screen readers."""
    unseen = tag("span", spoken, "kg-unseen") if spoken else ""
    return Markup('<button type="button" data-do="{}">{}<span>{}</span></button>').format(action, unseen, shown)
