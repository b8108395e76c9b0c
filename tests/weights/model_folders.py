"""Model folders of a few kilobytes, with real tokenizers and weights as torch and safetensors write them."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from safetensors.torch import save_file

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float16"}
TOKENS = 96
SHARDS = {
    "safetensors": ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
    "bin": ("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"),
}
WHOLE = {"safetensors": "model.safetensors", "bin": "pytorch_model.bin"}


def sentencepiece_model(tokens: int = TOKENS) -> bytes:
    """A SentencePiece model with so many pieces."""
    written = io.BytesIO()
    sentences = [f"the word {number} of a model about films 薄膜 and {number * 7} more" for number in range(200)]
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(sentences), model_writer=written, vocab_size=tokens, model_type="bpe", minloglevel=2
    )
    return written.getvalue()


def weights(rows: int = TOKENS, dtype: torch.dtype = torch.float16) -> OrderedDict[str, torch.Tensor]:
    """An embedding, a layer, a norm and a head that shares the embedding's numbers."""
    embedding = torch.zeros(rows, 8, dtype=dtype)
    return OrderedDict(
        {
            "model.embed_tokens.weight": embedding,
            "model.layers.0.mlp.up_proj.weight": torch.ones(16, 8, dtype=dtype),
            "model.norm.weight": torch.ones(8, dtype=dtype),
            "lm_head.weight": embedding,
        }
    )


def write_weights(path: Path, tensors: dict[str, torch.Tensor], *, legacy: bool = False) -> None:
    if path.suffix == ".safetensors":
        save_file({name: tensor.clone() for name, tensor in tensors.items()}, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=not legacy)


def write_model(folder: Path, tokenizer: bytes, kind: str, *, sharded: bool = False, **options: Any) -> Path:
    """A whole folder; ``kind`` is that of its weights."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.model").write_bytes(tokenizer)
    tensors = weights(**options)
    if not sharded:
        write_weights(folder / WHOLE[kind], tensors)
        return folder
    names = list(tensors)
    places = dict(zip(names, [*SHARDS[kind], *SHARDS[kind]], strict=True))
    for shard in SHARDS[kind]:
        write_weights(folder / shard, {name: tensors[name] for name in names if places[name] == shard})
    (folder / f"{WHOLE[kind]}.index.json").write_text(json.dumps({"weight_map": places}))
    return folder
