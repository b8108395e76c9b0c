"""Tables of evaluations: figures, baselines, breakdowns, confusion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from techgpt_ui.evaluation.records import Breakdown, Confusion, Scores
from techgpt_ui.renderers.evaluation.numbers import (
    NOTHING,
    figure_words,
    interval,
    metric_cell,
    named,
    number,
)
from techgpt_ui.renderers.markup import say, tag


def frame(head: Iterable[object], rows: Iterable[Markup], label: Markup, css: str = "") -> Markup:
    """A table that scrolls by itself, reached by keyboard; cells of ``head`` are escaped, ``label`` is its caption."""
    columns = Markup().join(Markup('<th scope="col">{}</th>').format(cell) for cell in head)
    return Markup(
        '<div class="table-frame {}" tabindex="0"><table><caption class="unseen">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(css, label, columns, Markup().join(rows))


def row(first: object, *cells: object) -> Markup:
    """A row; its first cell heads it."""
    rest = Markup().join(Markup("<td>{}</td>").format(cell) for cell in cells)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, rest)


def figures_table(scores: Scores) -> Markup:
    """Every figure with its interval, the headline first, and how it was computed where its library says so."""
    ordered = sorted(scores.figures, key=lambda figure: figure.name != scores.headline)
    head = (say("evaluation.metric"), say("evaluation.value"), say("evaluation.interval"))
    rows = [row(metric_cell(one.name), number(one.value), interval(one.low, one.high)) for one in ordered]
    table = frame(head, rows, say("evaluation.figures"), "numbers")
    signatures = Markup().join(
        Markup("<li><code>{}</code>: <code>{}</code></li>").format(name, words)
        for name, words in scores.signatures.items()
    )
    return table + (tag("ul", signatures, "signatures") if signatures else Markup(""))


def baselines_table(scores: Scores, baselines: Mapping[str, Scores]) -> Markup:
    """The headline beside that of trivial answers on the same documents; empty without baselines."""
    if not baselines:
        return Markup("")
    rows = [row(say("evaluation.this"), figure_words(scores.main))]
    rows += [row(named("baseline", name), figure_words(found.main)) for name, found in baselines.items()]
    head = (say("evaluation.answers"), Markup("<code>{}</code>").format(scores.headline))
    return frame(head, rows, say("evaluation.baselines"), "numbers")


def breakdown_table(breakdown: Iterable[Breakdown]) -> Markup:
    """A row a type, the most frequent first; columns are the figures that any of them has."""
    ranked = sorted(breakdown, key=lambda entry: (-entry.support, entry.name))
    names = list(dict.fromkeys(figure.name for entry in ranked for figure in entry.figures))
    rows = []
    for entry in ranked:
        by_name = {figure.name: figure for figure in entry.figures}
        cells = [figure_words(by_name.get(name)) for name in names]
        rows.append(row(Markup('<bdi dir="auto">{}</bdi>').format(entry.name), entry.support, *cells))
    head = [say("evaluation.kind"), say("evaluation.support"), *(Markup("<code>{}</code>").format(n) for n in names)]
    return frame(head, rows, say("evaluation.breakdown"), "numbers")


def confusion_table(confusion: Confusion) -> Markup:
    """Gold labels down, answers across; a cell is as dark as its share of its row, the right ones are framed."""
    columns = [*confusion.labels, None][: max(map(len, confusion.counts), default=0)]
    heads = Markup().join(
        Markup('<th scope="col"><span>{}</span></th>').format(say("evaluation.other") if name is None else name)
        for name in columns
    )
    rows = Markup().join(
        _confusion_row(at, name, counts)
        for at, (name, counts) in enumerate(zip(confusion.labels, confusion.counts, strict=False))
    )
    return Markup(
        '<div class="table-frame confusion" tabindex="0"><table><caption class="unseen">{}</caption>'
        '<thead><tr><th scope="col"><span class="corner">{}</span></th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(say("evaluation.confusion"), say("evaluation.confusion.corner"), heads, rows)


def _confusion_row(at: int, name: str, counts: tuple[int, ...]) -> Markup:
    total = sum(counts) or 1
    cells = Markup().join(
        Markup('<td class="{}" style="--share:{:.0f}%">{}</td>').format(
            "right" if column == at else "", 100 * count / total, count or NOTHING
        )
        for column, count in enumerate(counts)
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, cells)
