"""What the grammar allows is what the parser reads, and nothing that is not in the source."""

import pytest
from llguidance import LLMatcher, LLTokenizer

from techgpt_ui.engines.constraint import grammar_tokenizer
from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.parsers.spans import has_span

SOURCE = 'Dr. Ada met "Bob" in 北京大学, paid 100,000 \\ and left 😀 𠮷野家'


@pytest.fixture(scope="module")
def tokenizer() -> LLTokenizer:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(
        models.BPE(vocab={character: at for at, character in enumerate([*alphabet, "</s>"])}, merges=[])
    )
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token="</s>")
    return grammar_tokenizer(fast, len(fast))


def accepts(tokenizer: LLTokenizer, grammar: str, answer: str) -> bool:
    matcher = LLMatcher(tokenizer, grammar, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    tokens = tokenizer.tokenize_str(answer)
    return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()


def grammar(form: str, labels: tuple[str, ...], dialect: str, source: str = SOURCE) -> str:
    written = PARSERS[form].grammar(source, labels, dialect)
    assert written is not None
    return written


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@pytest.mark.parametrize(
    ("form", "labels", "pieces"),
    [
        ("entity_lines", ("人物", "org"), [("Ada", "人物"), ("北京", "org"), ("北京大学", "org"), ("𠮷野家", "org")]),
        ("triple_lines", ("in", '"met"'), [("Ada", "in", "京大"), ("Bob", '"met"', "100,000")]),
        ("entity_lines", (), [("Ada", "person")]),
        ("entity_lines", ("x",), []),
        ("item_list", (), [("Ada met",), ("北京大学",), ("100,000",), ("𠮷野家",)]),
        ("item_list", (), []),
        ("field_lines", ("谁", "a|b (c)*", "empty"), [("谁", "Ada", "Bob"), ("a|b (c)*", "北京"), ("empty",)]),
        ("field_lines", (), [("who", "Ada"), ("where", "北京大学", "𠮷野家"), ("why",)]),
        ("label", ("材料", 'say "x"', "a\\b"), [('say "x"',)]),
        ("passage_answer", (), [('Dr. Ada met "Bob" in 北京大学, paid 100,000',)]),
        ("passage_answer", (), []),
    ],
)
def test_pieces_from_the_source_are_accepted_and_read_back(
    tokenizer: LLTokenizer, dialect: str, form: str, labels: tuple[str, ...], pieces: list[tuple[str, ...]]
) -> None:
    answer = PARSERS[form].write(pieces, dialect)
    assert accepts(tokenizer, grammar(form, labels, dialect), answer)
    parsed = PARSERS[form].parse(answer, ParseContext(source=SOURCE, labels=labels))
    read = [
        *((m.surface.text, m.type) for m in parsed.mentions),
        *((r.head.text, r.predicate.text, r.tail.text) for r in parsed.relations),
        *((span.text,) for span in (*parsed.items, *parsed.labels, *(() if parsed.says_none else parsed.prose))),
        *((field.name.text, *(value.text for value in field.values)) for field in parsed.fields),
    ]
    assert [tuple(part.strip('"') for part in piece) for piece in read] == [
        tuple(part.strip('"') for part in piece) for piece in pieces
    ]
    assert parsed.status == "parsed"


@pytest.mark.parametrize(
    ("form", "labels", "pieces"),
    [
        ("entity_lines", ("x",), [("Eve", "x")]),
        ("entity_lines", ("x",), [("Ad", "x")]),
        ("entity_lines", ("x",), [("Ada", "y")]),
        ("entity_lines", ("x",), [("", "x")]),
        ("entity_lines", ("x",), [(" Ada", "x")]),
        ("entity_lines", ("x",), [("Ada met", "x "), ("q", "x")]),
        ("item_list", (), [("Eve",)]),
        ("item_list", (), [("Ada",), ("Ad",)]),
        ("item_list", (), [("paid 100",)]),
        ("item_list", (), [("Ada",), ("",)]),
        ("item_list", (), [("Ada",)] * 25),
        ("field_lines", ("a", "b"), [("a", "Eve"), ("b",)]),
        ("field_lines", ("a", "b"), [("a", "Ada")]),
        ("field_lines", ("a", "b"), [("b",), ("a",)]),
        ("field_lines", ("a",), [("a", *["Ada"] * 9)]),
        ("field_lines", (), [("who", "Eve")]),
        ("label", ("a", "b"), [("c",)]),
        ("label", ("a", "b"), [("a",), ("b",)]),
        ("passage_answer", (), [("Ada met Bob",)]),
        ("passage_answer", (), [("Ada met",), ("Bob",)]),
    ],
)
@pytest.mark.parametrize("dialect", ["techgpt", "english"])
def test_anything_else_is_refused(
    tokenizer: LLTokenizer, form: str, labels: tuple[str, ...], pieces: list[tuple[str, ...]], dialect: str
) -> None:
    assert not accepts(tokenizer, grammar(form, labels, dialect), PARSERS[form].write(pieces, dialect))


@pytest.mark.parametrize("form", ["entity_lines", "triple_lines", "item_list", "passage_answer"])
@pytest.mark.parametrize("source", ["", " \n", "…！", "\n实体名：\n"])
def test_a_source_without_words_allows_only_none(tokenizer: LLTokenizer, form: str, source: str) -> None:
    none = PARSERS[form].write([], "techgpt")
    assert accepts(tokenizer, grammar(form, (), "techgpt", source), none) or has_span(source)


def test_fields_of_a_source_without_words_are_empty(tokenizer: LLTokenizer) -> None:
    written = PARSERS["field_lines"].write([("时间",), ("地点",)], "techgpt")
    assert accepts(tokenizer, grammar("field_lines", ("时间", "地点"), "techgpt", "时间："), written)


@pytest.mark.parametrize("form", ["entity_lines", "item_list", "field_lines", "passage_answer"])
def test_a_long_source_of_many_clauses_does_not_overtax_the_lexer(tokenizer: LLTokenizer, form: str) -> None:
    clauses = [f"{chr(0x4E00 + at)}{chr(0x5E00 + at)}{chr(0x6E00 + at)}" for at in range(1_500)]
    name = clauses[700]
    piece = {"entity_lines": (name, "x"), "field_lines": ("f", name)}.get(form, (name,))
    labels = {"entity_lines": ("x",), "field_lines": ("f",)}.get(form, ())
    answer = PARSERS[form].write([piece], "techgpt")
    assert accepts(tokenizer, grammar(form, labels, "techgpt", "，".join(clauses)), answer)


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@pytest.mark.parametrize("source", ["高炉（BF）与炼铁", "高炉：炼铁", "高炉〇，炼铁", "高炉,B；炼铁", "高炉，炼铁"])
def test_a_span_may_end_wherever_the_source_goes_on(tokenizer: LLTokenizer, source: str, dialect: str) -> None:
    pieces: dict[str, list[tuple[str, ...]]] = {
        "entity_lines": [("高炉", "x"), ("炼铁", "x")],
        "triple_lines": [("高炉", "x", "炼铁")],
        "item_list": [("高炉",), ("炼铁",), ("高炉",)],
        "field_lines": [("x", "高炉", "炼铁", "高炉")],
        "passage_answer": [("高炉",)],
    }
    for form, wanted in pieces.items():
        assert accepts(tokenizer, grammar(form, ("x",), dialect, source), PARSERS[form].write(wanted, dialect)), form


def test_a_label_needs_a_choice() -> None:
    assert PARSERS["label"].grammar(SOURCE, (), "techgpt") is None


@pytest.mark.parametrize("span", ["Acme Inc.", "U.S.", "C++", "k -NN", "£4800", "J. Smith"])
def test_a_span_may_end_in_a_sign_that_belongs_to_it(tokenizer: LLTokenizer, span: str) -> None:
    source = "J. Smith of Acme Inc. in the U.S. likes C++ and k -NN and won £4800 . Yes ."
    assert accepts(tokenizer, grammar("item_list", (), "english", source), span)


@pytest.mark.parametrize(
    "span", [".", "won £4800 .", "- NN", "+", "Acme Inc. in the U.S. likes C++ and k -NN and won £4800"]
)
def test_a_span_is_no_mark_and_no_whole_clause(tokenizer: LLTokenizer, span: str) -> None:
    source = "J. Smith of Acme Inc. in the U.S. likes C++ and k - NN and won £4800 . Yes ."
    assert not accepts(tokenizer, grammar("item_list", (), "english", source), span)
