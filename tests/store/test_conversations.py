"""Conversations: whose they are, what changes them, and the files they leave as."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import Conversation, ConversationStore, Database, Turn
from tests.store.strategies import ANY_TEXT, WEIRD

TURNS = (
    Turn(role="system", content="你是助手。"),
    Turn(role="user", content="杭州在哪里？"),
    Turn(role="assistant", content="在浙江。", finish_reason="stop", run_id="0" * 32),
)


def test_a_conversation_comes_back_as_it_was(conversations: ConversationStore) -> None:
    made = conversations.create("ann", "chat", title=WEIRD, inputs={"document": WEIRD, "n": [1]}, turns=TURNS)
    assert conversations.get("ann", made.id) == made
    assert (made.title, made.inputs, made.turns) == (WEIRD, {"document": WEIRD, "n": [1]}, TURNS)


def test_an_empty_conversation(conversations: ConversationStore) -> None:
    made = conversations.create("ann", "chat")
    assert (made.title, made.inputs, made.turns) == ("", {}, ())
    assert conversations.get("ann", made.id) == made


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(ANY_TEXT, max_size=5))
def test_any_text_is_kept_turn_by_turn(conversations: ConversationStore, contents: list[str]) -> None:
    turns = tuple(Turn(role="user", content=content) for content in contents)
    made = conversations.create("ann", "chat", turns=turns)
    assert conversations.get("ann", made.id).turns == turns


def test_saving_replaces_what_is_given_and_nothing_else(conversations: ConversationStore) -> None:
    made = conversations.create("ann", "chat", title="杭州", inputs={"document": "一"}, turns=TURNS[:1])
    longer = conversations.save("ann", made.id, turns=TURNS)
    assert (longer.turns, longer.inputs, longer.title) == (TURNS, {"document": "一"}, "杭州")
    other = conversations.save("ann", made.id, inputs={"document": "二"})
    assert (other.turns, other.inputs) == (TURNS, {"document": "二"})
    shorter = conversations.save("ann", made.id, turns=())
    assert (shorter.turns, shorter.created) == ((), made.created)
    assert made.updated < longer.updated < other.updated < shorter.updated
    assert conversations.get("ann", made.id) == shorter


def test_renaming_keeps_the_turns(conversations: ConversationStore) -> None:
    made = conversations.create("ann", "chat", title="old", turns=TURNS)
    renamed = conversations.rename("ann", made.id, "new")
    assert (renamed.title, renamed.turns) == ("new", TURNS)
    assert conversations.get("ann", made.id) == renamed


def test_the_list_is_of_one_owner_newest_change_first(conversations: ConversationStore) -> None:
    first, second = (conversations.create("ann", "chat", turns=TURNS[:number]) for number in (1, 2))
    conversations.create("ben", "chat")
    reading = conversations.create("ann", "reading")
    assert conversations.list("ann") == (reading, second, first)
    assert conversations.list("ann", "chat") == (second, first)
    changed = conversations.rename("ann", first.id, "again")
    assert conversations.list("ann", "chat") == (changed, second)
    assert conversations.list("ann", "chat", limit=1) == (changed,)
    assert conversations.list("cem") == ()


@pytest.mark.parametrize("wrong", ["0" * 32, "", "\ud800", "another owner's"])
def test_a_conversation_of_another_owner_is_as_missing_as_none(conversations: ConversationStore, wrong: str) -> None:
    his = conversations.create("ben", "chat", turns=TURNS)
    wanted = his.id if wrong == "another owner's" else wrong
    attempts = (
        lambda: conversations.get("ann", wanted),
        lambda: conversations.save("ann", wanted, turns=()),
        lambda: conversations.save("ann", wanted, inputs={}),
        lambda: conversations.rename("ann", wanted, "mine"),
        lambda: conversations.export_jsonl("ann", [wanted]),
        lambda: conversations.export_markdown("ann", wanted),
    )
    for attempt in attempts:
        with pytest.raises(WorkbenchError) as caught:
            attempt()
        assert (caught.value.code, caught.value.params) == ("conversation_missing", {})
    assert conversations.delete("ann", [wanted]) == 0
    assert conversations.get("ben", his.id) == his


def test_deleting_takes_the_turns_along(conversations: ConversationStore, database: Database) -> None:
    gone, kept = (conversations.create("ann", "chat", turns=TURNS) for _ in range(2))
    assert conversations.delete("ann", [gone.id, gone.id]) == 1
    assert conversations.list("ann") == (kept,)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT DISTINCT conversation FROM turns").scalars().all() == [kept.id]


def test_jsonl_has_one_conversation_a_line(conversations: ConversationStore) -> None:
    first = conversations.create("ann", "chat", title="杭州", turns=TURNS)
    second = conversations.create("ann", "chat", title=WEIRD, turns=[Turn(role="user", content=WEIRD)])
    data = conversations.export_jsonl("ann", [second.id, first.id])
    lines = data.decode("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": second.id, "title": WEIRD, "task": "chat", "messages": [{"role": "user", "content": WEIRD}]},
        {
            "id": first.id,
            "title": "杭州",
            "task": "chat",
            "messages": [{"role": turn.role, "content": turn.content} for turn in TURNS],
        },
    ]
    assert "杭州" in lines[1] and data.endswith(b"\n")
    assert conversations.export_jsonl("ann", []) == b""


def test_markdown_has_a_heading_for_each_part(conversations: ConversationStore) -> None:
    made = conversations.create("ann", "chat", title="杭州", inputs={"document": "西湖。"}, turns=TURNS[1:])
    assert conversations.export_markdown("ann", made.id).decode("utf-8") == (
        "# 杭州\n\n## document\n\n```\n西湖。\n```\n\n"
        "## 1. user\n\n```\n杭州在哪里？\n```\n\n## 2. assistant\n\n```\n在浙江。\n```\n"
    )


def fenced(document: str) -> list[str]:
    """What stands between the fences, read as CommonMark does: a fence ends at a line of as many backticks."""
    found: list[str] = []
    fence, content = "", list[str]()
    for line in document.split("\n"):
        row = re.fullmatch(r" {0,3}(`{3,})[ \t]*", line)
        if not fence and row:
            fence, content = row[1], []
        elif fence and row and len(row[1]) >= len(fence):
            found.append("\n".join(content))
            fence = ""
        elif fence:
            content.append(line)
        else:
            assert line == "" or line.startswith("#"), line
    assert not fence
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text("ab`#<\n\\[]"),
    contents=st.lists(st.text("`~ab\n #-<>"), max_size=4),
    document=st.text("`\n~ "),
)
def test_nothing_that_was_written_breaks_the_markdown(
    conversations: ConversationStore, title: str, contents: list[str], document: str
) -> None:
    turns = tuple(Turn(role="assistant", content=content) for content in contents)
    made = conversations.create("ann", "chat", title=title, inputs={"```\n# x": document}, turns=turns)
    text = conversations.export_markdown("ann", made.id).decode("utf-8")
    assert fenced(text) == [document, *contents]


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("a\n# b", r"# a \# b"),
        ("<script>", r"# \<script\>"),
        ("[x](http://y) *b*", r"# \[x\](http://y) \*b\*"),
        ("AT&amp;T", r"# AT\&amp;T"),
    ],
)
def test_a_title_is_plain_text_on_one_line(conversations: ConversationStore, title: str, heading: str) -> None:
    made = conversations.create("ann", "chat", title=title)
    assert conversations.export_markdown("ann", made.id).decode("utf-8").splitlines() == [heading]


def test_markdown_without_a_title_and_with_weird_text(conversations: ConversationStore) -> None:
    made: Conversation = conversations.create(
        "ann", "chat", inputs={"n": [1]}, turns=[Turn(role="user", content=WEIRD)]
    )
    text = conversations.export_markdown("ann", made.id).decode("utf-8")
    assert text.startswith(f"# {made.id}\n")
    assert "```\n[\n  1\n]\n```" in text and "a half \\ud800" in text
