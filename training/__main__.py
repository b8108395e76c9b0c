"""Command line: ``python -m training data | range-test | train | export | figures``; ``make train-demo`` runs all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from techgpt_ui.cli.base import write_file
from techgpt_ui.engines.loading import load_tokenizer
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.presets import Library, load_library
from techgpt_ui.presets.library import BUILT_IN
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.weights import fetch_demo
from training.examples import Example, Scribe, digests, draw, held_out
from training.recipe import read_recipe

RECIPE = Path(__file__).parent / "first.yaml"
WORK = Path("data/training")
EXAMPLES, FIGURES = "examples.jsonl", "figures"
KERNELS = "8192"
"""Compiled matrix kernels that a CPU run keeps: several for each shape of a batch, of which there are some ninety."""
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
RecipeFile = Annotated[Path, typer.Option("--recipe", help="What to train on and how, as YAML.")]
Work = Annotated[Path, typer.Option("--work", help="Folder for examples, checkpoints and the log.")]
Device = Annotated[str, typer.Option(help="cpu or cuda:N.")]


@app.command()
def data(
    gold: Annotated[Path, typer.Option(help="Folder with the gold files that the recipe names.")],
    recipe: RecipeFile = RECIPE,
    work: Work = WORK,
    apart: Annotated[
        list[Path] | None, typer.Option(help="Gold that figures are taken on; its texts are left out.")
    ] = None,
) -> None:
    """Make the examples from gold files, and count them."""
    from training.general import answered

    base, library, chosen = _base(load_settings()), load_library(), read_recipe(recipe)
    scribe, asker = _scribe(chosen.preset, library, base), _scribe(chosen.base, library, base)
    measured = digests(apart or [])
    made: list[Example] = []
    for part in chosen.parts:
        drawn = draw(part, chosen, gold, scribe, measured)
        made += drawn.examples
        _tell(part.name, drawn.examples, drawn.left_out)
    general = list(answered(chosen.general, base, asker, scribe))
    _tell("general", general, Counter({"answer did not end": chosen.general - len(general)}))
    work.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{one.model_dump_json()}\n" for one in [*made, *general])
    write_file(work / EXAMPLES, lines.encode())


@app.command("held-out")
def write_held_out(
    gold: Annotated[Path, typer.Option(help="Folder with the gold files that the recipe names.")],
    recipe: RecipeFile = RECIPE,
    work: Work = WORK,
) -> None:
    """Write the validation texts of each gold file to a gold file of their own, to take figures on."""
    folder = work / "held_out"
    folder.mkdir(parents=True, exist_ok=True)
    for name in dict.fromkeys(part.file for part in read_recipe(recipe).parts):
        (folder / name).write_text("".join(f"{line}\n" for line in held_out(gold / name)), encoding="utf-8")
    print(folder)


@app.command("range-test")
def range_test(
    recipe: RecipeFile = RECIPE,
    work: Work = WORK,
    device: Device = "cpu",
    steps: int = 60,
) -> None:
    """Loss while the learning rate rises: where it falls fastest is a good rate."""
    from training import trainer

    for rate, loss in trainer.range_test(read_recipe(recipe), _examples(work), _base(load_settings()), device, steps):
        print(f"{rate:.2e}\t{loss:.4f}")


@app.command()
def train(
    recipe: RecipeFile = RECIPE,
    work: Work = WORK,
    device: Device = "cpu",
    start: Annotated[Path | None, typer.Option(help="Folder of an adapter to begin with instead of a new one.")] = None,
) -> None:
    """Train, or go on with a training that was stopped."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    from training import trainer

    done = trainer.train(read_recipe(recipe), _examples(work), _base(load_settings()), work, device, start)
    print(f"{done.step} steps, {done.tokens} tokens, best validation loss {done.best:.4f}", file=sys.stderr)


@app.command()
def export(
    recipe: Annotated[list[Path], typer.Option(help="Recipe of each stage, in their order.")],
    work: Annotated[list[Path], typer.Option(help="Folder of each stage, in their order.")],
) -> None:
    """Put the best adapter of the last stage, with a card of all of them, where the app looks for it."""
    from training.card import Stage, card
    from training.trainer import BEST, LOG

    if len(recipe) != len(work):
        raise typer.BadParameter("a recipe and a folder for each stage")
    stages = [
        Stage(read_recipe(one), folder / EXAMPLES, folder / LOG) for one, folder in zip(recipe, work, strict=True)
    ]
    preset = load_library().models[stages[-1].recipe.preset]
    target = BUILT_IN / str(preset.adapter)
    target.mkdir(parents=True, exist_ok=True)
    for name in ADAPTER_FILES:
        write_file(target / name, (work[-1] / BEST / name).read_bytes())
    text = card(stages, preset.title.en, sorted((work[-1] / FIGURES).glob("*.json")))
    write_file(target / "README.md", text.encode())
    print(target)


@app.command()
def figures(
    gold: Annotated[list[Path], typer.Argument(help="Gold files to take figures on, each as task=path.")],
    recipe: RecipeFile = RECIPE,
    work: Work = WORK,
    limit: Annotated[int | None, typer.Option(help="Documents of each file at most.")] = None,
) -> None:
    """Evaluate the exported adapter, grounded and free, with the app's own `evaluate`."""
    chosen = read_recipe(recipe)
    folder = work / FIGURES
    folder.mkdir(parents=True, exist_ok=True)
    for named in gold:
        task, _, path = str(named).partition("=")
        for decoding in ("--grounded", "--free"):
            output = folder / f"{Path(path).stem}-{task}{decoding}.json"
            call = [sys.executable, "-m", "techgpt_ui", "evaluate", task, path, "--model", chosen.preset, decoding]
            call += ["--output", str(output), *(["--limit", str(limit)] if limit else [])]
            subprocess.run(call, check=True)


def _base(settings: Settings) -> Path:
    return fetch_demo(settings.cache, lambda progress: None)


def _scribe(preset: str, library: Library, base: Path) -> Scribe:
    model = library.models[preset]
    tokenizer = load_tokenizer(base, model)
    return Scribe(library, model, TokenizerTokens(tokenizer, model.context, model.add_bos), tokenizer.eos_token_id)


def _examples(work: Path) -> list[Example]:
    with (work / EXAMPLES).open(encoding="utf-8") as lines:
        return [Example.model_validate_json(line) for line in lines]


def _tell(name: str, examples: list[Example], left_out: Counter[str]) -> None:
    trained = [one for one in examples if one.split == "train"]
    told: dict[str, Any] = {
        "part": name, "train": len(trained), "tokens": sum(map(len, trained)),
        "validation": len(examples) - len(trained), "left_out": dict(+left_out),
    }  # fmt: skip
    print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    app()
