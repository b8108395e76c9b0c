"""The tab of reviews: its frame, which its scripts fill from the desk's own routes."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from techgpt_ui.exporters import EXPORTERS
from techgpt_ui.renderers.markup import say
from techgpt_ui.store.review_records import REASONS
from techgpt_ui.texts import Text, catalogue
from techgpt_ui.ui.i18n import ASSETS
from techgpt_ui.ui.review_routes import PATH

SCRIPTS = (
    "review_text.js",
    "review_state.js",
    "review_projects.js",
    "review_project.js",
    "review_desk.js",
    "review_edit.js",
    "review_merge.js",
    "review_readings.js",
    "review_beside.js",
    "review_examples.js",
    "review_keys.js",
)
"""Joined in this order; the last one begins."""
KEYED = (
    ("accept", "a"), ("reject", "x"), ("edit", "e"), ("borders", "b"), ("merge", "d"), ("skip", "␣"), ("flag", "f"),
    ("missed", "m"), ("undo", "⌫"), ("rerun", "r"), ("help", "?"),
)  # fmt: skip
READ_KEYED = (("read", "a"), ("later", "␣"), ("missed", "m"), ("undo", "⌫"), ("help", "?"))
VIEWS = ("desk", "reads", "disputes", "figures", "project")
ORDERS = ("random", "unsure", "document")
STRATA = ("none", "type", "confidence", "task")


def build_review_tab() -> None:
    """Nothing is asked for before the tab is opened."""
    gr.HTML(
        "",
        html_template=str(_frame()),
        js_on_load="".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS).replace("__PATH__", PATH),
        apply_default_css=False,
        elem_id="review",
        words=_words(),
    )


def _words() -> dict[str, dict[str, str]]:
    """All strings of the desk by the last part of their keys, for what the script writes itself."""
    found: dict[str, Text] = catalogue()
    return {key.removeprefix("review."): words._asdict() for key, words in found.items() if key.startswith("review.")}


def _frame() -> Markup:
    views = Markup().join((_list(), _head(), _desk(), _project(), _figures()))
    alert = Markup('<p class="rv-alert" role="alert" hidden></p><p class="rv-told" role="status"></p>')
    return Markup('<section class="rv">{}{}</section>').format(alert, views)


def _list() -> Markup:
    new = Markup().join(
        (
            _field("name", "project_name", Markup('<input name="name" maxlength="60" required>')),
            _field("reviewer", "reviewer", Markup('<input name="reviewer" maxlength="60" required>')),
            _field("source", "source", _select("source", "", ("history", "file"))),
            _field("task", "task", Markup('<select name="task"></select>')),
            _field("query", "query", Markup('<input name="query">'), "from-history"),
            _field("file", "file_info", Markup('<input name="file" type="file">'), "from-file"),
            _field("n", "sample_n", _number("n", 0, 0, 1_000_000)),
            _field("documents", "sample_documents", _number("documents", 0, 0, 1_000_000)),
            _field("by", "by", _select("by", "by_", STRATA)),
            _field("blind", "blind", _number("blind", 0, 0, 100)),
            _field("double", "double", _number("double", 0, 0, 100)),
            _field("order", "order", _select("order", "order_", ORDERS)),
            _field("seed", "seed", _number("seed", 0, 0, 2**31)),
            _field("guidelines", "guidelines", Markup('<textarea name="guidelines" rows="3"></textarea>'), "rv-wide"),
        )
    )
    join = _field("invitation", "invitation", Markup('<input name="invitation" maxlength="40" required>')) + _field(
        "name", "reviewer", Markup('<input name="name" maxlength="60" required>')
    )
    return Markup(
        '<div class="rv-view" data-view="list"><p class="task-help">{intro}</p><h3>{mine}</h3>'
        '<ul class="rv-projects" role="list"></ul><p class="rv-none" hidden>{none}</p>'
        '<details class="rv-new"><summary>{new_title}</summary><form data-form="create">{new}{create}</form></details>'
        '<details><summary>{join_title}</summary><form data-form="join">{join}{enter}</form></details></div>'
    ).format(
        intro=say("review.intro"), mine=say("review.mine"), none=say("review.none"), new_title=say("review.new"),
        new=new, create=_submit("create"), join_title=say("review.join"), join=join, enter=_submit("enter"),
    )  # fmt: skip


def _head() -> Markup:
    buttons = Markup().join(_do(f"view-{name}", f"to_{name}") for name in VIEWS)
    return Markup(
        '<div class="rv-head" hidden>{back}<b class="rv-title"></b><nav>{buttons}</nav><div class="rv-progress">'
        '<progress max="1" value="0" aria-labelledby="rv-count"></progress>'
        '<span class="rv-count" id="rv-count"></span></div></div>'
    ).format(back=_do("view-list", "back"), buttons=buttons)


def _desk() -> Markup:
    return Markup(
        '<div class="rv-view" data-view="desk" hidden><div class="rv-main"><div class="rv-card" tabindex="-1">'
        '<div class="rv-answer"></div><div class="rv-marks"></div><div class="source rv-text"></div>'
        '<dl class="rv-inputs"></dl></div>{panels}{keys}{read_keys}'
        '<div data-queue="items">{comment}</div><div class="rv-help limits" hidden><p data-queue="items">{help}</p>'
        '<p data-queue="reads">{read_help}</p></div><div class="rv-empty" hidden><p>{empty}</p>'
        '<p class="limits" data-queue="items">{second}</p><p class="rv-to-read"></p></div></div>'
        '<aside><h4>{guidelines}</h4><div class="rv-guidelines"></div>'
        '<h4 data-queue="items">{earlier}</h4><h4 data-queue="reads">{known}</h4>'
        '<ul class="rv-log" role="list"></ul></aside></div>'
    ).format(
        panels=_panels(), keys=_keys("items", KEYED), read_keys=_keys("reads", READ_KEYED), help=say("review.keys"),
        read_help=say("review.reads_keys"), empty=say("review.empty"),
        second=say("review.empty_second"), guidelines=say("review.guidelines"), earlier=say("review.earlier"),
        known=say("review.reads_known"),
        comment=_field("comment", "comment", Markup('<input name="comment" maxlength="4000">'), "rv-comment"),
    )  # fmt: skip


def _keys(queue: str, keyed: tuple[tuple[str, str], ...]) -> Markup:
    buttons = Markup().join(
        Markup('<button type="button" data-do="{0}">{1} <kbd>{2}</kbd></button>').format(
            name, say(f"review.{name}"), key
        )
        for name, key in keyed
    )
    return Markup('<div class="rv-keys" data-queue="{}">{}</div>').format(queue, buttons)


def _panels() -> Markup:
    """What opens below an item, each in the modes that it names."""
    reasons = Markup().join(
        Markup('<button type="button" data-reason="{0}"><kbd>{1}</kbd> {2}</button>').format(
            name, at, say(f"review.reason.{name}")
        )
        for at, name in enumerate(REASONS, 1)
    )
    return Markup(
        '<div class="rv-panel rv-pick" data-mode="why" hidden><b>{why}</b> {reasons}{cancel}</div>'
        '<form class="rv-panel rv-edit" data-mode="edit missed" hidden><p class="rv-tip"></p>{text}{head}{tail}{type}'
        '<datalist id="rv-types"></datalist>{swap}{save}{examined}{cancel}</form>'
        '<div class="rv-panel rv-pick" data-mode="merge" hidden><b>{into}</b> <span class="rv-alike"></span>'
        "{cancel}</div>"
    ).format(
        why=say("review.why"), into=say("review.merge_into"), reasons=reasons, cancel=_do("cancel", "cancel"),
        text=_field("text", "text", Markup('<textarea name="text" rows="1"></textarea>')),
        head=_field("head", "head", Markup('<input name="head" autocomplete="off">')),
        tail=_field("tail", "tail", Markup('<input name="tail" autocomplete="off">')),
        type=_field("type", "type", Markup('<input name="type" list="rv-types" autocomplete="off">')),
        swap=_do("swap", "swap"), save=_submit("save"), examined=_do("examined", "examined"),
    )  # fmt: skip


def _project() -> Markup:
    least = Markup('<input name="min" type="number" min="0" max="1" step="any" value="0.9">')
    bulk = Markup('<form data-form="accept_all"><b>{}</b>{}{}{}</form>').format(
        say("review.bulk"), _field("type", "bulk_type", Markup('<input name="type">')),
        _field("min", "bulk_confidence", least),
        _submit("bulk_go"),
    )  # fmt: skip
    carry = Markup('<form data-form="carry">{}{}</form>').format(
        _field("source", "carry", Markup('<select name="source"></select>')), _submit("carry_go")
    )
    edit = Markup('<form data-form="guidelines">{}{}</form>').format(
        _field("guidelines", "guidelines", Markup('<textarea name="guidelines" rows="6"></textarea>'), "rv-wide"),
        _submit("save_guidelines"),
    )
    taken = Markup(
        '<form data-form="export"><b>{}</b>{}<label class="rv-check"><input type="checkbox" name="accepted"> {}</label>'
        "{}"
        '<div class="rv-export" role="status" hidden><a class="rv-file" download></a><ul role="list"></ul></div></form>'
    ).format(
        say("review.export"), _field("format", "export_format", _select("format", "format_", tuple(EXPORTERS))),
        say("review.export_settled"), _submit("export_go"),
    )  # fmt: skip
    return Markup(
        '<div class="rv-view" data-view="project" hidden><h4>{members}</h4><ul class="rv-members" role="list"></ul>'
        '<div class="rv-leads"><p>{invite} <code class="rv-invitation"></code></p>{edit}{taken}{bulk}{carry}'
        "<p>{reopen} {delete}</p></div></div>"
    ).format(
        members=say("review.members"), invite=say("review.invite"), edit=edit, taken=taken, bulk=bulk, carry=carry,
        reopen=_do("reopen", "reopen"), delete=_do("delete", "delete"),
    )  # fmt: skip


def _figures() -> Markup:
    return Markup(
        '<div class="rv-view" data-view="figures" hidden><p><a class="rv-report" download>{}</a></p>'
        '<div class="rv-figures"></div></div>'
    ).format(say("review.report"))


def _field(name: str, key: str, control: Markup, css: str = "") -> Markup:
    return Markup('<label class="rv-field {}" data-field="{}"><span>{}</span>{}</label>').format(
        css, name, say(f"review.{key}"), control
    )


def _select(name: str, prefix: str, values: tuple[str, ...]) -> Markup:
    """Options hold no markup: the script writes their words in the page's language."""
    options = Markup().join(
        Markup('<option value="{0}" data-word="{1}{0}"></option>').format(v, prefix) for v in values
    )
    return Markup('<select name="{}">{}</select>').format(name, options)


def _number(name: str, value: int, low: int, high: int) -> Markup:
    return Markup('<input name="{}" type="number" value="{}" min="{}" max="{}" step="1">').format(
        name, value, low, high
    )


def _submit(key: str) -> Markup:
    return Markup('<button type="submit" class="primary">{}</button>').format(say(f"review.{key}"))


def _do(name: str, key: str) -> Markup:
    return Markup('<button type="button" data-do="{}">{}</button>').format(name, say(f"review.{key}"))
