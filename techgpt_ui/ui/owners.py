"""Whose runs are whose: a signed-in name, or a random cookie that the page sets for each browser."""

from __future__ import annotations

import re
import secrets

import gradio as gr
from starlette.requests import HTTPConnection

COOKIE = "techgpt-owner"
_FORM = re.compile(r"[A-Za-z0-9_-]{22,64}")
_ONE_YEAR_S = 365 * 24 * 3600


def owner_of(request: gr.Request) -> str:
    """The owner of what this request makes; "" for a caller that has no cookie, such as a program."""
    if request.username:
        return f"user:{request.username}"
    return _cookie_owner(request.cookies.get(COOKIE, ""))


def new_owner_cookie(connection: HTTPConnection) -> str | None:
    """A ``Set-Cookie`` value for a browser that has no valid cookie yet; None for one that has."""
    if _cookie_owner(connection.cookies.get(COOKIE, "")):
        return None
    value = secrets.token_urlsafe(32)
    # A Space shows the page inside a frame of another site, where only such a cookie is kept.
    forwarded = connection.headers.get("x-forwarded-proto", connection.url.scheme)
    scope = "SameSite=None; Secure; Partitioned" if forwarded.startswith("https") else "SameSite=Lax"
    return f"{COOKIE}={value}; Path=/; Max-Age={_ONE_YEAR_S}; HttpOnly; {scope}"


def _cookie_owner(value: str) -> str:
    return f"browser:{value}" if _FORM.fullmatch(value) else ""


def owner_of_connection(connection: HTTPConnection) -> str:
    """The owner behind a request to a route of our own; "" where somebody has to sign in first and has not."""
    app = connection.app
    if getattr(app, "auth", None) is not None:
        names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
        tokens = (connection.cookies.get(name) for name in names)
        user = next((app.tokens[token] for token in tokens if token in app.tokens), None)
        return f"user:{user}" if user else ""
    return _cookie_owner(connection.cookies.get(COOKIE, ""))
