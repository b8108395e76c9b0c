"""The training loop: checkpoints, resumes, watches a fixed validation set, and stops when that gets no better."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from tqdm import tqdm

from training.batches import batches
from training.examples import Example
from training.model import adapted, loss_of, save_adapter
from training.recipe import Recipe, Settings

CHECKPOINT, LOG, BEST = "checkpoint.pt", "log.jsonl", "best"


class Progress(NamedTuple):
    """How far a training is."""

    step: int
    best: float
    """Lowest validation loss so far."""
    looks: int
    """Looks since then."""
    tokens: int


def train(
    recipe: Recipe, examples: Sequence[Example], base: Path, out: Path, device: str, start: Path | None = None
) -> Progress:
    """Train until the examples are through or the validation loss stays up; the best adapter lies in ``out/best``.

    ``start`` is the folder of an adapter to begin with instead of a new one.
    A training that was stopped goes on from its last checkpoint in ``out``.
    """
    settings = recipe.settings
    out.mkdir(parents=True, exist_ok=True)
    plan = _plan(examples, settings)
    held = batches([one for one in examples if one.split == "validation"], settings.batch_tokens, Random(0))
    model = adapted(base, settings, device, start)
    optimizer = _optimizer(model, settings)
    progress = _resume(out, model, optimizer) or Progress(0, math.inf, 0, 0)
    bar = tqdm(plan[progress.step :], initial=progress.step, total=len(plan), unit="step")
    for batch in bar:
        rate = rate_at(progress.step, len(plan), settings)
        loss = _step(model, optimizer, batch, rate, settings, device)
        progress = progress._replace(step=progress.step + 1, tokens=progress.tokens + sum(map(len, batch)))
        bar.set_postfix(loss=f"{loss:.3f}", tokens=progress.tokens)
        _note(out, step=progress.step, tokens=progress.tokens, loss=round(loss, 4), rate=rate)
        if progress.step % settings.check_every == 0 or progress.step == len(plan):
            progress = _look(model, held, progress, out, device)
            _checkpoint(out, model, optimizer, progress)
            if progress.looks >= settings.patience:
                break
    return progress


def rate_at(step: int, steps: int, settings: Settings) -> float:
    """Learning rate: up linearly while warming, then down linearly to nothing."""
    warm = max(1, round(settings.warmup * steps))
    share = (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)
    return settings.learning_rate * share


def validation_losses(model: Any, held: Sequence[Sequence[Example]], device: str) -> dict[str, float]:
    """Mean loss by part, each example counting alike."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    model.eval()
    with torch.no_grad():
        for batch in held:
            for part in sorted({example.part for example in batch}):
                same = [example for example in batch if example.part == part]
                found[part] += [float(loss_of(model, same, device))] * len(same)
    model.train()
    return {part: sum(losses) / len(losses) for part, losses in sorted(found.items())}


def range_test(
    recipe: Recipe, examples: Sequence[Example], base: Path, device: str, steps: int
) -> list[tuple[float, float]]:
    """Loss at learning rates that rise from 1e-5 to 1e-2 in as many steps (Smith, 2017)."""
    settings = recipe.settings
    plan = _plan(examples, settings)
    model = adapted(base, settings, device)
    optimizer = _optimizer(model, settings)
    rates = [1e-5 * 1000 ** (step / max(1, steps - 1)) for step in range(min(steps, len(plan)))]
    return [
        (rate, _step(model, optimizer, batch, rate, settings, device))
        for rate, batch in zip(rates, tqdm(plan[: len(rates)]), strict=True)
    ]


def _plan(examples: Sequence[Example], settings: Settings) -> list[list[Example]]:
    made = batches([one for one in examples if one.split == "train"], settings.batch_tokens, Random(settings.seed))
    return made[: settings.most_steps]


def _optimizer(model: Any, settings: Settings) -> torch.optim.Optimizer:
    trained = [weights for weights in model.parameters() if weights.requires_grad]
    return torch.optim.AdamW(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay)


def _step(
    model: Any, optimizer: torch.optim.Optimizer, batch: Sequence[Example], rate: float, settings: Settings, device: str
) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = loss_of(model, batch, device, settings.length_power)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([one for one in model.parameters() if one.requires_grad], settings.clip)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def _look(model: Any, held: Sequence[Sequence[Example]], progress: Progress, out: Path, device: str) -> Progress:
    losses = validation_losses(model, held, device)
    mean = sum(losses.values()) / len(losses) if losses else math.nan
    _note(out, step=progress.step, tokens=progress.tokens, validation=round(mean, 4), parts=losses)
    if mean < progress.best or not losses:
        save_adapter(model, out / BEST)
        return progress._replace(best=mean, looks=0)
    return progress._replace(looks=progress.looks + 1)


def _checkpoint(out: Path, model: Any, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    trained = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
    partial = out / f"{CHECKPOINT}.partial"
    torch.save({"adapter": trained, "optimizer": optimizer.state_dict(), "progress": tuple(progress)}, partial)
    partial.replace(out / CHECKPOINT)


def _resume(out: Path, model: Any, optimizer: torch.optim.Optimizer) -> Progress | None:
    if not (out / CHECKPOINT).is_file():
        return None
    kept = torch.load(out / CHECKPOINT, weights_only=True)
    model.load_state_dict(kept["adapter"], strict=False)
    optimizer.load_state_dict(kept["optimizer"])
    return Progress(*kept["progress"])


def _note(out: Path, **entry: Any) -> None:
    with (out / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"time": round(time.time(), 1), **entry}) + "\n")
