"""The protocol: how the sample was drawn, what became of it, and how each figure is computed."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from techgpt_ui.renderers.evaluation.facts import fact_list
from techgpt_ui.renderers.evaluation.tables import frame, row
from techgpt_ui.renderers.history import run_moment
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.review.model import name_of
from techgpt_ui.review.figures import Protocol
from techgpt_ui.review.sampling import Sample

METHODS = ("draw", "frame", "order", "right", "precision", "fallback", "clusters")


def protocol_part(protocol: Protocol) -> Markup:
    """Facts, strata, and the formulas in words."""
    methods = Markup().join(tag("li", say(f"figures.method.{name}"), "") for name in METHODS)
    return fact_list([*_drawing(protocol.sample), *_outcome(protocol)]) + _strata(protocol) + tag("ul", methods, "")


def _drawing(sample: Sample) -> Iterable[tuple[Markup, object]]:
    plan = sample.plan
    yield say("figures.seed"), plan.seed
    yield say("figures.frame_sha256"), Markup("<code>{}</code>").format(sample.frame_sha256)
    yield say("figures.frame_size"), sample.size
    yield say("figures.drawn"), len(sample.items)
    if plan.by:
        yield say("figures.by"), Markup(", ").join(say(f"figures.facet.{facet}") for facet in plan.by)
        yield say("figures.allocation"), say(f"figures.allocation.{plan.allocation}", minimum=plan.minimum)
    else:
        yield say("figures.by"), say("figures.by.none")
    if "confidence" in plan.by:
        yield say("figures.bands"), ", ".join(f"{border:g}" for border in plan.bands)
    yield say("figures.blind_drawn"), len(sample.blind)
    yield say("figures.double_drawn"), len(sample.double)
    yield say("figures.documents_drawn"), f"{len(sample.documents)} / {sample.document_count}"


def _outcome(protocol: Protocol) -> Iterable[tuple[Markup, object]]:
    counts = protocol.counts
    yield say("figures.judged"), counts.judged
    yield say("figures.carried"), protocol.carried
    yield say("figures.skipped"), counts.skipped
    yield say("figures.flagged"), counts.flagged
    yield say("figures.open"), counts.open
    yield say("figures.waiting_count"), counts.waiting
    yield say("figures.outside_count"), counts.outside
    yield say("figures.created"), run_moment(protocol.created)
    yield say("figures.code_version"), protocol.code_version


def _strata(protocol: Protocol) -> Markup:
    """Size and share drawn of each stratum; nothing for a simple random sample."""
    plan = protocol.sample.plan
    if not plan.by:
        return Markup("")
    head = (*(say(f"figures.facet.{facet}") for facet in plan.by), "N", "n")
    rows = [
        row(*(name_of(facet, part) for facet, part in zip(plan.by, stratum.name, strict=True)), stratum.size,
            len(stratum.items))
        for stratum in protocol.sample.strata
    ]  # fmt: skip
    return tag("h5", say("figures.strata"), "") + frame(head, rows, say("figures.strata"), "numbers")
