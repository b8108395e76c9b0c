"""Put the page together and serve it."""

from __future__ import annotations

import os
import socket
from itertools import groupby
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # nothing leaves the machine

import gradio as gr
from markupsafe import Markup
from starlette.middleware import Middleware
from starlette.routing import Route

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Task, load_library
from techgpt_ui.renderers.evaluation.document import STYLE
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.renderers.models import header_html
from techgpt_ui.settings import Settings
from techgpt_ui.space import forgets, on_zero_gpu
from techgpt_ui.store import ConversationStore, EvaluationStore, ReviewStore, RunStore, open_workbench
from techgpt_ui.texts import Lang
from techgpt_ui.ui.dialogue_tab import build_dialogue_tab
from techgpt_ui.ui.endpoints import add_endpoints
from techgpt_ui.ui.evaluation_form import GOLD_LIMIT
from techgpt_ui.ui.evaluation_tab import build_evaluation_tab
from techgpt_ui.ui.example_sets import follow_example_sets, own_of
from techgpt_ui.ui.gone_clients import GoneClientMiddleware
from techgpt_ui.ui.graph_view import graph_routes
from techgpt_ui.ui.guard import GuardMiddleware
from techgpt_ui.ui.history_tab import build_history_tab
from techgpt_ui.ui.home import build_home
from techgpt_ui.ui.i18n import ASSETS, PageMiddleware, Strings
from techgpt_ui.ui.model_fit import follow_model
from techgpt_ui.ui.models_actions import facts_of
from techgpt_ui.ui.models_tab import build_models_tab
from techgpt_ui.ui.news import PATH as NEWS_PATH
from techgpt_ui.ui.news import news_button, news_routes
from techgpt_ui.ui.review_actions import ReviewActions
from techgpt_ui.ui.review_beside import example_routes, rerun_routes
from techgpt_ui.ui.review_examples import ExampleActions
from techgpt_ui.ui.review_readings import ReadingActions
from techgpt_ui.ui.review_rerun import RerunActions
from techgpt_ui.ui.review_routes import review_routes
from techgpt_ui.ui.review_tab import build_review_tab
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.task_tab import build_task_tab, link_task_tab
from techgpt_ui.ui.workbench import QUICK, Workbench

TITLE = "TechGPT Workbench"
MAX_WAITING = 64
QUEUE_LOOK_S = 0.02
STYLES = ("page.css", "dialogue.css", "history.css", "evaluation.css", "models.css", "review.css", "review_beside.css")


def serve(settings: Settings) -> None:
    """Start the page, then the model behind it; returns when the server ends."""
    _require_free_port(settings)
    os.environ["GRADIO_TEMP_DIR"] = str(_temporary_folder(settings))
    library = load_library(settings.presets)
    host = ModelHost(resolve_model(settings.model, library, settings, served=bool(settings.base_url)), settings)
    database = open_workbench(settings)
    bench = Workbench(
        library=library,
        host=host,
        sessions=Sessions(),
        say=Strings(library),
        runs=RunStore(database),
        conversations=ConversationStore(database),
        evaluations=EvaluationStore(database),
        tabs={},
    )
    lent = on_zero_gpu()
    if lent:
        # Launching moves the weights to where lent GPUs find them, so the model comes first, in this very thread.
        host.load()
        host.engine()
    page = build(bench, settings.words, storage_notice(settings))
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=MAX_WAITING)
    # Gradio looks a thousand times a second whether anybody waits, which alone kept a tenth of a core busy.
    page._queue.sleep_when_free = QUEUE_LOOK_S
    page.launch(
        server_name=settings.host,
        server_port=settings.port,
        i18n=bench.say.i18n,
        theme=gr.themes.Base(
            primary_hue="teal", neutral_hue="slate", font=["system-ui", "sans-serif"],
            font_mono=["ui-monospace", "monospace"],
            spacing_size="sm", text_size="md",
        ),
        css="".join((ASSETS / name).read_text(encoding="utf-8") for name in STYLES) + STYLE,
        app_kwargs={
            "middleware": [
                Middleware(PageMiddleware, default_lang=settings.lang, news=NEWS_PATH),
                Middleware(GuardMiddleware),
                Middleware(GoneClientMiddleware, sessions=bench.sessions),
            ],
            "routes": _routes(bench, ReviewStore(database)),
        },
        footer_links=["api"],
        mcp_server=True,
        show_error=True,
        ssr_mode=False,
        _frontend=False,  # else Gradio ends the app where a busy machine takes over three seconds for the first page
        max_file_size=GOLD_LIMIT,
        prevent_thread_lock=True,
    )  # fmt: skip
    if not lent:
        host.start()
    page.block_thread()


def _routes(bench: Workbench, reviews: ReviewStore) -> list[Route]:
    """What the page asks for beside Gradio's events; the more special of two paths stands first."""
    library = bench.library
    rerun, examples = RerunActions(bench, reviews), ExampleActions(bench.host, library, reviews, own_of(bench))
    return [
        *graph_routes(),
        *news_routes(bench.host),
        *rerun_routes(rerun),
        *example_routes(examples),
        *review_routes(ReviewActions(reviews, bench.runs, library), ReadingActions(reviews), rerun, examples),
    ]


