"""The first page: what the model is, what can be done here, on which terms, and how to cite."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import gradio as gr
from markupsafe import Markup

from techgpt_ui.presets import Task
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.ui.workbench import Workbench

CITATIONS = (
    "Feiliang Ren, Ning An, Qi Ma, Lei Hei. TechGPT: Technology-Oriented Generative Pretrained Transformer. 2023.",
    "Yunjie Ji, Yong Deng, Yan Gong, Yiping Peng, Qiang Niu, Baochang Ma, Xiangang Li. "
    "BELLE: Be Everyone's Large Language model Engine. 2023.",
)


def build_home(bench: Workbench) -> Any:
    """Put the page's HTML into the tab that is open."""
    return gr.HTML(home_html(bench), elem_id="home")


def home_html(bench: Workbench) -> str:
    """The whole page; cards lead to their tabs by the page's script."""
    model = bench.host.preset
    parts = [
        tag("p", say("home.what"), "lead"),
        _loaded(bench),
        *_families(bench),
        tag("h3", say("home.how"), ""),
        tag("ul", Markup().join(tag("li", say(f"home.how.{step}"), "") for step in range(1, 5)), ""),
        tag("h3", say("home.terms"), ""),
        tag("ul", Markup().join(tag("li", say(f"home.terms.{term}"), "") for term in range(1, 5)), ""),
        tag("p", tag("b", both(model.title.text), "") + Markup(" · ") + both(model.licence.text), ""),
        tag("h3", say("home.cite"), ""),
        *(tag("blockquote", citation, "") for citation in CITATIONS),
    ]
    return str(tag("div", Markup().join(parts), "home"))


def _loaded(bench: Workbench) -> Markup:
    model = bench.host.preset
    body = tag("h3", say("home.loaded") + Markup(" ") + both(model.title.text), "")
    body += tag("p", both(model.about.text), "")
    body += tag("p", tag("b", say("model.limits"), "") + Markup(" ") + both(model.limits.text), "")
    return tag("section", body, "loaded")


def _families(bench: Workbench) -> list[Markup]:
    parts = []
    for family, members in groupby(bench.library.tasks.values(), key=lambda task: task.family):
        cards = Markup().join(map(_card, members))
        parts += [tag("h3", say(f"family.{family}"), ""), tag("div", cards, "task-cards")]
    return parts


def _card(task: Task) -> Markup:
    return Markup('<a class="task-card" href="?task={0}" data-open="{0}"><b>{1}</b><span>{2}</span></a>').format(
        task.id, both(task.title.text), both(task.help.text)
    )
