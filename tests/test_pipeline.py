"""From inputs to a Result on the real demo model: what each kind of task holds, and what the user is told."""

from typing import Any

import pytest

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.inputs import with_defaults
from techgpt_ui.pipeline import complete, make_sampling, parse_answer
from techgpt_ui.presets import Library
from techgpt_ui.schema import Result


def answered(library: Library, host: ModelHost, task_id: str, grounded: bool = True, **inputs: Any) -> Result:
    task = library.task(task_id)
    sampling = make_sampling(library.sampling(task.sampling).values, {"max_new_tokens": 16})
    given = with_defaults(task, inputs)
    return complete(task, given, model=host.preset, engine=host.engine(), sampling=sampling, seed=0, grounded=grounded)


FARM = "Wheat farmers sow later because warm autumns bring more aphids to the young crop."


def test_every_label_has_its_share_and_the_answer_is_the_largest(library: Library, host: ModelHost) -> None:
    result = answered(library, host, "domain", text=FARM, labels=["law", "agriculture", "aerospace"])
    assert result.labels is not None
    assert {label.text for label in result.labels} == {"law", "agriculture", "aerospace"}
    assert sum(label.score or 0 for label in result.labels) == pytest.approx(1, abs=1e-4)
    assert result.raw == result.labels[0].text == "agriculture"


def test_without_a_list_the_label_is_written_and_has_no_share(library: Library, host: ModelHost) -> None:
    result = answered(library, host, "domain", text=FARM, labels=[])
    assert result.raw and all(label.score is None for label in result.labels or ())


def test_a_grounded_answer_about_a_passage_is_a_span_of_it(library: Library, host: ModelHost) -> None:
    passage = "The Heron satellite was built by Aurelia Space in Toulouse."
    result = answered(library, host, "mrc", question="Who built the Heron satellite?", passage=passage)
    assert result.text is not None and (result.text in passage or result.text == "unanswerable")


@pytest.mark.parametrize(("length", "told"), [(10, False), (2000, True)])
def test_the_wished_length_is_checked(library: Library, host: ModelHost, length: int, told: bool) -> None:
    result = answered(
        library, host, "title_to_abstract", title="The uses of copper in old and new ships", length=length
    )
    assert ("too_short" in [notice.code for notice in result.notices]) is told


@pytest.mark.parametrize(
    ("task_id", "grounded", "taken"), [("ner", True, 2.5), ("ner", False, 0), ("triples", True, 0)]
)
def test_the_word_for_nothing_costs_what_the_preset_says_where_a_grammar_holds(
    library: Library, host: ModelHost, monkeypatch: pytest.MonkeyPatch, task_id: str, grounded: bool, taken: float
) -> None:
    engine, asked = host.engine(), []
    stream = engine.stream
    monkeypatch.setattr(engine, "stream", lambda request, cancel: asked.append(request) or stream(request, cancel))
    task = library.task(task_id)
    preset = host.preset.model_copy(update={"none_penalty": {"ner": 2.5}})
    sampling = make_sampling(library.sampling(task.sampling).values, {"max_new_tokens": 2})
    complete(task, {"text": FARM}, model=preset, engine=engine, sampling=sampling, seed=0, grounded=grounded)
    (request,) = asked
    assert (request.none_word, request.none_penalty) == ("none", taken)


def test_a_result_holds_only_the_keys_of_its_task(library: Library) -> None:
    keys = {"mentions", "relations", "items", "fields", "labels", "text", "code"}
    held = {task.id: keys & parse_answer(task, "", "无", ()).to_json("en").keys() for task in library.tasks.values()}
    assert held["keywords"] == {"items"}
    assert held["triples"] == {"mentions", "relations"}
    assert held["mrc"] == {"text", "items"}
    assert held["code"] == {"text", "code"}
    assert all(held.values())


def test_a_result_comes_back_from_the_store_as_it_was(library: Library, host: ModelHost) -> None:
    result = answered(library, host, "keywords", text=FARM)
    assert Result.from_stored(result.to_stored()) == result