def build(bench: Workbench, lang: Lang, notice: str = "") -> gr.Blocks:
    """The page: header, a notice as HTML, families of tabs, one tab a capability; endpoints speak ``lang``."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        with gr.Row(elem_id="header"):
            header = gr.HTML(_header(bench.host))
            language = gr.Button(bench.say("ui.language"), size="sm", scale=0, min_width=90, elem_id="language")
        if notice:
            gr.HTML(notice, elem_id="storage")
        news = news_button()
        now = gr.Textbox(bench.host.preset.id, visible="hidden", elem_id="model-now")
        news.click(lambda: (_header(bench.host), bench.host.preset.id), None, [header, now], **QUICK)
        gr.HTML(_families(bench), visible="hidden")
        tabs, outer, homes = _tabs(bench, news, now)
        labels = list(tabs.values())
        language.click(
            lambda: [gr.Tab(label=bench.say(key)) for key in tabs],
            None,
            labels,
            js="() => window.techgptSwitch()",
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        wanted = gr.Textbox(visible="hidden")
        page.load(
            _opener(bench, homes),
            wanted,
            [outer, *homes.values()],
            js="() => window.techgptWanted",
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        ).then(None, js="() => { window.techgptOpened = true; }")
        follow_example_sets(bench, page, now)
        page.unload(_closer(bench))
        add_endpoints(bench, lang)
    _tell_progress_nowhere(page, now)
    return page


def _tell_progress_nowhere(page: gr.Blocks, hidden: Any) -> None:
    """Every event says itself how it goes, so Gradio's own progress goes to one ``hidden`` component.

    By default it goes to each output of each event that ever ran, with each word that is streamed: a look through the
    whole page for every one of them, ten times the work of showing the word.
    """
    for event in page.fns.values():
        event.show_progress_on = [hidden]


def storage_notice(settings: Settings) -> str:
    """That nothing here outlives a restart, as HTML; "" where it does."""
    return str(tag("div", say("space.forgets"), "notice")) if forgets(settings.data) else ""


def _temporary_folder(settings: Settings) -> Path:
    """Where files for downloads are made; WorkbenchError where the data folder cannot be written."""
    folder = settings.data / "tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbenchError("cache_not_writable", path=settings.data, why=error.strerror or error) from error
    return folder.resolve()


def _tabs(bench: Workbench, news: gr.Button, now: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """All tabs by the key of their label, the row of families, and each family's row of tasks."""
    labels: dict[str, Any] = {}
    homes: dict[str, Any] = {}
    tasks = bench.library.tasks.values()
    with gr.Tabs(elem_id="families", overflow_behavior="wrap") as outer:
        with gr.Tab(bench.say("ui.home"), id="home", elem_id="tab-home") as labels["ui.home"]:
            home = build_home(bench)
        for family, members in groupby(tasks, key=lambda task: task.family):
            with gr.Tab(bench.say(f"family.{family}"), id=family, elem_id=f"tab-family-{family}") as family_tab:
                labels[f"family.{family}"] = family_tab
                with gr.Tabs(elem_id=f"family-{family}", overflow_behavior="wrap") as homes[family]:
                    for task in members:
                        labels[f"task.{task.id}"] = _task_tab(bench, task)
        with gr.Tab(bench.say("ui.history"), id="history", elem_id="tab-history") as labels["ui.history"]:
            history = gr.Column()
        with gr.Tab(bench.say("ui.evaluation"), id="evaluation", elem_id="tab-evaluation") as labels["ui.evaluation"]:
            evaluation = gr.Column()
        with gr.Tab(bench.say("ui.review"), id="review", elem_id="tab-review") as labels["ui.review"]:
            build_review_tab()
        with gr.Tab(bench.say("ui.model"), id="model", elem_id="tab-model") as labels["ui.model"]:
            build_models_tab(bench, news)
    # What leads from tab to tab is built last, when all of them exist.
    with history:
        build_history_tab(bench)
    with evaluation:
        form = build_evaluation_tab(bench)
    way = gr.Textbox("", visible="hidden")
    way.change(None, way, None, js="(way) => window.techgptGo(way)")
    for parts in bench.tabs.values():
        with parts.footer:
            link_task_tab(bench, parts, way)
    follow_model(bench, now, home, form)
    return labels, outer, homes


def _task_tab(bench: Workbench, task: Task) -> Any:
    with gr.Tab(bench.say(f"task.{task.id}"), id=task.id, elem_id=f"tab-{task.id}") as tab:
        gr.HTML(_task_head(task))
        (build_dialogue_tab if task.turns_input else build_task_tab)(bench, task)
    tab.select(None, js=f'() => {{ window.techgptSelected("{task.id}"); }}')
    return tab


def _task_head(task: Task) -> str:
    """What the tab is for."""
    return str(tag("p", both(task.help.text), "task-help"))


def _families(bench: Workbench) -> str:
    """In which family the script finds each task's tab; tabs themselves are made as they are opened."""
    mark = Markup('<i data-task="{}" data-family="{}"></i>')
    return str(Markup().join(mark.format(task.id, task.family) for task in bench.library.tasks.values()))


def _opener(bench: Workbench, homes: dict[str, Any]) -> Any:
    def open_address(task_id: str) -> list[Any]:
        wanted = bench.library.tasks.get(task_id)
        if wanted is None:
            return [gr.skip()] * (1 + len(homes))
        inner = [gr.Tabs(selected=wanted.id) if family == wanted.family else gr.skip() for family in homes]
        return [gr.Tabs(selected=wanted.family), *inner]

    return open_address


def _closer(bench: Workbench) -> Any:
    def close_page(request: gr.Request) -> None:
        bench.sessions.stop(request.session_hash or "")

    return close_page


def _header(host: ModelHost) -> str:
    return header_html(TITLE, facts_of(host))


def _require_free_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise WorkbenchError("port_in_use", port=settings.port) from error
