"""ROUGE, BLEU and chrF, by hand and against the libraries they come from."""

import random

import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from techgpt_ui.evaluation.metrics import measures, score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from tests.evaluation.metrics.outcomes import outcome, values

ENGLISH = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "while",
    "state-of-the-art",
    "models",
    "don't",
]
CHINESE = "知识图谱以三元组的形式描述实体之间的关系，模型A可以自动抽取。"


def document(gold: list[str], said: str | None) -> Outcome:
    answer = None if said is None else {"text": said}
    return outcome({"text": "x", "abstract": "x", "direction": "en-zh"}, {"texts": tuple(gold)}, answer)


def english(seed: int, count: int = 30) -> tuple[list[str], list[str]]:
    chance = random.Random(seed)
    return [[" ".join(chance.choices(ENGLISH, k=chance.randrange(1, 14))) for _ in range(count)] for _ in "ab"]


def chinese(seed: int, count: int = 30) -> tuple[list[str], list[str]]:
    chance = random.Random(seed)
    return [["".join(chance.choices(CHINESE, k=chance.randrange(1, 30))) for _ in range(count)] for _ in "ab"]


def figures(library: Library, task: str, said: list[str], gold: list[str]) -> dict[str, float | None]:
    return values(score(library.task(task), [document([g], s) for s, g in zip(said, gold, strict=True)]))


def test_rouge_in_english_is_googles(library: Library) -> None:
    said, gold = english(1)
    found = figures(library, "abstract_to_title", said, gold)
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    each = [scorer.score(wanted, mine) for mine, wanted in zip(said, gold, strict=True)]
    for name in ("rouge1", "rouge2", "rougeL"):
        assert found[name] == pytest.approx(sum(one[name].fmeasure for one in each) / len(each))


def test_rouge_in_chinese_is_by_character(library: Library) -> None:
    found = figures(library, "abstract_to_title", ["图谱的知识 BERT"], ["知识图谱（bert）"])
    assert (found["rouge1"], found["rouge2"]) == pytest.approx((2 * 5 / (6 + 5), 2 * 2 / (5 + 4)))
    assert found["rougeL"] == pytest.approx(2 * 3 / (6 + 5))


def test_the_best_of_several_references_counts(library: Library) -> None:
    found = values(score(library.task("abstract_to_title"), [document(["other words", "one two"], "one two")]))
    assert (found["rougeL"], found["rouge2"], found["chrf"]) == (1, 1, 100)


@pytest.mark.parametrize(
    ("texts", "tokenizer"), [(english(2), "13a"), (chinese(2), "zh"), ((["a b"], ["c d e"]), "13a")]
)
def test_bleu_and_chrf_are_sacrebleus(library: Library, texts: tuple[list[str], list[str]], tokenizer: str) -> None:
    said, gold = texts
    scores = score(library.task("translation"), [document([g], s) for s, g in zip(said, gold, strict=True)])
    bleu, chrf = BLEU(tokenize=tokenizer), CHRF()
    assert values(scores)["bleu"] == pytest.approx(bleu.corpus_score(said, [gold]).score)
    assert values(scores)["chrf"] == pytest.approx(chrf.corpus_score(said, [gold]).score)
    assert scores.signatures == {"bleu": str(bleu.get_signature()), "chrf": str(chrf.get_signature())}


def test_any_sample_of_sentences_scores_as_sacrebleu_would_score_it(library: Library) -> None:
    said, gold = english(3)
    found = measures(library.task("translation"), [document([g], s) for s, g in zip(said, gold, strict=True)])
    chance = random.Random(5)
    for _ in range(20):
        drawn = [chance.randrange(len(said)) for _ in range(chance.randrange(1, 5))]
        sample = [said[at] for at in drawn], [[gold[at] for at in drawn]]
        for measure, scorer in zip(found, (BLEU(), CHRF()), strict=True):
            assert measure.formula(measure.rows[drawn].sum(axis=0)) == pytest.approx(scorer.corpus_score(*sample).score)


def test_several_references_of_different_number_are_sacrebleus(library: Library) -> None:
    said, (one, two) = (
        ["the quick fox", "a lazy dog jumps over"],
        (["the fox", "the dog jumps over it"], ["quick fox", None]),
    )
    gold = [["the fox", "quick fox"], ["the dog jumps over it"]]
    found = values(score(library.task("translation"), [document(g, s) for s, g in zip(said, gold, strict=True)]))
    assert found["bleu"] == pytest.approx(BLEU().corpus_score(said, [one, two]).score)
    assert found["chrf"] == pytest.approx(CHRF().corpus_score(said, [one, two]).score)


def test_both_directions_are_cut_by_the_language_of_their_references(library: Library) -> None:
    outcomes = [
        document(["知识图谱描述关系"], "知识图谱描述关系"),
        document(["one two three four"], "one two three four"),
    ]
    scores = score(library.task("translation"), outcomes)
    assert values(scores)["bleu"] == pytest.approx(100)
    assert "tok:zh" in scores.signatures["bleu"] and "tok:13a" in scores.signatures["bleu"]


@pytest.mark.parametrize("task", ["abstract_to_title", "title_to_abstract", "translation", "qa"])
def test_failed_documents_count_and_those_without_references_do_not(library: Library, task: str) -> None:
    full, failed, open_ended = document(["a b c d"], "a b c d"), document(["a b c d"], None), document([], "a b c d")
    whole, half = (values(score(library.task(task), some)) for some in ([full, open_ended], [full, failed]))
    assert whole["chrf"] == 100 and (half["chrf"] or 0) < 100
    assert set(values(score(library.task(task), [open_ended])).values()) == {None}
    assert set(values(score(library.task(task), [failed])).values()) == {0}
