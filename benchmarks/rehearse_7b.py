"""The whole way of TechGPT-7B with weights that say nothing: encrypt, decrypt, load in bf16 and int8, answer.

Writes a checkpoint of LLaMA-7B's shape (random numbers, one fp16 pytorch_model.bin of 13.5 GB) in the six files of
TechGPT-7B, encrypts it as upstream does with a random key, decrypts it with the code of `weights decrypt`, compares,
loads it in processes of their own and has each write a few tokens through the pipeline. Prints seconds, and the peak of
memory at load ÷ the size of the loaded weights: all of the process (RSS, mapped files among it) and what is its own.
Needs about 45 GB of disk (three times the file and the key), and removes what it wrote.

    python -m benchmarks.rehearse_7b [--scale N] [--tokens N] [--dtypes bf16,int8] [--folder DIR]

A scale of 8 makes every width an eighth and the layers a quarter.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mmap
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CHUNK = 10 * 2**20
KEY_MEGABYTES = 1000
ENCRYPTED = f".{hashlib.sha256(b'').hexdigest()}.enc"
SAMPLE_S = 0.02


def main() -> None:
    """Make, encrypt, decrypt, load, answer; print what each took."""
    options = _options()
    if options.load:
        _load_and_answer(options.load, options.dtype, options.tokens)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        with _Timed("checkpoint written"):
            _write_checkpoint(folder / "plain", options.scale)
        digests = {file.name: _md5(file) for file in sorted((folder / "plain").iterdir())}
        size = (folder / "plain" / "pytorch_model.bin").stat().st_size
        print(f"pytorch_model.bin: {size / 1e9:.2f} GB", flush=True)
        with _Timed("encrypted"):
            _encrypt(folder)
        with _Timed("decrypted"):
            _decrypt(folder)
        decrypted = {name: _md5(folder / "decrypted" / name) for name in digests}
        print("every byte is back" if decrypted == digests else f"DIFFERENT: {decrypted} {digests}", flush=True)
        for dtype in options.dtypes.split(","):
            _child(folder / "decrypted", dtype, options.tokens)


class _Timed:
    def __init__(self, words: str) -> None:
        self._words = words

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        print(f"{self._words}: {time.monotonic() - self._began:.0f} s", flush=True)


def _write_checkpoint(folder: Path, scale: int) -> None:
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    from tests.checkpoints import VOCABULARY, train_sentencepiece

    folder.mkdir()
    train_sentencepiece(folder)
    config = LlamaConfig(
        vocab_size=32000 if scale == 1 else VOCABULARY, hidden_size=4096 // scale, intermediate_size=11008 // scale,
        num_hidden_layers=32 if scale == 1 else 8, num_attention_heads=32 // scale, max_position_embeddings=2048,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False, dtype=torch.float16,
        architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    config.save_pretrained(folder)
    GenerationConfig(pad_token_id=0, bos_token_id=1, eos_token_id=2).save_pretrained(folder)
    with torch.device("meta"):
        shapes = {name: one.shape for name, one in LlamaForCausalLM(config).state_dict().items()}
    with FakeTensorMode():
        weights = {name: torch.empty(shape, dtype=torch.float16) for name, shape in shapes.items()}
    file = folder / "pytorch_model.bin"
    # The file is laid out first and filled through a memory map, so that it never has to be in memory as a whole.
    with torch.serialization.skip_data(materialize_fake_tensors=True):
        torch.save(weights, file)
    with torch.serialization.set_default_mmap_options(mmap.MAP_SHARED):
        laid_out = torch.load(file, mmap=True, weights_only=True)
    # Numbers are drawn once for each shape: what is measured is their way, not what they say.
    drawn: dict[torch.Size, torch.Tensor] = {}
    for tensor in laid_out.values():
        if tensor.shape not in drawn:
            drawn[tensor.shape] = torch.ones(tensor.shape) if tensor.dim() == 1 else torch.randn(tensor.shape) * 0.02
        tensor.copy_(drawn[tensor.shape])


def _encrypt(folder: Path) -> None:
    """XOR with the key by chunks of 10 MiB, the key from its start again where it ends; the plain files go."""
    import numpy as np

    (folder / "encrypted").mkdir()
    largest = max(file.stat().st_size for file in (folder / "plain").iterdir())
    with (folder / "key").open("wb") as key:
        for _ in range(max(1, min(KEY_MEGABYTES * 10**6, largest // 2) // CHUNK)):
            key.write(os.urandom(CHUNK))
    for file in sorted((folder / "plain").iterdir()):
        encrypted = folder / "encrypted" / (file.name + ENCRYPTED)
        with file.open("rb") as data, (folder / "key").open("rb") as key, encrypted.open("wb") as out:
            while piece := data.read(CHUNK):
                pad = key.read(CHUNK)
                if not pad:
                    key.seek(0)
                    pad = key.read(CHUNK)
                mixed = np.frombuffer(piece, np.uint8) ^ np.frombuffer(pad, np.uint8)[: len(piece)]
                out.write(mixed.tobytes())
        file.unlink()


def _decrypt(folder: Path) -> None:
    """With the code behind `weights decrypt`, which itself refuses files whose md5 is not a published one."""
    from techgpt_ui.weights.passing import decrypt_to

    (folder / "decrypted").mkdir()
    for file in sorted((folder / "encrypted").iterdir()):
        for _ in decrypt_to(folder / "decrypted" / file.name.removesuffix(ENCRYPTED), file, folder / "key"):
            pass


def _child(folder: Path, dtype: str, tokens: int) -> None:
    command = ["-m", "benchmarks.rehearse_7b", "--load", folder, "--dtype", dtype, "--tokens", tokens]
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)
    print(done.stdout if done.returncode == 0 else f"{dtype} FAILED: {done.stderr[-2000:]}", end="", flush=True)


def _load_and_answer(folder: Path, dtype: str, tokens: int) -> None:
    """Print one line for a process that loads in one number format and writes a few tokens through the pipeline."""
    import torch
    import transformers

    from techgpt_ui.engines.loading import load_engine, resolve_model
    from techgpt_ui.pipeline import complete
    from techgpt_ui.presets import Sampling, load_library
    from techgpt_ui.settings import Settings

    transformers.AutoModelForCausalLM  # noqa: B018 - what the libraries take is not the weights'
    torch.zeros(1)
    library = load_library()
    preset = resolve_model(str(folder), library)
    began, before = time.monotonic(), _memory()
    with _Peak() as peak:
        engine = load_engine(preset, Settings(dtype=dtype, device="cpu"))
    loaded, size = time.monotonic() - began, engine._model.get_memory_footprint()
    began = time.monotonic()
    result = complete(
        library.task("qa"), {"question": "The fox?"}, model=preset, engine=engine,
        sampling=Sampling(max_new_tokens=tokens, min_new_tokens=tokens), seed=0, grounded=False,
    )  # fmt: skip
    wrote = time.monotonic() - began
    count = result.usage.completion_tokens if result.usage else 0
    ratios = {name: round((peak.seen[name] - before[name]) / size, 2) for name in before}
    after = round(_memory()["VmRSS"] / 1e9, 2)
    engine.close()
    back = {name: round(value / 1e9, 2) for name, value in _memory().items()}
    print(
        f"{dtype}: {size / 1e9:.2f} GB loaded in {loaded:.0f} s; peak ÷ weights {json.dumps(ratios)}; "
        f"{count} tokens in {wrote:.0f} s; GB in memory {after} then, closed {json.dumps(back)}"
    )


class _Peak:
    """The most memory that was seen."""

    def __enter__(self) -> _Peak:
        self.seen = _memory()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_S):
            self.seen = {name: max(value, self.seen[name]) for name, value in _memory().items()}


def _memory() -> dict[str, int]:
    """Bytes of this process in memory, and those of them that no file stands behind (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}


def _md5(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "md5").hexdigest()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--dtypes", default="bf16,int8")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--load", type=Path, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--dtype", default="bf16", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
