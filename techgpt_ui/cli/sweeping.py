"""The command that measures a grid of settings on gold data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from techgpt_ui.cli import base, evaluating
from techgpt_ui.cli.base import DEFAULT_SEED, Json
from techgpt_ui.cli.meter import Meter
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.texts import text

if TYPE_CHECKING:
    from techgpt_ui.engines.base import CancelToken
    from techgpt_ui.evaluation.keeping import Assessed
    from techgpt_ui.evaluation.sweeps import Point, PointUpdate
    from techgpt_ui.presets import Library


def sweep(
    task: str,
    gold: Annotated[Path, typer.Argument(help="Gold file.")],
    model: Annotated[list[str] | None, typer.Option(help="Preset, folder or hub id; may be repeated.")] = None,
    dtype: Annotated[list[str] | None, typer.Option(help="Number format; may be repeated.")] = None,
    sampling: Annotated[list[str] | None, typer.Option(help="Sampling preset; may be repeated.")] = None,
    shots: Annotated[list[int] | None, typer.Option(min=0, help="Few-shot examples; may be repeated.")] = None,
    grounded: Annotated[bool, typer.Option("--grounded", help="Spans from the text only; may stand with --free.")] = (
        False
    ),
    free: Annotated[bool, typer.Option("--free", help="Spans as the model writes them.")] = False,
    limit: evaluating.Limit = None,
    seed: base.Seed = DEFAULT_SEED,
    variant: base.Variant = None,
    max_new_tokens: base.MaxNewTokens = None,
    labels: evaluating.Labels = None,
    open_: evaluating.Open = False,
    format_: evaluating.Format = None,
    examples: evaluating.Pool = None,
    baselines: evaluating.Baselines = False,
    fresh: evaluating.Fresh = False,
    device: evaluating.Device = None,
    report: evaluating.Report = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the points and run none.")] = False,
    as_json: Json = False,
) -> None:
    """Measure every combination of the repeated options; what an earlier call has finished is not run again."""
    from techgpt_ui.evaluation.planning import Wishes
    from techgpt_ui.evaluation.sweeps import grid

    base.require_writable(report)
    settings = load_settings(device=device)
    wishes = Wishes(
        sampling=base.other_limit(max_new_tokens),
        seed=seed,
        variant=variant,
        labels=evaluating.chosen_labels(labels),
        open=open_,
        limit=limit,
    )
    points = grid(
        model or [settings.model],
        dtype or [settings.dtype],
        wishes,
        sampling_presets=sampling or [None],
        shots=shots or [None],
        grounded=[bound for bound, wished in ((True, grounded), (False, free)) if wished] or [None],
    )
    if dry_run:
        _list(points, as_json=as_json)
        return
    runner = _Runner(settings, task, gold, format_, examples)
    done = runner.run(points, fresh=fresh, baselines=baselines)
    if report:
        runner.write_report(report, [assessed.evaluation.id for _, assessed in done])
    rows = [(number, points[number - 1], assessed) for number, assessed in done]
    if as_json:
        base.print_json([_entry(*row) for row in rows])
    else:
        for row in rows:
            typer.echo(_line(*row))
    if len(done) < len(points):
        raise typer.Exit(1)


class _Runner:
    """What all points of a sweep share."""

    def __init__(self, settings: Settings, task: str, gold: Path, format_: str | None, pool: Path | None) -> None:
        self._settings = settings
        self._library: Library = base.library_of(settings)
        self._gold, self._pool = evaluating.read_sets(self._library, task, gold, format_, pool)
        self._store = evaluating.open_store(settings)

    def run(self, points: Sequence[Point], *, fresh: bool, baselines: bool) -> list[tuple[int, Assessed]]:
        """The finished points by number; those that fail are told and left out."""
        from techgpt_ui.cli.interrupting import interruptible

        done: list[tuple[int, Assessed]] = []
        with interruptible() as cancel:
            for number, updates in self._by_point(points, cancel, fresh=fresh, baselines=baselines):
                assessed = self._followed(updates, f"[{number}/{len(points)}] {spelled(points[number - 1])}")
                if assessed:
                    done.append((number, assessed))
            if cancel.cancelled:
                raise WorkbenchError("sweep_stopped")
        return done

    def write_report(self, path: Path, ids: Sequence[str]) -> None:
        """The leaderboard of these evaluations as a file."""
        from techgpt_ui.renderers.evaluation import leaderboard_report_html
        from techgpt_ui.store import HOST

        records = [self._store.get(HOST, evaluation_id) for evaluation_id in dict.fromkeys(ids)]
        html = leaderboard_report_html(records, self._library.tasks, self._settings.words)
        base.write_file(path, html.encode("utf-8", "backslashreplace"))

    def _by_point(
        self, points: Sequence[Point], cancel: CancelToken, *, fresh: bool, baselines: bool
    ) -> Iterator[tuple[int, Iterator[PointUpdate]]]:
        from itertools import groupby

        from techgpt_ui.evaluation.planning import Plan, make_plan
        from techgpt_ui.evaluation.sweeps import swept

        def planned(point: Point) -> Plan:
            preset = base.resolved(self._with(point.model, point.dtype), self._library)
            return make_plan(self._library, self._gold, point.wishes, model=preset, pool=self._pool)

        def loaded(model: str, dtype: str) -> Any:
            settings = self._with(model, dtype)
            return base.ready(base.resolved(settings, self._library), settings).engine

        updates = swept(points, planned, loaded, store=self._store, fresh=fresh, baselines=baselines, cancel=cancel)
        return groupby(updates, key=lambda update: update.number)

    def _followed(self, updates: Iterator[PointUpdate], title: str) -> Assessed | None:
        base.tell(title)
        meter = Meter(self._settings.words)
        assessed = None
        try:
            for update in updates:
                if update.error:
                    base.tell(update.error.words(self._settings.words))
                elif update.progress:
                    meter.show(update.progress)
                    assessed = update.progress.assessed if update.progress.complete else None
        finally:
            meter.close()
        return assessed

    def _with(self, model: str, dtype: str) -> Settings:
        return load_settings(model=model, dtype=dtype, device=self._settings.device)


def spelled(point: Point) -> str:
    """A point as the options that make it."""
    wishes = point.wishes
    options = {"--model": point.model, "--dtype": point.dtype, "--sampling": wishes.sampling_preset}
    options |= {"--shots": None if wishes.shots is None else str(wishes.shots)}
    words = [f"{name} {value}" for name, value in options.items() if value is not None]
    words += [] if wishes.grounded is None else ["--grounded" if wishes.grounded else "--free"]
    return " ".join(words)


def _list(points: Sequence[Point], *, as_json: bool) -> None:
    if as_json:
        base.print_json([_point_json(point) for point in points])
        return
    for number, point in enumerate(points, start=1):
        typer.echo(f"{number:3} {spelled(point)}")


def _point_json(point: Point) -> dict[str, Any]:
    return {
        "model": point.model,
        "dtype": point.dtype,
        "sampling": point.wishes.sampling_preset,
        "shots": point.wishes.shots,
        "grounded": point.wishes.grounded,
    }


def _entry(number: int, point: Point, assessed: Assessed) -> dict[str, Any]:
    from techgpt_ui.evaluation.public import evaluation_json

    return {"point": number, **_point_json(point), "evaluation": evaluation_json(assessed)}


def _line(number: int, point: Point, assessed: Assessed) -> str:
    headline = assessed.scores.main
    figure = evaluating.figure_cells(headline) if headline else ""
    seconds = assessed.conduct.seconds / max(assessed.conduct.n, 1)
    words = text("evaluate.pace", seconds=f"{seconds:.2f}").within("en")
    return f"{number:3} {figure}  {words}  {assessed.evaluation.id[:8]}  {spelled(point)}"
