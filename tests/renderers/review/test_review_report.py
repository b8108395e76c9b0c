"""The report of a review: every figure with what it rests on, in one file that asks nobody for anything."""

import html
import random
import re
from typing import get_args
from xml.etree import ElementTree

import pytest

from techgpt_ui.renderers.review import figures_html, review_report_html
from techgpt_ui.review.agreement import Scale
from techgpt_ui.review.allocation import Allocation
from techgpt_ui.review.figures import Figures, Group, review_figures
from techgpt_ui.review.records import REASONS, Examined, ItemKind, MarkedSpan, Missed, Review, Verdict
from techgpt_ui.review.sampling import Facet, Sample, SamplePlan, draw_sample
from techgpt_ui.texts import Lang, catalogue
from tests.renderers.evaluation.examples import HOSTILE, visible
from tests.review.examples import START, a_verdict, an_item, some_items, strata_of_the_worked_example

PLAN = SamplePlan(n=60, seed=42, by=("confidence",), blind=0.3, double=0.5, documents=3)


def two_reviewers(sample: Sample, likely: dict[str, float]) -> list[Verdict]:
    """Right as often as the confidence says; the second reviewer now and then thinks otherwise."""
    lot = random.Random(1)
    verdicts = []
    for at, item in enumerate(sample.items):
        value = "accept" if lot.random() < likely[item] else "reject"
        reason = None if value == "accept" else "boundary"
        verdicts.append(a_verdict(item, value, at=20 * at, seconds=6, reason=reason, blind=item in sample.blind))
        if item in sample.double:
            other = value if lot.random() < 0.9 else "edit"
            verdicts.append(a_verdict(item, other, at=20 * at + 9, reviewer="李四", round="second"))
    return verdicts


@pytest.fixture(scope="module")
def whole() -> Figures:
    """A review with something in every part."""
    frame = tuple(
        an_item(at, type="ORG" if at % 3 else "人物", confidence=(at % 20) / 20, document=f"d{at // 8}")
        for at in range(240)
    )
    sample = draw_sample(frame, PLAN)
    verdicts = two_reviewers(sample, {item.id: item.confidence or 0.0 for item in frame})
    rest = [a_verdict(item.id, at=5000) for item in frame if item.document in sample.documents]
    review = Review(
        frame=frame,
        verdicts=(*verdicts, *(verdict for verdict in rest if verdict.item not in sample.items)),
        missed=(Missed(document=sample.documents[0], task="ner", reviewer="ann", time=START),),
        examined=tuple(Examined(document=name, task="ner", reviewer="ann", time=START) for name in sample.documents),
        spans=(
            MarkedSpan(document="d1", reviewer="ann", start=0, end=6, type="ORG"),
            MarkedSpan(document="d1", reviewer="李四", start=0, end=5, type="ORG"),
        ),
    )
    return review_figures(review, sample, created=START, wanted=0.8)


@pytest.fixture(scope="module")
def empty() -> Figures:
    """A review that nobody has begun."""
    frame = some_items(30)
    return review_figures(Review(frame=frame), draw_sample(frame, SamplePlan(n=5, seed=1)), created=START)


@pytest.fixture(scope="module")
def hostile() -> Figures:
    """Every name that comes from outside is an attack."""
    frame = tuple(
        an_item(at, task=name, type=name, document=name, model=name, preset=name, confidence=0.5)
        for at, name in enumerate([HOSTILE, "other"] * 20)
    )
    sample = draw_sample(frame, SamplePlan(n=40, seed=1, by=("type",), double=1, documents=2))
    verdicts = [a_verdict(item, reviewer=name) for item in sample.items for name in (HOSTILE, "bo")]
    spans = tuple(MarkedSpan(document="d", reviewer=name, start=0, end=4, type="x") for name in (HOSTILE, "bo"))
    read = (Examined(document=HOSTILE, task=HOSTILE, reviewer="bo", time=START),)
    review = Review(frame=frame, verdicts=tuple(verdicts), spans=spans, examined=read)
    return review_figures(review, sample, created=START)


def rows(markup: str) -> list[str]:
    return [visible(row) for row in re.findall(r"<tr>.*?</tr>", markup)]


def headings(markup: str) -> list[str]:
    return re.findall(r"<h4[^>]*>.*?lang=\"en\">(.*?)</span>", markup)


def test_the_headline_is_the_weighted_precision_with_its_interval() -> None:
    review, sample = strata_of_the_worked_example()
    told = visible(figures_html(review_figures(review, sample, created=START)))
    assert re.search(r"0\.923 .*95 % interval 0\.860 – 0\.959; 140 judged of 1000 items", told)


