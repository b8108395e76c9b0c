"""The demo model behind ``transformers serve``, asked by the engine for OpenAI-compatible servers."""

from pathlib import Path

import pytest

from techgpt_ui.engines.base import CancelToken, Delta, Engine, Finished, GenerationRequest, Segment
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import load_engine, resolve_model
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.pipeline import complete
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.settings import Settings, load_settings
from tests.loopback import listening

TEXT = "In 1998 Ada Lindgren left Orbital Metrics in Toronto for the University of Oslo."
ENDLESS = Sampling(max_new_tokens=2000, min_new_tokens=2000)


@pytest.fixture(scope="session")
def remote(served: str, settings: Settings, library: Library) -> Engine:
    return engine_at(served, library, data=settings.data)


def engine_at(address: str, library: Library, **changes: object) -> Engine:
    settings = load_settings(base_url=address, **changes)
    return load_engine(resolve_model("smollm2-demo", library), settings)


def request(engine: Engine, words: str, **changes: object) -> GenerationRequest:
    segments = (Segment(text=words),)
    ids = tuple(engine.encode(segments))
    asked = GenerationRequest(prompt_ids=ids, segments=segments, sampling=Sampling(max_new_tokens=6), seed=0)
    return asked.model_copy(update=changes)


def finished(engine: Engine, wanted: GenerationRequest, cancel: CancelToken | None = None) -> Finished:
    *_, last = engine.stream(wanted, cancel or CancelToken())
    assert isinstance(last, Finished)
    return last


def test_the_same_weights_give_the_same_answer_there_and_here(remote: Engine, host: ModelHost) -> None:
    there, here = (finished(engine, request(engine, "The capital of France is")) for engine in (remote, host.engine()))
    assert (there.text, there.finish_reason) == (here.text, here.finish_reason)
    assert there.usage.prompt_tokens == here.usage.prompt_tokens and there.usage.completion_tokens == 6


def test_what_is_streamed_is_what_is_finished(remote: Engine) -> None:
    *events, last = remote.stream(request(remote, "The capital of France is"), CancelToken())
    pieces = [event.text for event in events if isinstance(event, Delta)]
    assert isinstance(last, Finished) and len(pieces) > 1 and "".join(pieces) == last.text


def test_a_stop_string_is_not_part_of_the_answer(remote: Engine) -> None:
    whole = finished(remote, request(remote, "Count: one, two, three,")).text
    last = finished(remote, request(remote, "Count: one, two, three,", stops=(whole[5:8],)))
    assert last.text == whole[: whole.index(whole[5:8])] and last.finish_reason == "stop"


def test_a_drawn_answer_takes_every_setting_and_repeats_by_its_seed(remote: Engine) -> None:
    drawn = Sampling(
        do_sample=True, temperature=1.8, top_k=40, repetition_penalty=1.2, min_new_tokens=4, max_new_tokens=5
    )
    one, again, other = (
        finished(remote, request(remote, "Once upon a time", sampling=drawn, seed=seed)) for seed in (1, 1, 2)
    )
    assert one.text == again.text != other.text and one.notices == ()


def test_stop_frees_the_server_for_the_next_run(remote: Engine) -> None:
    cancel = CancelToken()
    for event in remote.stream(request(remote, "Once upon a time", sampling=ENDLESS), cancel):
        if isinstance(event, Delta):
            cancel.cancel()
    assert isinstance(event, Finished) and event.finish_reason == "cancelled" and event.text
    after = finished(remote, request(remote, "Hello", sampling=Sampling(max_new_tokens=1)), CancelToken(deadline_s=30))
    assert after.finish_reason == "length" and remote.busy == 0


def test_a_closed_stream_frees_the_server_too(remote: Engine) -> None:
    stream = remote.stream(request(remote, "Once upon a time", sampling=ENDLESS), CancelToken())
    while not isinstance(next(stream), Delta):
        pass
    stream.close()  # type: ignore[attr-defined]
    after = finished(remote, request(remote, "Hello", sampling=Sampling(max_new_tokens=1)), CancelToken(deadline_s=30))
    assert after.finish_reason == "length"


def test_entities_are_looked_up_afterwards_and_that_is_said(remote: Engine, library: Library) -> None:
    task = library.task("ner")
    result = complete(
        task, {"text": TEXT} | task.default_inputs("en"), model=library.models["smollm2-demo"], engine=remote,
        sampling=Sampling(max_new_tokens=24), seed=0, grounded=True,
    )  # fmt: skip
    assert "grounded_afterwards" in [notice.code for notice in result.notices]
    placed = [mention for mention in result.mentions or () if mention.status != "ungrounded"]
    assert placed and all(mention.text == TEXT[mention.start : mention.end] for mention in placed)
    assert result.model and (result.model.dtype, result.model.revision) == ("remote", remote.device)


def test_without_a_tokenizer_the_server_makes_the_same_chat_prompt(
    remote: Engine, served: str, library: Library, tmp_path: Path
) -> None:
    there = engine_at(served, library, data=tmp_path)
    task = library.task("qa")
    results = [
        complete(
            task, {"question": "Where is Oslo?"}, model=library.models["smollm2-demo"], engine=engine,
            sampling=Sampling(max_new_tokens=5), seed=0, grounded=False,
        )
        for engine in (there, remote)
    ]  # fmt: skip
    by_server, by_us = results
    assert by_server.raw == by_us.raw and by_server.usage and by_us.usage
    assert by_server.usage.prompt_tokens == by_us.usage.prompt_tokens
    assert ["server_template" in [notice.code for notice in result.notices] for result in results] == [True, False]


def test_a_model_that_the_server_lacks_is_told_with_those_it_has(served: str, library: Library, demo: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        engine_at(served, library, server_model="nobody/knows")
    assert caught.value.code == "server_model_missing" and str(demo) in caught.value.hint.zh


def test_an_answer_that_is_cut_off_is_not_taken_for_a_whole_one(
    served: str, library: Library, demo: Path, tmp_path: Path
) -> None:
    with listening(served) as proxy:
        proxy.pages["/v1/models"] = {"data": [{"id": str(demo), "owned_by": "local"}]}
        proxy.script.append(lambda exchange: exchange.forward(events=2))
        engine = engine_at(proxy.address, library, data=tmp_path)
        with pytest.raises(WorkbenchError) as caught:
            finished(engine, request(engine, "", messages=({"role": "user", "content": "Tell me of Oslo."},)))
    assert caught.value.code == "server_cut_off" and int(str(caught.value.params["count"])) > 0
