"""A report as one file: no address outside it, no script, both languages with a switch."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from techgpt_ui.texts import LANGS, Lang, Text

_FOLDER = Path(__file__).parent
STYLE = (_FOLDER / "evaluation.css").read_text(encoding="utf-8")
"""How evaluations look, on the page and in files; a file needs what the page has besides."""
_BASE = (_FOLDER / "document.css").read_text(encoding="utf-8")


def document(title: Text, body: Markup, lang: Lang) -> str:
    """``body`` as a whole document that opens in ``lang``."""
    return str(
        Markup(
            '<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            # Even markup that should have slipped through could then load and run nothing.
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
            '<meta name="color-scheme" content="light dark"><title>{title}</title><style>{style}</style></head>'
            '<body><fieldset class="languages"><legend class="unseen">语言 / Language</legend>{switch}</fieldset>'
            "<main>{body}</main></body></html>"
        ).format(
            lang="zh-CN" if lang == "zh" else "en",
            title=title.within(lang),
            style=Markup(_BASE + STYLE),
            switch=Markup().join(_choice(each, lang) for each in LANGS),
            body=body,
        )
    )


def _choice(lang: Lang, chosen: Lang) -> Markup:
    words = {"zh": "中文", "en": "English"}[lang]
    checked = Markup(" checked") if lang == chosen else ""
    return Markup('<label lang="{0}"><input type="radio" name="lang" id="lang-{0}"{1}> {2}</label>').format(
        lang, checked, words
    )
