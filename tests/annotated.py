"""Annotated documents: one that holds every difficulty, and any that could be."""

from datetime import UTC, datetime
from typing import Any, get_args

from hypothesis import strategies as st

from techgpt_ui.annotations import (
    AnnotatedDocument,
    Answer,
    Decision,
    FieldValue,
    Piece,
    Provenance,
    Reason,
    Verdict,
)
from techgpt_ui.schema import Item, Label, Mention, ModelInfo, Relation

TEXT = "𠮷田😀在 Google\n工作。Larry Page founded Google 公司 in 1998, he said."
PREDICATE = "<link prediction, 属于, KG>"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MODEL = ModelInfo(name="TechGPT-7B", revision="main", dtype="bf16")


def mention(ident: str, surface: str, kind: str, *, at: int = 0, **changes: Any) -> Mention:
    """A mention of what the text says from ``at`` on."""
    start = TEXT.index(surface, at)
    usual = {"surface": surface, "text": surface, "start": start, "end": start + len(surface), "status": "exact"}
    return Mention.model_validate({"id": ident, "type": kind} | usual | changes)


def ungrounded(ident: str, surface: str = "无处可寻") -> Mention:
    return Mention(id=ident, type="物", surface=surface, text="", start=None, end=None, status="ungrounded")


def judged(verdict: Verdict, **changes: Any) -> Decision:
    return Decision(verdict=verdict, **{"reviewer": "ann@example.org", "time": NOON} | changes)


def a_document(ident: str = "doc1", **changes: Any) -> AnnotatedDocument:
    """Overlaps, a span over a line end, an ungrounded end, quotes, every verdict."""
    mentions = (
        Piece[Mention](id="m1", value=mention("m1", "𠮷田", "人物 name", confidence=0.75), decision=judged("accept")),
        Piece[Mention](
            id="m2",
            value=mention("m2", "Google\n工作", 'org "x", <y>', status="fuzzy"),
            edited=mention("m2", "Google", "org"),
            decision=judged("edit", reason="boundary", comment="too\nlong"),
        ),
        Piece[Mention](id="m3", value=mention("m3", "Larry Page", "person"), decision=judged("reject", reason="type")),
        Piece[Mention](id="m4", value=ungrounded("m4")),
        Piece[Mention](id="m5", value=mention("m5", "Larry", "person")),
        Piece[Mention](
            id="m6",
            value=mention("m6", "Google 公司", "it's; a|b"),
            added=True,
            decision=judged("accept", reviewer="bo"),
        ),
        Piece[Mention](id="m7", value=mention("m7", "😀在 Google\n工", "place"), decision=judged("flag")),
    )
    relations = (
        Piece[Relation](
            id="r1",
            value=Relation(id="r1", head="m1", predicate=PREDICATE, tail="m2", confidence=0.5),
            decision=judged("accept"),
        ),
        Piece[Relation](id="r2", value=Relation(id="r2", head="m1", predicate="it's; \\u0060 `x` \\", tail="m4")),
        Piece[Relation](
            id="r3",
            value=Relation(id="r3", head="m5", predicate="位于", tail="m2"),
            decision=judged("reject", reason="direction"),
        ),
    )
    usual: dict[str, Any] = {
        "text": TEXT,
        "lang": "zh",
        "title": "=1+1",
        "task": "triples",
        "inputs": {"text": TEXT, "predicates": ["位于"]},
        "mentions": mentions,
        "relations": relations,
        "provenance": Provenance(run="0" * 32, model=MODEL, prompt="Human: …", raw="<a, b, c>", seed=7),
    }
    return AnnotatedDocument(id=ident, **usual | changes)


def texts_document(task: str = "qa", *, answer: str = "水的沸点是100℃。", **changes: Any) -> AnnotatedDocument:
    """A document with an answer in prose and nothing else."""
    question = "水的沸点？"
    usual: dict[str, Any] = {
        "text": question,
        "lang": "zh",
        "inputs": {"question": question},
        "texts": (Piece[Answer](id="t1", value=Answer(text=answer)),),
    }
    return AnnotatedDocument(id=f"{task}-1", task=task, **usual | changes)


def labelled(label: str = "材料", **changes: Any) -> AnnotatedDocument:
    """A document with a label of the whole text."""
    labels = (Piece[Label](id="l1", value=Label(text=label, score=0.8), decision=judged("accept")),)
    usual: dict[str, Any] = {"text": TEXT, "lang": "zh", "inputs": {"text": TEXT, "labels": ["材料"]}, "labels": labels}
    return AnnotatedDocument(id="label-1", task="domain", **usual | changes)


