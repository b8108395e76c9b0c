"""Run a document of a review again, beside what was decided on it. It decides nothing; the run goes to the history."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from techgpt_ui.annotations import from_run
from techgpt_ui.documents import import_labels
from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.lease import Lease
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.inputs import check_inputs, language_of, text_of, with_defaults
from techgpt_ui.pipeline import Update, make_sampling, run
from techgpt_ui.presets import Inputs, Sampling, Task
from techgpt_ui.review.drafting import items_of
from techgpt_ui.review.rerunning import CHANGES, Row, Wanted, difference
from techgpt_ui.schema import Record, Result
from techgpt_ui.store import ReviewDocument, ReviewItem, ReviewStore
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.texts import Text, text
from techgpt_ui.ui.controls import Wish
from techgpt_ui.ui.workbench import Workbench, keep_run

log = logging.getLogger(__name__)

PLACE = "review"
"""What a further run is called among those of its person's sessions."""
TELL_S = 1.0
"""Seconds between two words about a run that goes on; they keep a connection open behind a proxy."""

Data = Mapping[str, Any]
Json = dict[str, Any]


class Again(Record):
    """How an item's document is to be run again; what is None is as the task has it."""

    project: str
    item: int
    variant: str | None = None
    sampling: str | None = None
    temperature: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """0 takes the most probable token; anything above draws."""
    max_new_tokens: int | None = None
    grounded: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


class _Asked(Record):
    """A request that was found sound."""

    task: Task
    number: int
    """Of the document."""
    document: ReviewDocument
    inputs: Inputs


class RerunActions:
    """What the desk can ask of the model; the owner comes from the request, never from the page."""

    def __init__(self, bench: Workbench, reviews: ReviewStore) -> None:
        self._bench = bench
        self._reviews = reviews

    def by_name(self) -> dict[str, Callable[[str, Data], Any]]:
        """The actions that answer at once."""
        return {"rerun_options": self.options, "rerun_stop": self.stop}

    def options(self, owner: str, data: Data) -> Json:
        """What can be chosen for an item; UsageError where it may not be run again yet."""
        again = _again({name: data.get(name) for name in ("project", "item")})
        task = self._asked(owner, again.project, again.item).task
        host, samplings = self._bench.host, self._bench.library.samplings.values()
        variants = task.prompts.trained.variants if host.preset.prompting == "trained" else ()
        return {
            "model": host.preset.title.model_dump(),
            "switching": host.settings.may_switch,
            "variants": [{"id": one.id, **one.title.model_dump()} for one in variants],
            "samplings": [
                {"id": one.id, **one.title.model_dump(), "temperature": _temperature(one.values)} for one in samplings
            ],
            "sampling": task.sampling,
            "grounded": task.grounded,
        }

    def stop(self, owner: str, data: Data) -> Json:
        """End the person's further run; what it has written by then is shown."""
        self._bench.sessions.stop(owner, PLACE)
        return {}

    def steps(self, owner: str, data: Data) -> Iterator[Json | None]:
        """A further run: words about it, at last what it says beside the project's items, or an error.

        None stands for "still at it": whoever consumes this may find out that nobody listens any more.
        """
        token = self._bench.sessions.begin(owner, PLACE)
        try:
            yield from self._run(owner, _again(data), token)
        except WorkbenchError as error:
            yield told(error)
        except Exception as error:
            log.exception("a run beside a review failed")
            yield told(WorkbenchError("unexpected", why=type(error).__name__))
        finally:
            self._bench.sessions.end(owner, PLACE, token)

    def _run(self, owner: str, again: Again, token: CancelToken) -> Iterator[Json | None]:
        asked = self._asked(owner, again.project, again.item)
        wish = self._wish(asked.task, again)
        told_at = -TELL_S
        with self._bench.host.claim() as lease:
            for update in _updates(asked, wish, lease, token):
                if isinstance(update, Update) and update.result is not None:
                    cut_at = update.prompt.cut_at if update.prompt else None
                    yield {"done": self._finished(owner, again, asked, wish, update.result, cut_at)}
                elif time.monotonic() - told_at > TELL_S:
                    told_at = time.monotonic()
                    yield {"words": (update if isinstance(update, Text) else _words(update))._asdict()}
                else:
                    yield None

    def _asked(self, owner: str, project: str, number: int) -> _Asked:
        item, document = self._reviews.item(owner, project, number)
        if self._reviews.hides(owner, project, item.document, item.task):
            raise UsageError("review_rerun_blind")
        task = self._bench.library.task(item.task)
        inputs = self._inputs(owner, project, item, document, task)
        return _Asked(task=task, number=item.document, document=document, inputs=inputs)

    def _inputs(self, owner: str, project: str, item: ReviewItem, document: ReviewDocument, task: Task) -> Inputs:
        """What the document's own run was given; documents of other tools are asked for the project's types."""
        given = {field.name: document.inputs[field.name] for field in task.inputs if field.name in document.inputs}
        given = {task.main_input: document.text} | given
        if task.label_input and task.label_input not in given:
            known = [name for name in self._reviews.types(owner, project, item.task, item.kind) if _is_askable(name)]
            given |= {task.label_input: known} if known else {}
        return check_inputs(task, with_defaults(task, given))

    def _wish(self, task: Task, again: Again) -> Wish:
        preset = self._bench.library.sampling(again.sampling or task.sampling)
        changes: Json = {}
        if again.temperature is not None:
            drawn = {"do_sample": True, "temperature": again.temperature}
            changes = drawn if again.temperature else {"do_sample": False}
        if again.max_new_tokens is not None:
            least = min(preset.values.min_new_tokens, again.max_new_tokens)
            changes |= {"max_new_tokens": again.max_new_tokens, "min_new_tokens": least}
        sampling = make_sampling(preset.values, changes)
        return Wish(again.grounded, again.variant or None, "", preset.id, sampling, again.seed)

    def _finished(
        self, owner: str, again: Again, asked: _Asked, wish: Wish, result: Result, cut_at: int | None
    ) -> Json:
        kept = keep_run(
            self._bench, owner, kind="run", inputs=asked.inputs, settings=wish.settings() | {"cut_at": cut_at},
            result=result,
        )  # fmt: skip
        rows, history = self._rows(owner, again.project, asked, result)
        return {
            "rows": [_shown(row, history) for row in rows],
            "counts": {change: sum(row.change == change for row in rows) for change in CHANGES},
            "status": result.status,
            "finish": result.finish_reason,
            "model": result.model.model_dump() if result.model else None,
            "raw": result.raw,
            "notices": [notice.text._asdict() for notice in result.notices],
            "seconds": result.usage.total_s if result.usage else None,
            "run": kept.run_id,
            "trouble": told(kept.trouble)["error"] if kept.trouble else None,
        }

    def _rows(
        self, owner: str, project: str, asked: _Asked, result: Result
    ) -> tuple[tuple[Row, ...], dict[int, list[Logged]]]:
        source = text_of(asked.task, asked.inputs)
        made = from_run(result, source=source, inputs=asked.inputs, lang=language_of(asked.inputs))
        ours = self._reviews.items(owner, project, of_document=asked.number)
        before = {number: item for number, item in ours.items() if item.task == asked.task.id}
        known = self._reviews.histories(owner, project, list(before))
        history = {number: [one for one in known.get(number, ()) if not one.undone] for number in before}
        notes = self._reviews.of_document(owner, project, asked.number)
        missed = [one.payload for one in notes if one.verdict == "missed" and one.payload.get("task") == asked.task.id]
        wanted = [Wanted(str(payload.get("kind", "")), payload) for payload in missed]
        wanted += [
            Wanted(before[number].kind, one.event.payload)
            for number, events in history.items()
            for one in events
            if one.event.verdict == "edit"
        ]
        same_source = source == asked.document.text
        return difference(before, list(items_of(made, asked.number)), wanted, same_source=same_source), history


