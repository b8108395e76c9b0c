"""Documents a minute: grounded ner through the pipeline ÷ plain transformers fp32 ``generate``.

Both answer the same prompts on the demo model with the same token limit, greedily. Runs are interleaved
and medians reported, because other load on the machine comes and goes.

    python -m benchmarks.grounded_ner [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import model_folder, resolve_model
from techgpt_ui.pipeline import complete, prepare
from techgpt_ui.presets import load_library
from techgpt_ui.settings import load_settings
from techgpt_ui.weights import fetch_demo

DOCUMENTS = (
    "In 2014 Ines Carvalho left the University of Porto to lead the robotics group of Halden Systems in Bergen.",
    "The Heron satellite was built by Aurelia Space in Toulouse and launched in March 2021 on a Vega rocket.",
    "Thin films of titanium dioxide were deposited by magnetron sputtering at the Harbin Institute of Technology.",
    "Judge Miriam Okafor heard the appeal of Delmar Shipping against the Port of Rotterdam in October 2019.",
)


def main() -> None:
    """Measure and print."""
    rounds = _rounds()
    settings, library = load_settings(model="smollm2-demo"), load_library()
    fetch_demo(settings.cache, lambda progress: None)
    host = ModelHost(resolve_model("smollm2-demo", library), settings)
    host.load()
    folder = model_folder(host.preset, settings)
    plain = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    task = library.task("ner")
    sampling = library.sampling(task.sampling).values
    inputs = [{"text": text} | task.default_inputs("en") for text in DOCUMENTS]

    def ours(values: dict[str, Any]) -> None:
        complete(task, values, model=host.preset, engine=host.engine(), sampling=sampling, seed=0, grounded=True)

    def peer(values: dict[str, Any]) -> None:
        ids = torch.tensor([prepare(task, values, model=host.preset, engine=host.engine(), sampling=sampling).ids])
        with torch.inference_mode():
            plain.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=sampling.max_new_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
            )

    times: dict[str, list[float]] = {"pipeline": [], "plain": []}
    for at in range(rounds + 1):
        for values in inputs:
            for name, answer in (("pipeline", ours), ("plain", peer)):
                started = time.perf_counter()
                answer(values)
                if at:  # the first round warms up
                    times[name].append(time.perf_counter() - started)
    rates = {name: 60 / statistics.median(seconds) for name, seconds in times.items()}
    for name, rate in rates.items():
        print(f"{name:10} {rate:6.1f} documents a minute (median of {len(times[name])})")
    print(f"ratio      {rates['pipeline'] / rates['plain']:6.2f}")


def _rounds() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    return int(parser.parse_args().rounds)


if __name__ == "__main__":
    main()
