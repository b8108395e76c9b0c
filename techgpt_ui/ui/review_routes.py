"""The review desk's own routes: JSON in, JSON out. A key press must not wait for a queue of events.

Every answer is for the owner that the request's cookie names; what a page says of itself counts for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.renderers.review import review_report_html
from techgpt_ui.texts import Lang
from techgpt_ui.ui.owners import owner_of_connection
from techgpt_ui.ui.review_actions import Action, ReviewActions
from techgpt_ui.ui.review_export import file_name

PATH = "/gradio_api/techgpt-review"
QUICK = ("open", "decide", "undo", "show", "alike", "missed", "examined", "reading", "read_later", "progress")
"""What reviewers do with every key: it never waits behind figures or a file that is read."""
AT_ONCE = 4
"""Quick actions that run at the same time; the others wait in the order in which they came, each for milliseconds."""


class Actions(Protocol):
    """Something that the desk can do."""

    def by_name(self) -> dict[str, Action]:
        """All actions."""


def review_routes(actions: ReviewActions, *others: Actions) -> list[Route]:
    """What ``launch(app_kwargs={"routes": …})`` needs for the desk; ``others`` bring further actions."""
    quick = CapacityLimiter(AT_ONCE)
    named = {name: action for one in (actions, *others) for name, action in one.by_name().items()}

    async def act(request: Request) -> Response:
        name = request.path_params["action"]
        return await _answered(request, named.get(name), quick if name in QUICK else None)

    async def report(request: Request) -> Response:
        return await _report(request, actions)

    async def export(request: Request) -> Response:
        return await _export(request, actions)

    return [
        Route(PATH + "/export", export, methods=["GET"]),
        Route(PATH + "/report", report, methods=["GET"]),
        Route(PATH + "/{action}", act, methods=["POST"]),
    ]


async def _answered(request: Request, action: Action | None, limiter: CapacityLimiter | None) -> Response:
    if action is None:
        return JSONResponse({"detail": "Not Found"}, status_code=404)
    try:
        owner = owner_of_request(request)
        data = body_of(await request.body())
        found = await run_sync(action, owner, data, limiter=limiter)
    except WorkbenchError as error:
        return refused(error)
    except (ValidationError, KeyError, TypeError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        return refused(UsageError("review_bad_request", why=why))
    # All ASCII: UTF-8 has no room for half of a surrogate pair, which a model can write.
    return Response(json.dumps(found), media_type="application/json")


async def _report(request: Request, actions: ReviewActions) -> Response:
    lang: Lang = "zh" if request.query_params.get("lang", "").startswith("zh") else "en"

    def made() -> tuple[str, bytes]:
        content = actions.reviews.content(owner_of_request(request), request.query_params.get("project", ""))
        page = review_report_html(actions.figures(content), lang, content.project.name)
        return file_name(content.project.name, "report.html"), page.encode("utf-8", "replace")

    return await file_answer(made, "text/html; charset=utf-8")


async def _export(request: Request, actions: ReviewActions) -> Response:
    asked = request.query_params

    def made() -> tuple[str, bytes]:
        project, name, accepted = (asked.get(key, "") for key in ("project", "format", "accepted"))
        done = actions.export(owner_of_request(request), project, name, accepted_only=bool(accepted))
        return done.name, done.content

    return await file_answer(made, "application/octet-stream")


async def file_answer(make: Callable[[], tuple[str, bytes]], media_type: str) -> Response:
    """A file to save, never to open in the page's own place."""
    try:
        name, content = await run_sync(make)
    except WorkbenchError as error:
        return refused(error)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)


def owner_of_request(request: Request) -> str:
    """The owner, unless another site's page sends the request along with his cookie."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise UsageError("review_other_site")
    owner = owner_of_connection(request)
    if not owner:
        raise UsageError("review_no_cookie")
    return owner


def body_of(body: bytes) -> Mapping[str, Any]:
    """The object that a page sent; UsageError where it is none."""
    try:
        data = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UsageError("review_bad_request", why=error) from error
    if not isinstance(data, dict):
        raise UsageError("review_bad_request", why="no object")
    return data


def refused(error: WorkbenchError) -> JSONResponse:
    """The answer to a request that cannot be granted."""
    words = {"zh": error.words("zh"), "en": error.words("en"), "code": error.code}
    return JSONResponse({"error": words}, status_code=400)
