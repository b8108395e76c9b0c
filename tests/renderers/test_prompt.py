"""The prompt view."""

from techgpt_ui.prompts import Prompt
from techgpt_ui.renderers.prompt import prompt_html

PROMPT = Prompt(inputs={}, text="<b>Hello", ids=(1, 2), source="", labels=(), dialect="techgpt")


def test_tokens_that_are_known_are_counted() -> None:
    shown = prompt_html(PROMPT, [("<b>", False), ("Hello", False)], context=100, reserved=10, rest="")
    assert "2 prompt tokens" in shown and "about 2" not in shown and shown.count('class="tok ') == 2


def test_a_prompt_without_a_tokenizer_is_text_and_its_length_an_estimate() -> None:
    shown = prompt_html(PROMPT, [("<b>Hello", False)], context=100, reserved=10, rest="")
    assert "about 2 prompt tokens" in shown and "&lt;b&gt;Hello" in shown
