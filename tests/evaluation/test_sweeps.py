"""A grid of settings: its points, what each costs, and what one that fails does to the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from techgpt_ui.engines.base import Engine
from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.planning import Plan, Wishes
from techgpt_ui.evaluation.sweeps import Point, PointUpdate, grid, swept
from techgpt_ui.presets import Library
from techgpt_ui.store import HOST, EvaluationStore, open_database, sqlite_url
from tests.evaluation.answering import BROKEN, RIGHT, ScriptedEngine, plan_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvaluationStore]:
    database = open_database(sqlite_url(tmp_path / "workbench.db"))
    yield EvaluationStore(database)
    database.close()


class Models:
    """Loads scripted engines; there is none in int8."""

    def __init__(self, engine: ScriptedEngine | None = None) -> None:
        self.loaded: list[tuple[str, str]] = []
        self.engine = engine

    def __call__(self, model: str, dtype: str) -> Engine:
        self.loaded.append((model, dtype))
        if dtype == "int8":
            raise UsageError("gguf_quantised", dtype=dtype)
        return self.engine or ScriptedEngine(RIGHT, dtype=dtype)


def ends(library: Library, points: tuple[Point, ...], models: Models, store: EvaluationStore) -> list[PointUpdate]:
    """The last update of each point."""

    def planned(point: Point) -> Plan:
        return plan_of(library, **point.wishes.model_dump())

    last = {update.number: update for update in swept(points, planned, models, store=store)}
    return list(last.values())


def test_the_grid_is_every_combination_once_grouped_by_model_and_format() -> None:
    points = grid(["a", "b"], ["fp32", "bf16"], Wishes(seed=7), shots=[0, 2, 0], grounded=[True, False])
    assert len(points) == 16
    assert [(point.model, point.dtype) for point in points[:5]] == [("a", "fp32")] * 4 + [("a", "bf16")]
    assert {(p.wishes.shots, p.wishes.grounded, p.wishes.seed) for p in points[:4]} == {
        (0, True, 7), (0, False, 7), (2, True, 7), (2, False, 7),
    }  # fmt: skip


def test_a_model_is_loaded_once_for_all_its_points(library: Library, store: EvaluationStore) -> None:
    models = Models()
    done = ends(library, grid(["a"], ["fp32", "bf16"], Wishes(), shots=[0, 1]), models, store)
    assert models.loaded == [("a", "fp32"), ("a", "bf16")]
    assert [update.progress.complete for update in done if update.progress] == [True] * 4
    assert len(store.leaderboard(HOST, state="finished")) == 4


def test_what_is_finished_is_not_run_again(library: Library, store: EvaluationStore) -> None:
    points = grid(["a"], ["fp32"], Wishes(), shots=[0, 1])
    ends(library, points, Models(), store)
    engine = ScriptedEngine(RIGHT)
    again = ends(library, points, Models(engine), store)
    assert engine.prompts == [] and all(update.progress and update.progress.assessed for update in again)


def test_a_format_that_cannot_be_had_fails_its_points_and_no_other(library: Library, store: EvaluationStore) -> None:
    models = Models()
    done = ends(library, grid(["a"], ["int8", "fp32"], Wishes(), shots=[0, 1]), models, store)
    assert [update.error.code if update.error else None for update in done] == ["gguf_quantised"] * 2 + [None] * 2
    assert models.loaded.count(("a", "int8")) == 1


def test_a_setting_that_does_not_fit_fails_its_point_and_no_other(library: Library, store: EvaluationStore) -> None:
    points = grid(["a"], ["fp32"], Wishes(), sampling_presets=["nonsense", "extraction"])
    done = ends(library, points, Models(), store)
    assert [update.error.code if update.error else None for update in done] == ["unknown_sampling", None]


def test_a_device_that_is_gone_is_told_for_each_point(library: Library, store: EvaluationStore) -> None:
    points = grid(["a"], ["fp32"], Wishes(), shots=[0, 1])
    done = ends(library, points, Models(ScriptedEngine(otherwise=BROKEN)), store)
    assert [update.error.code for update in done if update.error] == ["generation_failed"] * 2
