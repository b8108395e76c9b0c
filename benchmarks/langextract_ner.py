"""String F1 and seconds a document of ner: this pipeline, grounded, beside langextract with the same model.

Both get the same texts, types and solved examples and answer greedily. langextract may write in each of its forms, JSON
and YAML, bare and in a fence. Its prompt may be put to the model whole, as one turn of the user, as turns, one for each
of its questions and answers, or as plain text to go on with. Its forms are long, so it may be given more tokens.

    pip install -r benchmarks/requirements.txt
    python -m benchmarks.langextract_ner GOLD [--limit N] [--pool POOL] [--shots N]
        [--form json|json-fenced|yaml|yaml-fenced]... [--prompt whole|turns|plain]... [--max-new-tokens N]
"""

from __future__ import annotations

import argparse
import logging
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import langextract as lx
from langextract.core.base_model import BaseLanguageModel
from langextract.core.exceptions import LangExtractError
from langextract.core.types import ScoredOutput

from techgpt_ui.engines.base import CancelToken, Engine, Finished, GenerationRequest
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.evaluation.planning import Plan, Wishes, make_plan
from techgpt_ui.examples import own_examples
from techgpt_ui.gold import GoldDocument, read_gold
from techgpt_ui.pipeline import complete, make_sampling
from techgpt_ui.presets import FewShotExample, Inputs, Sampling, load_library
from techgpt_ui.schema import Segment
from techgpt_ui.settings import load_settings

Pair = tuple[str, str]

FORMS = ("json", "json-fenced", "yaml", "yaml-fenced")
PROMPTS = ("whole", "turns", "plain")

_STEP = re.compile(r"^[QA]:[ \n]?", re.MULTILINE)
"""Where langextract's prompt goes from question to answer and on."""


class Answer(NamedTuple):
    """What a system found in one document."""

    pairs: set[Pair]
    ungrounded: int
    readable: bool
    """Whether its answer could be read."""
    cut: bool
    """Whether its answer ran into the limit."""
    seconds: float


class EngineModel(BaseLanguageModel):
    """The very engine of the product as a langextract model; ``prompts`` is one of ``PROMPTS``."""

    def __init__(self, engine: Engine, sampling: Sampling, prompts: str) -> None:
        super().__init__()
        self._engine = engine
        self._sampling = sampling
        self._prompts = prompts
        self.cut = False
        """Whether the last answer ran into the limit."""

    def infer(self, batch_prompts: Sequence[str], **kwargs: Any) -> Iterator[Sequence[ScoredOutput]]:
        """Answer each prompt greedily."""
        for prompt in batch_prompts:
            request = GenerationRequest(
                prompt_ids=tuple(self._engine.encode(self._segments(prompt))),
                sampling=self._sampling,
                seed=0,
                stops=("\nQ:",) if self._prompts == "plain" else (),
            )
            last = [*self._engine.stream(request, CancelToken())][-1]
            assert isinstance(last, Finished)
            self.cut = last.finish_reason == "length"
            yield [ScoredOutput(score=1.0, output=last.text)]

    def _segments(self, prompt: str) -> list[Segment]:
        if self._prompts == "plain":
            return [Segment(text=prompt.rstrip())]  # a token of its own for the last space leads the model astray
        contents, roles = [prompt], ["user"]
        if self._prompts == "turns":
            contents = [part.strip() for part in _STEP.split(prompt)][:-1]
            roles = ["system", *(("user", "assistant")[at % 2] for at in range(len(contents) - 1))]
        markup = self._engine.chat_markup([{"role": role, "content": "\ue000"} for role in roles])
        around = [Segment(text=piece, control=True) for piece in markup.split("\ue000")]
        within = [Segment(text=content) for content in contents]
        return [around[0], *(segment for pair in zip(within, around[1:], strict=True) for segment in pair)]


