"""LoRA adapters as peft writes them, small and seeded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

WEIGHTS = "adapter_model.safetensors"
TARGETS = ("q_proj", "v_proj", "down_proj")


def write_base(folder: Path, *, layers: int = 2, width: int = 32) -> Path:
    """A LLaMA checkpoint of a few kilobytes in bf16; its tokenizer is a file that nobody reads here."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64, hidden_size=width, intermediate_size=64, num_hidden_layers=layers, num_attention_heads=2
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}")
    return folder


def write_adapter(base: Path, folder: Path, *, seed: int = 0, size: float = 0.01) -> Path:
    """An adapter for the model in ``base``; ``size`` is the standard deviation of what training makes of zeros."""
    _adapted(base, seed).save_pretrained(folder, save_embedding_layers=False)
    weights = load_file(folder / WEIGHTS)
    drawn = {name: torch.randn(one.shape) * size if "lora_B" in name else one for name, one in weights.items()}
    save_file({name: one.half() for name, one in drawn.items()}, folder / WEIGHTS, metadata={"format": "pt"})
    return folder


def teach_adapter(base: Path, folder: Path, prompt: Sequence[int], answer: Sequence[int], *, steps: int = 12) -> Path:
    """An adapter that has learned one answer to one prompt."""
    model = _adapted(base, 0)
    ids = torch.tensor([[*prompt, *answer]])
    labels = torch.tensor([[*[-100] * len(prompt), *answer]])
    optimizer = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=5e-3)
    for _ in range(steps):
        model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder, save_embedding_layers=False)
    return folder


def _adapted(base: Path, seed: int) -> Any:
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    config = LoraConfig(r=4, lora_alpha=8, target_modules=list(TARGETS), task_type="CAUSAL_LM")
    return get_peft_model(model, config)
