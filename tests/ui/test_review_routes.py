"""The review desk's routes as other programs find them: whose request it is, and what is wrong with it."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from techgpt_ui.exporters import EXPORTERS
from techgpt_ui.presets import Library
from techgpt_ui.store import ReviewStore, RunStore, open_database
from techgpt_ui.ui.owners import COOKIE
from techgpt_ui.ui.review_actions import ReviewActions
from techgpt_ui.ui.review_routes import PATH, review_routes

TEXT = "Ada Lovelace met Charles Babbage in London."
ANSWER = "Entity: Ada Lovelace, Type: person\nEntity: Lovelace, Type: name\nEntity: London, Type: place"
LINES = json.dumps({"task": "ner", "text": TEXT, "answer": ANSWER})


class Caller:
    """A browser with a cookie, or one without."""

    def __init__(self, app: Starlette, cookie: str) -> None:
        self._client = TestClient(app, cookies={COOKIE: cookie} if cookie else None, raise_server_exceptions=True)

    def post(self, action: str, data: Any = None, *, content: bytes | None = None, **headers: str) -> Any:
        body = json.dumps(data or {}).encode() if content is None else content
        return self._client.post(f"{PATH}/{action}", content=body, headers=headers)

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"{PATH}/{path}", params=query)

    def ask(self, action: str, **data: Any) -> Any:
        answer = self.post(action, data)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, action: str, **data: Any) -> str:
        answer = self.post(action, data)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["zh"] and error["en"]
        return str(error["code"])

    def project(self, **form: Any) -> str:
        known = {"name": "Check", "reviewer": "Ann", "order": "document", "file_name": "a.jsonl"}
        file = base64.b64encode(LINES.encode()).decode()
        return str(self.ask("create", **known | {"file": file} | form)["project"])


@pytest.fixture(scope="module")
def actions(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewActions]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('review') / 'runs.db'}")
    yield ReviewActions(ReviewStore(database), RunStore(database), library)
    database.close()


@pytest.fixture(scope="module")
def app(actions: ReviewActions) -> Starlette:
    return Starlette(routes=review_routes(actions))


@pytest.fixture(scope="module")
def ann(app: Starlette) -> Caller:
    return Caller(app, "a" * 40)


@pytest.fixture(scope="module")
def eve(app: Starlette) -> Caller:
    return Caller(app, "e" * 40)


@pytest.fixture(scope="module")
def project(ann: Caller) -> str:
    return ann.project()


BY_PROJECT: dict[str, dict[str, Any]] = {
    "open": {}, "decide": {"item": 0, "verdict": "accept"}, "undo": {}, "progress": {}, "show": {"item": 0},
    "alike": {"item": 0}, "figures": {}, "guidelines": {"guidelines": "x"}, "role": {"member": "x", "role": "lead"},
    "accept_all": {}, "reopen": {}, "carry": {"source": "x"}, "delete": {}, "export": {"format": "jsonl"},
}  # fmt: skip


@pytest.mark.parametrize("action", BY_PROJECT)
def test_somebody_who_is_no_member_learns_nothing(eve: Caller, project: str, action: str) -> None:
    assert eve.refused(action, project=project, **BY_PROJECT[action]) == "review_project_missing"


@pytest.mark.parametrize(("path", "query"), [("report", {}), ("export", {"format": "jsonl"})])
def test_no_file_is_given_to_somebody_else(eve: Caller, project: str, path: str, query: dict[str, str]) -> None:
    answer = eve.get(path, project=project, **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "review_project_missing")


def test_every_action_of_a_project_is_tried_by_a_stranger(actions: ReviewActions) -> None:
    assert set(actions.by_name()) - {"projects", "create", "join"} == set(BY_PROJECT)


def test_a_browser_without_cookie_is_told(app: Starlette) -> None:
    assert Caller(app, "").refused("projects") == "review_no_cookie"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_s_page_cannot_use_the_cookie(ann: Caller, site: str) -> None:
    answer = ann.post("projects", **{"sec-fetch-site": site})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "review_other_site")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000, b"{}"])
def test_a_request_that_is_no_object_or_lacks_something_is_told(ann: Caller, content: bytes) -> None:
    answer = ann.post("open", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "review_bad_request")


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("decide", {"item": "one", "verdict": "accept"}),
        ("decide", {"item": 0, "verdict": "perhaps"}),
        ("decide", {"item": 0, "verdict": "skip", "seconds": -1}),
        ("show", {"item": "one"}),
        ("alike", {"item": None}),
        ("accept_all", {"min_confidence": "much"}),
    ],
)
def test_a_wrong_value_is_told_in_words(ann: Caller, project: str, action: str, data: dict[str, Any]) -> None:
    assert ann.refused(action, project=project, **data) == "review_bad_request"


def test_an_unknown_action_is_not_found(ann: Caller) -> None:
    assert ann.post("explode").status_code == 404


def test_a_file_that_is_no_base64_or_of_no_known_format_is_told(ann: Caller) -> None:
    assert ann.post("create", {"name": "x", "reviewer": "y", "file_name": "a", "file": "§"}).status_code == 400
    words = base64.b64encode(b"nothing at all").decode()
    assert ann.refused("create", name="x", reviewer="y", file_name="../../a", file=words) == "gold_unknown_format"


def test_an_answer_that_cannot_be_read_is_told_with_the_new_project(ann: Caller) -> None:
    lines = f"{LINES}\n{json.dumps({'task': 'ner', 'text': 'Oslo.', 'answer': 'Well…'})}".encode()
    known = {"name": "x", "reviewer": "y", "file_name": "a.jsonl", "file": base64.b64encode(lines).decode()}
    assert [notice["en"][:9] for notice in ann.ask("create", **known)["notices"]] == ["1 answers"]


def test_documents_that_were_drawn_for_recall_are_named(ann: Caller) -> None:
    assert ann.ask("open", project=ann.project(n=1, documents=1))["reads"] == [0]


def test_a_blind_item_keeps_its_answer_to_itself_and_is_judged_by_naming_it(ann: Caller) -> None:
    project = ann.project(n=3, blind=1.0)
    (task, *_) = ann.ask("open", project=project)["tasks"]
    assert "type" not in task["payload"] and (task["type"], task["model"], task["confidence"]) == ("", "", None)
    for verdict in ("accept", "merge"):
        told = ann.refused("decide", project=project, item=task["item"], verdict=verdict, blind=False)
        assert told == "review_blind_verdict"
    assert ann.refused("decide", project=project, item=task["item"], verdict="edit", payload={"type": " "}) == (
        "review_edit_empty"
    )
    done = ann.ask("decide", project=project, item=0, verdict="edit", payload={"type": "person"}, blind=False)
    assert done["verdict"] == "accept"
    done = ann.ask("decide", project=project, item=1, verdict="edit", payload={"type": "person", "text": "X"})
    (event,) = ann.ask("show", project=project, item=1)["task"]["history"]
    assert (done["verdict"], event["reason"], event["payload"]["text"]) == ("edit", "type", "Lovelace")


def test_a_candidate_that_is_still_blind_hides_its_type(ann: Caller) -> None:
    blind = ann.project(n=3, blind=1.0)
    assert [one["type"] for one in ann.ask("alike", project=blind, item=0)["items"]] == [""]
    seen = ann.project()
    assert [one["type"] for one in ann.ask("alike", project=seen, item=0)["items"]] == ["name"]


def test_an_item_that_others_were_merged_into_can_be_merged_itself(ann: Caller) -> None:
    project = ann.project()
    ann.ask("decide", project=project, item=0, verdict="merge", payload={"into": 1})
    ann.ask("decide", project=project, item=1, verdict="merge", payload={"into": 2})
    ann.ask("decide", project=project, item=2, verdict="reject")
    made = ann.get("export", project=project, format="jsonl").json()
    assert [piece["decision"]["verdict"] for piece in made["review"]["mentions"]] == ["reject"] * 3


def test_what_the_lead_s_own_page_holds_is_accepted_in_bulk_and_carried_over(ann: Caller) -> None:
    first, second = ann.project(), ann.project()
    for project in (first, second):
        ann.ask("open", project=project)
    assert ann.ask("accept_all", project=first)["count"] == 3
    assert ann.ask("carry", project=second, source=first)["count"] == 3


def test_a_reviewer_takes_no_file_along(ann: Caller, eve: Caller) -> None:
    project = ann.project()
    eve.ask("join", invitation=ann.ask("open", project=project)["invitation"], name="Eve")
    assert eve.refused("export", project=project, format="jsonl") == "review_leads_only"
    assert eve.get("export", project=project, format="jsonl").status_code == 400


@pytest.mark.parametrize("name", [name for name, exporter in EXPORTERS.items() if exporter.needs is None])
def test_every_format_is_either_a_file_or_a_sentence(ann: Caller, project: str, name: str) -> None:
    told = ann.post("export", {"project": project, "format": name})
    file = ann.get("export", project=project, format=name)
    assert told.status_code == file.status_code
    if told.status_code == 200:
        assert len(file.content) == told.json()["bytes"] > 0
        assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Check-")
        assert file.headers["x-content-type-options"] == "nosniff"
    else:
        assert told.json()["error"]["code"] in {"export_nothing_fits", "export_nothing_judged"}


def test_an_unknown_format_is_told_with_the_known_ones(ann: Caller, project: str) -> None:
    assert "doccano" in ann.post("export", {"project": project, "format": "docx"}).json()["error"]["en"]
