"""The command that measures a model on gold data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from techgpt_ui.cli import base
from techgpt_ui.cli.base import DEFAULT_SEED, Json
from techgpt_ui.cli.meter import Meter
from techgpt_ui.documents import split_names
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.texts import Lang, text

if TYPE_CHECKING:  # numpy and the database stay out of the start
    from techgpt_ui.engines.base import Engine
    from techgpt_ui.evaluation.keeping import Assessed
    from techgpt_ui.evaluation.planning import Plan
    from techgpt_ui.evaluation.records import Figure
    from techgpt_ui.gold import GoldSet
    from techgpt_ui.presets import Library, Task
    from techgpt_ui.store import EvaluationStore

Limit = Annotated[int | None, typer.Option(min=1, help="Only so many documents, the first ones.")]
Labels = Annotated[str | None, typer.Option(help="Types, predicates or labels to ask for: a,b or @FILE.")]
Open = Annotated[bool, typer.Option("--open", help="Ask for no types, predicates or labels.")]
Format = Annotated[str | None, typer.Option("--format", help="Format of the gold file, where it cannot be told.")]
Pool = Annotated[Path | None, typer.Option(help="Gold file to take the nearest few-shot examples from.")]
Baselines = Annotated[bool, typer.Option("--baselines", help="Measure trivial answers as well.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what an earlier call has done.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu or cuda:N.")]
Report = Annotated[Path | None, typer.Option(help="HTML file to write.")]


def evaluate(
    task: str,
    gold: Annotated[Path, typer.Argument(help="Gold file.")],
    limit: Limit = None,
    model: base.Model = None,
    base_url: base.BaseUrl = None,
    api_key: base.ApiKey = None,
    report: Report = None,
    as_json: Json = False,
    output: Annotated[Path | None, typer.Option(help="File to write the JSON to.")] = None,
    sampling: base.SamplingPreset = None,
    seed: base.Seed = DEFAULT_SEED,
    grounded: Annotated[bool | None, typer.Option("--grounded/--free", help="Spans from the text only.")] = None,
    variant: base.Variant = None,
    max_new_tokens: base.MaxNewTokens = None,
    labels: Labels = None,
    open_: Open = False,
    format_: Format = None,
    examples: Pool = None,
    shots: Annotated[int | None, typer.Option(min=0, help="How many few-shot examples; 0 for none.")] = None,
    baselines: Baselines = False,
    fresh: Fresh = False,
    dtype: Annotated[str | None, typer.Option(help="Number format of the weights.")] = None,
    device: Device = None,
) -> None:
    """Measure a model on gold data; a call that was cut off is gone on with by the next one."""
    from techgpt_ui.evaluation.planning import Wishes, make_plan

    base.require_writable(report, output)
    settings = load_settings(model=model, base_url=base_url, api_key=api_key, dtype=dtype, device=device)
    library = base.library_of(settings)
    gold_set, pool = read_sets(library, task, gold, format_, examples)
    wishes = Wishes(
        sampling_preset=sampling,
        sampling=base.other_limit(max_new_tokens),
        seed=seed,
        grounded=grounded,
        variant=variant,
        labels=chosen_labels(labels),
        open=open_,
        shots=shots,
        limit=limit,
    )
    preset = base.resolved(settings, library)
    plan = make_plan(library, gold_set, wishes, model=preset, pool=pool)
    for notice in (*gold_set.notices, *plan.notices):
        base.tell(notice.text.within(settings.words))
    engine = base.ready(preset, settings).engine
    assessed = conduct(plan, engine, open_store(settings), fresh=fresh, baselines=baselines, lang=settings.words)
    write_results(assessed, plan.task, settings.words, report=report, output=output, as_json=as_json)


def read_sets(
    library: Library, task: str, gold: Path, format_: str | None, pool: Path | None
) -> tuple[GoldSet, GoldSet | None]:
    """The gold file and the pool of examples, if there is one; UsageError for what is wrong with them."""
    from techgpt_ui.gold import read_gold

    library.task(task)
    return read_gold(gold, task=task, format=format_), read_gold(pool, task=task) if pool else None


def chosen_labels(given: str | None) -> tuple[str, ...]:
    """Labels from ``a,b``, or from a file, one a line or parted by commas."""
    if given is None:
        return ()
    words = base.read_text(Path(given[1:])).removeprefix("\ufeff") if given.startswith("@") else given
    labels = split_names(words)
    if not labels:
        raise UsageError("labels_none", name=given[:60])
    return labels


def open_store(settings: Settings) -> EvaluationStore:
    """The evaluations in the page's own database."""
    from techgpt_ui.store import EvaluationStore, open_workbench

    return EvaluationStore(open_workbench(settings))


def conduct(
    plan: Plan, engine: Engine, store: EvaluationStore, *, fresh: bool, baselines: bool, lang: Lang
) -> Assessed:
    """Run an evaluation to its end, telling how far it is; WorkbenchError where it was interrupted."""
    from techgpt_ui.cli.interrupting import interruptible
    from techgpt_ui.evaluation.keeping import conducted

    meter = Meter(lang)
    with interruptible() as cancel:
        try:
            for step in conducted(plan, engine, store=store, fresh=fresh, baselines=baselines, cancel=cancel):
                meter.show(step)
        finally:
            meter.close()
    if step.assessed is None or not step.complete:
        raise WorkbenchError("evaluation_stopped", done=len(step.outcomes), total=step.total)
    return step.assessed


def write_results(
    assessed: Assessed, task: Task, lang: Lang, *, report: Path | None, output: Path | None, as_json: bool
) -> None:
    """The report, the file of figures, and either figures or JSON on standard output."""
    from techgpt_ui.evaluation.public import evaluation_json, whole_json

    if report:
        from techgpt_ui.renderers.evaluation import report_html

        base.write_file(report, report_html(*assessed, lang, task).encode("utf-8", "backslashreplace"))
    if output:
        base.write_file(output, base.as_json_bytes(whole_json(assessed)))
    if as_json:
        base.print_json(evaluation_json(assessed))
        return
    for line in figure_lines(assessed, lang):
        typer.echo(line)


def figure_lines(assessed: Assessed, lang: Lang) -> list[str]:
    """The figures with their intervals, the headline marked, baselines below, and how the answers came about."""
    evaluation, scores, conduct = assessed
    lines = [f"{'*' if one.name == scores.headline else ' '} {figure_cells(one)}" for one in scores.figures]
    for name, found in evaluation.baselines.items():
        lines += [f"  {figure_cells(one)}  {name}" for one in found.figures if one.name == scores.headline]
    status = ", ".join(f"{name} {count}" for name, count in conduct.status.items())
    words = text(
        "evaluate.conduct", n=conduct.n, errors=conduct.errors, status=status, seconds=f"{conduct.seconds:.1f}"
    )
    return [*lines, words.within(lang), f"id {evaluation.id}"]


def figure_cells(figure: Figure) -> str:
    """Name, value and interval in columns."""
    return f"{figure.name:24} {number(figure.value)}  [{number(figure.low)}, {number(figure.high)}]"


def number(value: float | None) -> str:
    """A figure in seven characters."""
    return f"{'–':>7}" if value is None else f"{value:7.3f}"
