"""A model behind an OpenAI-compatible server: one connection a run, closed as soon as nobody wants its answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from techgpt_ui.engines.base import CancelToken, Event, Finished, GenerationRequest, Waiting
from techgpt_ui.engines.running import POLL_S, EventQueue, never_started, run_aside
from techgpt_ui.engines.server import Server
from techgpt_ui.engines.server_answer import IncomingAnswer
from techgpt_ui.engines.server_errors import lacks_endpoint, message_of, quoted, unreachable
from techgpt_ui.engines.server_requests import Form, Grammar, continues_chat, control_words, left_out, make_body
from techgpt_ui.engines.text_tokens import TextTokens
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.engines.turnstile import Turnstile
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.schema import ChatMessage, ModelInfo, Notice, Segment
from techgpt_ui.texts import text

Tokens = TokenizerTokens | TextTokens
_ABOUT_GRAMMAR = re.compile(r"grammar|lark|ebnf|structured|guided", re.IGNORECASE)


class OpenAIEngine:
    """A served model, and the tokenizer of it where one is at hand."""

    def __init__(
        self,
        server: Server,
        name: str,
        preset: ModelPreset,
        tokens: Tokens,
        *,
        form: Form,
        grammar: Grammar,
        places: int,
    ) -> None:
        self.info = ModelInfo(name=name, revision=server.address, dtype="remote")
        self.context = tokens.context
        self.grounds = grammar != "none"
        self.device = server.address
        self._server = server
        self._tokens = tokens
        self._form: Form = form
        self._grammar: Grammar = grammar
        self._add_bos = preset.add_bos
        self._turnstile = Turnstile(places)

    @property
    def busy(self) -> int:
        """Runs that wait for the server's answer, or for a place."""
        return len(self._turnstile)

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Token ids of a prompt, or what stands for them where there is no tokenizer."""
        return self._tokens.encode(segments)

    def offsets(self, text: str) -> list[int]:
        """End offset in ``text`` of each of its tokens."""
        return self._tokens.offsets(text)

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        """The ids as written; one piece where the tokens are not known."""
        return self._tokens.pieces(ids)

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """The chat template over ``messages``."""
        return self._tokens.chat_markup(messages)

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        """Ask the server; closing this iterator hangs up, which ends the run there."""
        return run_aside(partial(self._work, request, cancel), cancel)

    def _work(self, request: GenerationRequest, cancel: CancelToken, events: EventQueue) -> Finished:
        with self._turnstile.turn(cancel, lambda place: events.put(Waiting(place=place))) as ours:
            return asyncio.run(self._converse(request, cancel, events)) if ours else never_started(request)

    async def _converse(self, request: GenerationRequest, cancel: CancelToken, events: EventQueue) -> Finished:
        answer = IncomingAnswer(request)
        reading = asyncio.create_task(self._read(request, answer, events))
        while not reading.done():
            await asyncio.wait({reading}, timeout=POLL_S)
            if cancel.cancelled:
                reading.cancel()
        if not reading.cancelled():
            reading.result()
        answer.end()
        return Finished(
            text=answer.text,
            finish_reason=answer.finish_reason(cancelled=reading.cancelled()),
            usage=answer.usage(),
            trace=answer.trace(),
            notices=tuple(self._notices(request)),
        )

    async def _read(self, request: GenerationRequest, answer: IncomingAnswer, events: EventQueue) -> None:
        import openai

        async with self._server.client() as client:
            try:
                await self._follow(await self._opened(client, request), answer, events)
            except openai.APIStatusError as error:
                raise self._refusal(error, request) from error
            except openai.APIConnectionError as error:
                raise unreachable(error, self.device) from error
            except (openai.APIError, ValueError) as error:
                said = message_of(error) if isinstance(error, openai.APIError) else error
                raise self._error("server_broke_off", why=quoted(said, self._server.secret)) from error
            except TimeoutError as error:
                raise self._error("server_silent", seconds=f"{self._server.silence_s:g}") from error

    async def _opened(self, client: Any, request: GenerationRequest) -> Any:
        """The stream of an answer; a server without ``/completions`` is asked for a chat where that can be had."""
        import openai

        try:
            return await self._posted(client, request)
        except openai.NotFoundError as error:
            if self._form == "chat" or not lacks_endpoint(error):
                raise
            if not request.messages:
                raise self._error("server_no_completions") from error
        self._form = "chat"
        return await self._posted(client, request)

    async def _posted(self, client: Any, request: GenerationRequest) -> Any:
        form, kind = self._form, self._server.kind
        if form == "chat" and request.answer_so_far and not continues_chat(kind):
            raise UsageError("server_cannot_continue")
        body = make_body(
            request, model=self.info.name, kind=kind, form=form, grammar=self._grammar, add_bos=self._add_bos
        )
        endpoint = client.chat.completions if form == "chat" else client.completions
        async with asyncio.timeout(self._server.silence_s):
            headers = self._server.headers()
            chunks = await endpoint.create(**body.standard, extra_body=body.own, extra_headers=headers)
        what = chunks.response.headers.get("content-type", "?")
        if not what.startswith("text/event-stream"):
            await chunks.close()
            raise self._error("server_not_openai", what=quoted(what))
        return chunks

    async def _follow(self, chunks: Any, answer: IncomingAnswer, events: EventQueue) -> None:
        """Read to the end, or to where the answer is over for us."""
        import openai

        async with chunks:
            while not answer.stopped:
                try:
                    async with asyncio.timeout(self._server.silence_s):
                        chunk = await anext(chunks)
                except (StopAsyncIteration, openai.APIConnectionError):
                    break
                if delta := answer.take(chunk):
                    events.put(delta)
        if not answer.complete:
            raise self._error("server_cut_off", count=len(answer.text))

    def _refusal(self, error: Any, request: GenerationRequest) -> WorkbenchError:
        bound = self.grounds and (request.grammar is not None or request.choices)
        if bound and error.status_code in (400, 422) and _ABOUT_GRAMMAR.search(message_of(error)):
            return self._error("server_grammar_refused", why=quoted(message_of(error), self._server.secret))
        return self._server.status_error(error, self.info.name)

    def _notices(self, request: GenerationRequest) -> Iterator[Notice]:
        if self._form == "chat":
            yield Notice(code="server_template", text=text("notice.server_template"))
        if names := left_out(request, self._server.kind):
            yield Notice(code="server_left_out", text=text("notice.server_left_out", names=", ".join(names)))
        if self._form == "text" and (words := control_words(request.segments)):
            yield Notice(code="control_words", text=text("notice.control_words", words=" ".join(words)))

    def _error(self, code: str, **params: object) -> WorkbenchError:
        return WorkbenchError(code, address=self.device, **params)
