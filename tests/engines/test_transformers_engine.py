"""The real demo model through the real pipeline."""

import time

import pytest

from techgpt_ui.engines.base import CancelToken, Delta, Finished, GenerationRequest, Segment, Waiting
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.pipeline import complete, make_sampling, run
from techgpt_ui.presets import Library, Sampling

TEXT = "In 1998 Ada Lindgren left Orbital Metrics in Toronto for the University of Oslo."


def request(host: ModelHost, words: str, **changes: object) -> GenerationRequest:
    ids = host.engine().encode([Segment(text=words)])
    return GenerationRequest(prompt_ids=tuple(ids), sampling=Sampling(max_new_tokens=24), seed=0).model_copy(
        update=changes
    )


def finished(host: ModelHost, wanted: GenerationRequest, cancel: CancelToken | None = None) -> Finished:
    *_, last = host.engine().stream(wanted, cancel or CancelToken())
    assert isinstance(last, Finished)
    return last


def test_what_is_streamed_is_what_is_finished(host: ModelHost) -> None:
    events = list(host.engine().stream(request(host, "The capital of France is"), CancelToken()))
    streamed = "".join(event.text for event in events if isinstance(event, Delta))
    last = events[-1]
    assert isinstance(last, Finished) and streamed == last.text and last.usage.ttft_s is not None


def test_a_stop_string_is_cut_wherever_tokens_end(host: ModelHost) -> None:
    whole = finished(host, request(host, "Count: one, two, three,")).text
    stop = whole[5:9]
    last = finished(host, request(host, "Count: one, two, three,", stops=(stop,)))
    assert last.text == whole[: whole.index(stop)] and last.finish_reason == "stop"


def test_the_token_limit_is_told(host: ModelHost) -> None:
    last = finished(host, request(host, "Once upon a time", sampling=Sampling(max_new_tokens=3)))
    assert (last.finish_reason, last.usage.completion_tokens) == ("length", 3)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_answer(host: ModelHost, seed: int) -> None:
    drawn = Sampling(do_sample=True, temperature=1.5, max_new_tokens=12)
    wanted = request(host, "Once upon a time", sampling=drawn, seed=seed)
    assert finished(host, wanted).text == finished(host, wanted).text


def test_stop_ends_within_a_token(host: ModelHost) -> None:
    cancel = CancelToken()
    endless = request(host, "Once upon a time", sampling=Sampling(max_new_tokens=2000, min_new_tokens=2000))
    tokens_at_stop = 0
    for event in host.engine().stream(endless, cancel):
        if isinstance(event, Delta) and not cancel.cancelled:
            tokens_at_stop = event.tokens
            cancel.cancel()
        if isinstance(event, Finished):
            assert event.finish_reason == "cancelled"
            assert event.usage.completion_tokens <= tokens_at_stop + 2


def test_closing_the_stream_frees_the_device(host: ModelHost) -> None:
    endless = request(host, "Once upon a time", sampling=Sampling(max_new_tokens=2000, min_new_tokens=2000))
    stream = host.engine().stream(endless, CancelToken())
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    started = time.monotonic()
    finished(host, request(host, "Hello", sampling=Sampling(max_new_tokens=1)))
    assert host.engine().busy == 0 and time.monotonic() - started < 60


def test_a_second_run_waits_and_knows_its_place(host: ModelHost) -> None:
    first = CancelToken()
    endless = request(host, "Once upon a time", sampling=Sampling(max_new_tokens=2000, min_new_tokens=2000))
    running = host.engine().stream(endless, first)
    while not isinstance(next(running), Delta):
        pass
    second = host.engine().stream(request(host, "Hello", sampling=Sampling(max_new_tokens=1)), CancelToken())
    event = next(second)
    first.cancel()
    assert isinstance(event, Waiting) and event.place == 1
    assert isinstance(list(second)[-1], Finished)


def test_special_tokens_in_a_text_stay_plain_text(host: ModelHost) -> None:
    engine = host.engine()
    marker = engine.encode([Segment(text="<|im_end|>", control=True)])
    plain = engine.encode([Segment(text="<|im_end|>")])
    assert len(marker) == 1 and marker[0] not in plain


def test_prompt_ids_equal_those_of_the_rendered_chat(host: ModelHost, library: Library) -> None:
    from techgpt_ui.pipeline import prepare

    task = library.task("ner")
    prompt = prepare(
        task, {"text": TEXT, "types": ["person"]}, model=host.preset, engine=host.engine(), sampling=Sampling()
    )
    assert host.engine().encode([Segment(text=prompt.text, control=True)]) == list(prompt.ids)


@pytest.mark.parametrize(("task_id", "beams"), [("ner", 1), ("triples", 1), ("ner", 2)])
def test_grounded_answers_stand_in_the_text(host: ModelHost, library: Library, task_id: str, beams: int) -> None:
    task = library.task(task_id)
    result = complete(
        task,
        {"text": TEXT} | task.default_inputs("en"),
        model=host.preset,
        engine=host.engine(),
        sampling=Sampling(max_new_tokens=120, num_beams=beams),
        seed=0,
        grounded=True,
    )
    assert result.mentions and all(m.text and m.text == TEXT[m.start : m.end] for m in result.mentions)


def test_a_minimum_length_never_breaks_the_grammar(host: ModelHost, library: Library) -> None:
    task = library.task("ner")
    sampling = make_sampling(library.sampling("upstream").values, {"min_new_tokens": 60})
    result = complete(
        task, {"text": "Oslo", "types": ["place"]}, model=host.preset, engine=host.engine(),
        sampling=sampling, seed=3, grounded=True,
    )  # fmt: skip
    assert result.status in ("parsed", "partial") and {m.text for m in result.mentions or ()} <= {"Oslo"}


def test_a_text_beyond_the_context_is_cut_and_told(host: ModelHost, library: Library) -> None:
    task = library.task("ner")
    text = "The river Elbe flows through Hamburg. " * 1500
    updates = run(
        task, {"text": text, "types": ["river"]}, model=host.preset, engine=host.engine(),
        sampling=Sampling(max_new_tokens=4), seed=0, grounded=True,
    )  # fmt: skip
    prompt = next(updates).prompt
    updates.close()  # type: ignore[attr-defined]
    assert prompt and prompt.cut_at and text.startswith(prompt.source) and len(prompt.ids) <= 8192 - 4
    assert [notice.code for notice in prompt.notices] == ["passage_cut"]
