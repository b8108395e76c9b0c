"""CrossRE and SciERC: tokens, and spans that include their last one."""

from typing import Any

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices, surfaces, triples

CROSSRE = {
    "doc_key": "ai-dev-1",
    "sentence": ["Here", ",", "accuracy", "is", "measured", "by", "error", "rate", "."],
    "ner": [[2, 2, "metrics"], [6, 7, "metrics"]],
    "relations": [[6, 7, 2, 2, "part-of", "", True, False]],
}
SCIERC: dict[str, Any] = {
    "doc_key": "P01",
    "sentences": [["We", "parse", "text", "."], ["Parsers", "use", "treebanks", "."]],
    "ner": [[[2, 2, "Material"]], [[4, 4, "Method"], [6, 6, "Material"]]],
    "relations": [[], [[6, 6, 4, 4, "USED-FOR"]]],
    "clusters": [[[2, 2], [6, 6]]],
}


def test_crossre_is_one_sentence_a_line(read: Read) -> None:
    gold = read([CROSSRE], task="ner")
    assert gold.format == "crossre"
    assert gold.documents[0].inputs == {"text": "Here , accuracy is measured by error rate ."}
    assert surfaces(gold) == [[("accuracy", "metrics"), ("error rate", "metrics")]]


def test_a_relation_is_a_triple_of_the_surfaces(read: Read) -> None:
    assert triples(read([CROSSRE], task="triples")) == [[("error rate", "part-of", "accuracy")]]


def test_a_relation_with_two_explanations_counts_once(read: Read) -> None:
    twice = CROSSRE | {"relations": [[6, 7, 2, 2, "part-of", why, True, False] for why in ("a", "b")]}
    gold = read([twice], task="triples")
    assert len(gold.documents[0].relations) == 1 and notices(gold) == ["gold_repeated_triples"]


def test_tokens_of_chinese_are_joined_without_spaces(read: Read) -> None:
    row = CROSSRE | {"sentence": ["索尼", "在", "𠮷野", "😀"], "ner": [[2, 3, "x"]], "relations": []}
    assert surfaces(read([row], task="ner")) == [[("𠮷野😀", "x")]]


def test_scierc_is_read_by_sentence_with_tokens_counted_through(read: Read) -> None:
    gold = read([SCIERC], task="ner")
    assert (gold.format, [document.line for document in gold.documents]) == ("scierc", [1, 1])
    assert surfaces(gold) == [[("text", "Material")], [("Parsers", "Method"), ("treebanks", "Material")]]
    assert notices(gold) == ["gold_coreference"]


def test_relations_of_scierc_stay_in_their_sentence(read: Read) -> None:
    assert triples(read([SCIERC], task="triples")) == [[], [("treebanks", "USED-FOR", "Parsers")]]


@pytest.mark.parametrize("row", [CROSSRE, SCIERC])
def test_both_serve_two_tasks(refuse: Refuse, row: dict[str, Any]) -> None:
    assert refuse([row]).code == "gold_which_task"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ner": [[8, 9, "x"]]}, "gold_tokens"),
        ({"ner": [[3, 2, "x"]]}, "gold_tokens"),
        ({"ner": [[-1, 2, "x"]]}, "gold_tokens"),
        ({"ner": [[0, "x"]]}, "gold_few_cells"),
        ({"ner": [["0", 1, "x"]]}, "gold_wrong_kind"),
        ({"ner": [[0, 1, ""]]}, "gold_blank"),
        ({"sentence": ["a", 1]}, "gold_wrong_kind"),
    ],
)
def test_a_span_outside_the_sentence_is_told_with_its_line(refuse: Refuse, change: dict[str, Any], code: str) -> None:
    error = refuse([CROSSRE, CROSSRE | change], task="ner")
    assert error.code == code and "line 2" in error.message.en


def test_a_span_of_another_sentence_is_told_with_its_sentence(refuse: Refuse) -> None:
    error = refuse([SCIERC | {"ner": [[[5, 5, "x"]], []]}], task="ner")
    assert error.code == "gold_tokens" and "sentences[0].ner[0]" in error.message.en


def test_annotations_for_fewer_sentences_are_refused(refuse: Refuse) -> None:
    assert refuse([SCIERC | {"ner": [[]]}], task="ner").code == "gold_few_cells"
