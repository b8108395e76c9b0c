"""Whether programs parse."""

import pytest

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from techgpt_ui.schema import Code
from tests.evaluation.metrics.outcomes import outcome, values


def document(*blocks: tuple[str, str], asked: str = "python") -> Outcome:
    code = tuple(Code(language=language, source=source) for language, source in blocks)
    return outcome({"language": asked, "request": "x"}, {}, {"code": code, "text": ""})


@pytest.mark.parametrize(
    ("blocks", "share"),
    [
        ([("python", "print(1)")], 1),
        ([("Py", "def f(: pass")], 0),
        ([("", "x = 1")], 1),
        ([("json", '{"a": [1]}')], 1),
        ([("json", "{a: 1}")], 0),
        ([("python", "x = 1"), ("python", "x =")], 0),
        ([("python", "x = 1"), ("bash", "ls")], 1),
        ([("python", "x = " + "-" * 30_000 + "1")], 0),
        ([("python", "(" * 3_000 + ")" * 3_000)], 0),
        ([], 0),
    ],
)
def test_a_document_counts_where_all_blocks_parse(
    library: Library, blocks: list[tuple[str, str]], share: float
) -> None:
    assert values(score(library.task("code"), [document(*blocks)]))["parses"] == share


def test_languages_without_a_parser_are_left_out_and_named(library: Library) -> None:
    outcomes = [document(("sql", "SELECT")), document(("", "x"), asked="java"), document(("python", "x = 1"))]
    scores = score(library.task("code"), outcomes)
    assert values(scores) == {"parses": 1}
    assert scores.signatures == {"parses": "parsers:python,json|uncounted:java:1|uncounted:sql:1"}
    assert values(score(library.task("code"), outcomes[:1])) == {"parses": None}


def test_a_program_is_never_run(library: Library) -> None:
    assert values(score(library.task("code"), [document(("python", "raise SystemExit"))])) == {"parses": 1}
