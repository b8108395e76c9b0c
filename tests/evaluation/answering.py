"""Gold sets, and an engine that answers them as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from techgpt_ui.engines.base import CancelToken, Delta, Event, Finished, GenerationRequest
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.planning import Plan, Wishes, make_plan
from techgpt_ui.gold import GoldDocument, GoldMention, GoldSet
from techgpt_ui.presets import Library
from techgpt_ui.schema import ModelInfo, Segment, Usage
from tests.character_tokens import CharacterTokens

Answer = str | WorkbenchError
BROKEN = WorkbenchError("generation_failed", why="the device is gone")


class ScriptedEngine(CharacterTokens):
    """Answers by the last text that a prompt ends with; ``before`` is called ahead of each answer."""

    context = 8192
    busy = 0

    def __init__(
        self,
        answers: Mapping[str, Answer] | None = None,
        *,
        otherwise: Answer = "none",
        before: Callable[[int, CancelToken], None] = lambda number, cancel: None,
        dtype: str = "fp32",
        device: str = "cpu",
    ) -> None:
        self.answers = dict(answers or {})
        self.otherwise = otherwise
        self.before = before
        self.info = ModelInfo(name="scripted", revision="1", dtype=dtype)
        self.device = device
        self.grounds = False
        self.prompts: list[str] = []
        self._prompt = ""

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        self._prompt = "".join(segment.text for segment in segments)
        return super().encode(segments)

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        self.prompts.append(self._prompt)
        self.before(len(self.prompts), cancel)
        found = [answer for text, answer in self.answers.items() if f"{text}[assistant]" in self._prompt]
        answer = found[0] if found else self.otherwise
        if isinstance(answer, WorkbenchError):
            raise answer
        usage = Usage(prompt_tokens=10, completion_tokens=len(answer), ttft_s=0.1, total_s=0.5)
        if cancel.cancelled:
            yield Finished(text="", finish_reason="cancelled", usage=usage)
            return
        yield Delta(text=answer, tokens=1)
        yield Finished(text=answer, finish_reason="stop", usage=usage)


def entity(text: str, words: str, kind: str) -> GoldDocument:
    """A document with one entity."""
    start = text.index(words)
    return GoldDocument(
        line=1, inputs={"text": text}, mentions=(GoldMention(start=start, end=start + len(words), type=kind),)
    )


PRAISE = entity("Ada praised Prolog.", "Prolog", "programlang")
TRIP = entity("Bob went to Rome.", "Rome", "location")
CODE = entity("Cy writes Lisp.", "Lisp", "programlang")
RIGHT = {
    "Ada praised Prolog.": "Entity: Prolog, Type: programming language",
    "Bob went to Rome.": "Entity: Rome, Type: location",
    "Cy writes Lisp.": "Entity: Lisp, Type: programming language",
}


def gold_set(*documents: GoldDocument, task: str = "ner", name: str = "gold.jsonl", sha256: str = "a" * 64) -> GoldSet:
    numbered = tuple(one.model_copy(update={"line": line}) for line, one in enumerate(documents, start=1))
    return GoldSet(name=name, format="jsonl", task=task, sha256=sha256, documents=numbered)


THREE = gold_set(PRAISE, TRIP, CODE)


def plan_of(library: Library, gold: GoldSet = THREE, *, pool: GoldSet | None = None, **wishes: Any) -> Plan:
    """A plan for the demo model, which is asked by few-shot examples."""
    return make_plan(library, gold, Wishes(**wishes), model=library.models["smollm2-demo"], pool=pool)
