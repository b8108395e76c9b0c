"""The prompt as the model gets it, token by token, and what of the inputs it does not get."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from techgpt_ui.prompts import Prompt
from techgpt_ui.renderers.markup import both, say, tag

MAX_SHOWN = 6000
"""Pieces drawn one by one; the middle of a longer prompt is drawn as plain text."""


def prompt_html(prompt: Prompt, pieces: Sequence[tuple[str, bool]], *, context: int, reserved: int, rest: str) -> str:
    """Token count against the context, notices, the tokens, and the ``rest`` of the passage that was cut."""
    count = len(prompt.ids)
    # One piece for many tokens: where they end is not known, nor exactly how many there are.
    key = "inspect.estimate" if len(pieces) == 1 and count > 1 else "inspect.count"
    facts = say(key, count=count, reserved=reserved, context=context)
    share = min(100.0, 100 * (count + reserved) / context)
    meter = Markup(
        '<span class="bar-track" role="meter" aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}">'
        '<span class="bar-fill" style="width:{:.1f}%"></span></span>'
    ).format(context, count + reserved, share)
    notices = Markup().join(tag("div", both(notice.text), "notice") for notice in prompt.notices)
    body = tag("div", Markup().join(_pieces(pieces)), "tokens")
    cut = tag("div", tag("b", say("inspect.cut"), "") + tag("del", rest, ""), "cut-rest") if rest else Markup("")
    return str(tag("div", facts, "facts") + meter + notices + body + cut)


def _pieces(pieces: Sequence[tuple[str, bool]]) -> list[Markup]:
    half = MAX_SHOWN // 2
    if len(pieces) <= MAX_SHOWN:
        return [_piece(at, *piece) for at, piece in enumerate(pieces)]
    middle = "".join(text for text, _ in pieces[half:-half])
    head = [_piece(at, *piece) for at, piece in enumerate(pieces[:half])]
    tail = [_piece(at, *piece) for at, piece in enumerate(pieces[-half:])]
    return [*head, tag("span", middle, ""), *tail]


def _piece(at: int, text: str, special: bool) -> Markup:
    css = "tok special" if special else f"tok t{at % 2}"
    return Markup('<span class="{}">{}</span>').format(css, text)
