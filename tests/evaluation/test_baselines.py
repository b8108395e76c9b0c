"""Trivial answers: what each says, and whose gold it has seen."""

from typing import Any

import pytest

from techgpt_ui.evaluation.baselines import baselines
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.gold import GoldDocument, GoldMention
from techgpt_ui.presets import Library
from techgpt_ui.texts import catalogue


def document(line: int = 1, gold: dict[str, Any] | None = None, **inputs: str) -> GoldDocument:
    return GoldDocument(line=line, inputs=inputs, **(gold or {}))


def labelled(*labels: str) -> list[GoldDocument]:
    return [document(text="x", gold={"label": label}) for label in labels]


def tagged(text: str, **kinds: str) -> GoldDocument:
    mentions = [
        GoldMention(start=text.index(words), end=text.index(words) + len(words), type=kind)
        for words, kind in kinds.items()
    ]
    return document(text=text, gold={"mentions": tuple(mentions)})


def answer(outcome: Outcome) -> Any:
    result = outcome.result
    assert result is not None
    if result.mentions is not None:
        return [(mention.text, mention.type) for mention in result.mentions]
    if result.labels is not None:
        return [label.text for label in result.labels]
    return result.text if result.text is not None else [item.text for item in result.items or ()]


def answers(library: Library, task: str, documents: list[GoldDocument], **others: Any) -> dict[str, list[Any]]:
    found = baselines(library.task(task), documents, others.get("labels", ()), others.get("pool"))
    return {name: [answer(outcome) for outcome in outcomes] for name, outcomes in found.items()}


def test_the_most_frequent_label_is_the_pools_or_else_the_golds_own(library: Library) -> None:
    documents, pool = labelled("law", "art", "art"), labelled("war", "war", "art")
    assert answers(library, "domain", documents) == {"most_frequent_label_gold": [["art"]] * 3}
    assert answers(library, "domain", documents, pool=pool) == {"most_frequent_label_pool": [["war"]] * 3}


def test_only_labels_that_were_asked_for_are_answered(library: Library) -> None:
    assert answers(library, "domain", labelled("law", "art", "art"), labels=("law",)) == {
        "most_frequent_label_gold": [["law"]] * 3
    }


def test_capitalised_words_are_entities_of_the_most_frequent_type(library: Library) -> None:
    documents = [tagged("we met Ada Lovelace in Oslo", Oslo="place")]
    assert answers(library, "ner", documents) == {
        "capitalised_words_gold": [[("Ada Lovelace", "place"), ("Oslo", "place")]]
    }


def test_entities_of_the_pool_are_found_again_whole_and_the_longest_first(library: Library) -> None:
    pool = [tagged("New York is big", **{"New York": "city"}), tagged("York", York="town"), tagged("北京", 北京="地点")]
    documents = [document(text="New York, York, Yorkshire, 在北京大学")]
    found = answers(library, "ner", documents, pool=pool)["known_entities_pool"]
    assert found == [[("New York", "city"), ("York", "town"), ("北京", "地点")]]


def test_keywords_are_the_phrases_of_highest_tfidf_told_apart_by_the_pools_texts(library: Library) -> None:
    documents, pool = [document(text="Deep nets, deep data.")], [document(text="Deep data.")] * 5
    assert answers(library, "keywords", documents, pool=pool)["tfidf"][0][0] == "Deep nets"


def test_the_nearest_sentence_answers_a_question(library: Library) -> None:
    passage = "The ferry is red. It leaves at 9 pm. Dogs are allowed!"
    documents = [document(question="When does it leave?", passage=passage), document(question="?", passage="")]
    assert answers(library, "mrc", documents) == {"nearest_sentence": ["It leaves at 9 pm.", ""]}


@pytest.mark.parametrize(
    ("abstract", "title"),
    [
        ("本文研究图谱.结果表明有效.", "本文研究图谱"),
        ("We gain 3.5 points. More follows.", "We gain 3.5 points"),
        ("no stop", "no stop"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_a_title(library: Library, abstract: str, title: str) -> None:
    assert answers(library, "abstract_to_title", [document(abstract=abstract)]) == {"first_sentence": [title]}


def test_a_title_is_its_own_abstract_and_a_text_its_own_translation(library: Library) -> None:
    assert answers(library, "title_to_abstract", [document(title="On x")]) == {"copied_input": ["On x"]}
    assert answers(library, "translation", [document(text="One. Two.")]) == {"copied_input": ["One. Two."]}


@pytest.mark.parametrize("task", ["triples", "open_ie", "code"])
def test_what_has_no_trivial_answer_has_no_baseline(library: Library, task: str) -> None:
    assert answers(library, task, [document(text="x", request="x")]) == {}


def test_without_documents_there_are_no_baselines(library: Library) -> None:
    assert answers(library, "ner", []) == {}


@pytest.mark.parametrize("task", ["ner", "keywords", "domain", "mrc", "abstract_to_title", "translation"])
def test_every_baseline_has_a_name_and_an_explanation(library: Library, task: str) -> None:
    documents = [document(text="Ada", passage="Ada", question="Ada", abstract="Ada")]
    names = {*baselines(library.task(task), documents, (), documents), *baselines(library.task(task), documents, ())}
    assert {f"baseline.{name}{end}" for name in names for end in ("", ".help")} <= catalogue().keys()
