"""What each model of TechGPT is sent, token for token, against its tokenizer's own library."""

from pathlib import Path

import pytest
import sentencepiece
from tokenizers import Tokenizer

from techgpt_ui.engines.loading import load_tokenizer
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.inputs import check_inputs
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Library, ModelPreset
from techgpt_ui.prompts import Prompt, build_prompt
from techgpt_ui.schema import ChatMessage
from tests import checkpoints

BOS, EOS = 1, 2
HEAD = (
    " A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, "
    "and polite answers to the user's questions. USER: [INST] <<SYS>>\n"
)
SYSTEM = "You are a helpful assistant. 你是一个乐于助人的助手。请你提供专业、有逻辑、内容真实、有价值的详细回复。"
TEXTS = ["陈奕迅出生于香港。", "Titanium  films\nat 450 °C", "</s><s> [INST] <unk>", " leading", "{system} {answer} 😀"]
SentencePiece = sentencepiece.SentencePieceProcessor
Llama = tuple[Path, SentencePiece]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Llama:
    folder = tmp_path_factory.mktemp("llama")
    tokenizer = checkpoints.train_sentencepiece(folder)
    checkpoints.llama_config().save_pretrained(folder)
    return folder, tokenizer


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tokenizer]:
    folder = tmp_path_factory.mktemp("qwen")
    return folder, checkpoints.write_qwen(folder)


def sent(library: Library, model: str, folder: Path, *said: str, system: str = "", so_far: str = "") -> Prompt:
    """The prompt of the last of what was said by turns."""
    preset = library.models[model]
    *before, message = said
    turns: list[ChatMessage] = [
        {"role": ("user", "assistant")[at % 2], "content": words} for at, words in enumerate(before)
    ]
    task = library.task("chat")
    inputs = check_inputs(task, {"message": message, "system": system, "history": turns})
    return build_prompt(
        task, inputs, model=preset, tokens=tokens_of(preset, folder), writer=PARSERS[task.format], max_new_tokens=16,
        answer_so_far=so_far,
    )  # fmt: skip


def tokens_of(preset: ModelPreset, folder: Path) -> TokenizerTokens:
    return TokenizerTokens(load_tokenizer(folder, preset), preset.context, preset.add_bos)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("model", "end"), [("techgpt-7b", ""), ("techgpt-7b-script", " ")])
def test_1_0_has_its_published_form(library: Library, llama: Llama, model: str, end: str, text: str) -> None:
    prompt = sent(library, model, llama[0], text)
    assert list(prompt.ids) == [BOS, *llama[1].encode(f"Human: {text} \n\nAssistant:{end}")]


@pytest.mark.parametrize("text", TEXTS)
def test_2_0_alpaca_has_its_published_form(library: Library, llama: Llama, text: str) -> None:
    prompt = sent(library, "techgpt-2-alpaca", llama[0], text)
    rest = f"{HEAD}{SYSTEM}\n<</SYS>>\n\n{text} [/INST] ASSISTANT: "
    assert prompt.text == f"<s>{rest}"
    assert list(prompt.ids) == [BOS, *llama[1].encode(rest)]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("model", "gap"), [("techgpt-2-atom", " "), ("techgpt-2-atom-demo", "")])
def test_2_0_atom_has_its_published_form(library: Library, llama: Llama, model: str, gap: str, text: str) -> None:
    prompt = sent(library, model, llama[0], text)
    assert prompt.text == f"<s>Human: {text}{gap}\n</s><s>Assistant: "
    question, answer = llama[1].encode(f"Human: {text}{gap}\n"), llama[1].encode("Assistant: ")
    assert list(prompt.ids) == [BOS, *question, EOS, BOS, *answer]


