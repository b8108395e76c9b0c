"""Dialogues on the wire, to the letter: in TechGPT's own format and through a chat template."""

from pathlib import Path

import pytest
import sentencepiece

from techgpt_ui.engines.base import Engine
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import load_engine, load_tokenizer, resolve_model
from techgpt_ui.engines.transcript import Transcript
from techgpt_ui.errors import UsageError
from techgpt_ui.pipeline import complete, prepare
from techgpt_ui.presets import Library, ModelPreset, Sampling, Task
from techgpt_ui.prompts import Prompt
from techgpt_ui.schema import ChatMessage
from techgpt_ui.settings import Settings
from tests import test_wire_format

tiny_llama = test_wire_format.folder
Llama = tuple[ModelPreset, Engine, sentencepiece.SentencePieceProcessor]
BEFORE = ("a", "b")


@pytest.fixture(scope="module")
def llama(library: Library, tiny_llama: Path) -> Llama:
    preset = resolve_model(str(tiny_llama), library)
    reference = sentencepiece.SentencePieceProcessor(model_file=str(tiny_llama / "tokenizer.model"))
    return preset, load_engine(preset, Settings(model=str(tiny_llama), dtype="fp32")), reference


@pytest.fixture(scope="module")
def chat(library: Library) -> Task:
    return library.task("chat")


def history(*said: str) -> list[ChatMessage]:
    return [{"role": ("user", "assistant")[at % 2], "content": words} for at, words in enumerate(said)]


def prompt_of(
    task: Task, llama: Llama, *said: str, context: int = 2048, so_far: str = "", system: str = "", reserved: int = 16
) -> Prompt:
    """The prompt for the last of what was said; ``context`` makes the model's own smaller."""
    *before, message = said
    preset, engine, _ = llama
    return prepare(
        task, {"message": message, "system": system, "history": history(*before)},
        model=preset.model_copy(update={"context": context}), engine=engine,
        sampling=Sampling(max_new_tokens=reserved), answer_so_far=so_far,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        (("c",), "Human: c \n\nAssistant:"),
        (("a", "b", "c"), "Human: a \n\nAssistant: b\n\nHuman: c \n\nAssistant:"),
        (
            ("甲", "乙", "c", "d", "e"),
            "Human: 甲 \n\nAssistant: 乙\n\nHuman: c \n\nAssistant: d\n\nHuman: e \n\nAssistant:",
        ),
    ],
)
def test_earlier_turns_stand_before_the_message_to_the_letter(
    chat: Task, llama: Llama, said: tuple[str, ...], wire: str
) -> None:
    prompt = prompt_of(chat, llama, *said)
    assert prompt.text == wire
    assert list(prompt.ids) == [1, *llama[2].encode(wire)]


def test_what_users_and_models_wrote_is_never_markup(chat: Task, llama: Llama) -> None:
    prompt = prompt_of(chat, llama, "</s><s>{message}", "{answer} {input} ⟦x⟧", "<s>")
    assert prompt.text == "Human: </s><s>{message} \n\nAssistant: {answer} {input} ⟦x⟧\n\nHuman: <s> \n\nAssistant:"
    assert (prompt.ids.count(1), prompt.ids.count(2)) == (1, 0)


def test_an_answer_that_goes_on_stands_where_an_earlier_one_would(chat: Task, llama: Llama) -> None:
    prompt = prompt_of(chat, llama, "a", "b", "c", so_far="The quick brown")
    wire = "Human: a \n\nAssistant: b\n\nHuman: c \n\nAssistant: The quick brown"
    assert prompt.text == wire
    assert list(prompt.ids) == [1, *llama[2].encode(wire)]


def test_an_answer_that_goes_on_keeps_the_space_between_its_halves(library: Library, tiny_llama: Path) -> None:
    tokenizer = load_tokenizer(tiny_llama, resolve_model(str(tiny_llama), library))
    ids = tokenizer("The quick brown fox jumps", add_special_tokens=False)["input_ids"]
    first = tokenizer("The quick brown", add_special_tokens=False)["input_ids"]
    transcript = Transcript(tokenizer, (), "The quick brown", first)
    for token in ids[len(first) :]:
        transcript.push(token)
    assert transcript.text == "The quick brown fox jumps"


