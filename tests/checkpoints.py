"""Checkpoints of a few kilobytes, of the architectures and with the tokenizers that TechGPT's models have."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import sentencepiece
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

CORPUS = """抽取出下面文本的实体和实体类型：
请抽取出下面的关系三元组：
Human: Assistant: USER: ASSISTANT: [INST] [/INST] <<SYS>> <</SYS>> 陈奕迅，1974年7月27日出生于中国香港。
A chat between a curious user and an artificial intelligence assistant. You are a helpful assistant.
你是一个乐于助人的助手。
The quick brown fox jumps over the lazy dog. Titanium dioxide films, 450 °C.
"""
VOCABULARY = 520
QWEN_SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
QWEN_TEMPLATE = (
    "{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""The template of Qwen1.5's chat models."""
QWEN_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def llama_config(**changes: Any) -> LlamaConfig:
    settings: dict[str, Any] = {
        "vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 2, "max_position_embeddings": 2048, "pad_token_id": 0, "bos_token_id": 1,
        "eos_token_id": 2, "tie_word_embeddings": False,
    }  # fmt: skip
    return LlamaConfig(**settings | changes)


def llama(**changes: Any) -> LlamaForCausalLM:
    torch.manual_seed(0)  # what random weights say must not differ from run to run
    return LlamaForCausalLM(llama_config(**changes)).eval()


def train_sentencepiece(folder: Path) -> sentencepiece.SentencePieceProcessor:
    """``tokenizer.model`` with LLaMA's settings, and the two files that 2023's checkpoints have beside it."""
    (folder / "corpus.txt").write_text(CORPUS * 20, encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "corpus.txt"), model_prefix=str(folder / "tokenizer"), model_type="bpe",
        vocab_size=VOCABULARY, byte_fallback=True, add_dummy_prefix=True, remove_extra_whitespaces=False,
        split_digits=True, normalization_rule_name="identity", pad_id=-1, unk_id=0, bos_id=1, eos_id=2,
        character_coverage=0.9995, allow_whitespace_only_pieces=True, minloglevel=2,
    )  # fmt: skip
    (folder / "corpus.txt").unlink()
    (folder / "tokenizer.vocab").unlink()
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    config = {"add_bos_token": True, "add_eos_token": False, "legacy": True, "tokenizer_class": "LlamaTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config | special))
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))


def write_bin(model: Any, folder: Path, shards: int = 1) -> None:
    """Configuration and ``pytorch_model.bin``, or as many shards with their index, as torch saves them."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if shards == 1:
        torch.save(weights, folder / "pytorch_model.bin")
        return
    index = {}
    for at in range(shards):
        name = f"pytorch_model-{at + 1:05}-of-{shards:05}.bin"
        part = dict(list(weights.items())[at::shards])
        torch.save(part, folder / name)
        index |= dict.fromkeys(part, name)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))


def write_gguf(model: LlamaForCausalLM, tokenizer: sentencepiece.SentencePieceProcessor, file: Path) -> None:
    """The model as llama.cpp's converter writes it, in fp32."""
    config = model.config
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    ids = range(tokenizer.vocab_size())
    kinds = [6 if tokenizer.is_byte(at) else 3 if tokenizer.is_control(at) else 2 if at == 0 else 1 for at in ids]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([tokenizer.id_to_piece(at) for at in ids])
    writer.add_token_scores([tokenizer.get_score(at) for at in ids])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    for name, tensor in model.state_dict().items():
        writer.add_tensor(_gguf_name(name), _turned(name, tensor.float().numpy(), config.num_attention_heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def qwen_tokenizer() -> Tokenizer:
    """Byte-level BPE that splits words as Qwen's does, trained on the corpus."""
    tokenizer = Tokenizer(models.BPE())
    words = pre_tokenizers.Split(Regex(QWEN_WORDS), behavior="isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=QWEN_SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator([CORPUS] * 20, trainer)
    return tokenizer


def write_qwen(folder: Path) -> Tokenizer:
    """A Qwen2 checkpoint with ``tokenizer.json`` and the chat template; its end is ``<|im_end|>``."""
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=2048, bos_token_id=0, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer = qwen_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "additional_special_tokens": QWEN_SPECIAL[1:]}
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": QWEN_TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(named | about))
    return tokenizer


def _gguf_name(name: str) -> str:
    parts = {
        "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "model.layers": "blk",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    }  # fmt: skip
    for theirs, ours in parts.items():
        name = name.replace(theirs, ours)
    return name


def _turned(name: str, weights: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp interleaves the halves that rotary positions turn against each other."""
    if not name.endswith(("q_proj.weight", "k_proj.weight")):
        return weights
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
