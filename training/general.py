"""General prompts that the base model answers itself, so that training on extraction leaves its own manner alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from techgpt_ui.inputs import check_inputs, with_defaults
from techgpt_ui.presets import Inputs, Task
from training.examples import Example, Scribe, Split, is_held_out

PROMPTS = Path(__file__).parent / "general.jsonl"
LONGEST_ANSWER = 112
"""Tokens; an answer that does not end by itself within them is left out."""
AT_ONCE = 17


def answered(count: int, folder: Path, asker: Scribe, scribe: Scribe) -> Iterator[Example]:
    """Examples whose answers are the base model's own, greedy.

    ``asker`` writes the prompts for the base, ``scribe`` those for the model that is trained.
    """
    rows = [json.loads(line) for line in PROMPTS.read_text(encoding="utf-8").splitlines()][:count]
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        requests = [_request(row, scribe) for row in some]
        prompts = [asker.example("general", task, "train", inputs, "").prompt_ids for task, inputs in requests]
        for (task, inputs), ids in zip(requests, _generate(model, prompts, asker.end), strict=True):
            if asker.end in ids:
                answer = asker.tokens.text(ids[: ids.index(asker.end)]).strip()
                split: Split = "validation" if is_held_out(answer) else "train"
                yield scribe.example("general", task, split, inputs, answer)


def _request(row: dict[str, Any], scribe: Scribe) -> tuple[Task, Inputs]:
    task = scribe.library.task(row["task"])
    return task, check_inputs(task, with_defaults(task, row["inputs"]))


def _generate(model: Any, prompts: Sequence[Sequence[int]], end: int) -> list[list[int]]:
    longest = max(map(len, prompts))
    ids = torch.tensor([[end] * (longest - len(one)) + list(one) for one in prompts])
    mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in prompts])
    with torch.inference_mode():
        written = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=LONGEST_ANSWER, do_sample=False, pad_token_id=end
        )
    return [row[longest:].tolist() for row in written]