def with_items(task: str = "keywords") -> AnnotatedDocument:
    """A document with keywords, one of them nowhere in its text."""
    start = TEXT.index("Google")
    found = (
        Piece[Item](id="i1", value=Item(text="Google", start=start, end=start + 6, status="exact")),
        Piece[Item](id="i2", value=Item(text="企业", start=None, end=None, status="ungrounded")),
    )
    return AnnotatedDocument(id="items-1", text=TEXT, lang="zh", task=task, inputs={"text": TEXT}, items=found)


def with_fields() -> AnnotatedDocument:
    """An open extraction with a field that has no value."""
    start = TEXT.index("1998")
    value = FieldValue(field="时间", text="1998", start=start, end=start + 4, status="exact")
    return AnnotatedDocument(
        id="fields-1",
        text=TEXT,
        lang="zh",
        task="open_ie",
        inputs={"text": TEXT, "fields": ["时间", "地点"]},
        fields=(Piece[FieldValue](id="f1", value=value, decision=judged("accept")),),
        provenance=Provenance(field_names=("时间", "地点")),
    )  # fmt: skip


# --- any document -----------------------------------------------------------------------------------------------

_LETTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
TEXTS = st.text(
    st.sampled_from("北京大学在 Google\n,. 😀𠮷\"'<>|;:`\\=+-@é\u2028ab1") | _LETTERS, min_size=1, max_size=40
).filter(lambda text: bool(text.strip()) and not text.startswith("\ufeff"))
NAMES = st.text(st.sampled_from("人物 org-_<>|;:,'\"`\\=@{}$/#") | _LETTERS, min_size=1, max_size=12).filter(
    lambda name: bool(name.strip()) and "\n" not in name and name == name.strip()
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@st.composite
def decisions(draw: st.DrawFn, verdicts: tuple[Verdict, ...] = ("accept", "reject", "skip", "flag")) -> Decision:
    return Decision(
        verdict=draw(st.sampled_from(verdicts)),
        reviewer=draw(st.sampled_from(["", "ann@example.org", "bo", "审核者"])),
        time=draw(st.none() | MOMENTS),
        reason=draw(st.none() | st.sampled_from(get_args(Reason))),
        comment=draw(st.just("") | NAMES),
    )


@st.composite
def mentions_of(draw: st.DrawFn, ident: str, text: str, *, grounded: bool = False) -> Mention:
    kind = draw(NAMES)
    if not grounded and draw(st.integers(0, 5)) == 0:
        return Mention(id=ident, type=kind, surface=draw(NAMES), text="", start=None, end=None, status="ungrounded")
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    confidence = draw(st.none() | st.floats(0, 1))
    return Mention(
        id=ident, type=kind, surface=words, text=words, start=start, end=end, status="exact", confidence=confidence
    )


@st.composite
def _piece(draw: st.DrawFn, kind: type[Piece[Any]], value: Any, edited: st.SearchStrategy[Any]) -> Piece[Any]:
    how = draw(st.sampled_from(["open", "judged", "edited", "added"]))
    if how == "edited":
        return kind(id=value.id, value=value, edited=draw(edited), decision=draw(decisions(("edit",))))
    if how == "judged":
        return kind(id=value.id, value=value, decision=draw(decisions()))
    if how == "added":
        return kind(id=value.id, value=value, added=True, decision=draw(decisions(("accept",))))
    return kind(id=value.id, value=value)


def _relations(ident: str, ends: list[str]) -> st.SearchStrategy[Relation]:
    return st.builds(
        Relation,
        id=st.just(ident),
        head=st.sampled_from(ends),
        predicate=NAMES,
        tail=st.sampled_from(ends),
        confidence=st.none() | st.floats(0, 1),
    )


@st.composite
def documents(draw: st.DrawFn, *, grounded: bool = False) -> AnnotatedDocument:
    """Any document with mentions and relations."""
    text = draw(TEXTS)
    idents = [f"m{at}" for at in range(1, draw(st.integers(0, 4)) + 1)]
    mentions = []
    for ident in idents:
        value = draw(mentions_of(ident, text, grounded=grounded))
        mentions.append(draw(_piece(Piece[Mention], value, mentions_of(ident, text, grounded=grounded))))
    # A model cannot have proposed a triple of a mention that only a reviewer found.
    proposed = [mention.id for mention in mentions if not mention.added]
    relations = []
    for at in range(1, draw(st.integers(0, 3)) + 1 if proposed else 1):
        value = draw(_relations(f"r{at}", proposed))
        relations.append(draw(_piece(Piece[Relation], value, _relations(f"r{at}", idents))))
    whole = draw(st.none() | decisions(("skip", "flag")))
    return AnnotatedDocument(
        id=draw(st.sampled_from(["doc1", "文档", "a b"])),
        text=text,
        lang=draw(st.sampled_from(["zh", "en"])),
        title=draw(st.just("") | NAMES),
        task="triples",
        inputs={"text": text},
        mentions=tuple(mentions),
        relations=tuple(relations),
        decision=whole,
    )
