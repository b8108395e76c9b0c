"""Verdicts that were taken over from another project are marked as such wherever they are shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from techgpt_ui.exporters import export
from techgpt_ui.importers import read_annotations
from techgpt_ui.presets import Library
from techgpt_ui.renderers.review import review_report_html
from techgpt_ui.review.drafting import frame_item
from techgpt_ui.review.exporting import annotated
from techgpt_ui.review.figures import Figures, review_figures
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from techgpt_ui.review.stored import review_of, sample_of
from techgpt_ui.store import Content, ReviewStore, open_database, sqlite_url
from tests.store.review_examples import Desk, a_draft, a_lead


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """A sampled project of three items: two verdicts carried over, then one of Ann's own."""
    reviews = ReviewStore(open_database(sqlite_url(tmp_path / "reviews.db")))
    old = a_lead(reviews)
    old.next(count=2)
    old.say(0)
    old.say(1, "reject", reason="type")
    draft = a_draft()
    frame = [frame_item(number, item) for number, item in enumerate(draft.items)]
    sample = draw_sample(frame, SamplePlan(n=3, seed=1), map(str, range(3))).model_dump(mode="json")
    project = draft.project.model_copy(update={"sample": sample})
    places = tuple(place.model_copy(update={"sampled": True}) for place in draft.places)
    new = Desk(reviews, reviews.create(draft.model_copy(update={"project": project, "places": places}), "Ann"))
    assert reviews.carry_over("ann", new.project, old.project) == 2
    new.next()
    new.say(2)
    return reviews.content("ann", new.project)


@pytest.fixture
def figures(content: Content) -> Figures:
    return review_figures(review_of(content), sample_of(content), created=datetime(2026, 3, 2, tzinfo=UTC))


def test_documents_for_exports_say_which_verdicts_were_carried(content: Content) -> None:
    marks = [piece.decision and piece.decision.carried for one in annotated(content) for piece in one.mentions]
    assert marks == [True, True, False]


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_formats_that_hold_verdicts_give_the_mark_back(
    content: Content, library: Library, tmp_path: Path, name: str
) -> None:
    done = export(annotated(content), name, library)
    path = tmp_path / done.name
    path.write_bytes(done.content)
    found = read_annotations(path, library=library).documents
    assert [one.mentions[0].decision and one.mentions[0].decision.carried for one in found] == [True, True, False]
    assert "carried" not in {loss.code for loss in done.losses}


def test_formats_that_cannot_mark_them_count_the_loss(content: Content, library: Library) -> None:
    losses = {loss.code: loss.count for loss in export(annotated(content), "brat", library).losses}
    assert losses["carried"] == 2


def test_the_protocol_counts_them_among_the_judged(figures: Figures) -> None:
    assert (figures.protocol.counts.judged, figures.protocol.carried) == (3, 2)
    page = review_report_html(figures, "en", "p")
    assert "carried over from another project" in page


def test_they_are_nobodys_work(figures: Figures) -> None:
    assert [pace.decisions for pace in figures.pace] == [1]