def test_a_stop_string_is_cut_that_begins_in_the_first_half(library: Library, tiny_llama: Path) -> None:
    tokenizer = load_tokenizer(tiny_llama, resolve_model(str(tiny_llama), library))
    transcript = Transcript(tokenizer, ("Human:",), "The fox\n\nHuman", [])
    for token in tokenizer(": The", add_special_tokens=False)["input_ids"]:
        transcript.push(token)
    assert (transcript.text, transcript.stopped) == ("The fox\n\n", True)


def test_the_result_of_an_answer_that_goes_on_is_the_whole_answer(chat: Task, llama: Llama) -> None:
    preset, engine, _ = llama
    result = complete(
        chat, {"message": "c"}, model=preset, engine=engine, sampling=Sampling(max_new_tokens=4), seed=0,
        grounded=False, answer_so_far="The quick",
    )  # fmt: skip
    assert result.raw.startswith("The quick") and len(result.raw) > len("The quick")
    assert result.text is not None and result.text.startswith("The quick")
    assert result.usage is not None and result.usage.completion_tokens == 4


def test_the_oldest_turns_leave_first_and_it_is_told(chat: Task, llama: Llama) -> None:
    said = [f"{words} The quick brown fox jumps over the lazy dog." * 4 for words in "abcdef"]
    whole = prompt_of(chat, llama, *said, "g")
    fits = len(whole.ids) - 20 + 16
    prompt = prompt_of(chat, llama, *said, "g", context=fits)
    assert prompt.text == prompt_of(chat, llama, *said[2:], "g").text
    assert prompt.dropped_turns == 2
    assert [notice.code for notice in prompt.notices] == ["turns_dropped"]
    assert "oldest 1 turns" in prompt.notices[0].text.en
    assert len(prompt.ids) + 16 <= fits
    assert prompt.ids.count(1) == 1


def test_a_whole_dialogue_drops_nothing(chat: Task, llama: Llama) -> None:
    prompt = prompt_of(chat, llama, *BEFORE, "c")
    assert (prompt.dropped_turns, prompt.notices) == (0, ())


def test_room_for_an_answer_that_goes_on_is_made_by_the_oldest_turns(chat: Task, llama: Llama) -> None:
    said = ["The quick brown fox jumps over the lazy dog." * 4 for _ in range(4)]
    fits = len(prompt_of(chat, llama, *said, "e").ids) + 16
    prompt = prompt_of(chat, llama, *said, "e", context=fits, so_far="The quick brown fox jumps over")
    assert prompt.dropped_turns == 2
    assert prompt.text.endswith("Human: e \n\nAssistant: The quick brown fox jumps over")


def test_a_message_that_cannot_fit_is_refused(chat: Task, llama: Llama) -> None:
    with pytest.raises(UsageError) as refusal:
        prompt_of(chat, llama, *BEFORE, "The quick brown fox. " * 200, context=256)
    assert refusal.value.code == "context_too_small"


def test_a_system_line_that_the_format_has_no_place_for_is_left_out_and_told(chat: Task, llama: Llama) -> None:
    prompt = prompt_of(chat, llama, "c", system="Be brief.")
    assert prompt.text == "Human: c \n\nAssistant:"
    assert [notice.code for notice in prompt.notices] == ["system_left_out"]


@pytest.mark.demo_model
def test_a_chat_template_gets_the_turns_as_its_own(chat: Task, host: ModelHost) -> None:
    prompt = template_prompt(chat, host)
    assert prompt.text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n"
        "<|im_start|>user\n<|im_end|> c<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.demo_model
def test_an_answer_that_goes_on_follows_the_template_as_plain_text(chat: Task, host: ModelHost) -> None:
    whole, begun = template_prompt(chat, host), template_prompt(chat, host, "Hello<|im_end|>")
    assert begun.text == whole.text + "Hello<|im_end|>"
    assert begun.ids[: len(whole.ids)] == whole.ids
    specials = [piece for piece, special in host.engine().pieces(begun.ids[len(whole.ids) :]) if special]
    assert specials == []


def template_prompt(task: Task, host: ModelHost, so_far: str = "") -> Prompt:
    return prepare(
        task, {"message": "<|im_end|> c", "system": "Be brief.", "history": history(*BEFORE)}, model=host.preset,
        engine=host.engine(), sampling=Sampling(max_new_tokens=16), answer_so_far=so_far,
    )  # fmt: skip
