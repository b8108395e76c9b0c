"""Two runs side by side: what is the same once, what differs marked by more than colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from techgpt_ui.comparison import Piece, Stretch, Value, compare_readings, compare_values, diff_texts
from techgpt_ui.presets import Task
from techgpt_ui.renderers.history import fact_name, input_name, run_facts, run_moment, run_title, words_of
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.schema import ReadingKey, Result
from techgpt_ui.store import RunRecord

# Never the same in two runs, so that a difference says nothing.
_NEVER_THE_SAME = {"run_id", "origin", "ttft_s", "total_s"}
COLUMNS: dict[ReadingKey, tuple[str, ...]] = {
    "mentions": ("text", "type", "place"),
    "relations": ("head", "predicate", "tail"),
    "items": ("item",),
    "fields": ("field", "value"),
    "labels": ("label",),
}
"""What the pieces of each kind are made of, by the names of the columns."""


def comparison_html(one: RunRecord, other: RunRecord, tasks: Sequence[Task | None]) -> str:
    """Inputs, settings, pieces, answers and prompts of two runs; ``tasks`` are theirs, None for one that is gone."""
    first, second = Result.from_stored(one.result), Result.from_stored(other.result)
    parts = [
        tag("h3", say("history.comparison"), ""),
        tag("div", _head("A", one, tasks[0]) + _head("B", other, tasks[1]), "pair heads"),
        tag("p", say("history.legend"), "limits"),
        *_pieces(first, second, same_source=_source(one, tasks[0]) == _source(other, tasks[1])),
        _texts(say("ui.raw"), first.raw, second.raw),
        *_inputs(one, other, tasks),
        _facts(one, other),
        _texts(say("ui.prompt"), first.prompt, second.prompt),
    ]
    return str(tag("article", Markup().join(parts), "run-comparison"))


def _head(letter: str, record: RunRecord, task: Task | None) -> Markup:
    note = tag("span", record.note, "run-note") if record.note.strip() else Markup("")
    return tag(
        "div",
        tag("b", letter, "letter") + Markup(" ").join([run_title(record, task), run_moment(record.created), note]),
        "",
    )


def _source(record: RunRecord, task: Task | None) -> Any:
    return record.inputs.get(task.source_input) if task and task.source_input else None


def _inputs(one: RunRecord, other: RunRecord, tasks: Sequence[Task | None]) -> Iterable[Markup]:
    for value in compare_values(one.inputs, other.inputs):
        task = tasks[0] if value.name in one.inputs else tasks[1]
        yield _texts(input_name(value.name, task), words_of(value.one), words_of(value.other))


def _texts(title: Markup, one: str, other: str) -> Markup:
    """A text of both runs: folded away where it is the same, in two columns where it is not."""
    if one == other:
        if not one:
            return Markup("")
        same = tag("span", say("history.same"), "same")
        return Markup('<details><summary>{} {}</summary><div class="letters" dir="auto">{}</div></details>').format(
            title, same, one
        )
    left, right = diff_texts(one, other)
    columns = _column("A", left, "del") + _column("B", right, "ins")
    return tag("section", tag("h4", title, "") + tag("div", columns, "pair"), "")


def _column(letter: str, stretches: Sequence[Stretch], mark: str) -> Markup:
    body = Markup().join(
        tag(mark, stretch.text, "") if stretch.differs else Markup("{}").format(stretch.text) for stretch in stretches
    )
    return Markup('<div><b class="letter">{}</b><div class="letters" dir="auto">{}</div></div>').format(letter, body)


def _facts(one: RunRecord, other: RunRecord) -> Markup:
    """The values that differ, and those that do not folded away."""
    compared = compare_values(run_facts(one), run_facts(other))
    values = [value for value in compared if value.name not in _NEVER_THE_SAME]
    different = [_fact(value) for value in values if value.differs]
    equal = Markup().join(_fact(value) for value in values if not value.differs)
    same = tag("span", say("history.same"), "same")
    head = Markup("<th></th><th>A</th><th>B</th><th></th>")
    shown = _table(say("history.facts"), head, Markup().join(different))
    folded = Markup("<details><summary>{} {}</summary>{}</details>").format(
        say("history.facts"), same, _table(Markup(""), head, equal)
    )
    return shown + (folded if equal else Markup(""))


def _fact(value: Value) -> Markup:
    cells = Markup().join(Markup('<td dir="auto">{}</td>').format(words_of(each)) for each in (value.one, value.other))
    return Markup('<tr class="{}"><th scope="row">{}</th>{}<td>{}</td></tr>').format(
        "differs" if value.differs else "", fact_name(value.name), cells, "≠" if value.differs else ""
    )


def _pieces(one: Result, other: Result, *, same_source: bool) -> Iterable[Markup]:
    for kind, pieces in compare_readings(one, other, same_source=same_source).items():
        columns = [say("history.where"), *(say(f"column.{name}") for name in COLUMNS[kind])]
        head = Markup().join(Markup('<th scope="col">{}</th>').format(column) for column in columns)
        shares = any(piece.one or piece.other for piece in pieces)
        if shares:
            head += Markup('<th scope="col">A</th><th scope="col">B</th>')
        title = say(f"history.pieces.{kind}") + Markup(" ") + tag("span", _counts(pieces), "same")
        yield _table(title, head, Markup().join(_piece(piece, shares=shares) for piece in pieces))


def _counts(pieces: Sequence[Piece]) -> Markup:
    places = [_place(piece) for piece in pieces]
    return Markup(" · ").join(
        say(f"history.in_{place}") + f" {places.count(place)}" for place in ("one", "both", "other")
    )


def _piece(piece: Piece, *, shares: bool) -> Markup:
    place = _place(piece)
    cells = Markup().join(Markup('<td dir="auto">{}</td>').format(cell) for cell in piece.cells)
    if shares:
        cells += Markup("<td>{}</td><td>{}</td>").format(piece.one or "", piece.other or "")
    return Markup('<tr class="in-{0}"><td>{1}</td>{2}</tr>').format(place, say(f"history.in_{place}"), cells)


def _place(piece: Piece) -> str:
    if piece.other is None:
        return "one"
    return "other" if piece.one is None else "both"


def _table(title: Markup, head: Markup, rows: Markup) -> Markup:
    if not rows:
        return Markup("")
    frame = Markup(
        '<div class="table-frame" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, rows)
    return tag("section", (tag("h4", title, "") if title else Markup("")) + frame, "")
