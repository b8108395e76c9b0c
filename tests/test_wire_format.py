"""TechGPT's wire format through a LLaMA tokenizer, token for token as SentencePiece has it."""

from pathlib import Path

import pytest
import sentencepiece
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.loading import load_engine, resolve_model
from techgpt_ui.pipeline import complete, prepare
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.settings import Settings

CORPUS = """抽取出下面文本的实体和实体类型：
请抽取出下面的关系三元组：
Human: Assistant: 陈奕迅，1974年7月27日出生于中国香港。
The quick brown fox jumps over the lazy dog. Titanium dioxide films, 450 °C.
"""
TEXTS = [
    "陈奕迅出生于香港。",
    "Titanium dioxide  films\nat 450 °C",
    " leading",
    "𠮷野家 😀",
    "<s> </s> <unk>",
    "a\t\tb",
    "１００万元",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny LLaMA checkpoint with a SentencePiece model of LLaMA's settings, trained here."""
    path = tmp_path_factory.mktemp("tiny-llama")
    (path / "corpus.txt").write_text(CORPUS * 20, encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(path / "corpus.txt"), model_prefix=str(path / "tokenizer"), model_type="bpe", vocab_size=480,
        byte_fallback=True, add_dummy_prefix=True, remove_extra_whitespaces=False, split_digits=True,
        normalization_rule_name="identity", pad_id=-1, unk_id=0, bos_id=1, eos_id=2, character_coverage=0.9995,
        allow_whitespace_only_pieces=True, minloglevel=2,
    )  # fmt: skip
    (path / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "LlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",'
        ' "add_bos_token": true, "add_eos_token": false, "legacy": true}'
    )
    config = LlamaConfig(
        vocab_size=480, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=2048, pad_token_id=0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)  # what random weights say must not differ from run to run
    LlamaForCausalLM(config).save_pretrained(path)
    return path


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("task_id", ["ner", "triples", "keywords", "abstract_to_title"])
def test_prompt_ids_equal_sentencepiece_s(library: Library, folder: Path, task_id: str, text: str) -> None:
    preset = resolve_model(str(folder), library)
    engine = load_engine(preset, Settings(model=str(folder)))
    reference = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    task = library.task(task_id)
    instruction = task.prompts.trained.variants[0].instruction.replace(f"{{{task.main_input}}}", text)
    expected = [1, *reference.encode(f"Human: {instruction} \n\nAssistant:")]
    assert (
        list(prepare(task, {task.main_input: text}, model=preset, engine=engine, sampling=Sampling()).ids) == expected
    )


def test_special_ids_and_padding_are_upstream_s(library: Library, folder: Path) -> None:
    from techgpt_ui.engines.loading import load_tokenizer

    tokenizer = load_tokenizer(folder, resolve_model(str(folder), library))
    ids = (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id)
    assert (*ids, tokenizer.padding_side) == (0, 1, 2, "left")


def test_a_llama_checkpoint_runs_grounded_in_techgpt_s_format(library: Library, folder: Path) -> None:
    preset = resolve_model(str(folder), library)
    engine = load_engine(preset, Settings(model=str(folder), dtype="fp32"))
    result = complete(
        library.task("ner"), {"text": "陈奕迅出生于香港。", "types": ["人物", "地点"]}, model=preset, engine=engine,
        sampling=Sampling(max_new_tokens=200), seed=0, grounded=True, cancel=CancelToken(),
    )  # fmt: skip
    assert all(mention.status != "ungrounded" for mention in result.mentions or ())
    assert {mention.type for mention in result.mentions or ()} <= {"人物", "地点"}
