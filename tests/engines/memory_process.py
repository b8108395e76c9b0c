"""Loads a checkpoint of 300 MB that is stored in another number format, in a process of its own, and unloads it."""

import json
import sys
import threading
from pathlib import Path

import psutil
import torch
from transformers import AutoModelForCausalLM

from techgpt_ui.engines.loading import load_engine
from techgpt_ui.presets import load_library
from techgpt_ui.settings import Settings
from tests import checkpoints


def held() -> int:
    return psutil.Process().memory_info().rss


folder = Path(sys.argv[1])
library = load_library()
preset = library.models["techgpt-7b"].model_copy(update={"source": "folder"})
checkpoints.train_sentencepiece(folder)


def load(place: Path) -> object:
    return load_engine(preset.model_copy(update={"origin": str(place)}), Settings(dtype="bf16", device="cpu"))


# What the libraries take once is not the weights': a small model pays for it.
small = folder / "small"
small.mkdir()
for name in ("tokenizer.model", "tokenizer_config.json"):
    (small / name).write_bytes((folder / name).read_bytes())
checkpoints.write_bin(checkpoints.llama(), small)
load(small).close()
assert AutoModelForCausalLM and torch

wide = checkpoints.llama(hidden_size=1024, intermediate_size=2816, num_hidden_layers=12, num_attention_heads=8)
checkpoints.write_bin(wide.half(), folder)
del wide
import gc  # noqa: E402

from techgpt_ui.engines.reclaiming import release_memory  # noqa: E402

gc.collect()
release_memory()

before, peak, done = held(), [0], threading.Event()


def watch() -> None:
    while not done.wait(0.01):
        peak[0] = max(peak[0], held())


watcher = threading.Thread(target=watch)
watcher.start()
engine = load(folder)
done.set()
watcher.join()
weights = engine._model.get_memory_footprint()
engine.close()
print(json.dumps({"weights": weights, "peak": peak[0] - before, "kept": held() - before}))
