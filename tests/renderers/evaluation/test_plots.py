"""Plots: text that stays text, described in words, harmless whatever the labels say."""

import re
from xml.etree import ElementTree

from techgpt_ui.evaluation.records import Breakdown
from techgpt_ui.renderers.evaluation.plots import BARS_SHOWN, Point, bars, speed, whiskers
from tests.renderers.evaluation.examples import HOSTILE, a_figure

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(drawing).iter(f"{SVG}text")]


def kinds(*names: str) -> tuple[Breakdown, ...]:
    return tuple(Breakdown(name=name, support=9, figures=(a_figure("string_f1", 0.5),)) for name in names)


def a_point(label: str = "#1", series: str = "TechGPT", *, filled: bool = True) -> Point:
    return Point(seconds=1.5, value=0.5, low=0.4, high=0.6, label=label, series=series, filled=filled)


def test_every_figure_that_is_defined_has_its_name_and_no_other() -> None:
    drawn = texts(whiskers((a_figure("string_f1", 0.5), a_figure("em", None))))
    assert "string_f1" in drawn and "em" not in drawn


def test_chinese_labels_stay_text() -> None:
    assert "机构 (9)" in texts(bars(kinds("机构"), "string_f1"))


def test_labels_are_no_formulae_and_no_html() -> None:
    drawn = bars(kinds("$x_1$ and $y^2$", HOSTILE), "string_f1")
    assert "$x_1$ and $y^2$ (9)" in texts(drawn)
    assert "<link" not in drawn and "<img" not in drawn


def test_only_the_most_frequent_types_are_drawn() -> None:
    many = tuple(
        entry.model_copy(update={"support": at}) for at, entry in enumerate(kinds(*(f"kind{at}" for at in range(30))))
    )
    drawn = [text for text in texts(bars(many, "string_f1")) if text.startswith("kind")]
    assert len(drawn) == BARS_SHOWN and drawn[0] == "kind29 (29)"


def test_a_drawing_has_a_role_a_title_and_its_content_in_words() -> None:
    drawing = ElementTree.fromstring(whiskers((a_figure("bleu", 31.4, 2.0),))).find(f"{SVG}svg")
    assert drawing is not None and drawing.get("role") == "img"
    assert "Figures with 95 % intervals" in (drawing.findtext(f"{SVG}title") or "")
    assert drawing.findtext(f"{SVG}desc") == "bleu 31.4 [29.4, 33.4]"


def test_points_bear_their_labels_and_the_legend_tells_colours_and_shapes() -> None:
    drawn = texts(speed((a_point("#1", "TechGPT"), a_point("#2", "模型", filled=False)), "string_f1"))
    assert {"#1", "#2", "TechGPT", "模型", "仅限原文 / grounded", "自由 / free"} <= set(drawn)


def test_a_drawing_links_nowhere_and_names_of_its_groups_do_not_repeat() -> None:
    drawing = bars(kinds("a", "b"), "string_f1") + speed((a_point(),), "string_f1")
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', drawing))
    assert re.findall(r' id="(figure|axes|text)_', drawing) == []


def test_nothing_to_draw_draws_nothing() -> None:
    assert whiskers(()) == bars((), "string_f1") == speed((), "string_f1") == ""
