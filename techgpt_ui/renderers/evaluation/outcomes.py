"""One document of an evaluation: its text, the gold and the answer beside each other, the raw answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from techgpt_ui.comparison import Piece, compare_readings, diff_texts
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.gold.records import GoldDocument
from techgpt_ui.inputs import source_of
from techgpt_ui.presets import Task
from techgpt_ui.renderers.compare import COLUMNS
from techgpt_ui.renderers.evaluation.numbers import NOTHING, number
from techgpt_ui.renderers.evaluation.tables import frame
from techgpt_ui.renderers.highlight import highlight, legend
from techgpt_ui.renderers.history import input_name, words_of
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.schema import Item, Label, Mention, Relation, Result

SNIPPET = 80
"""Characters of a document that its line shows."""
PLACES = ("right", "missed", "wrong")


def outcome_line(outcome: Outcome, score: float | None) -> Markup:
    """The line of a folded document: its number, its score, how it was read, how it begins."""
    parts = [
        Markup('<b class="place">{}</b>').format(outcome.position + 1),
        Markup('<span class="score">{}</span>').format(NOTHING if score is None else number(score, 2)),
        status_badge(outcome),
        Markup('<span class="snippet" dir="auto">{}</span>').format(snippet(outcome.gold)),
    ]
    return Markup(" ").join(parts)


def status_badge(outcome: Outcome) -> Markup:
    """Whether the answer could be read, or that there is none."""
    if outcome.result is None:
        return tag("span", say("evaluation.failed"), "badge unparsed")
    return tag("span", say(f"status.{outcome.result.status}"), f"badge {outcome.result.status}")


def snippet(gold: GoldDocument) -> str:
    """Where the longest text of a document begins."""
    texts = [" ".join(value.split()) for value in gold.inputs.values() if isinstance(value, str)]
    longest = max(texts, key=len, default="")
    return longest if len(longest) <= SNIPPET else longest[:SNIPPET] + "…"


def inputs_html(task: Task | None, gold: GoldDocument) -> Markup:
    """The inputs beside the passage, to the letter."""
    passage = task.source_input if task else None
    return Markup().join(
        tag("h5", input_name(name, task), "") + letters(words_of(value))
        for name, value in gold.inputs.items()
        if name != passage
    )


def gold_html(task: Task | None, gold: GoldDocument) -> Markup:
    """What the gold says, marked in the text where it is about places."""
    found = gold_result(task, gold)
    source = source_of(task, gold.inputs) if task else ""
    shown = _marked(source, found.mentions) if found.mentions else highlight(source, ())
    return shown + Markup().join(letters(words) for words in gold.texts)


def answer_html(task: Task | None, gold: GoldDocument, outcome: Outcome, *, raw: bool = True) -> Markup:
    """The answer with what it hit and missed, what was noticed, and its raw form; or why there is none."""
    if outcome.result is None:
        return tag("p", both(outcome.error) if outcome.error else say("evaluation.failed"), "status error")
    result = _answered(outcome.result)
    source = source_of(task, gold.inputs) if task else ""
    parts = [_marked(source, result.mentions) if result.mentions else Markup("")]
    parts += _pieces(gold_result(task, gold), result)
    if gold.texts:
        parts.append(_text(gold.texts, result.text or result.raw))
    notices = Markup().join(tag("div", both(notice.text), "notice") for notice in result.notices)
    written = Markup("<details><summary>{}</summary>{}</details>").format(say("ui.raw"), letters(result.raw))
    return Markup().join(parts) + notices + (written if raw else Markup(""))


def letters(words: str | Markup) -> Markup:
    """A text to the letter, white space and all."""
    return Markup('<div class="letters" dir="auto" tabindex="0">{}</div>').format(words)


def gold_result(task: Task | None, gold: GoldDocument) -> Result:
    """The gold in the form of an answer, so that both can be compared piece by piece."""
    mentions, relations = _gold_ends(gold) if gold.relations else (_gold_mentions(task, gold), ())
    fields: dict[str, tuple[Item, ...]] = {}
    for name, value in gold.fields:
        fields[name] = (*fields.get(name, ()), _item(value))
    return Result(
        task=task.id if task else "",
        status="parsed",
        prompt="",
        raw="",
        seed=None,
        sampling={},
        model=None,
        mentions=mentions or None,
        relations=relations or None,
        items=tuple(map(_item, gold.items)) or None,
        fields=fields or None,
        labels=(Label(text=gold.label, score=None),) if gold.label else None,
    )


def _gold_mentions(task: Task | None, gold: GoldDocument) -> tuple[Mention, ...]:
    source = source_of(task, gold.inputs) if task else ""
    return tuple(
        _mention(at, one.type, source[one.start : one.end], one.start, one.end) for at, one in enumerate(gold.mentions)
    )


def _gold_ends(gold: GoldDocument) -> tuple[tuple[Mention, ...], tuple[Relation, ...]]:
    """The triples, with a mention for each of their ends."""
    words = list(dict.fromkeys(end for triple in gold.relations for end in (triple.head, triple.tail)))
    ids = {word: f"g{at}" for at, word in enumerate(words)}
    relations = tuple(
        Relation(id=f"r{at}", head=ids[triple.head], predicate=triple.predicate, tail=ids[triple.tail])
        for at, triple in enumerate(gold.relations)
    )
    return tuple(_mention(at, "", word) for at, word in enumerate(words)), relations


def _mention(at: int, kind: str, words: str, start: int | None = None, end: int | None = None) -> Mention:
    status = "ungrounded" if start is None else "exact"
    return Mention(id=f"g{at}", type=kind, surface=words, text=words, start=start, end=end, status=status)


def _item(words: str) -> Item:
    return Item(text=words, start=None, end=None, status="exact")


def _answered(result: Result) -> Result:
    """The answer without the labels that it did not choose."""
    return result.model_copy(update={"labels": result.labels[:1]}) if result.labels else result


def _marked(source: str, mentions: Sequence[Mention] | None) -> Markup:
    return legend(mentions or ()) + highlight(source, mentions or ())


def _pieces(gold: Result, answer: Result) -> Iterator[Markup]:
    """What was right, missed and wrong, kind by kind; entities by their words, wherever they stand."""
    for kind, pieces in compare_readings(gold, answer, same_source=False).items():
        if kind == "mentions" and (gold.relations or answer.relations):
            continue
        ranked = sorted(pieces, key=lambda piece: PLACES.index(place_of(piece)))
        head = [say("evaluation.verdict"), *(say(f"column.{name}") for name in COLUMNS[kind])]
        yield frame(head, map(_piece, ranked), say(f"history.pieces.{kind}"), "verdicts")


def place_of(piece: Piece) -> str:
    """Where a piece stands, the gold being the first of the two: ``right``, ``missed`` or ``wrong``."""
    if piece.other is None:
        return "missed"
    return "wrong" if piece.one is None else "right"


def _piece(piece: Piece) -> Markup:
    place = place_of(piece)
    cells = Markup().join(Markup('<td dir="auto">{}</td>').format(cell) for cell in piece.cells)
    return Markup('<tr class="{0}"><td>{1}</td>{2}</tr>').format(place, say(f"evaluation.verdict.{place}"), cells)


def _text(golds: Sequence[str], answer: str) -> Markup:
    """A written answer, what the nearest gold text does not have underlined."""
    nearest = max(golds, key=lambda gold: sum(len(one.text) for one in diff_texts(gold, answer)[0] if not one.differs))
    _, right = diff_texts(nearest, answer)
    body = Markup().join(tag("ins", one.text, "") if one.differs else Markup("{}").format(one.text) for one in right)
    return letters(body)