def test_every_part_of_a_review_has_its_section(whole: Figures) -> None:
    assert headings(figures_html(whole)) == [
        "Precision", "Why items were edited or rejected", "Recall", "Does the confidence mean what it says",
        "Agreement between reviewers", "Spans that were marked", "Progress and pace", "Protocol",
    ]  # fmt: skip


def test_groups_stand_in_the_table_with_items_judged_and_intervals(whole: Figures) -> None:
    strict = next(one.strict for one in whole.precision if one.name == "人物")
    (row,) = [row for row in rows(figures_html(whole)) if "人物" in row]
    for words in (str(strict.size), f"{strict.value:.3f}", f"{strict.low:.3f} – {strict.high:.3f}"):
        assert words in row


def test_the_plots_draw_the_groups_and_the_bins_and_say_so_in_words(whole: Figures) -> None:
    drawings = re.findall(r"<svg.*?</svg>", figures_html(whole), re.DOTALL)
    described = [ElementTree.fromstring(drawing).findtext("{http://www.w3.org/2000/svg}desc") for drawing in drawings]
    assert len(described) == 2
    assert "人物" in (described[0] or "") and (described[1] or "").count("→") == len(whole.calibration.bins)


def test_all_coefficients_stand_beside_the_bare_agreement(whole: Figures) -> None:
    shown = figures_html(whole)
    for name in ("p_o", "κ", "α", "AC1"):
        assert f'<th scope="col">{name}</th>' in shown
    (row,) = [row for row in rows(shown) if "ann · 李四" in row and "accept / edit / reject" in row]
    found = whole.agreement[0]
    assert all(f"{figure.value:.3f}" in row for figure in found.figures)


def test_the_threshold_is_told_with_its_precision_and_what_it_keeps(whole: Figures) -> None:
    likely = whole.calibration.likely
    assert likely is not None
    told = visible(figures_html(whole))
    assert f"a confidence of {likely.confidence:.3f} or more are right in {likely.estimate.value:.3f}" in told


def test_the_protocol_tells_seed_frame_sizes_and_formulas(whole: Figures) -> None:
    shown = figures_html(whole)
    told = visible(shown[shown.index("Protocol") :])
    sample = whole.protocol.sample
    for words in ("42", sample.frame_sha256, "240", "60", "proportional, at least 2 a stratum", "confidence band",
                  "0.5, 0.7, 0.9", "2026-03-02 09:00 UTC", "SHA-256 of seed", "Σ W_h p_h", "3 / 30"):  # fmt: skip
        assert words in told


def test_a_review_that_has_not_begun_says_so_in_sentences(empty: Figures) -> None:
    told = visible(figures_html(empty))
    for words in ("Nothing of the sample has been judged", "No item of the sample was edited", "None of the drawn",
                  "No judged item has a confidence", "No item was judged by two", "Nobody has judged",
                  "of the 5 drawn items 5 are still open"):  # fmt: skip
        assert words in told
    assert "nan" not in told.lower().replace("finance", "")


def test_nothing_of_items_or_reviewers_is_taken_for_html(hostile: Figures) -> None:
    shown = review_report_html(hostile, "en", HOSTILE)
    assert "<link" not in shown and "<img" not in shown
    assert html.unescape(shown).count(HOSTILE) >= 8


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_file_holds_both_languages_and_opens_in_the_wanted_one(empty: Figures, lang: Lang) -> None:
    shown = review_report_html(empty, lang, "新闻")
    assert "Spot-check report: 新闻" in shown and "抽检报告：新闻" in shown
    assert re.findall(r'id="lang-(\w+)" checked', shown) == [lang]


def test_the_file_asks_nobody_for_anything_and_runs_nothing(whole: Figures) -> None:
    shown = review_report_html(whole, "en")
    assert "<script" not in shown and "@import" not in shown
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', shown) == []
    assert "default-src 'none'" in shown


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("reason", (*REASONS, "")),
        ("kind", get_args(ItemKind)),
        ("facet", get_args(Facet)),
        ("group", get_args(Group)),
        ("allocation", get_args(Allocation)),
        ("scale", get_args(Scale)),
    ],
)
def test_every_choice_has_words(kind: str, names: tuple[str, ...]) -> None:
    assert [name for name in names if f"figures.{kind}.{name}" not in catalogue()] == []


def test_equal_figures_make_the_same_file(whole: Figures) -> None:
    assert review_report_html(whole, "zh") == review_report_html(whole.model_copy(deep=True), "zh")
