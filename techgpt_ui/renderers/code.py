"""Program text with highlighting by Pygments; it is shown, never run."""

from __future__ import annotations

from markupsafe import Markup
from pygments import highlight as colour
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from techgpt_ui.renderers.answer import Answer, Download, View
from techgpt_ui.renderers.markup import copy_button, tag
from techgpt_ui.schema import Code

_FORMATTER = HtmlFormatter(nowrap=True, classprefix="tok-")
# Above this a lexer would keep the page waiting; the text is shown plain.
MAX_COLOURED = 20_000


def code_view(answer: Answer) -> View:
    """Each block with its language, then what the model said around it; the file holds the blocks alone."""
    wished = str(answer.inputs.get("language") or "")
    blocks = answer.found.code or ()
    shown = Markup().join(code_block(block, wished) for block in blocks)
    prose = answer.found.text
    around = Markup('<div class="prose-answer" dir="auto">{}</div>').format(prose) if prose else Markup("")
    if not blocks:
        return View(main=str(around))
    content = "\n\n".join(block.source.strip("\n") for block in blocks) + "\n"
    suffix = _suffix(blocks[0].language or wished)
    return View(main=str(shown + around), download=Download(suffix=suffix, content=content.encode("utf-8", "replace")))


def code_block(block: Code, wished: str = "") -> Markup:
    """One block: its language, a button that copies it, and the coloured source."""
    language = block.language or wished
    head = tag("div", tag("span", language, "") + copy_button(block.source), "code-head")
    body = Markup('<pre tabindex="0"><code>{}</code></pre>').format(_coloured(block.source, language))
    return tag("div", head + body, "code-block")


def _coloured(source: str, language: str) -> Markup:
    lexer = _lexer(language) if len(source) <= MAX_COLOURED else TextLexer()
    # Pygments escapes what it colours.
    return Markup(colour(source, lexer, _FORMATTER))


def _lexer(language: str) -> Lexer:
    try:
        lexer: Lexer = get_lexer_by_name(language.strip().casefold(), stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    return lexer


def _suffix(language: str) -> str:
    """The usual file suffix of a language; Pygments knows it."""
    patterns = getattr(_lexer(language), "filenames", None) or ["*.txt"]
    plain = [pattern[2:] for pattern in patterns if pattern.startswith("*.") and pattern[2:].isalnum()]
    return plain[0] if plain else "txt"
