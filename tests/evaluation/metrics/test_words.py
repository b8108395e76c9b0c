"""Words as metrics compare them."""

import pytest

from techgpt_ui.evaluation.metrics.words import folded, stands_in, stemmed, tokens


@pytest.mark.parametrize(
    ("text", "same"), [("ＡＢＣ  def", "abc def"), (" a\n b ", "a b"), ("Straße", "strasse"), ("①", "1"), ("", "")]
)
def test_width_case_and_white_space_do_not_count(text: str, same: str) -> None:
    assert folded(text) == same


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Graph-based 知识", ("graph", "-", "based", "知", "识")),
        ("C++", ("c", "+", "+")),
        ("café_2", ("café", "_", "2")),
        ("  ", ()),
    ],
)
def test_tokens_are_words_chinese_characters_and_marks(text: str, parts: tuple[str, ...]) -> None:
    assert tokens(text) == parts


def test_only_english_words_are_stemmed() -> None:
    assert stemmed("Running networks 网络 cafés 2s") == "run network 网 络 cafés 2s"


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [
        ("link", "links and nets", True),
        ("ink", "links", False),
        ("图谱", "知识图谱", True),
        ("图 谱", "知识图谱", True),
        ("a c", "a b c", False),
    ],
)
def test_words_stand_in_a_text_whole_and_side_by_side(words: str, text: str, stands: bool) -> None:
    assert stands_in(stemmed(words), stemmed(text)) == stands
