"""The training loop on a tiny model."""

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from training.examples import Example
from training.model import IGNORED, adapted, loss_of, save_adapter, tensors
from training.recipe import Part, Recipe, Settings, Source
from training.trainer import BEST, CHECKPOINT, LOG, range_test, rate_at, train


def recipe(**changes: float) -> Recipe:
    settings = {
        "rank": 4, "alpha": 8, "learning_rate": 0.01, "warmup": 0.1, "batch_tokens": 24, "weight_decay": 0.0,
        "clip": 1.0, "check_every": 3, "patience": 50, "validation": 4, "seed": 0,
    }  # fmt: skip
    return Recipe(
        preset="techgpt-demo",
        base="smollm2-demo",
        settings=Settings.model_validate(settings | changes),
        sources=(Source(file="gold.jsonl", title="ours", terms="Apache-2.0"),),
        parts=(Part(name="copying", file="gold.jsonl", read_as="ner", tokens=1),),
    )


def example(number: int, split: str = "train") -> Example:
    """A prompt that is to be said again, backwards."""
    prompt = tuple(3 + (number * 7 + at * (number % 5 + 1)) % 29 for at in range(5))
    return Example(
        part="copying", task="ner", split=split, prompt="", answer="", prompt_ids=prompt, answer_ids=(*prompt[::-1], 2)
    )


EXAMPLES = [*(example(number) for number in range(60)), *(example(number, "validation") for number in range(60, 64))]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    return folder


def losses(out: Path) -> list[float]:
    entries = [json.loads(line) for line in (out / LOG).read_text().splitlines()]
    return [entry["loss"] for entry in entries if "loss" in entry]


