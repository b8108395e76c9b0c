"""A real HTTP server on this machine that says what it is told to, or stands before another and breaks its answers."""

import http.client
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SSE = "text/event-stream; charset=utf-8"


class Posted(NamedTuple):
    """A request that came in, and when (monotonic seconds)."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


class Exchange:
    """One request and the connection that it came by."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes, upstream: str, over: threading.Event) -> None:
        self._handler = handler
        self._body = body
        self._upstream = urlsplit(upstream)
        self._over = over

    def reply(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self._begin(status, kind, {"Content-Length": str(len(body))} | headers)
        self._handler.wfile.write(body)

    def events(self, *events: object) -> None:
        """A stream of server-sent events, which ends when the connection does."""
        self._begin(200, SSE)
        for event in events:
            self.send(event)

    def send(self, event: object) -> None:
        data = event if isinstance(event, str) else json.dumps(event)
        self._handler.wfile.write(f"data: {data}\n\n".encode())
        self._handler.wfile.flush()

    def stall(self) -> None:
        """Say nothing until the test is over."""
        self._over.wait()

    def reset(self) -> None:
        """End the connection as a crashed machine does."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def forward(self, events: int | None = None) -> None:
        """Pass the request on and its answer back: all of it, or so many events."""
        upstream = http.client.HTTPConnection(self._upstream.hostname or "", self._upstream.port)
        upstream.request("POST", self._handler.path, self._body, {"Content-Type": "application/json"})
        answer = upstream.getresponse()
        self._begin(answer.status, answer.headers["content-type"])
        passed = 0
        while (line := answer.readline()) and (events is None or passed < events):
            self._handler.wfile.write(line)
            passed += line == b"\n"
        upstream.close()

    def _begin(self, status: int, kind: str, headers: dict[str, str] | None = None) -> None:
        self._handler.send_response(status)
        for name, value in ({"Content-Type": kind} | (headers or {})).items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()


Behaviour = Callable[[Exchange], None]


class Loopback:
    """``pages`` are what is read from it; each POST takes the next of ``script``, the last one again and again."""

    def __init__(self, address: str, upstream: str) -> None:
        self.address = address
        self.upstream = upstream
        self.pages: dict[str, Any] = {}
        self.script: deque[Behaviour] = deque()
        self.posted: list[Posted] = []
        self.over = threading.Event()

    def answer_get(self, handler: BaseHTTPRequestHandler) -> None:
        page = self.pages.get(handler.path)
        exchange = Exchange(handler, b"", self.upstream, self.over)
        if isinstance(page, bytes):
            exchange.reply(200, "text/html", page)
        else:
            found = page is not None
            exchange.reply(
                200 if found else 404, "application/json", json.dumps(page or {"detail": "Not Found"}).encode()
            )

    def answer_post(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        exchange = Exchange(handler, body, self.upstream, self.over)
        if (page := self.pages.get(handler.path)) is not None:
            found = page(json.loads(body)) if callable(page) else page
            exchange.reply(200, "application/json", json.dumps(found).encode())
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.posted.append(Posted(handler.path, headers, json.loads(body), time.monotonic()))
        behaviour = self.script.popleft() if len(self.script) > 1 else self.script[0]
        behaviour(exchange)


@contextmanager
def listening(upstream: str = "") -> Iterator[Loopback]:
    """A loopback server on a free port, until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            loopback.answer_get(self)

        def do_POST(self) -> None:
            loopback.answer_post(self)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback = Loopback(f"http://127.0.0.1:{server.server_port}/v1", upstream)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield loopback
    finally:
        loopback.over.set()
        server.shutdown()
        server.server_close()
