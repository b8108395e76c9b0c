"""Agreement on spans: F1 by place and type, whichever reviewer is held to be right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.review.records import MarkedSpan
from techgpt_ui.review.spans import SpanAgreement, span_agreements

PLACES = st.sets(st.tuples(st.integers(0, 9), st.integers(1, 5), st.sampled_from(["ORG", "PER"])), max_size=5)


def marked(reviewer: str, *spans: tuple[int, int, str], document: str = "d") -> list[MarkedSpan]:
    return [MarkedSpan(document=document, reviewer=reviewer, start=a, end=b, type=kind) for a, b, kind in spans]


def figures(found: SpanAgreement) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in found.figures}


def test_one_of_two_spans_in_common_is_an_f1_of_a_half() -> None:
    spans = [*marked("ann", (0, 6, "ORG"), (22, 32, "PER")), *marked("bo", (0, 6, "ORG"), (40, 44, "PER"))]
    (found,) = span_agreements(spans)
    assert figures(found) == {"span_f1": 0.5, "strict_f1": 0.5, "exact_f1": 0.5, "partial_f1": 0.5}
    assert (found.reviewers, found.documents, found.spans) == (("ann", "bo"), 1, (2, 2))


def test_another_type_at_the_same_place_is_exact_and_not_strict() -> None:
    (found,) = span_agreements([*marked("ann", (0, 6, "ORG")), *marked("bo", (0, 6, "PER"))])
    assert figures(found) == {"span_f1": 0, "strict_f1": 0, "exact_f1": 1, "partial_f1": 1}


def test_neighbours_that_only_touch_do_not_overlap() -> None:
    """Ends are exclusive here and inclusive at nervaluate: passed on as they are, 0–3 and 3–6 would share a letter."""
    (found,) = span_agreements([*marked("ann", (0, 3, "ORG")), *marked("bo", (3, 6, "ORG"))])
    assert figures(found)["partial_f1"] == 0


def test_nested_spans_that_both_marked_agree_in_full() -> None:
    nested = [(0, 2, "X"), (0, 4, "X"), (0, 8, "X")]
    (found,) = span_agreements([*marked("ann", *nested), *marked("bo", *nested)])
    assert figures(found)["span_f1"] == 1


@settings(max_examples=20, deadline=None)
@given(PLACES, PLACES)
def test_the_sides_can_be_changed(one: set, other: set) -> None:
    def ends(spans: set) -> list[tuple[int, int, str]]:
        return [(start, start + length, kind) for start, length, kind in spans]

    there = span_agreements([*marked("ann", *ends(one)), *marked("bo", *ends(other))])
    back = span_agreements([*marked("ann", *ends(other)), *marked("bo", *ends(one))])
    assert [figures(found) for found in there] == [pytest.approx(figures(found)) for found in back]


def test_only_documents_that_both_marked_are_compared() -> None:
    spans = [*marked("ann", (0, 6, "ORG")), *marked("bo", (0, 6, "ORG")), *marked("ann", (7, 9, "ORG"), document="e")]
    (found,) = span_agreements(spans)
    assert found.documents == 1 and figures(found)["span_f1"] == 1
    assert span_agreements(marked("ann", (0, 6, "ORG"))) == ()
