"""Documents of one task made from those of another."""

from collections.abc import Sequence
from typing import Any

from techgpt_ui.gold import GoldDocument, GoldMention, GoldTriple
from training.derive import derived
from training.recipe import Part

TEXT = "Ada wrote Note G on the Analytical Engine in London"


def of(derive: str, document: GoldDocument, **more: Any) -> Sequence[GoldDocument]:
    part = Part(name="part", file="gold.jsonl", read_as="ner", tokens=1, derive=derive, **more)
    return list(derived(part, [document]))


def mentions(*found: tuple[str, str]) -> GoldDocument:
    marked = [
        GoldMention(start=TEXT.index(words), end=TEXT.index(words) + len(words), type=kind) for words, kind in found
    ]
    return GoldDocument(line=1, inputs={"text": TEXT}, mentions=tuple(marked))


def test_terms_are_the_mentions_of_the_named_types_in_order_of_the_text() -> None:
    document = mentions(("Analytical Engine", "product"), ("Note G", "algorithm"), ("London", "place"))
    (made,) = of("terms", document, terms=("product", "algorithm"))
    assert made.items == ("Note G", "Analytical Engine")
    assert made.mentions == ()


def test_a_text_with_one_term_is_left_out() -> None:
    assert not of("terms", mentions(("Note G", "algorithm")), terms=("algorithm",))


def test_the_field_is_that_of_its_types_where_these_agree() -> None:
    fields = {"algorithm": "computing", "place": "geography"}
    (made,) = of("field_of_types", mentions(("Note G", "algorithm"), ("Ada", "person")), subjects=fields)
    assert made.label == "computing"
    assert not of("field_of_types", mentions(("Note G", "algorithm"), ("London", "place")), subjects=fields)


def test_facts_are_those_of_the_subject_that_has_most() -> None:
    triples = [("Ada", "wrote", "Note G"), ("Ada", "lived in", "London"), ("Note G", "is on", "Analytical Engine")]
    document = GoldDocument(
        line=1,
        inputs={"text": TEXT},
        relations=tuple(GoldTriple(head=head, predicate=predicate, tail=tail) for head, predicate, tail in triples),
    )
    (made,) = of("facts_of_subject", document)
    assert made.fields == (("wrote", "Note G"), ("lived in", "London"))


def test_types_become_fields() -> None:
    (made,) = of("types_as_fields", mentions(("London", "place"), ("Ada", "person")))
    assert made.fields == (("person", "Ada"), ("place", "London"))


def test_a_passage_is_cut_to_the_sentences_around_its_answer() -> None:
    passage = "起初一句话。" * 60 + "她在伦敦写了注记。" + "最后一句话。" * 60
    document = GoldDocument(line=1, inputs={"passage": passage, "question": "在哪里？"}, texts=("伦敦",))
    (made,) = of("near_the_answer", document)
    kept = made.inputs["passage"]
    assert "她在伦敦写了注记。" in kept and kept in passage and len(kept) < 220
    assert kept.startswith("起初") and kept.endswith("。")


def test_a_passage_without_its_answer_is_left_out() -> None:
    document = GoldDocument(line=1, inputs={"passage": "她在巴黎。", "question": "在哪里？"}, texts=("伦敦",))
    assert not of("near_the_answer", document)


def test_the_end_of_a_text_keeps_the_keywords_that_stand_in_it() -> None:
    text = "起初一句话。" * 60 + "本文研究知识图谱的表示学习。基于图神经网络的链接预测"
    document = GoldDocument(line=1, inputs={"text": text}, items=("链接预测", "表示学习", "数据库"))
    (made,) = of("end_of_text", document)
    assert made.items == ("链接预测", "表示学习")
    assert (
        text.endswith(made.inputs["text"]) and made.inputs["text"].startswith("起初") and len(made.inputs["text"]) < 120
    )


def test_an_end_with_one_keyword_is_left_out() -> None:
    document = GoldDocument(line=1, inputs={"text": "第一句话。" * 60 + "链接预测"}, items=("链接预测", "数据库"))
    assert not of("end_of_text", document)
