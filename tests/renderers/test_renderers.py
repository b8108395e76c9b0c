"""HTML and CSV of results: everything escaped, nested mentions drawn once."""

import html
import re
from collections.abc import Sequence

from techgpt_ui.presets import Library
from techgpt_ui.reading import Reading
from techgpt_ui.renderers import RENDERERS, Answer, View, rows_to_csv
from techgpt_ui.schema import Mention

SOURCE = "北京大学在<b>北京</b>"


def mention(ident: str, kind: str, start: int, end: int) -> Mention:
    text = SOURCE[start:end]
    return Mention(id=ident, type=kind, surface=text, text=text, start=start, end=end, status="exact")


def entities(library: Library, mentions: Sequence[Mention], source: str = SOURCE, cut_at: int | None = None) -> View:
    found = Reading(status="parsed", mentions=tuple(mentions))
    task = library.task("ner")
    return RENDERERS["entities"](Answer(task=task, inputs={}, source=source, found=found, cut_at=cut_at))


def shown(markup: str) -> str:
    body = markup[markup.index("<div class='source'>") :]
    without_labels = re.sub(r"<sub.*?</sub>", "", body)
    return html.unescape(re.sub(r"<[^>]+>", "", without_labels))


def test_nested_and_overlapping_mentions_repeat_no_text(library: Library) -> None:
    mentions = [mention("m1", "机构", 0, 4), mention("m2", "地点", 0, 2), mention("m3", "x", 2, 5)]
    assert shown(entities(library, mentions).main) == SOURCE


def test_every_mention_is_marked_where_it_stands(library: Library) -> None:
    view = entities(library, [mention("m1", "机构", 0, 4), mention("m2", "地点", 0, 2)])
    assert re.findall(r'data-ids="([^"]+)"', view.main) == ["m1 m2", "m1"]


def test_text_types_and_surfaces_are_escaped(library: Library) -> None:
    hostile = Mention(
        id="m1", type='"><script>', surface="<img onerror>", text="", start=None, end=None, status="ungrounded"
    )
    view = entities(library, [hostile], "<img src=x onerror=alert(1)>")
    assert not re.search(r"<(img|script)", view.main + view.table)


def test_the_cut_is_marked_and_the_rest_still_shown(library: Library) -> None:
    view = entities(library, [], cut_at=4)
    assert "✂" in view.main
    assert view.main.index("北京大学") < view.main.index("✂") < view.main.index("在")


def test_csv_opens_in_a_spreadsheet_without_running_anything() -> None:
    content = rows_to_csv(("text", "type"), [("=1+1", "甲,乙"), ("-x", '"')])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines() == ["text,type", '\'=1+1,"甲,乙"', '\'-x,""""']
