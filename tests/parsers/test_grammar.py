"""What the grammar allows is what the parser reads, and nothing that is not in the source."""

import pytest
from llguidance import LLMatcher, LLTokenizer

from techgpt_ui.engines.constraint import grammar_tokenizer
from techgpt_ui.parsers import PARSERS, ParseContext

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


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@pytest.mark.parametrize(
    ("form", "labels", "pieces"),
    [
        ("entity_lines", ("人物", "org"), [("Ada", "人物"), ("北京", "org"), ("北京大学", "org"), ("𠮷野家", "org")]),
        ("triple_lines", ("in", '"met"'), [("Ada", "in", "京大"), ("Bob", '"met"', "100,000")]),
        ("entity_lines", (), [("Ada", "person")]),
        ("entity_lines", ("x",), []),
    ],
)
def test_pieces_from_the_source_are_accepted_and_read_back(
    tokenizer: LLTokenizer, dialect: str, form: str, labels: tuple[str, ...], pieces: list[tuple[str, ...]]
) -> None:
    answer = PARSERS[form].write(pieces, dialect)
    assert accepts(tokenizer, PARSERS[form].grammar(SOURCE, labels, dialect), answer)
    parsed = PARSERS[form].parse(answer, ParseContext(source=SOURCE, labels=labels))
    read = [(m.surface.text, m.type) for m in parsed.mentions] or [
        (r.head.text, r.predicate.text, r.tail.text) for r in parsed.relations
    ]
    assert [tuple(part.strip('"') for part in piece) for piece in read] == [
        tuple(part.strip('"') for part in piece) for piece in pieces
    ]


@pytest.mark.parametrize(
    "pieces",
    [[("Eve", "x")], [("Ad", "x")], [("Ada", "y")], [("", "x")], [(" Ada", "x")], [("Ada met", "x "), ("q", "x")]],
)
def test_anything_else_is_refused(tokenizer: LLTokenizer, pieces: list[tuple[str, str]]) -> None:
    grammar = PARSERS["entity_lines"].grammar(SOURCE, ("x",), "english")
    assert not accepts(tokenizer, grammar, PARSERS["entity_lines"].write(pieces, "english"))


@pytest.mark.parametrize("source", ["", " \n", "…！"])
def test_a_source_without_words_allows_only_none(tokenizer: LLTokenizer, source: str) -> None:
    assert accepts(tokenizer, PARSERS["entity_lines"].grammar(source, (), "techgpt"), "无")