def test_training_lowers_the_loss_and_leaves_the_best_adapter(base: Path, tmp_path: Path) -> None:
    done = train(recipe(), EXAMPLES, base, tmp_path, "cpu")
    found = losses(tmp_path)
    assert done.step == len(found) and sum(found[-5:]) < sum(found[:5])
    assert sorted(path.name for path in (tmp_path / BEST).iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(recipe(), EXAMPLES, base, tmp_path / "whole", "cpu")
    from training import trainer

    step = trainer._step
    calls = iter(range(100))

    def stopped(*args: object) -> float:
        if next(calls) == 7:
            raise KeyboardInterrupt
        return step(*args)

    monkeypatch.setattr(trainer, "_step", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(recipe(), EXAMPLES, base, tmp_path / "parts", "cpu")
    monkeypatch.undo()
    assert (tmp_path / "parts" / CHECKPOINT).is_file()
    train(recipe(), EXAMPLES, base, tmp_path / "parts", "cpu")
    # The seventh step came after the last checkpoint, so it was made twice.
    parts = losses(tmp_path / "parts")
    assert parts[:6] + parts[7:] == pytest.approx(losses(tmp_path / "whole"), abs=1e-3)


def test_training_ends_when_the_validation_loss_gets_no_better(base: Path, tmp_path: Path) -> None:
    done = train(recipe(learning_rate=1e-12, check_every=1, patience=2), EXAMPLES, base, tmp_path, "cpu")
    assert done.looks == 2 and done.step < len(EXAMPLES) // 2


def test_no_more_steps_are_made_than_wished(base: Path, tmp_path: Path) -> None:
    assert train(recipe(most_steps=5), EXAMPLES, base, tmp_path, "cpu").step == 5


def test_the_rate_rises_while_warming_and_then_falls_to_nothing() -> None:
    settings = recipe(warmup=0.2).settings
    rates = [rate_at(step, 10, settings) for step in range(10)]
    assert rates[:2] == [0.005, 0.01]
    assert rates[2] == 0.01 and rates[9] == pytest.approx(0.01 / 8)
    assert rates[2:] == sorted(rates[2:], reverse=True)


def test_a_range_test_tries_rates_over_three_orders_of_magnitude(base: Path) -> None:
    found = range_test(recipe(), EXAMPLES, base, "cpu", 5)
    assert [rate for rate, _ in found] == pytest.approx(
        [1e-5, 1e-5 * 1000**0.25, 1e-5 * 1000**0.5, 1e-5 * 1000**0.75, 1e-2]
    )


def test_targets_are_the_answers_alone_one_place_ahead() -> None:
    one = Example(
        part="p", task="t", split="train", prompt="", answer="", prompt_ids=(5, 6, 7), answer_ids=(8, 9, 10, 2)
    )
    two = Example(part="p", task="t", split="train", prompt="", answer="", prompt_ids=(5,), answer_ids=(2,))
    ids, targets, weights = (found.tolist() for found in tensors([one, two], "cpu", -0.5))
    assert [row[:7] for row in ids] == [[5, 6, 7, 8, 9, 10, 2], [5, 2, 0, 0, 0, 0, 0]]
    assert targets[0][:7] == [IGNORED, IGNORED, 8, 9, 10, 2, IGNORED]
    assert targets[1] == [2, *[IGNORED] * 31]
    assert [row[:7] for row in weights] == [[0, 0, 0.5, 0.5, 0.5, 0.5, 0], [1, 0, 0, 0, 0, 0, 0]]


def test_tokens_weigh_alike_unless_the_recipe_says_otherwise() -> None:
    weights = tensors([example(1)], "cpu")[2]
    assert set(weights.flatten().tolist()) == {0.0, 1.0}


def test_the_loss_is_the_cross_entropy_of_the_answers_whatever_the_padding(base: Path) -> None:
    model = adapted(base, recipe().settings, "cpu").eval()
    one = EXAMPLES[0]
    longer = one.model_copy(update={"prompt_ids": (4,) * 9 + one.prompt_ids})
    with torch.no_grad():
        both, first, second = (float(loss_of(model, batch, "cpu")) for batch in ([one, longer], [one], [longer]))
        logits = model(torch.tensor([[*one.prompt_ids, *one.answer_ids]])).logits.float()[0, 4:-1]
    by_hand = torch.nn.functional.cross_entropy(logits, torch.tensor(one.answer_ids))
    assert first == pytest.approx(float(by_hand), abs=0.02)
    assert both == pytest.approx((first + second) / 2, abs=0.02)


def test_an_adapter_that_was_saved_answers_as_the_trained_model(base: Path, tmp_path: Path) -> None:
    model = adapted(base, recipe().settings, "cpu").eval()
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                weights.normal_(0, 0.1)
    save_adapter(model, tmp_path)
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    again = PeftModel.from_pretrained(plain, tmp_path).eval()
    ids = torch.tensor([EXAMPLES[0].prompt_ids])
    with torch.no_grad():
        assert torch.allclose(model(ids).logits, again(ids).logits, atol=0.05)


def test_a_training_may_begin_with_an_adapter(base: Path, tmp_path: Path) -> None:
    train(recipe(), EXAMPLES, base, tmp_path / "first", "cpu")
    train(recipe(most_steps=2), EXAMPLES, base, tmp_path / "new", "cpu")
    train(recipe(most_steps=2), EXAMPLES, base, tmp_path / "on", "cpu", tmp_path / "first" / BEST)
    assert losses(tmp_path / "on")[0] < losses(tmp_path / "new")[0]


def test_without_a_validation_set_the_last_adapter_is_kept(base: Path, tmp_path: Path) -> None:
    done = train(recipe(patience=1), EXAMPLES[:12], base, tmp_path, "cpu")
    assert done.step > 1 and (tmp_path / BEST / "adapter_model.safetensors").is_file()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_it_trains_on_a_gpu(base: Path, tmp_path: Path) -> None:
    train(recipe(), EXAMPLES, base, tmp_path, "cuda:0")
    found = losses(tmp_path)
    assert sum(found[-5:]) < sum(found[:5])
