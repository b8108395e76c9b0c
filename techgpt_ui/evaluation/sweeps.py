"""Evaluations of one gold set over a grid of settings, each model loaded once for all its points."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, product
from typing import NamedTuple

from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.keeping import Progress, conducted
from techgpt_ui.evaluation.planning import Plan, Wishes
from techgpt_ui.schema import Record
from techgpt_ui.store import HOST, EvaluationStore


class Point(Record):
    """One point of the grid."""

    model: str
    dtype: str
    wishes: Wishes


class PointUpdate(NamedTuple):
    """One moment of a sweep; at the end of a point there is either ``error`` or the last ``progress``."""

    number: int
    """Of the point, from 1, in the order of the grid."""
    point: Point
    progress: Progress | None = None
    error: WorkbenchError | None = None


Load = Callable[[str, str], Engine]
"""Loads the model of a name in a number format; WorkbenchError says why it could not."""
Planner = Callable[[Point], Plan]
"""Settles what a point runs; UsageError where its settings do not fit."""


def grid(
    models: Sequence[str],
    dtypes: Sequence[str],
    wishes: Wishes,
    *,
    sampling_presets: Sequence[str | None] = (None,),
    shots: Sequence[int | None] = (None,),
    grounded: Sequence[bool | None] = (None,),
) -> tuple[Point, ...]:
    """Every combination, each once; those of one model and number format follow one another."""
    points = (
        Point(
            model=model,
            dtype=dtype,
            wishes=wishes.model_copy(update={"sampling_preset": sampling, "shots": count, "grounded": bound}),
        )
        for model, dtype, sampling, count, bound in product(models, dtypes, sampling_presets, shots, grounded)
    )
    found: list[Point] = []
    for point in points:
        if point not in found:
            found.append(point)
    return tuple(found)


def swept(
    points: Sequence[Point],
    plan: Planner,
    load: Load,
    *,
    store: EvaluationStore,
    owner: str = HOST,
    fresh: bool = False,
    baselines: bool = False,
    cancel: CancelToken | None = None,
) -> Iterator[PointUpdate]:
    """Run the points one after another; one that fails is told and the others go on.

    What an earlier sweep has finished is not run again. A model that cannot be loaded is tried once, not once a point.
    """
    numbered = enumerate(points, start=1)
    for (model, dtype), group in groupby(numbered, key=lambda entry: (entry[1].model, entry[1].dtype)):
        own = list(group)
        try:
            engine = load(model, dtype)
        except WorkbenchError as error:
            yield from (PointUpdate(number, point, error=error) for number, point in own)
            continue
        for number, point in own:
            try:
                steps = conducted(
                    plan(point), engine, store=store, owner=owner, fresh=fresh, baselines=baselines, cancel=cancel
                )
                for step in steps:
                    yield PointUpdate(number, point, progress=step)
            except WorkbenchError as error:
                yield PointUpdate(number, point, error=error)
            if cancel and cancel.cancelled:
                return
        del engine
        _free_memory()


def _free_memory() -> None:
    """Give a model's memory back before the next one is loaded."""
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
