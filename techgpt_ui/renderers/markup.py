"""Small pieces of HTML: escaped text, and words in both languages of which CSS shows one."""

from __future__ import annotations

from markupsafe import Markup, escape

from techgpt_ui.texts import Text, text


def both(words: Text) -> Markup:
    """Both languages, each in a span of its own; the page's language decides which is visible."""
    return Markup('<span class="l-zh" lang="zh">{}</span><span class="l-en" lang="en">{}</span>').format(
        words.zh, words.en
    )


def say(key: str, **params: object) -> Markup:
    """The string ``key`` in both languages."""
    return both(text(key, **params))


def tag(name: str, content: object, css: str) -> Markup:
    """``<name class=css>content</name>`` with the content escaped unless it is markup already."""
    return Markup("<{0} class='{1}'>{2}</{0}>").format(Markup(name), css, escape(content))


def copy_button(content: str) -> Markup:
    """A button that puts ``content`` on the clipboard; the page's script listens for it."""
    return Markup('<button type="button" class="copy" data-copy="{}">{}</button>').format(content, say("ui.copy"))


def hue(label: str) -> int:
    """A stable hue for a type, in degrees; the page's own teal where there is none."""
    if not label:
        return 173
    return sum((at + 7) * ord(character) for at, character in enumerate(label)) * 47 % 360
