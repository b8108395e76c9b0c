"""Tokens where there is no tokenizer."""

from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.engines.text_tokens import TextTokens
from techgpt_ui.schema import Segment

TOKENS = TextTokens(1000)


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_a_prompt_comes_back_to_the_letter(text: str) -> None:
    ids = TOKENS.encode([Segment(text=text)])
    assert "".join(piece for piece, _ in TOKENS.pieces(ids)) == text
    assert [0, *TOKENS.offsets(text)][-1] == len(text) and len(TOKENS.offsets(text)) == len(ids)


def test_chinese_counts_by_character_and_english_by_four_letters() -> None:
    assert len(TOKENS.encode([Segment(text="知识图谱")])) == 4
    assert len(TOKENS.encode([Segment(text="know graph")])) == 3
