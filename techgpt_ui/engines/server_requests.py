"""One generation as a server wants it: OpenAI's own fields, and those that each kind of server has beside them.

What each server takes was read in its sources and documentation; docs/servers.md has the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

from techgpt_ui.engines.base import GenerationRequest
from techgpt_ui.presets import Sampling
from techgpt_ui.schema import Record, Segment

ServerKind = Literal["vllm", "sglang", "llamacpp", "transformers", "other"]
Grammar = Literal["vllm", "guided", "sglang", "llamacpp", "none"]
"""How a server takes a Lark grammar; ``guided`` is vLLM before 0.11."""
Form = Literal["ids", "text", "chat"]
"""How the prompt is sent."""

BOS = "<s>"
"""LLaMA's token for the beginning, which its tokenizer adds by itself."""
_CONTROL = re.compile(r"</?s>|<\|\w+\|>")


class Body(Record):
    """What is posted: the fields of OpenAI's own, and those of this kind of server."""

    standard: dict[str, Any]
    own: dict[str, Any]


def make_body(
    request: GenerationRequest, *, model: str, kind: ServerKind, form: Form, grammar: Grammar, add_bos: bool
) -> Body:
    """The request for ``/completions``, or for ``/chat/completions`` where the form is ``chat``."""
    standard: dict[str, Any] = {
        "model": model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.sampling.max_new_tokens,
        "seed": request.seed,
        "logprobs": True if form == "chat" else 1,
        **_prompt(request, kind, form),
        **_drawing(request.sampling),
    }
    if request.stops:
        standard["stop"] = list(request.stops)
    own = _sampling_fields(request.sampling, kind) | _grammar_fields(request, grammar)
    if kind == "vllm" and form == "text":
        own["add_special_tokens"] = add_bos
    if form == "chat" and request.answer_so_far and kind in ("vllm", "sglang"):
        own |= {"add_generation_prompt": False, "continue_final_message": True}
    return Body(standard=standard, own=own)


def left_out(request: GenerationRequest, kind: ServerKind) -> tuple[str, ...]:
    """Names of the settings that are wished for and that this kind of server does not have."""
    sampling = request.sampling
    bound = request.grammar is not None or bool(request.choices)
    plain = kind == "other"
    missing = {
        "top_k": plain and sampling.do_sample and sampling.top_k > 0,
        "repetition_penalty": plain and sampling.repetition_penalty != 1.0,
        "min_new_tokens": kind in ("llamacpp", "other") and sampling.min_new_tokens > 0,
        "num_beams": sampling.num_beams > 1,
        "end_penalty": bound and request.end_penalty > 0,
        "none_penalty": bound and request.none_penalty > 0,
    }
    return tuple(name for name, is_missing in missing.items() if is_missing)


def control_words(segments: Sequence[Segment]) -> tuple[str, ...]:
    """What a server that gets text would take for control tokens although a user wrote it."""
    found = (word for segment in segments if not segment.control for word in _CONTROL.findall(segment.text))
    return tuple(dict.fromkeys(found))


def continues_chat(kind: ServerKind) -> bool:
    """Whether the server can go on with an answer whose prompt it makes itself."""
    return kind in ("vllm", "sglang", "llamacpp")


def _prompt(request: GenerationRequest, kind: ServerKind, form: Form) -> dict[str, Any]:
    if form == "chat":
        begun = [{"role": "assistant", "content": request.answer_so_far}] if request.answer_so_far else []
        return {"messages": [*request.messages, *begun]}
    if form == "ids":
        return {"prompt": list(request.prompt_ids)}
    text = "".join(segment.text for segment in request.segments)
    # All but vLLM, which is told, add the token for the beginning themselves: one in the text would be the second.
    doubled = kind != "vllm" and bool(request.segments) and request.segments[0].control
    return {"prompt": text.removeprefix(BOS) if doubled else text}


def _drawing(sampling: Sampling) -> dict[str, float]:
    """Temperature 0 is how servers spell greedy decoding."""
    return {"temperature": sampling.temperature, "top_p": sampling.top_p} if sampling.do_sample else {"temperature": 0}


def _sampling_fields(sampling: Sampling, kind: ServerKind) -> dict[str, Any]:
    """What OpenAI has no field for, and what a server would otherwise do of its own accord (``min_p``)."""
    top_k = sampling.top_k if sampling.do_sample else 0
    if kind in ("vllm", "sglang"):
        own = {"repetition_penalty": sampling.repetition_penalty, "min_tokens": sampling.min_new_tokens, "min_p": 0.0}
        return own | ({"top_k": top_k or -1} if sampling.do_sample else {})
    if kind == "llamacpp":
        penalty = {"repeat_penalty": sampling.repetition_penalty, "repeat_last_n": -1}
        return penalty | {"top_k": top_k, "min_p": 0.0, "n_probs": 1}
    return {"generation_config": json.dumps(_generation_config(sampling))} if kind == "transformers" else {}


def _generation_config(sampling: Sampling) -> dict[str, Any]:
    """Takes the place of the model's own, and is the only way to ask ``transformers serve`` to draw."""
    config: dict[str, Any] = {
        "do_sample": sampling.do_sample,
        "repetition_penalty": sampling.repetition_penalty,
        "min_new_tokens": sampling.min_new_tokens or None,
        "max_new_tokens": sampling.max_new_tokens,
    }
    return config | ({"top_k": sampling.top_k} if sampling.do_sample else {})


def _grammar_fields(request: GenerationRequest, grammar: Grammar) -> dict[str, Any]:
    lark = _any_of(request.choices) if request.choices else request.grammar
    if lark is None or grammar == "none":
        return {}
    if grammar == "vllm":
        return {"structured_outputs": {"grammar": lark}}
    if grammar == "guided":
        return {"guided_grammar": lark, "guided_decoding_backend": "guidance"}
    if grammar == "sglang":
        return {"ebnf": lark}
    return {"grammar": f"%llguidance {{}}\n{lark}"}


def _any_of(choices: Sequence[str]) -> str:
    return "start: " + " | ".join(json.dumps(choice, ensure_ascii=False) for choice in choices)
