"""Program text as models write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext

FORMAT = PARSERS["code_blocks"]


def read(raw: str) -> tuple[list[tuple[str, str]], list[str]]:
    parsed = FORMAT.parse(raw, ParseContext())
    return [(block.language, block.source.text) for block in parsed.code], [piece.text for piece in parsed.prose]


@pytest.mark.parametrize(
    ("raw", "code", "prose"),
    [
        ("```python\nprint(1)\n```", [("python", "print(1)")], []),
        ("Here:\n```js\nlet a = 1;\n```\nDone.", [("js", "let a = 1;")], ["Here:", "Done."]),
        ("```c++\na\n```\n\n~~~\nb\n~~~", [("c++", "a"), ("", "b")], []),
        ("````md\n```\ninner\n```\n````", [("md", "```\ninner\n```")], []),
        ("```python\ndef f():\n    return 1", [("python", "def f():\n    return 1")], []),
        ("以下是代码：```python\nx=1\n```", [("python", "x=1")], ["以下是代码："]),
        ("```python\nprint(1)```\nok", [("python", "print(1)")], ["ok"]),
        ("```print(1)```", [("", "print(1)")], []),
        ("1. First:\n   ```sh\n   ls\n   ```", [("sh", "   ls")], ["1. First:"]),
        ("``` python\r\nx\r\n```", [("python", "x\r")], []),
        ("def f(x):\n    return x\n\nprint(f(1))", [("", "def f(x):\n    return x\n\nprint(f(1))")], []),
        ("\n    x = 1\n    y = 2\n", [("", "    x = 1\n    y = 2")], []),
        ("print('你好')", [("", "print('你好')")], []),
        (
            "Here is the program:\n\n#include <stdio.h>\nint main() {\n  return 0;\n}\n\nIt ends at once.",
            [("", "#include <stdio.h>\nint main() {\n  return 0;\n}")],
            ["Here is the program:", "It ends at once."],
        ),
        ("SELECT a FROM b WHERE c = 1;", [("", "SELECT a FROM b WHERE c = 1;")], []),
        ("<html>\n<body>\nHi\n</body>\n</html>", [("", "<html>\n<body>\nHi\n</body>\n</html>")], []),
    ],
)
def test_code_is_told_from_prose(raw: str, code: list[tuple[str, str]], prose: list[str]) -> None:
    assert read(raw) == (code, prose) and FORMAT.parse(raw, ParseContext()).status == "parsed"


@pytest.mark.parametrize(
    "raw",
    [
        "Paris",
        "Paris, France",
        "42",
        "Answer: Paris",
        "yes or no",
        "北京(首都)",
        "The answer is (a) and b.",
        "I would use a loop; it is simple.",
        "你可以使用 for 循环：先求和，再输出。",
        "```python\n```",
        "```",
        "1. First, sort the list.\n2. Then (if needed) reverse it.\n3. Print it.",
    ],
)
def test_an_answer_without_code_is_unparsed_and_left_over(raw: str) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert parsed.status == "unparsed"
    assert [leftover.text for leftover in parsed.leftovers] == [line.strip() for line in raw.splitlines()]


@pytest.mark.parametrize(
    "raw",
    [
        "(" * 50_000,
        "-" * 900 + "1",
        "x = " + "not " * 240 + "1",
        "f" + "()" * 400,
        "x = [" * 90,
        "if x:\n" * 3_000,
        "x=\x00",
    ],
)
def test_text_that_is_hard_on_a_parser_does_no_harm(raw: str) -> None:
    assert FORMAT.parse(raw, ParseContext()).status in ("parsed", "unparsed")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "python", "c++"]),
            st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).filter(str.strip)
            | st.sampled_from(["```\nx\n```", "a\n\nb", "`x`"]),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_written_is_read_back(pieces: list[tuple[str, str]]) -> None:
    assert read(FORMAT.write(pieces, "english")) == (pieces, [])


def test_code_is_not_bound_to_anything() -> None:
    assert FORMAT.grammar("source", (), "techgpt") is None
