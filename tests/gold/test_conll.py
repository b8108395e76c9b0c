"""Column files: one token a line, its tag last."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techgpt_ui.gold.conll import decode
from tests.gold.conftest import Read, Refuse
from tests.gold.views import surfaces

CONLL_2003 = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP B-MISC
call NN I-NP O

Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER

"""
CROSSNER = "error\tB-metrics\nrate\tI-metrics\nin\tO\nR\tB-programlang\n.\tO\n\nSVM\tB-algorithm\n"
MSRA = "索 B-ORG\n尼 I-ORG\n在 O\n𠮷 B-LOC\n野 I-LOC\n家 E-LOC\n。 O\n\n2 O\n0 O\nG O\nO O\n好 O\n"


def texts(gold: object) -> list[str]:
    return [document.inputs["text"] for document in gold.documents]  # type: ignore[attr-defined]


def test_conll_2003_has_four_columns_and_marks_of_documents(read: Read) -> None:
    gold = read(CONLL_2003, "eng.testa")
    assert (gold.format, gold.task) == ("conll", "ner")
    assert texts(gold) == ["EU rejects German call", "Peter Blackburn"]
    assert surfaces(gold) == [[("EU", "ORG"), ("German", "MISC")], [("Peter Blackburn", "PER")]]
    assert [document.line for document in gold.documents] == [3, 8]


def test_crossner_has_two_columns_parted_by_tabs(read: Read) -> None:
    gold = read(CROSSNER, "dev.txt")
    assert surfaces(gold) == [[("error rate", "metrics"), ("R", "programlang")], [("SVM", "algorithm")]]


def test_five_columns_are_no_table_of_papers(read: Read) -> None:
    assert read("0\tEU\tNNP\tB-NP\tB-ORG\n1\tand\tCC\tO\tO\n", "five.txt").format == "conll"


def test_chinese_by_character_is_joined_without_spaces(read: Read) -> None:
    gold = read(MSRA, "msra.txt")
    assert texts(gold) == ["索尼在𠮷野家。", "20GO好"]
    assert surfaces(gold)[0] == [("索尼", "ORG"), ("𠮷野家", "LOC")]


def test_words_of_latin_keep_their_space_in_chinese(read: Read) -> None:
    gold = read("用\tO\nDeep\tB-X\nLearning\tI-X\n处理\tO\n2\tO\n0\tO\n张\tO\n图片\tO\n或者\tO\n更多\tO\n", "zh.txt")
    assert texts(gold) == ["用Deep Learning处理20张图片或者更多"]
    assert surfaces(gold) == [[("Deep Learning", "X")]]


@pytest.mark.parametrize("content", ["中\tO\n \tO\n国\tO\n", "中 O\n  O\n国 O\n"])
def test_a_space_can_be_a_token(read: Read, content: str) -> None:
    assert texts(read(content, "zh.txt")) == ["中 国"]


def test_an_ideographic_space_is_a_token_and_no_separator(read: Read) -> None:
    assert texts(read("中 O\n\u3000 O\n国 O\n", "zh.txt")) == ["中\u3000国"]


def test_comments_are_passed_over_but_not_tokens_that_begin_alike(read: Read) -> None:
    assert texts(read("# sent_id = 1\n#AI B-topic\n# O\n", "wnut.conll")) == ["#AI #"]


@pytest.mark.parametrize("content", [CROSSNER.replace("\n", "\r\n"), "\ufeff" + CROSSNER, CROSSNER.rstrip()])
def test_line_ends_bom_and_a_missing_last_line_do_not_matter(read: Read, content: str) -> None:
    assert [len(found) for found in surfaces(read(content, "dev.txt"))] == [2, 1]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-a I-a O", [(0, 1, "a")]),
        ("B-a B-a I-a", [(0, 0, "a"), (1, 2, "a")]),
        ("I-a I-a O I-a", [(0, 1, "a"), (3, 3, "a")]),
        ("I-a B-a I-b", [(0, 0, "a"), (1, 1, "a"), (2, 2, "b")]),
        ("B-a I-a E-a S-b", [(0, 2, "a"), (3, 3, "b")]),
        ("B-a E-a I-a", [(0, 1, "a"), (2, 2, "a")]),
        ("B-a L-a U-a U-a", [(0, 1, "a"), (2, 2, "a"), (3, 3, "a")]),
        ("B-a M-a E-a S-a", [(0, 2, "a"), (3, 3, "a")]),
        ("B_a I_a", [(0, 1, "a")]),
        ("B-used-for I-used-for", [(0, 1, "used-for")]),
        ("E-a O", [(0, 0, "a")]),
    ],
)
def test_the_schemes_of_tags_are_read_alike(tags: str, found: list[tuple[int, int, str]]) -> None:
    assert decode(tags.split()) == found


@pytest.mark.parametrize("line", ["lonely", "word NN", "word B-", "word X-PER", "中国"])
def test_a_line_without_a_tag_is_refused_with_its_number(refuse: Refuse, line: str) -> None:
    error = refuse(f"{CROSSNER}\n{line}\n", "dev.txt", format="conll")
    assert error.code == "gold_columns" and "line 9" in error.message.en


def test_conll_serves_entities_alone(refuse: Refuse) -> None:
    assert refuse(CROSSNER, "dev.txt", task="triples").code == "gold_no_such_task"


# What begins a comment or a document is no token.
TOKENS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(
    lambda token: token[0] != "#" and token != "-DOCSTART-"
)
SENTENCES = st.lists(st.tuples(TOKENS, st.sampled_from(["O", "B-x", "B-y"])), min_size=1)


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.sampled_from(["\t", " "]), st.sampled_from(["\n", "\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_read_again(
    read: Read, written: list[list[tuple[str, str]]], separator: str, line_end: str
) -> None:
    lines = [[f"{token}{separator}{tag}{line_end}" for token, tag in sentence] for sentence in written]
    gold = read(line_end.join("".join(sentence) for sentence in lines), "own.conll", format="conll")
    assert surfaces(gold) == [[(token, tag[2:]) for token, tag in sentence if tag != "O"] for sentence in written]
