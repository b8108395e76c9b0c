"""Names put in each other's places: the gold stays right."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.gold import GoldDocument, GoldMention, GoldTriple
from training.swapping import names_of, swapped


def marked(text: str, *names: tuple[str, str]) -> GoldDocument:
    mentions = [
        GoldMention(start=text.index(name), end=text.index(name) + len(name), type=kind) for name, kind in names
    ]
    return GoldDocument(line=1, inputs={"text": text}, mentions=tuple(mentions))


def related(text: str, *triples: tuple[str, str, str]) -> GoldDocument:
    return GoldDocument(
        line=1,
        inputs={"text": text},
        relations=tuple(GoldTriple(head=head, predicate=predicate, tail=tail) for head, predicate, tail in triples),
    )


NEWS = [
    marked("昨天，林晓在上海。", ("林晓", "人物"), ("上海", "地点")),
    marked("𠮷田一郎访问了呼和浩特市", ("𠮷田一郎", "人物"), ("呼和浩特市", "地点")),
]
BOOKS = [
    related("《空城》的作者是夙言，夙言写了《空城》", ("空城", "作者", "夙言")),
    related("《女人树》是周蕙唱的", ("女人树", "歌手", "周蕙")),
    related("《十讲》由杨文衡著", ("十讲", "作者", "杨文衡")),
]


@given(st.integers())
def test_every_mention_is_a_name_of_its_type_where_it_says(seed: int) -> None:
    names = names_of(NEWS)
    made = swapped(NEWS[0], names, Random(seed))
    found = [(made.inputs["text"][one.start : one.end], one.type) for one in made.mentions]
    assert all(surface in names[kind] for surface, kind in found)
    assert made.inputs["text"] == f"昨天，{found[0][0]}在{found[1][0]}。"


@given(st.integers())
def test_heads_and_tails_are_swapped_wherever_they_stand(seed: int) -> None:
    made = swapped(BOOKS[0], names_of(BOOKS), Random(seed))
    (triple,) = made.relations
    assert triple.head in {"空城", "十讲"} and triple.tail in {"夙言", "杨文衡"}
    assert made.inputs["text"] == f"《{triple.head}》的作者是{triple.tail}，{triple.tail}写了《{triple.head}》"


def test_some_names_change() -> None:
    names = names_of(NEWS)
    assert {swapped(NEWS[0], names, Random(seed)).inputs["text"] for seed in range(20)} > {NEWS[0].inputs["text"]}


def test_a_text_whose_mentions_overlap_stays_as_it_is() -> None:
    nested = marked("北京大学", ("北京大学", "机构"), ("北京", "地点"))
    assert swapped(nested, names_of([nested, *NEWS]), Random(1)) == nested


def test_a_text_one_of_whose_names_holds_another_stays_as_it_is() -> None:
    held = related("《周蕙精选》是周蕙的专辑", ("周蕙精选", "歌手", "周蕙"))
    assert swapped(held, names_of([held, *BOOKS]), Random(1)) == held
