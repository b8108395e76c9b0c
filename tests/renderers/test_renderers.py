"""HTML and CSV of results: everything escaped, nested mentions drawn once."""

import html
import re

from techgpt_ui.renderers import RENDERERS, rows_to_csv
from techgpt_ui.schema import Mention

SOURCE = "北京大学在<b>北京</b>"


def mention(ident: str, kind: str, start: int, end: int) -> Mention:
    text = SOURCE[start:end]
    return Mention(id=ident, type=kind, surface=text, text=text, start=start, end=end, status="exact")


def shown(markup: str) -> str:
    body = markup[markup.index("<div class='source'>") :]
    without_labels = re.sub(r"<sub.*?</sub>", "", body)
    return html.unescape(re.sub(r"<[^>]+>", "", without_labels))


def test_nested_and_overlapping_mentions_repeat_no_text() -> None:
    mentions = [mention("m1", "机构", 0, 4), mention("m2", "地点", 0, 2), mention("m3", "x", 2, 5)]
    assert shown(RENDERERS["entities"](SOURCE, mentions, (), None).text) == SOURCE


def test_every_mention_is_marked_where_it_stands() -> None:
    view = RENDERERS["entities"](SOURCE, [mention("m1", "机构", 0, 4), mention("m2", "地点", 0, 2)], (), None)
    assert re.findall(r'data-ids="([^"]+)"', view.text) == ["m1 m2", "m1"]


def test_text_types_and_surfaces_are_escaped() -> None:
    hostile = Mention(
        id="m1", type='"><script>', surface="<img onerror>", text="", start=None, end=None, status="ungrounded"
    )
    view = RENDERERS["entities"]("<img src=x onerror=alert(1)>", [hostile], (), None)
    assert not re.search(r"<(img|script)", view.text + view.table)


def test_the_cut_is_marked_and_the_rest_still_shown() -> None:
    view = RENDERERS["entities"](SOURCE, [], (), 4)
    assert "✂" in view.text
    assert view.text.index("北京大学") < view.text.index("✂") < view.text.index("在")


def test_csv_opens_in_a_spreadsheet_without_running_anything() -> None:
    content = rows_to_csv(("text", "type"), [("=1+1", "甲,乙"), ("-x", '"')])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines() == ["text,type", '\'=1+1,"甲,乙"', '\'-x,""""']
