"""What a dialogue tab does with messages, answers and conversations; the engine is scripted, the store is real."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice, Loaded
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.settings import Settings
from techgpt_ui.ui.dialogue_handlers import changer, exporter, filler, inspecting, lister, reader, renamer
from techgpt_ui.ui.dialogue_run import rewriter, sender
from tests.ui.dialogue_page import DRAWN, Engine, TabPage

HOSTILE = "<img src=x onerror=alert(1)> <link prediction, 属于, KG> ${alert(1)} {{value}}"
DOCUMENT = "The Harbour account pays 3.1% a year. Closing it costs a fee of £25."

Open = Callable[..., TabPage]


@pytest.fixture
def opened(library: Library, tmp_path: Path) -> Open:
    """A page of a browser of its own, all on one database."""

    def open_page(*answers: str | WorkbenchError, cookie: str = "b" * 32, task: str = "chat", **how: Any) -> TabPage:
        return TabPage(library, Engine(*answers, **how), tmp_path / "kept.db", task, cookie)

    return open_page


def test_a_message_and_its_answer_become_a_turn_and_the_box_is_free(opened: Open) -> None:
    page = opened(" Blue.\n")
    page.send("Name a colour.")
    assert page.said == ["Name a colour.", "Blue."]
    assert (page["message"], page["live"], page["raw"], page["payload"]) == ("", "", " Blue.\n", "Blue.")
    assert "prompt" in page["status"] and "Blue." in page["spoken"]


def test_the_next_prompt_holds_the_turns_before_and_the_system_line(opened: Open) -> None:
    page = opened("Blue.", "Red.")
    page.values["input_system"] = "Be brief."
    page.send("Name a colour.")
    page.send("Another.")
    assert page["prompt"] == "[system]Be brief.[user]Name a colour.[assistant]Blue.[user]Another.[assistant]"


def test_a_conversation_is_kept_under_its_first_message(opened: Open) -> None:
    page = opened("Blue.", "Red.")
    page.send("Name   a colour\nthat goes well with the walls of a small room.")
    page.send("Another.")
    (kept,) = page.kept
    assert kept.title == "Name a colour that goes well with the w…"
    assert [turn.content for turn in kept.turns[1:]] == ["Blue.", "Another.", "Red."]
    assert page["title"] == kept.title and kept.title in page["entries"]
    assert page.bench.runs.count(page.owner) == 2


def test_a_title_typed_first_is_the_title(opened: Open) -> None:
    page = opened("Blue.")
    page.values["title"] = " Colours "
    page.send("Name a colour.")
    assert page.kept[0].title == "Colours"


def test_an_answer_cut_by_the_limit_goes_on(opened: Open) -> None:
    page = opened("It is ", "blue.", finish="length")
    page.send("Name a colour.")
    assert 'data-deed="continue"' in page["dialogue"]
    page.engine.finish = "stop"
    page.press(rewriter, "continue")
    assert page.engine.requests[1].answer_so_far == "It is "
    assert page["prompt"] == "[user]Name a colour.[assistant]It is "
    assert page.said == ["Name a colour.", "It is blue."]
    assert 'data-deed="continue"' not in page["dialogue"]
    assert [turn.content for turn in page.kept[0].turns] == page.said
    assert page.kept[0].turns[1].finish_reason == "stop"


def test_a_regenerated_answer_has_a_new_seed_and_the_earlier_one_can_be_brought_back(opened: Open) -> None:
    page = opened("Blue.", "Red.", "Thanks.")
    page.sampling |= DRAWN
    page.send("Name a colour.")
    page.press(rewriter, "regenerate")
    assert page.said == ["Name a colour.", "Red."]
    assert "answer 2 of 2" in page["dialogue"]
    assert page["seed"] == page.engine.requests[1].seed != 0
    assert f"seed {page['seed']}" in page["status"]
    page.press(changer, "flip", at=0, step=-1)
    assert page.said == ["Name a colour.", "Blue."]
    assert page.kept[0].turns[1].content == "Blue."
    page.send("Good.")
    assert page["prompt"] == "[user]Name a colour.[assistant]Blue.[user]Good.[assistant]"


def test_changed_sampling_is_used_with_the_same_seed(opened: Open) -> None:
    page = opened("Blue.", "Red.")
    page.sampling |= DRAWN
    page.values["seed"] = 7
    page.send("Name a colour.")
    page.sampling["temperature"] = 1.5
    page.press(rewriter, "regenerate")
    assert [(asked.seed, asked.sampling.temperature) for asked in page.engine.requests] == [(7, 1.0), (7, 1.5)]


def test_greedy_decoding_that_repeats_itself_is_told_and_adds_nothing(opened: Open) -> None:
    page = opened("Blue.", "Blue.")
    page.send("Name a colour.")
    page.press(rewriter, "regenerate")
    assert "The same answer again" in page["status"]
    assert "answer 2" not in page["dialogue"]


def test_an_edited_question_begins_anew_from_there(opened: Open) -> None:
    page = opened("Blue.", "Red.", "A cat.")
    page.send("Name a colour.")
    page.send("Another.")
    page.values["message"] = "my draft"
    page.press(changer, "edit", at=0)
    assert page["message"] == "Name a colour." and "will be replaced" in page["dialogue"]
    page.send("Name an animal.")
    assert page.said == ["Name an animal.", "A cat."]
    assert page["message"] == "my draft"
    assert [turn.content for turn in page.kept[0].turns] == page.said


def test_an_edit_can_be_left_with_all_as_it_was(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    page.values["message"] = "my draft"
    page.press(changer, "edit", at=0)
    page.press(changer, "cancel")
    assert (page["message"], page.said) == ("my draft", ["Name a colour.", "Blue."])
    assert "will be replaced" not in page["dialogue"]


def test_a_failed_edit_leaves_the_later_turns_where_they_are_kept(opened: Open) -> None:
    page = opened("Blue.", "Red.", WorkbenchError("out_of_memory"))
    page.send("Name a colour.")
    page.send("Another.")
    page.press(changer, "edit", at=0)
    page.send("Name an animal.")
    assert page.said == ["Name a colour.", "Blue.", "Another.", "Red."]
    assert len(page.kept[0].turns) == 4


def test_undo_takes_the_last_exchange_back_into_the_box(opened: Open) -> None:
    page = opened("Blue.", "Red.")
    page.send("Name a colour.")
    page.send("Another.")
    page.press(changer, "undo")
    assert (page.said, page["message"], page["raw"]) == (["Name a colour.", "Blue."], "Another.", "Blue.")
    assert len(page.kept[0].turns) == 2


def test_turns_that_left_the_prompt_are_marked_and_told(opened: Open) -> None:
    page = opened("b" * 60, "d" * 60, "f", context=320)
    for message in ("a" * 60, "c" * 60, "e" * 60):
        page.send(message)
    assert "oldest 1 turns are no longer in the prompt" in page["status"]
    articles = page["dialogue"].split("<article")[1:]
    assert ["no longer in the prompt" in article for article in articles] == [True, True, False, False, False, False]
    assert len(page.said) == 6


def test_stop_keeps_what_was_written_and_lets_it_go_on(opened: Open) -> None:
    page = opened("It is ", finish="cancelled")
    page.send("Name a colour.")
    assert page.said == ["Name a colour.", "It is "]
    assert "stopped" in page["status"] and 'data-deed="continue"' in page["dialogue"]


def test_stop_before_the_first_word_gives_the_message_back(opened: Open) -> None:
    page = opened("", finish="cancelled")
    page.send("Name a colour.")
    assert (page.said, page["message"]) == ([], "Name a colour.")


@pytest.mark.parametrize(("message", "words"), [("  ", "is empty"), ("a\x00b", "U+0000")])
def test_a_bad_message_is_told_and_stays_in_the_box(opened: Open, message: str, words: str) -> None:
    page = opened()
    page.send(message)
    assert words in page["status"]
    assert (page["message"], page.said, page["live"]) == (message, [], "")


def test_a_failing_model_is_told_and_nothing_is_lost(opened: Open) -> None:
    page = opened("Blue.", WorkbenchError("out_of_memory"), "Red.")
    page.send("Name a colour.")
    page.send("Another.")
    assert 'role="alert"' in page["status"]
    assert (page.said, page["message"]) == (["Name a colour.", "Blue."], "Another.")
    page.send("Another.")
    assert page.said[2:] == ["Another.", "Red."]
    assert len(page.kept) == 1


def test_a_message_waits_for_a_model_that_is_still_loading(opened: Open) -> None:
    page = opened("Blue.")
    host = ModelHost(page.bench.host.preset, Settings())
    page.desk.bench = page.bench._replace(host=host)
    page.values["message"] = "Name a colour."
    told = []
    for step in sender(page.desk)(page.request, *page.given()):
        page.look(step)
        told.append(page["status"])
        if len(told) == 2:
            host.hold(Loaded(Choice(preset=host.preset), page.engine))
    assert "still loading" in told[1] and "仍在加载" in told[1]
    assert page.said == ["Name a colour.", "Blue."]


def test_a_page_closed_before_the_answer_finds_its_question_again(opened: Open) -> None:
    page = opened("Blue.")
    page.values["message"] = "Name a colour."
    steps = sender(page.desk)(page.request, *page.given())
    page.look(steps, most=1)
    steps.close()
    again = opened()
    again.press(lister, "open", id=again.kept[0].id)
    assert (again.said, again["message"]) == ([], "Name a colour.")


def test_another_visit_lists_opens_and_goes_on(opened: Open) -> None:
    page = opened("It is ", finish="length")
    page.values["input_system"] = "Be brief."
    page.send("Name a colour.")
    again = opened("blue.")
    assert page.kept[0].title in reader(again.desk)(again.request, again["held"])
    again.press(lister, "open", id=again.kept[0].id)
    assert (again.said, again["input_system"]) == (["Name a colour.", "It is "], "Be brief.")
    again.press(rewriter, "continue")
    assert again.said[1] == "It is blue."
    assert len(again.kept) == 1


def test_an_opened_conversation_clears_what_it_does_not_have(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    page.values["input_system"] = "Be rude."
    page.press(lister, "open", id=page.kept[0].id)
    assert page["input_system"] == ""


def test_conversations_stand_newest_first_and_a_new_one_begins_blank(opened: Open) -> None:
    page = opened("Blue.", "A cat.")
    page.send("Name a colour.")
    page.press(lister, "new")
    assert (page.said, page["title"], page["held"]["conversation"]) == ([], "", "")
    page.send("Name an animal.")
    assert page["entries"].index("Name an animal.") < page["entries"].index("Name a colour.")
    assert len(page.kept) == 2


def test_a_conversation_is_renamed(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    page.values["title"] = "<b>Colours</b>"
    page.tell(renamer)
    assert page.kept[0].title == "<b>Colours</b>"
    assert "&lt;b&gt;Colours&lt;/b&gt;" in page["entries"]


def test_a_conversation_is_deleted_only_when_that_is_confirmed(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    page.press(lister, "delete")
    assert "cannot be brought back" in page["entries"] and len(page.kept) == 1
    page.press(lister, "keep")
    assert "cannot be brought back" not in page["entries"]
    page.press(lister, "delete_now")
    assert (page.kept, page.said) == ((), [])


def test_a_conversation_deleted_elsewhere_is_kept_anew(opened: Open) -> None:
    page = opened("Blue.", "Red.")
    page.send("Name a colour.")
    page.bench.conversations.delete(page.owner, [page["held"]["conversation"]])
    page.send("Another.")
    assert len(page.kept[0].turns) == 4


@pytest.mark.parametrize("deed", ["open", "delete_now"])
def test_another_browser_s_conversation_is_out_of_reach(opened: Open, deed: str) -> None:
    mine = opened("My secret.")
    mine.send("Name a colour.")
    stranger = opened(cookie="c" * 32)
    stranger.values["held"] = mine["held"]
    stranger.press(lister, deed, id=mine.kept[0].id)
    assert stranger.said == [] and "secret" not in stranger["status"] + stranger["entries"]
    assert len(mine.kept) == 1


def test_without_a_cookie_nothing_is_kept_and_that_is_said(opened: Open) -> None:
    page = opened("Blue.", cookie="")
    page.send("Name a colour.")
    assert page.said == ["Name a colour.", "Blue."]
    assert "not kept" in page["entries"] and page["held"]["conversation"] == ""
    assert page.bench.conversations.list("") == ()


def test_turns_from_elsewhere_begin_another_conversation(opened: Open) -> None:
    page = opened("Blue.", "Yes.")
    page.send("Name a colour.")
    page.values["turns"] = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    page.tell(filler)
    assert "Hello." in page["dialogue"] and "Blue." not in page["dialogue"]
    page.send("Again?")
    assert page["prompt"] == "[user]Hi[assistant]Hello.[user]Again?[assistant]"
    assert sorted(len(each.turns) for each in page.kept) == [2, 4]


def test_turns_of_its_own_are_not_drawn_twice(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    before = dict(page.values)
    page.tell(filler)
    assert page.values == before


@pytest.mark.parametrize(
    "turns", [[{"role": "user", "content": "a"}], "x", [1, 2], [{"role": "x", "content": "a"}] * 2]
)
def test_turns_that_are_none_are_refused(opened: Open, turns: object) -> None:
    page = opened()
    page.values["turns"] = turns
    page.send("Hi")
    assert "no record of earlier turns" in page["status"]


def test_other_answers_that_do_not_fit_their_turn_are_dropped(opened: Open) -> None:
    page = opened("Red.")
    page.values["turns"] = [
        {"role": "user", "content": "Name a colour."},
        {"role": "assistant", "content": "Blue.", "versions": [{"content": "Green."}], "shown": 0},
    ]
    page.press(rewriter, "regenerate")
    assert [version["content"] for version in page["turns"][1]["versions"]] == ["Blue.", "Red."]


def test_what_users_and_models_write_shows_to_the_letter(opened: Open) -> None:
    page = opened(HOSTILE)
    page.send(HOSTILE)
    for part in ("dialogue", "entries"):
        assert "<img" not in page[part] and "<link" not in page[part]
    assert page["dialogue"].count("&lt;link prediction, 属于, KG&gt;") == 3  # both turns, and the answer's copy button
    assert page.said == [HOSTILE, HOSTILE]


def test_the_answer_streams_as_plain_words(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("techgpt_ui.ui.dialogue_run.REFRESH_S", 0)
    page = opened(HOSTILE)
    page.values["message"] = "Hi"
    seen = []
    for step in sender(page.desk)(page.request, *page.given()):
        page.look(step)
        seen.append(page["live"])
    assert "&lt;img" in seen[-2] and "<img" not in "".join(seen)


def test_a_document_stands_beside_and_its_evidence_is_marked(opened: Open) -> None:
    page = opened("Closing it costs a fee of £25.", task="context_qa")
    page.values["input_context"] = DOCUMENT
    page.send("What does closing cost?")
    assert DOCUMENT in page["prompt"]
    assert "<mark" in page["main"] and "fee of £25" in page["main"].split("<mark")[1]
    assert page.kept[0].inputs == {"context": DOCUMENT}


def test_the_inspector_shows_the_message_or_else_the_last_question(opened: Open) -> None:
    page = opened("Blue.")
    page.send("Name a colour.")
    show = inspecting(page.desk)
    last = len("[user]Name a colour.[assistant]")
    assert f"{last} prompt tokens" in show(*page.given())
    page.values["message"] = "Hi"
    following = len("[user]Name a colour.[assistant]Blue.[user]Hi[assistant]")
    assert f"{following} prompt tokens" in show(*page.given())


def test_a_conversation_can_be_taken_away_as_a_file(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    page = opened("Blue.", "A cat.")
    page.values["title"] = "../a: <b>*"
    page.send("Name a colour.")
    page.press(lister, "new")
    page.send("Name an animal.")
    wanted = page.kept[1].id
    written = {}
    for kind in ("jsonl", "md", "all"):
        file, _ = exporter(page.desk)(gr.EventData(None, {"kind": kind}), page.request, {"conversation": wanted})
        written[kind] = Path(file["value"])
    assert [path.name for path in written.values()] == ["a b.jsonl", "a b.md", "chat.jsonl"]
    assert written["jsonl"].read_text(encoding="utf-8").count("\n") == 1
    assert written["all"].read_text(encoding="utf-8").count("\n") == 2
    assert "Blue." in written["md"].read_text(encoding="utf-8")


def test_a_store_that_fails_is_told_and_the_answer_stays(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("Blue.")

    def fail(*args: object, **kwargs: object) -> None:
        raise WorkbenchError("database_busy", path="kept.db")

    monkeypatch.setattr(page.bench.conversations, "create", fail)
    page.send("Name a colour.")
    assert page.said == ["Name a colour.", "Blue."]
    assert "stayed busy" in page["status"]