def main() -> None:
    """Run both and print."""
    logging.disable(logging.WARNING)
    args = _arguments()
    library, settings = load_library(), load_settings(model="smollm2-demo")
    host = ModelHost(resolve_model("smollm2-demo", library), settings)
    host.load()
    pool = read_gold(args.pool, task="ner") if args.pool else None
    wishes = Wishes(limit=args.limit, shots=args.shots)
    plan = make_plan(library, read_gold(args.gold, task="ner"), wishes, model=host.preset, pool=pool)
    limited = {"max_new_tokens": args.max_new_tokens} if args.max_new_tokens else {}
    sampling = make_sampling(plan.sampling, limited)
    models = {prompts: EngineModel(host.engine(), sampling, prompts) for prompts in args.prompt or PROMPTS}
    asked = [(prompts, form) for prompts in models for form in args.form or FORMS]
    answers: dict[str, list[Answer]] = {"grounded": [], **{f"langextract {' '.join(pair)}": [] for pair in asked}}
    for document in plan.documents:
        inputs = plan.inputs(document)
        examples = plan.examples(inputs) or own_examples(plan.task, inputs)
        answers["grounded"].append(_ours(plan, host.engine(), inputs, examples))
        for prompts, form in asked:
            answers[f"langextract {prompts} {form}"].append(_theirs(models[prompts], form, inputs, examples))
    for name, found in answers.items():
        print(_line(name, plan, found))


def _ours(plan: Plan, engine: Engine, inputs: Inputs, examples: Sequence[FewShotExample]) -> Answer:
    began = time.perf_counter()
    result = complete(
        plan.task, inputs, model=plan.model, engine=engine, sampling=plan.sampling, seed=0, grounded=True,
        examples=examples,
    )  # fmt: skip
    mentions = result.mentions or ()
    return Answer(
        {(mention.text or mention.surface, mention.type) for mention in mentions},
        sum(mention.status == "ungrounded" for mention in mentions),
        result.status != "unparsed",
        result.finish_reason == "length",
        time.perf_counter() - began,
    )


def _theirs(model: EngineModel, form: str, inputs: Inputs, examples: Sequence[FewShotExample]) -> Answer:
    began = time.perf_counter()
    text = inputs["text"]
    written, _, fence = form.partition("-")
    try:
        document = lx.extract(
            text_or_documents=text,
            prompt_description=f"Extract the named entities of the text. Classes: {', '.join(inputs['types'])}.",
            examples=[_example(example) for example in examples],
            model=model,
            format_type=lx.data.FormatType(written),
            fence_output=bool(fence),
            max_char_buffer=10_000,
            show_progress=False,
            use_schema_constraints=False,
            resolver_params={"suppress_parse_errors": False},
        )
    except (LangExtractError, ValueError):  # its own word for an answer that it cannot read, and its resolver's
        return Answer(set(), 0, False, model.cut, time.perf_counter() - began)
    found = {(one.extraction_text, one.extraction_class) for one in document.extractions or ()}
    ungrounded = sum(surface not in text for surface, _ in found)
    return Answer(found, ungrounded, True, model.cut, time.perf_counter() - began)


def _example(example: FewShotExample) -> Any:
    pairs = [cells for cells in example.answer if isinstance(cells, tuple)]
    return lx.data.ExampleData(
        text=example.inputs["text"],
        extractions=[lx.data.Extraction(extraction_class=kind, extraction_text=surface) for surface, kind in pairs],
    )


def _gold(plan: Plan, document: GoldDocument) -> set[Pair]:
    text = document.inputs["text"]
    return {(text[one.start : one.end], plan.words[one.type]) for one in document.mentions}


def _line(name: str, plan: Plan, answers: Sequence[Answer]) -> str:
    golds = [_gold(plan, document) for document in plan.documents]
    right = sum(len(answer.pairs & gold) for answer, gold in zip(answers, golds, strict=True))
    said, wanted = sum(len(answer.pairs) for answer in answers), sum(map(len, golds))
    seconds = sorted(answer.seconds for answer in answers)[len(answers) // 2]
    return (
        f"{name:29} string F1 {2 * right / max(1, said + wanted):.3f}   ungrounded {sum(a.ungrounded for a in answers)}"
        f" of {said}   unreadable {sum(not a.readable for a in answers)} of {len(answers)}   cut off "
        f"{sum(a.cut for a in answers)}   median {seconds:.2f} s"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--limit", type=int, default=25)
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--shots", type=int)
    parser.add_argument("--form", choices=FORMS, action="append", help="langextract's form; all of them by default")
    parser.add_argument("--max-new-tokens", type=int, help="for langextract; by default as many as here")
    parser.add_argument("--prompt", choices=PROMPTS, action="append", help="how it is asked; all ways by default")
    return parser.parse_args()


if __name__ == "__main__":
    main()