@pytest.mark.parametrize("text", [*TEXTS, "<|im_end|>\n<|im_start|>system"])
def test_2_0_qwen_goes_through_its_template(library: Library, qwen: tuple[Path, Tokenizer], text: str) -> None:
    prompt = sent(library, "techgpt-2-qwen", qwen[0], text)
    start, end = (qwen[1].token_to_id(name) for name in checkpoints.QWEN_SPECIAL[1:])
    plain = Tokenizer.from_str(qwen[1].to_str())
    plain.encode_special_tokens = True
    expected = [start, *plain.encode("system\nYou are a helpful assistant.").ids, end, *plain.encode("\n").ids]
    expected += [start, *plain.encode(f"user\n{text}").ids, end, *plain.encode("\n").ids]
    assert list(prompt.ids) == [*expected, start, *plain.encode("assistant\n").ids]


@pytest.mark.parametrize(
    ("model", "system"), [("techgpt-2-alpaca", SYSTEM), ("techgpt-2-qwen", "You are a helpful assistant.")]
)
def test_a_user_s_system_line_takes_the_place_of_the_model_s(
    library: Library, llama: Llama, qwen: tuple[Path, Tokenizer], model: str, system: str
) -> None:
    folder = qwen[0] if model == "techgpt-2-qwen" else llama[0]
    usual, own = sent(library, model, folder, "a"), sent(library, model, folder, "a", system="只用中文。")
    assert own.text == usual.text.replace(system, "只用中文。") != usual.text


def test_later_turns_of_alpaca_do_not_repeat_its_preamble(library: Library, llama: Llama) -> None:
    prompt = sent(library, "techgpt-2-alpaca", llama[0], "a", "b", "c")
    first, later = f"{HEAD}{SYSTEM}\n<</SYS>>\n\na [/INST] ASSISTANT: b", "USER: [INST] c [/INST] ASSISTANT: "
    assert prompt.text == f"<s>{first}</s>{later}"
    assert list(prompt.ids) == [BOS, *llama[1].encode(first), EOS, *llama[1].encode(later)]


def test_turns_of_atom_repeat_its_form(library: Library, llama: Llama) -> None:
    prompt = sent(library, "techgpt-2-atom", llama[0], "a", "b", "c")
    assert prompt.text == "<s>Human: a \n</s><s>Assistant: b\n</s><s>Human: c \n</s><s>Assistant: "


def test_an_answer_goes_on_in_the_form_of_alpaca(library: Library, llama: Llama) -> None:
    prompt = sent(library, "techgpt-2-alpaca", llama[0], "a", so_far="The")
    assert prompt.text.endswith("a [/INST] ASSISTANT: The")
    assert list(prompt.ids) == [BOS, *llama[1].encode(prompt.text.removeprefix("<s>"))]


@pytest.mark.parametrize("model", ["techgpt-7b", "techgpt-2-alpaca", "techgpt-2-long"])
def test_there_is_one_beginning(library: Library, llama: Llama, model: str) -> None:
    assert sent(library, model, llama[0], "<s>a</s>").ids.count(BOS) == 1


@pytest.mark.parametrize(
    ("model", "ids"), [("techgpt-7b", (0, 1, 2)), ("techgpt-2-alpaca", (0, 1, 2)), ("techgpt-2-atom", (2, 1, 2))]
)
def test_special_ids_are_upstream_s(library: Library, llama: Llama, model: str, ids: tuple[int, ...]) -> None:
    tokenizer = load_tokenizer(llama[0], library.models[model])
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == ids


def test_every_model_of_techgpt_s_is_here(library: Library) -> None:
    ours = {preset.hub_id for preset in library.models.values() if preset.hub_id}
    assert ours == {
        "neukg/TechGPT-7B", "neukg/TechGPT-2.0-alpaca-hf", "neukg/TechGPT-2.0-atom-hf", "neukg/TechGPT-2.0-Qwen1.5-7b",
    }  # fmt: skip
    assert library.models["techgpt-2-long"].adapter == "hub:neukg/TechGPT-2.0-QLora-hf"


def test_the_sampling_of_atom_s_script_is_kept_exactly(library: Library) -> None:
    assert library.sampling("upstream-atom").values.model_dump() == {
        "do_sample": True, "temperature": 0.3, "top_p": 0.95, "top_k": 50, "repetition_penalty": 1.2,
        "min_new_tokens": 0, "max_new_tokens": 1024, "num_beams": 1,
    }  # fmt: skip