def _again(data: Data) -> Again:
    try:
        return Again.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise UsageError("review_bad_request", why=why) from error


def _is_askable(name: str) -> bool:
    """Whether a prompt can ask for a type that another tool, or a model, named."""
    try:
        return bool(import_labels([name], "types"))
    except UsageError:
        return False


def _updates(asked: _Asked, wish: Wish, lease: Lease, token: CancelToken) -> Iterator[Update | Text]:
    """Why the model is not there yet, then what the run says."""
    yield from lease.waits(token)
    yield from run(
        asked.task, asked.inputs, model=lease.preset, engine=lease.engine, sampling=wish.sampling, seed=wish.seed,
        grounded=wish.grounded, variant=wish.variant, cancel=token,
    )  # fmt: skip


def _words(update: Update) -> Text:
    return text("run.waiting", place=update.place) if update.phase == "waiting" else text("run.generating")


def _shown(row: Row, history: Mapping[int, list[Logged]]) -> Json:
    """A row with the last verdict on it that its reader may know."""
    events = [one.event for number in row.items for one in history[number]]
    last = max(events, key=lambda event: event.id, default=None)
    verdict = {"verdict": last.verdict, "carried": bool(last.carried)} if last else None
    return {**row.model_dump(), "decided": verdict}


def _temperature(sampling: Sampling) -> float:
    return sampling.temperature if sampling.do_sample else 0.0


def told(error: WorkbenchError) -> Json:
    """An error as a line of a further run."""
    return {"error": {"zh": error.words("zh"), "en": error.words("en"), "code": error.code}}
