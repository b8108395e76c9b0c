"""String F1 and seconds a document of ner: this pipeline, grounded, beside langextract with the same model.

Both get the same texts, types and solved examples, answer greedily and may write as many tokens.

    pip install -r benchmarks/requirements.txt
    python -m benchmarks.langextract_ner GOLD [--limit N] [--pool POOL] [--shots N]
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import langextract as lx
from langextract.core.base_model import BaseLanguageModel
from langextract.core.types import ScoredOutput

from techgpt_ui.engines.base import CancelToken, Engine, Finished, GenerationRequest
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.evaluation.planning import Plan, Wishes, make_plan
from techgpt_ui.examples import own_examples
from techgpt_ui.gold import GoldDocument, read_gold
from techgpt_ui.pipeline import complete
from techgpt_ui.presets import FewShotExample, Inputs, load_library
from techgpt_ui.schema import Segment
from techgpt_ui.settings import load_settings

Pair = tuple[str, str]


class Answer(NamedTuple):
    """What a system found in one document; ``readable`` is False where its answer could not be read."""

    pairs: set[Pair]
    ungrounded: int
    readable: bool
    seconds: float


class EngineModel(BaseLanguageModel):
    """The very engine of the product as a langextract model: the prompt is the user's turn."""

    def __init__(self, engine: Engine, plan: Plan) -> None:
        super().__init__()
        self._engine = engine
        self._plan = plan

    def infer(self, batch_prompts: Sequence[str], **kwargs: Any) -> Iterator[Sequence[ScoredOutput]]:
        """Answer each prompt greedily."""
        for prompt in batch_prompts:
            markup = self._engine.chat_markup([{"role": "user", "content": "\ue000"}])
            before, after = markup.split("\ue000")
            segments = [
                Segment(text=before, control=True), Segment(text=prompt), Segment(text=after, control=True)
            ]  # fmt: skip
            request = GenerationRequest(
                prompt_ids=tuple(self._engine.encode(segments)), sampling=self._plan.sampling, seed=0
            )
            last = [*self._engine.stream(request, CancelToken())][-1]
            assert isinstance(last, Finished)
            yield [ScoredOutput(score=1.0, output=last.text)]


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
    answers: dict[str, list[Answer]] = {"grounded": [], "langextract": []}
    for document in plan.documents:
        inputs = plan.inputs(document)
        examples = plan.examples(inputs) or own_examples(plan.task, inputs)
        answers["grounded"].append(_ours(plan, host.engine(), inputs, examples))
        answers["langextract"].append(_theirs(plan, host.engine(), inputs, examples))
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
        time.perf_counter() - began,
    )


def _theirs(plan: Plan, engine: Engine, inputs: Inputs, examples: Sequence[FewShotExample]) -> Answer:
    began = time.perf_counter()
    text = inputs["text"]
    try:
        document = lx.extract(
            text_or_documents=text,
            prompt_description=f"Extract the named entities of the text. Classes: {', '.join(inputs['types'])}.",
            examples=[_example(example) for example in examples],
            model=EngineModel(engine, plan),
            max_char_buffer=10_000,
            show_progress=False,
            fence_output=False,
            use_schema_constraints=False,
        )
    except Exception:  # noqa: BLE001 - an answer that cannot be read raises one of many errors
        return Answer(set(), 0, False, time.perf_counter() - began)
    found = [(one.extraction_text, one.extraction_class) for one in document.extractions or ()]
    ungrounded = sum(surface not in text for surface, _ in found)
    return Answer(set(found), ungrounded, True, time.perf_counter() - began)


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
        f"{name:12} string F1 {2 * right / max(1, said + wanted):.3f}   ungrounded {sum(a.ungrounded for a in answers)}"
        f" of {said}   unreadable {sum(not a.readable for a in answers)} of {len(answers)}   median {seconds:.2f} s"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--limit", type=int, default=25)
    parser.add_argument("--pool", type=Path)
    parser.add_argument("--shots", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    main()
