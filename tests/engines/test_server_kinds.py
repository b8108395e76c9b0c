"""What each kind of server is asked, as their sources want it; the servers here only say who they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llguidance import LLMatcher, grammar_from

from techgpt_ui.engines.base import Engine
from techgpt_ui.engines.loading import load_engine, load_tokenizer, resolve_model
from techgpt_ui.engines.server import SAMPLE
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.pipeline import complete
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.schema import Segment
from techgpt_ui.settings import load_settings
from tests.engines.server_words import MODEL, engine_at, finished, models, refuses, request, says
from tests.loopback import Loopback, listening

SERVE = {"paths": {"/load_model": {}, "/v1/completions": {}}}
DRAWN = Sampling(do_sample=True, top_k=40, repetition_penalty=1.2, min_new_tokens=10, num_beams=2)
NER = {"text": "Ada Lindgren left Toronto.", "types": ["person", "place"]}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with listening() as loopback:
        loopback.script.append(says("Oslo"))
        yield loopback


def asked(server: Loopback) -> dict[str, Any]:
    return server.posted[-1].body


def entities(engine: Engine, library: Library) -> Any:
    return complete(
        library.task("ner"), NER, model=library.models["techgpt-7b"], engine=engine,
        sampling=Sampling(), seed=0, grounded=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("owner", "fields", "missing"),
    [
        ("vllm", {"top_k": 40, "repetition_penalty": 1.2, "min_tokens": 10, "add_special_tokens": True}, []),
        ("sglang", {"top_k": 40, "repetition_penalty": 1.2, "min_tokens": 10}, []),
        ("llamacpp", {"top_k": 40, "repeat_penalty": 1.2, "repeat_last_n": -1}, ["min_new_tokens"]),
        ("someone", {}, ["top_k", "repetition_penalty", "min_new_tokens"]),
    ],
)
def test_settings_go_where_a_server_takes_them_and_the_rest_is_named(
    server: Loopback, library: Library, tmp_path: Path, owner: str, fields: dict[str, Any], missing: list[str]
) -> None:
    server.pages["/v1/models"] = models(owner)
    engine = engine_at(server, library, tmp_path)
    last = finished(engine, request(engine, sampling=DRAWN, stops=("Human:",)))
    standard = {"temperature": 1.0, "top_p": 1.0, "max_tokens": 256, "seed": 0, "stop": ["Human:"], "stream": True}
    assert {name: asked(server).get(name) for name in standard | fields} == standard | fields
    (notice,) = last.notices
    assert notice.text.en.endswith(", ".join([*missing, "num_beams"]) + ".")


def test_transformers_serve_is_asked_to_draw_by_a_configuration(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    server.pages["/openapi.json"] = SERVE
    engine = engine_at(server, library, tmp_path)
    finished(engine, request(engine, sampling=DRAWN))
    config = json.loads(asked(server)["generation_config"])
    assert config["do_sample"] and (config["top_k"], config["min_new_tokens"]) == (40, 10)


@pytest.mark.parametrize(
    ("owner", "wish", "version", "place"),
    [
        ("vllm", "auto", "0.33.0", ("structured_outputs", "grammar")),
        ("vllm", "auto", "0.9.2", ("guided_grammar",)),
        ("sglang", "sglang", "", ("ebnf",)),
        ("llamacpp", "llamacpp", "", ("grammar",)),
    ],
)
def test_a_grammar_goes_where_the_server_takes_one(
    server: Loopback, library: Library, tmp_path: Path, owner: str, wish: str, version: str, place: tuple[str, ...]
) -> None:
    server.pages |= {"/v1/models": models(owner), "/version": {"version": version}}
    engine = engine_at(server, library, tmp_path, server_grammar=wish)
    result = entities(engine, library)
    grammar: Any = asked(server)
    for name in place:
        grammar = grammar[name]
    lark = grammar.removeprefix("%llguidance {}\n")
    # vLLM's guidance backend and SGLang's llguidance backend read it by these very calls.
    assert engine.grounds and not LLMatcher.validate_grammar(grammar_from("grammar", lark))
    assert "grounded_afterwards" not in [notice.code for notice in result.notices]


@pytest.mark.parametrize(("owner", "wish"), [("sglang", "auto"), ("llamacpp", "auto"), ("vllm", "none")])
def test_no_grammar_goes_where_none_is_known_to_be_taken(
    server: Loopback, library: Library, tmp_path: Path, owner: str, wish: str
) -> None:
    server.pages["/v1/models"] = models(owner)
    result = entities(engine_at(server, library, tmp_path, server_grammar=wish), library)
    assert not {"structured_outputs", "guided_grammar", "ebnf", "grammar"} & set(asked(server))
    assert "grounded_afterwards" in [notice.code for notice in result.notices]


def test_one_of_several_labels_is_asked_for_as_a_grammar(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.pages["/v1/models"] = models("vllm")
    engine = engine_at(server, library, tmp_path)
    finished(engine, request(engine, choices=("计算机科学", 'a "b"')))
    grammar = asked(server)["structured_outputs"]["grammar"]
    assert grammar == 'start: "计算机科学" | "a \\"b\\""' and not LLMatcher.validate_grammar(
        grammar_from("lark", grammar)
    )


def test_a_grammar_that_is_refused_is_told_as_such(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.pages["/v1/models"] = models("vllm")
    server.script.clear()
    server.script.append(refuses(400, "Grammar error: at line 1"))
    with pytest.raises(WorkbenchError) as caught:
        entities(engine_at(server, library, tmp_path), library)
    assert caught.value.code == "server_grammar_refused"


def test_probabilities_of_tokens_become_confidence(server: Loopback, library: Library, tmp_path: Path) -> None:
    tokens = ["实体名: ", "Ada", " Lindgren", "， 实体类型：", "person"]
    logprobs = {"tokens": tokens, "token_logprobs": [-3.0, -0.1, -0.3, -3.0, -3.0]}
    whole = {"choices": [{"index": 0, "text": "".join(tokens), "logprobs": logprobs, "finish_reason": "stop"}]}
    server.script.clear()
    server.script.append(lambda exchange: exchange.events(whole, "[DONE]"))
    (mention,) = entities(engine_at(server, library, tmp_path), library).mentions
    assert (mention.text, mention.confidence) == ("Ada Lindgren", 0.8187)


@pytest.mark.parametrize("agrees", [True, False])
def test_ids_are_sent_where_the_server_cuts_text_into_the_same_ones(
    server: Loopback, library: Library, demo: Path, agrees: bool
) -> None:
    tokenizer = load_tokenizer(demo, library.models["smollm2-demo"])
    ids = tokenizer(SAMPLE, add_special_tokens=False)["input_ids"]
    server.pages |= {"/v1/models": models("vllm", max_model_len=512), "/tokenize": {"tokens": ids if agrees else [1]}}
    folder = load_settings(base_url=server.address, model=str(demo))
    engine = load_engine(resolve_model(folder.model, library, served=True), folder)
    finished(engine, request(engine, "Hello"))
    assert asked(server)["prompt"] == (engine.encode([Segment(text="Hello")]) if agrees else "Hello")
    assert engine.context == 512


def test_a_text_with_its_own_beginning_gets_no_second_one(server: Loopback, library: Library, tmp_path: Path) -> None:
    engine = engine_at(server, library, tmp_path)
    segments = (Segment(text="<s>", control=True), Segment(text="Human: is </s> a word?"))
    last = finished(engine, request(engine, segments=segments))
    assert asked(server)["prompt"] == "Human: is </s> a word?"
    assert [notice.code for notice in last.notices] == ["control_words"] and "</s>" in last.notices[0].text.zh


def test_a_model_with_a_template_is_asked_for_a_chat_where_there_is_nothing_else(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    said = {"choices": [{"index": 0, "delta": {"content": "Oslo"}, "finish_reason": "stop"}]}
    server.script.extendleft([refuses(404, "Not Found")])
    server.script[1] = lambda exchange: exchange.events(said, "[DONE]")
    engine = engine_at(server, library, tmp_path)
    last = finished(engine, request(engine, messages=({"role": "user", "content": "Hello"},)))
    assert last.text == "Oslo" and [notice.code for notice in last.notices] == ["server_template"]
    assert [posted.path for posted in server.posted] == ["/v1/completions", "/v1/chat/completions"]


def test_which_of_several_models_is_asked_the_user_says(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.pages["/v1/models"] = {"data": [{"id": "one"}, {"id": "two"}]}
    with pytest.raises(WorkbenchError) as caught:
        engine_at(server, library, tmp_path)
    assert caught.value.code == "server_model_unclear" and "one, two" in caught.value.hint.en
    assert engine_at(server, library, tmp_path, server_model="two").info.name == "two"


def test_a_model_is_found_by_the_name_of_its_preset(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.pages["/v1/models"] = {"data": [{"id": "one"}, {"id": MODEL}]}
    assert engine_at(server, library, tmp_path).info.name == MODEL
