"""GGUF to a checkpoint that transformers loads like any other: bf16 safetensors, configuration, tokenizer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from techgpt_ui.weights.conduct import explained, quiet
from techgpt_ui.weights.headers import tensor_dtypes
from techgpt_ui.weights.progress import FetchProgress, ProgressListener

STAGES = 3


def convert(gguf: Path, checkpoint: Path, progress: ProgressListener) -> None:
    """Write the model of a SmolLM GGUF file into the folder ``checkpoint``, dequantised to bf16.

    Raises OSError where the folder cannot hold it, WorkbenchError ``demo_conversion_failed`` for anything else.
    """
    progress(FetchProgress("convert", 0, STAGES))
    with explained("demo_conversion_failed"), quiet_gguf():
        model = _load_model(gguf)
    progress(FetchProgress("convert", 1, STAGES))
    with explained("demo_conversion_failed"), quiet_gguf():
        tokenizer = _load_tokenizer(gguf, model.config.max_position_embeddings)
    progress(FetchProgress("convert", 2, STAGES))
    with explained("demo_conversion_failed"), quiet_gguf():
        _save(model, tokenizer, checkpoint)
    progress(FetchProgress("convert", STAGES, STAGES))


def _load_model(gguf: Path) -> Any:
    import torch
    import transformers

    # Releases that can keep the GGUF blocks packed have this class, and need to be told not to.
    config = getattr(transformers, "GgufConfig", None)
    unpacked = {"quantization_config": config(dequantize=True)} if config else {}
    loader: Any = transformers.AutoModelForCausalLM
    model = loader.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, local_files_only=True, **unpacked
    )
    # The weights are plain tensors by now; what says otherwise would forbid saving them.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model


def _load_tokenizer(gguf: Path, context: int) -> Any:
    import transformers
    from tokenizers import pre_tokenizers

    loader: Any = transformers.AutoTokenizer
    tokenizer = loader.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # GGUF only names its splitting rule ("smollm"), and transformers reads every such name as GPT-2's. SmolLM also
    # splits off each digit first, which decides how the white space before a digit is tokenised.
    digits, words = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])
    tokenizer.model_max_length = context
    return tokenizer


def _save(model: Any, tokenizer: Any, checkpoint: Path) -> None:
    model.save_pretrained(checkpoint)
    tokenizer.save_pretrained(checkpoint)
    weights = checkpoint / "model.safetensors"
    dtypes = tensor_dtypes(weights)
    if set(dtypes) != {"BF16"}:
        raise ValueError(f"{weights.name}: {dtypes}")
    # safetensors makes its files private to their owner, the other files follow the user's umask.
    shutil.copymode(checkpoint / "config.json", weights)


@contextmanager
def quiet_gguf() -> Iterator[None]:
    """Silence the reader of GGUF files as well."""
    from transformers import modeling_gguf_pytorch_utils

    loader: Any = modeling_gguf_pytorch_utils
    tqdm = getattr(loader, "tqdm", None)
    loader.tqdm = lambda items, **_: items  # the one bar that does not ask the setting
    try:
        with quiet():
            yield
    finally:
        loader.tqdm = tqdm
