"""The model that is trained: the base in bf16, a LoRA on all its linear layers in fp32, and the loss on answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from training.batches import width
from training.examples import Example
from training.recipe import Settings

IGNORED = -100
PLACES = 128
"""Answer tokens are rounded up to a multiple of this; see ``training.batches.width``."""
BASE_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""What the adapter's configuration names as its base."""


def adapted(folder: Path, settings: Settings, device: str, start: Path | None = None) -> Any:
    """The base in ``folder`` with a LoRA (Hu et al., 2021), alone to be trained: a new one, or that in ``start``."""
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(settings.seed)
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).to(device)
    base.config.use_cache = False
    if start is not None:
        return PeftModel.from_pretrained(base, start, is_trainable=True, autocast_adapter_dtype=True)
    config = LoraConfig(r=settings.rank, lora_alpha=settings.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(base, config)


def tensors(
    batch: Sequence[Example], device: str, power: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, targets and weights, each of shape (examples, width); targets are ``IGNORED`` outside the answers.

    Padding stands on the right, behind everything that a causal model looks at, so that no mask is needed. A token of
    an answer of n tokens weighs n ** ``power``.
    """
    wide = width(batch)
    ids = torch.zeros(len(batch), wide, dtype=torch.long)
    targets = torch.full((len(batch), wide), IGNORED, dtype=torch.long)
    weights = torch.zeros(len(batch), wide)
    for row, example in enumerate(batch):
        both = torch.tensor([*example.prompt_ids, *example.answer_ids])
        ids[row, : len(both)] = both
        begin = len(example.prompt_ids) - 1
        # The token at one place is the target of the place before it.
        targets[row, begin : len(both) - 1] = both[begin + 1 :]
        weights[row, begin : len(both) - 1] = float(len(example.answer_ids)) ** power
    return ids.to(device), targets.to(device), weights.to(device)


def loss_of(model: Any, batch: Sequence[Example], device: str, power: float = 0.0) -> torch.Tensor:
    """Weighted mean of the cross-entropy (nats a token) over the answers of a batch.

    Only the places of answers go through the output layer, which is a fifth of this model.
    """
    ids, targets, weights = tensors(batch, device, power)
    causal = model.get_base_model()
    with torch.autocast(device.partition(":")[0], dtype=torch.bfloat16):
        hidden = causal.model(input_ids=ids).last_hidden_state
        places = _places(targets)
        logits = causal.lm_head(hidden.flatten(0, 1)[places])
    losses = functional.cross_entropy(logits.float(), targets.flatten()[places], reduction="none", ignore_index=IGNORED)
    return (losses * weights.flatten()[places]).sum() / weights.sum()


def _places(targets: torch.Tensor) -> torch.Tensor:
    """Where the answers are in the flattened batch, and as many places of weight nothing as round their number up."""
    answers = (targets.flatten() != IGNORED).nonzero()[:, 0]
    missing = -len(answers) % PLACES
    return torch.cat([answers, (targets.flatten() == IGNORED).nonzero()[:missing, 0]])


def save_adapter(model: Any, folder: Path) -> None:
    """Write the LoRA as peft has it, in fp16: half the size, and exact enough for weights that are merged into bf16."""
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    # Otherwise peft asks the hub about the base's vocabulary.
    trained = get_peft_model_state_dict(model, save_embedding_layers=False)
    state = {name: tensor.detach().half().cpu().contiguous() for name, tensor in trained.items()}
    config = model.peft_config["default"]
    config.base_model_name_or_path = BASE_NAME
    config.inference_mode = True
    config.save_pretrained(folder)
    partial = folder / "adapter_model.safetensors.partial"
    save_file(state, partial, metadata={"format": "pt"})
    partial.replace(folder / "adapter_model.safetensors")
