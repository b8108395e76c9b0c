"""A Space with ZeroGPU as far as it can be had without one, in a process of its own; prints what happened, as JSON.

The package `spaces` is the real one: its patch of torch, scheduling, forked process, pipes, end of a closed generator.
Two things are not: the service that lends GPUs (a small server here), and CUDA itself: where the package would begin
with a GPU and move the weights onto it, they stay in the memory of this machine.
"""

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

LENT = {"idle": True, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}
asked: list[tuple[str, dict[str, str]]] = []
quota = {"left": 3, "wait": 60.0}
refusing = threading.Event()


class Lender(BaseHTTPRequestHandler):
    """The service that lends GPUs, as the package's own client knows it."""

    def do_POST(self) -> None:
        parts = urlparse(self.path)
        asked.append((parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}))
        refused = parts.path == "/schedule" and refusing.is_set()
        body = json.dumps(quota if refused else LENT).encode()
        self.send_response(429 if refused else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def look_like_cuda() -> None:
    """What the package asks of torch when it is imported, and a build without CUDA lacks."""
    import torch

    if torch.version.cuda is None:
        torch.version.cuda = "13.0"
        torch._C._cuda_init = lambda: None
        torch.cuda._is_in_bad_fork = never


def never() -> bool:
    return False


def stay_in_memory() -> None:
    """Leave out what needs CUDA: the start of the device, and the way of the weights onto it."""
    import spaces.zero.torch as zero_torch
    from spaces.zero.torch import patching

    def move(callback: Any = None) -> None:
        for fake, original in patching.cuda_aliases.items():
            fake.data = original

    zero_torch.init = lambda uuid: None
    zero_torch.move = move
    zero_torch.pack = lambda: 0


def main(checkpoint: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lender)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["SPACES_ZERO_GPU"] = "true"
    os.environ["SPACES_ZERO_DEVICE_API_URL"] = f"http://127.0.0.1:{server.server_port}"

    look_like_cuda()
    from techgpt_ui.engines import zero_gpu

    zero_gpu.START_S = 60.0  # of which half is left for the work: this is no GPU
    zero_gpu.prepare()
    stay_in_memory()
    from techgpt_ui.engines.loading import load_engine, resolve_model
    from techgpt_ui.presets import load_library
    from techgpt_ui.settings import Settings

    engine = load_engine(
        resolve_model(str(checkpoint), load_library()), Settings(data=checkpoint.parent.parent, dtype="fp32")
    )
    launch()
    print(json.dumps({name: step(engine) for name, step in STEPS.items()}))


def launch() -> None:
    """The package takes over where a page is launched."""
    import gradio as gr

    with gr.Blocks() as page:
        gr.Markdown("")
    page.queue(max_size=8)
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)


def request_for(engine: Any, words: str, **changes: Any) -> Any:
    from techgpt_ui.engines.base import GenerationRequest, Segment
    from techgpt_ui.presets import Sampling

    limit = changes.pop("max_new_tokens", 12)
    ids = tuple(engine.encode([Segment(text=words)]))
    return GenerationRequest(prompt_ids=ids, sampling=Sampling(max_new_tokens=limit), seed=0, **changes)


def whole(engine: Any) -> dict[str, Any]:
    from gradio.context import LocalContext
    from starlette.datastructures import Headers

    from techgpt_ui.engines.base import CancelToken, Delta

    LocalContext.request.set(SimpleNamespace(headers=Headers({"x-ip-token": "visitor"})))
    events = list(engine.stream(request_for(engine, "The capital of France is"), CancelToken()))
    return {
        "streamed": "".join(event.text for event in events if isinstance(event, Delta)),
        "text": events[-1].text,
        "trace": len(events[-1].trace),
        "device": engine.device,
        "released": released(engine),
        "asked": [path for path, _ in asked],
        "for": [(query["token"], int(query["durationSeconds"])) for path, query in asked if path == "/schedule"],
    }


def stopped(engine: Any) -> dict[str, Any]:
    from techgpt_ui.engines.base import CancelToken, Delta, Finished

    asked.clear()
    cancel, after_stop, written = CancelToken(), [], ""
    for event in engine.stream(request_for(engine, "Once upon a time", max_new_tokens=1500), cancel):
        if cancel.cancelled:
            after_stop.append(type(event).__name__)
        if isinstance(event, Delta):
            cancel.cancel()
            written += event.text
    return {
        "reason": event.finish_reason if isinstance(event, Finished) else None,
        "kept": event.text.startswith(written),
        "after_stop": after_stop[-1],
        "soon": len(after_stop) < 10,
        "released": released(engine),
    }


def broken(engine: Any) -> dict[str, Any]:
    from techgpt_ui.engines.base import CancelToken
    from techgpt_ui.errors import WorkbenchError

    try:
        list(engine.stream(request_for(engine, "Hello", grammar="start: nowhere"), CancelToken()))
    except WorkbenchError as error:
        return {"code": error.code}
    return {}


def refused(engine: Any) -> dict[str, Any]:
    from techgpt_ui.engines.base import CancelToken
    from techgpt_ui.errors import WorkbenchError

    refusing.set()
    try:
        list(engine.stream(request_for(engine, "Hello"), CancelToken()))
    except WorkbenchError as error:
        return {"code": error.code, "words": error.words("en")}
    return {}


def released(engine: Any, longest_s: float = 300.0) -> bool:
    """Whether the GPU was given back, which may take until the next token."""
    begun = time.monotonic()
    while time.monotonic() - begun < longest_s:
        if engine.busy == 0 and any(path == "/release" for path, _ in asked):
            return True
        time.sleep(0.05)
    return False


STEPS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "whole": whole,
    "stopped": stopped,
    "broken": broken,
    "refused": refused,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(0)
