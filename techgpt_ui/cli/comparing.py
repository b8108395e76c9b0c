"""The commands that set kept evaluations beside one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from techgpt_ui.cli import base, evaluating
from techgpt_ui.cli.base import Json
from techgpt_ui.settings import load_settings
from techgpt_ui.texts import Lang, text

if TYPE_CHECKING:
    from techgpt_ui.evaluation.comparing import Comparison
    from techgpt_ui.evaluation.records import Figure
    from techgpt_ui.store import EvaluationRecord

ID_SHOWN = 8


def compare(
    run_a: Annotated[str, typer.Argument(help="Id of an evaluation, or its beginning.")],
    run_b: Annotated[str, typer.Argument(help="Id of another one of the same gold.")],
    report: evaluating.Report = None,
    as_json: Json = False,
) -> None:
    """Compare two kept evaluations: figures with the paired test, and the documents that differ."""
    from techgpt_ui.evaluation.comparing import compare as compared
    from techgpt_ui.evaluation.keeping import load_assessed
    from techgpt_ui.store import HOST

    base.require_writable(report)
    settings = load_settings()
    library = base.library_of(settings)
    store = evaluating.open_store(settings)
    records = [store.find(HOST, beginning) for beginning in (run_a, run_b)]
    one, other = (load_assessed(store, record, library.task(record.task)) for record in records)
    task = library.task(records[0].task)
    comparison = compared(task, one, other)
    if report:
        from techgpt_ui.renderers.evaluation import comparison_report_html

        html = comparison_report_html(comparison, settings.words, task)
        base.write_file(report, html.encode("utf-8", "backslashreplace"))
    if as_json:
        from techgpt_ui.evaluation.public import comparison_json

        base.print_json(comparison_json(comparison))
        return
    for line in _lines(comparison, settings.words):
        typer.echo(line)


def leaderboard(
    task: Annotated[str | None, typer.Option(help="Only evaluations of this task.")] = None,
    gold: Annotated[str | None, typer.Option(help="Only those of this gold file, by its name.")] = None,
    as_json: Json = False,
) -> None:
    """List the finished evaluations, the best of each gold set first."""
    from techgpt_ui.store import HOST

    settings = load_settings()
    if task is not None:
        base.library_of(settings).task(task)
    records = evaluating.open_store(settings).leaderboard(HOST, task=task, state="finished")
    ranked = sorted((record for record in records if gold in (None, record.gold)), key=_rank)
    if as_json:
        base.print_json([_row(record) for record in ranked])
        return
    for record in ranked:
        typer.echo(_standing(record))


def _lines(comparison: Comparison, lang: Lang) -> list[str]:
    from techgpt_ui.evaluation.public import counts

    header = f"  {'':24} {comparison.one.id[:ID_SHOWN]:>9} {comparison.other.id[:ID_SHOWN]:>9} {'b - a':>9}"
    lines = [header]
    for test in comparison.tests:
        mark = "*" if test.name == comparison.headline else " "
        cells = [f"{evaluating.number(value):>9}" for value in (test.one, test.other, test.difference)]
        interval = f"[{evaluating.number(test.low)}, {evaluating.number(test.high)}]"
        chance = "" if test.p is None else f"p {test.p:.4f}"
        lines.append(f"{mark} {test.name:24} {' '.join(cells)}  {interval}  {chance}".rstrip())
    return [*lines, text("evaluate.compared", n=comparison.n, **counts(comparison)).within(lang)]


def _rank(record: EvaluationRecord) -> tuple[str, str, str, float]:
    headline = _headline(record)
    value = headline.value if headline else None
    return record.task, record.gold, record.gold_sha256, -(value if value is not None else float("-inf"))


def _headline(record: EvaluationRecord) -> Figure | None:
    from techgpt_ui.evaluation.records import Scores

    return Scores.model_validate(record.scores).main if record.scores else None


def _row(record: EvaluationRecord) -> dict[str, Any]:
    scores, conduct = record.scores or {}, record.conduct or {}
    return {
        "id": record.id,
        "task": record.task,
        "gold": {"name": record.gold, "sha256": record.gold_sha256},
        "model": record.model,
        "settings": record.settings,
        "code_version": record.code_version,
        "created": record.created.isoformat(timespec="seconds"),
        "n": conduct.get("n"),
        "errors": conduct.get("errors"),
        "headline": scores.get("headline"),
        "metrics": {
            one["name"]: {name: one[name] for name in ("value", "low", "high")} for one in scores.get("figures", ())
        },
        "seconds": conduct.get("seconds"),
    }


def _standing(record: EvaluationRecord) -> str:
    headline, conduct, settings = _headline(record), record.conduct or {}, record.settings
    value, low, high = (headline.value, headline.low, headline.high) if headline else (None, None, None)
    figure = f"{headline.name if headline else '':20} {evaluating.number(value)}"
    interval = f"[{evaluating.number(low)}, {evaluating.number(high)}]"
    pace = f"{conduct.get('seconds', 0.0) / max(conduct.get('n', 0), 1):7.2f} s"
    bound = "grounded" if settings["grounded"] else "free"
    what = f"{settings['model']} {settings['dtype']} {settings['sampling_preset']} {bound} {settings['examples']}"
    return f"{record.id[:ID_SHOWN]}  {record.task:12} {record.gold:24} {figure}  {interval}  {pace}  {what}"
