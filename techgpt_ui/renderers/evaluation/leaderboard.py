"""Evaluations of the same gold below each other, the best first, and their quality against their speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from techgpt_ui.evaluation.records import Conduct, EvaluationSettings, Figure, Scores
from techgpt_ui.presets import Task
from techgpt_ui.renderers.evaluation.document import document
from techgpt_ui.renderers.evaluation.facts import examples_words
from techgpt_ui.renderers.evaluation.numbers import NOTHING, figure_words
from techgpt_ui.renderers.evaluation.plots import Point, speed
from techgpt_ui.renderers.history import run_moment
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.schema import ModelInfo
from techgpt_ui.store import EvaluationRecord
from techgpt_ui.texts import Lang, text

COLUMNS = ("model", "headline", "n", "decoding", "examples", "sampling", "speed", "created")
HASH_SHOWN = 8


class Standing(NamedTuple):
    """An evaluation as a leaderboard needs it; what is not finished has no figures."""

    record: EvaluationRecord
    settings: EvaluationSettings
    model: str
    """Name and data type."""
    headline: Figure | None
    seconds: float | None
    """Mean of a document."""
    done: int

    @property
    def gold(self) -> tuple[str, str, str]:
        """What evaluations must have in common to be comparable."""
        return self.record.task, self.record.gold, self.record.gold_sha256

    @property
    def value(self) -> float:
        """What it is ranked by; below everything where there is none."""
        return -1.0 if self.headline is None or self.headline.value is None else self.headline.value


def leaderboard_html(
    records: Iterable[EvaluationRecord],
    tasks: Mapping[str, Task],
    *,
    done: Mapping[str, int] | None = None,
    interactive: bool = False,
) -> str:
    """A part for each gold set, the best first; ``done`` counts the documents of those that are not finished.

    ``interactive`` adds what the page's script handles: boxes to choose by, buttons that open and sort.
    """
    rows = sorted((_standing(one, done or {}) for one in records), key=lambda one: (*one.gold, -one.value))
    groups = (list(group) for _, group in groupby(rows, key=lambda one: one.gold))
    return str(Markup().join(_group(group, tasks, interactive=interactive) for group in groups))


def leaderboard_report_html(records: Iterable[EvaluationRecord], tasks: Mapping[str, Task], lang: Lang) -> str:
    """The leaderboard as one HTML file that opens in ``lang``."""
    title = text("evaluation.leaderboard")
    return document(title, tag("h1", both(title), "") + Markup(leaderboard_html(records, tasks)), lang)


def _standing(record: EvaluationRecord, done: Mapping[str, int]) -> Standing:
    scores = Scores.model_validate(record.scores) if record.scores else None
    conduct = Conduct.model_validate(record.conduct) if record.conduct else None
    settings = EvaluationSettings.model_validate(record.settings)
    model = ModelInfo.model_validate(record.model) if record.model else None
    return Standing(
        record=record,
        settings=settings,
        model=f"{model.name} · {model.dtype}" if model else f"{settings.model} · {settings.dtype}",
        headline=scores.main if scores else None,
        seconds=conduct.seconds / conduct.n if conduct and conduct.n else None,
        done=done.get(record.id, 0),
    )


def _group(group: Sequence[Standing], tasks: Mapping[str, Task], *, interactive: bool) -> Markup:
    ident, gold, sha256 = group[0].gold
    task = tasks.get(ident)
    title = Markup('{} · {} <code title="{}">{}</code>').format(
        both(task.title.text) if task else ident, gold, sha256, sha256[:HASH_SHOWN]
    )
    name = next((one.headline.name for one in group if one.headline), "")
    heads = Markup().join(_head(column, name, interactive=interactive) for column in COLUMNS)
    mark = Markup('<th scope="col"><span class="unseen">{}</span></th>').format(say("evaluation.mark"))
    rows = Markup().join(_row(place, one, interactive=interactive) for place, one in enumerate(group, start=1))
    table = Markup(
        '<div class="table-frame numbers" tabindex="0"><table><caption class="unseen">{}</caption>'
        '<thead><tr>{}<th scope="col">#</th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(title, mark if interactive else "", heads, rows)
    return Markup('<section class="standings" data-gold="{} {}">{}{}{}</section>').format(
        ident, sha256, tag("h4", title, ""), table, _plot(group, name)
    )


def _head(column: str, name: str, *, interactive: bool) -> Markup:
    words = say(f"evaluation.column.{column}")
    if column == "headline" and name:
        words = Markup("<code>{}</code>").format(name)
    if interactive:
        words = Markup('<button type="button" data-sort="{}">{}</button>').format(column, words)
    return Markup('<th scope="col"{}>{}</th>').format(
        Markup(' aria-sort="descending"') if column == "headline" else "", words
    )


def _row(place: int, one: Standing, *, interactive: bool) -> Markup:
    cells = Markup().join(
        Markup('<td data-column="{}" data-value="{}">{}</td>').format(column, value, shown)
        for column, (value, shown) in _cells(one, interactive=interactive).items()
    )
    mark = Markup(
        '<td><label class="run-mark"><input type="checkbox"><span class="unseen">{}</span></label></td>'
    ).format(say("evaluation.mark"))
    return Markup('<tr data-id="{}">{}<td>{}</td>{}</tr>').format(
        one.record.id, mark if interactive else "", place, cells
    )


def _cells(one: Standing, *, interactive: bool) -> dict[str, tuple[object, object]]:
    """By column: what it is sorted by, and what is shown."""
    record, settings = one.record, one.settings
    model = Markup('<bdi dir="auto">{}</bdi>').format(one.model)
    if interactive:
        model = Markup('<button type="button" class="run-open">{}</button>').format(model)
        model += Markup(" ") + tag("small", say("evaluation.of_host"), "run-kind") if not record.owner else Markup("")
    sampling = ", ".join(map(str, filter(None, (settings.sampling_preset, settings.variant, f"#{settings.seed}"))))
    return {
        "model": (one.model, model),
        "headline": (one.value, figure_words(one.headline) if one.headline else _unfinished(one)),
        "n": (record.documents, record.documents),
        "decoding": (int(settings.grounded), say("evaluation.grounded" if settings.grounded else "evaluation.free")),
        "examples": (settings.examples, examples_words(settings)),
        "sampling": (sampling, sampling),
        "speed": (one.seconds or 0.0, NOTHING if one.seconds is None else f"{one.seconds:.2f}"),
        "created": (record.created.isoformat(), run_moment(record.created)),
    }


def _unfinished(one: Standing) -> Markup:
    return tag("span", say("evaluation.unfinished", done=one.done, n=one.record.documents), "badge partial")


def _plot(group: Sequence[Standing], name: str) -> Markup:
    """Worth drawing from two evaluations on; points bear their places in the table."""
    points = tuple(
        Point(
            seconds=one.seconds, value=one.headline.value, low=one.headline.low, high=one.headline.high,
            label=f"#{place}", series=one.model, filled=one.settings.grounded,
        )
        for place, one in enumerate(group, start=1)
        if one.seconds is not None and one.headline is not None and one.headline.value is not None
    )  # fmt: skip
    if len(points) < 2:
        return Markup("")
    return Markup("<details><summary>{}</summary>{}</details>").format(
        say("evaluation.speed_plot"), speed(points, name)
    )
