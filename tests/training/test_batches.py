"""Batches by length within a budget."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from training.batches import STEP, batches, width
from training.examples import Example


def examples(lengths: list[int]) -> list[Example]:
    return [
        Example(
            part="p", task="ner", split="train", prompt="", answer="", prompt_ids=(at,) * (length - 1), answer_ids=(1,)
        )
        for at, length in enumerate(lengths)
    ]


def padding(made: list[list[Example]]) -> float:
    """Share of the tokens that are padding."""
    held = sum(len(example) for batch in made for example in batch)
    return 1 - held / sum(len(batch) * width(batch) for batch in made)


@given(st.lists(st.integers(2, 300), min_size=1, max_size=80))
def test_every_example_comes_once_and_no_batch_is_over_budget(lengths: list[int]) -> None:
    made = batches(examples(lengths), 400, Random(0))
    assert sorted(len(one) for batch in made for one in batch) == sorted(lengths)
    assert all(len(batch) == 1 or len(batch) * width(batch) <= 400 for batch in made)


def test_an_example_over_the_budget_is_a_batch_of_its_own() -> None:
    made = batches(examples([500, 10]), 100, Random(0))
    assert sorted(len(batch) for batch in made) == [1, 1]


def test_the_seed_fixes_the_order() -> None:
    some = examples(list(range(2, 200)))
    assert batches(some, 400, Random(3)) == batches(some, 400, Random(3)) != batches(some, 400, Random(4))


def test_little_is_padding() -> None:
    rng = Random(1)
    made = batches(examples([rng.randint(20, 300) for _ in range(2000)]), 2048, Random(0))
    assert padding(made) < 0.12


def test_few_shapes_come_so_that_few_kernels_are_compiled() -> None:
    rng = Random(1)
    made = batches(examples([rng.randint(20, 300) for _ in range(2000)]), 2048, Random(0))
    assert {width(batch) % STEP for batch in made} == {0}
    assert len({(len(batch), width(batch)) for batch in made}) < len(made) / 2
