"""Evaluations that are kept as they go: what is run again, what is not, and what comes back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.keeping import Assessed, Progress, conducted, identity, load_assessed
from techgpt_ui.evaluation.planning import Plan, Wishes, make_plan
from techgpt_ui.evaluation.running import endless_token
from techgpt_ui.presets import Library
from techgpt_ui.store import HOST, EvaluationStore, open_database, sqlite_url
from tests.evaluation.answering import (
    BROKEN,
    CODE,
    PRAISE,
    RIGHT,
    THREE,
    TRIP,
    ScriptedEngine,
    gold_set,
    plan_of,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvaluationStore]:
    database = open_database(sqlite_url(tmp_path / "workbench.db"))
    yield EvaluationStore(database)
    database.close()


def ended(plan: Plan, engine: ScriptedEngine, store: EvaluationStore | None, **options: Any) -> Progress:
    return list(conducted(plan, engine, store=store, **options))[-1]


def assessed_of(progress: Progress) -> Assessed:
    assert progress.assessed is not None
    return progress.assessed


def test_progress_counts_up_and_ends_with_the_figures(library: Library, store: EvaluationStore) -> None:
    steps = list(conducted(plan_of(library), ScriptedEngine(RIGHT), store=store))
    assert [(len(step.outcomes), step.ran, step.total) for step in steps] == [
        (0, 0, 3), (1, 1, 3), (2, 2, 3), (3, 3, 3), (3, 3, 3),
    ]  # fmt: skip
    assert [step.assessed is not None for step in steps] == [False, False, False, False, True]
    assert steps[-1].complete


def test_a_kept_evaluation_comes_back_as_it_was(library: Library, store: EvaluationStore) -> None:
    done = assessed_of(ended(plan_of(library, shots=1), ScriptedEngine(RIGHT), store, baselines=True))
    record = store.get(HOST, done.evaluation.id)
    assert record.state == "finished"
    assert load_assessed(store, record, library.task("ner")) == done
    assert done.scores.headline == "string_f1" and done.evaluation.baselines


def test_a_finished_evaluation_is_not_run_again(library: Library, store: EvaluationStore) -> None:
    first = ended(plan_of(library), ScriptedEngine(RIGHT), store)
    again = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store)
    assert engine.prompts == [] and again.assessed == first.assessed


def test_what_was_cancelled_is_gone_on_with(library: Library, store: EvaluationStore) -> None:
    cancel = endless_token()

    def cancel_third(number: int, _: CancelToken) -> None:
        if number == 3:
            cancel.cancel()

    first = ended(plan_of(library), ScriptedEngine(RIGHT, before=cancel_third), store, cancel=cancel)
    assert (len(first.outcomes), store.get(HOST, first.id).state) == (2, "stopped")
    again = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store)
    assert len(engine.prompts) == 1 and again.complete and again.id == first.id
    assert [outcome.position for outcome in assessed_of(again).evaluation.outcomes] == [0, 1, 2]


def test_what_was_cancelled_has_the_figures_of_what_was_done(library: Library, store: EvaluationStore) -> None:
    cancel = endless_token()
    steps = conducted(plan_of(library), ScriptedEngine(RIGHT), store=store, cancel=cancel)
    next(steps), next(steps)
    cancel.cancel()
    assert assessed_of(list(steps)[-1]).conduct.n == 1


def test_an_iterator_that_is_closed_leaves_what_was_done(library: Library, store: EvaluationStore) -> None:
    steps = conducted(plan_of(library), ScriptedEngine(RIGHT), store=store)
    next(steps)
    begun = next(steps)
    steps.close()
    assert store.get(HOST, begun.id).state == "stopped" and store.done(HOST, [begun.id]) == {begun.id: 1}


def test_a_device_that_is_gone_leaves_what_was_done(library: Library, store: EvaluationStore) -> None:
    gold = gold_set(PRAISE, *[TRIP.model_copy(update={"inputs": {"text": f"Rome {n}"}}) for n in range(3)])
    plan = plan_of(library, gold)
    with pytest.raises(WorkbenchError, match="gone"):
        ended(plan, ScriptedEngine(RIGHT, otherwise=BROKEN), store)
    kept = store.get(HOST, identity(plan, ScriptedEngine()))
    assert (kept.state, store.done(HOST, [kept.id])) == ("stopped", {kept.id: 3})


def test_documents_that_failed_are_tried_again_until_all_is_finished(library: Library, store: EvaluationStore) -> None:
    steps = conducted(plan_of(library), ScriptedEngine(otherwise=BROKEN), store=store)
    next(steps), next(steps)
    steps.close()
    again = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store)
    assert len(engine.prompts) == 3 and assessed_of(again).conduct.errors == 0


def test_a_finished_evaluation_keeps_its_failures(library: Library, store: EvaluationStore) -> None:
    ended(plan_of(library), ScriptedEngine(RIGHT | {"Bob went to Rome.": BROKEN}), store)
    again = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store)
    assert engine.prompts == [] and assessed_of(again).conduct.errors == 1


def test_a_fresh_evaluation_begins_anew(library: Library, store: EvaluationStore) -> None:
    first = ended(plan_of(library), ScriptedEngine(), store)
    again = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store, fresh=True)
    assert again.id == first.id and len(engine.prompts) == 3 and again.assessed != first.assessed


def test_nothing_is_kept_without_a_store(library: Library) -> None:
    assert assessed_of(ended(plan_of(library), ScriptedEngine(RIGHT), None)).conduct.n == 3


def test_baselines_of_an_earlier_call_stay(library: Library, store: EvaluationStore) -> None:
    first = assessed_of(ended(plan_of(library), ScriptedEngine(RIGHT), store, baselines=True))
    again = assessed_of(ended(plan_of(library), ScriptedEngine(RIGHT), store))
    assert again.evaluation.baselines == first.evaluation.baselines


def test_equal_wishes_are_the_same_evaluation_however_they_are_put(library: Library) -> None:
    engine = ScriptedEngine()
    usual = identity(plan_of(library), engine)
    said = {"sampling_preset": "extraction", "grounded": True, "limit": 9, "labels": ("location", "programlang")}
    assert identity(plan_of(library, **said), engine) == usual


@pytest.mark.parametrize(
    "wishes",
    [{"seed": 1}, {"grounded": False}, {"open": True}, {"shots": 0}, {"limit": 1}, {"sampling": {"max_new_tokens": 9}}],
)
def test_other_settings_are_another_evaluation(library: Library, wishes: dict[str, Any]) -> None:
    engine = ScriptedEngine()
    assert identity(plan_of(library, **wishes), engine) != identity(plan_of(library), engine)


def test_other_gold_owner_format_or_device_is_another_evaluation(library: Library) -> None:
    plan, other = plan_of(library), plan_of(library, gold_set(PRAISE, TRIP, CODE, sha256="c" * 64))
    engines = [ScriptedEngine(dtype="bf16"), ScriptedEngine(device="cuda:0"), ScriptedEngine()]
    ids = [identity(plan, engine) for engine in engines]
    ids += [identity(other, engines[-1]), identity(plan, engines[-1], "browser:ann")]
    assert len(set(ids)) == 5


def test_a_prompt_that_was_edited_is_another_evaluation(library: Library) -> None:
    task = library.task("ner")
    few_shot = task.prompts.few_shot.model_copy(update={"system": "Find the names."})
    edited = task.model_copy(update={"prompts": task.prompts.model_copy(update={"few_shot": few_shot})})
    plan = plan_of(library)
    assert identity(plan._replace(task=edited), ScriptedEngine()) != identity(plan, ScriptedEngine())


def test_a_model_folder_that_was_trained_on_is_another_evaluation(library: Library, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"before")
    preset = library.models["smollm2-demo"].model_copy(update={"source": "folder", "origin": str(tmp_path)})
    plan = make_plan(library, THREE, Wishes(), model=preset)
    before = identity(plan, ScriptedEngine())
    (tmp_path / "model.safetensors").write_bytes(b"after it")
    assert plan.settings.model == str(tmp_path) and identity(plan, ScriptedEngine()) != before


@pytest.mark.parametrize("changed", [{"adapter": "adapters/other"}, {"instructions": {"ner": "given-types"}}])
def test_another_adapter_or_instruction_is_another_evaluation(library: Library, changed: dict[str, Any]) -> None:
    plan = plan_of(library)
    other = plan._replace(model=plan.model.model_copy(update=changed))
    assert identity(other, ScriptedEngine()) != identity(plan, ScriptedEngine())


def test_two_owners_have_evaluations_of_their_own(library: Library, store: EvaluationStore) -> None:
    hers = ended(plan_of(library), ScriptedEngine(RIGHT), store, owner="browser:ann")
    his = ended(plan_of(library), engine := ScriptedEngine(RIGHT), store, owner="browser:ben")
    assert len(engine.prompts) == 3 and hers.id != his.id
    assert [record.id for record in store.leaderboard("browser:ann")] == [hers.id]
