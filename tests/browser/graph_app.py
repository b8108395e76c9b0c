"""A page that holds nothing but a graph: the value of each button is made of fixed triples."""

import sys
from typing import Any

import gradio as gr

from techgpt_ui.renderers.graph import GraphInput
from techgpt_ui.schema import Mention, Relation
from techgpt_ui.texts import text
from techgpt_ui.ui.graph_view import ASSETS, build_graph_view, graph_routes, graph_value

Triple = tuple[str, str, str]

CHINESE_SOURCE = (
    "陈奕迅，1974年7月27日出生于香港，华语流行乐男歌手、演员，毕业于英国金斯顿大学。"
    "1996年，陈奕迅因获得新秀歌唱大赛冠军而出道。2000年，他凭借歌曲《K歌之王》获得关注。"
    "2003年发行专辑《黑·白·灰》；其中《十年》是陈小霞作曲、林夕作词。林夕也为《K歌之王》作词。"
)
CHINESE: list[Triple] = [
    ("陈奕迅", "出生日期", "1974年7月27日"),
    ("陈奕迅", "出生地", "香港"),
    ("陈奕迅", "毕业院校", "英国金斯顿大学"),
    ("陈奕迅", "职业", "歌手"),
    ("陈奕迅", "职业", "演员"),
    ("陈奕迅", "获奖", "新秀歌唱大赛冠军"),
    ("陈奕迅", "代表作品", "《K歌之王》"),
    ("陈奕迅", "代表作品", "《十年》"),
    ("陈奕迅", "专辑", "《黑·白·灰》"),
    ("《十年》", "所属专辑", "《黑·白·灰》"),
    ("《十年》", "作曲", "陈小霞"),
    ("《十年》", "作词", "林夕"),
    ("《K歌之王》", "作词", "林夕"),
    ("陈奕迅", "国籍", "中国"),
]
HOSTILE: list[Triple] = [
    ("<img src=x onerror=\"document.title='owned'\">", "${document.title='owned'}", "{{value}}"),
    ("</script><script>document.title='owned'</script>", "<link prediction>", "a\u2028b"),
    ("`${7*7}`", "\x01\ufffe\ud800", "😀 & <b>粗体</b>"),
    ("😀 & <b>粗体</b>", "self", "😀 & <b>粗体</b>"),
]
ENGLISH_SOURCE = "Grace Holloway moved from Dublin to Oslo in 2009. She works for Fjord Analytics, a firm in Oslo."
ENGLISH: list[Triple] = [
    ("Grace Holloway", "moved to", "Oslo"),
    ("Grace Holloway", "moved from", "Dublin"),
    ("Grace Holloway", "works for", "Fjord Analytics"),
    ("Fjord Analytics", "located in", "Oslo"),
]
SCATTERED: list[Triple] = [(f"公司{at}", "创始人", f"人物{at}") for at in range(9)]
MANY: list[Triple] = [(f"实体{at * at % 499}", f"关系{at % 7}", f"实体{at % 500}") for at in range(800)]


def given(run: str, source: str, triples: list[Triple]) -> GraphInput:
    """The triples as a run would have read them, ends placed where the source first names them."""
    names = list(dict.fromkeys(end for head, _, tail in triples for end in (head, tail)))
    mentions = []
    for at, name in enumerate(names):
        start = source.find(name)
        place: dict[str, Any] = {"start": None, "end": None, "text": "", "status": "ungrounded"}
        if start >= 0:
            place = {"start": start, "end": start + len(name), "text": name, "status": "exact"}
        mentions.append(Mention(id=f"m{at}", type="", surface=name, **place))
    ids = {mention.surface: mention.id for mention in mentions}
    relations = [
        Relation(id=f"r{at}", head=ids[head], predicate=predicate, tail=ids[tail])
        for at, (head, predicate, tail) in enumerate(triples)
    ]
    return GraphInput(run=run, source=source, mentions=tuple(mentions), relations=tuple(relations))


RUNS = {
    "chinese": [given("运行 1", CHINESE_SOURCE, CHINESE)],
    "english": [given("run 1", ENGLISH_SOURCE, ENGLISH)],
    "merged": [given("运行 1", CHINESE_SOURCE, CHINESE), given("运行 2", CHINESE_SOURCE, CHINESE[:4])],
    "hostile": [given("../../run\x00", HOSTILE[0][0], HOSTILE)],
    "scattered": [given("scattered", "", SCATTERED)],
    "many": [given("many", "", MANY)],
    "none": [],
}


LANGUAGE = """<script>
  const wanted = new URLSearchParams(location.search).get("lang") || "en";
  const settle = () => { if (document.documentElement.lang !== wanted) document.documentElement.lang = wanted; };
  new MutationObserver(settle).observe(document.documentElement, { attributeFilter: ["lang"] });
  settle();
</script>"""


def _english(key: str) -> str:
    return text(key).en


def main() -> None:
    """Serve on the port that the command line names."""
    with gr.Blocks(analytics_enabled=False) as page:
        with gr.Tabs():
            with gr.Tab("now"):
                view = build_graph_view(_english, "graph")
            with gr.Tab("later"):
                later = build_graph_view(_english, "later")
        for name, results in RUNS.items():
            button = gr.Button(name, elem_id=name)
            button.click(lambda results=results: [graph_value(results)] * 2, None, [view.html, later.html])
    page.launch(
        server_port=int(sys.argv[1]),
        root_path=sys.argv[2] if len(sys.argv) > 2 else None,
        head=LANGUAGE,
        css=(ASSETS / "page.css").read_text(encoding="utf-8"),
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=["system-ui", "sans-serif"]),
        app_kwargs={"routes": graph_routes()},
    )


if __name__ == "__main__":
    main()
