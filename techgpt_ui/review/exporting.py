"""A kept review as annotated documents, which every export format can write.

A document is what one model said of one text for one task, by one instruction. The verdict of an item is the
adjudicated one, else that of its first reviewer; those that were taken back do not count. What others said of it stands
beside it as opinions. An item that was merged into another is a duplicate, so it goes out as rejected for that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, get_args

from techgpt_ui.annotations import (
    ID_LETTERS,
    KINDS,
    AnnotatedDocument,
    Decision,
    Kind,
    Opinion,
    Piece,
    Provenance,
    Verdict,
)
from techgpt_ui.inputs import language_of
from techgpt_ui.review.values import KIND_OF, Payload, mention_of, part, value_of, words
from techgpt_ui.schema import Mention, ModelInfo
from techgpt_ui.store import Content, ReviewDocument, ReviewItem
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.store.review_records import Decision as Event
from techgpt_ui.store.review_records import ReviewKind
from techgpt_ui.texts import Lang

Judgements = Mapping[int, tuple[Event, ...]]
"""The standing judgements of each item, one a round, oldest first."""
Notes = Mapping[tuple[int, str], list[Event]]
"""By document and task: what stands of what was noted as missed, and who examined it."""


class _Group(NamedTuple):
    """What makes items belong to one document."""

    document: int
    task: str
    model: str
    preset: str


def annotated(content: Content) -> list[AnnotatedDocument]:
    """The project's documents in their order, with all that was found in them and what reviewers made of it.

    A text in which nothing was found is there too, for the task that most items have unless somebody noted one.
    """
    names = {member.id: member.name for member in content.members}
    judgements, notes = _judgements(content.log), _notes(content.log)
    groups = _groups(content, notes)
    several = Counter(group.document for group in groups)
    counted: Counter[int] = Counter()
    found = []
    for group, numbers in sorted(groups.items(), key=lambda one: one[0].document):
        counted[group.document] += 1
        ident = str(group.document + 1)
        if several[group.document] > 1:
            ident += f"-{counted[group.document]}"
        found.append(_Writer(content, names, judgements, notes, group).document(ident, numbers))
    return found


def _groups(content: Content, notes: Notes) -> dict[_Group, list[int]]:
    """The numbers of items by the document that they become part of; also documents that have none."""
    groups: dict[_Group, list[int]] = {}
    for number, item in sorted(content.items.items(), key=lambda one: (one[1].document, one[1].position, one[0])):
        groups.setdefault(_Group(item.document, item.task, item.model, item.preset), []).append(number)
    there = {(group.document, group.task) for group in groups}
    groups |= {_Group(*place, "", ""): [] for place in notes if place not in there}
    usual = Counter(item.task for item in content.items.values()).most_common(1)
    empty = set(range(len(content.documents))) - {group.document for group in groups}
    return groups | {_Group(document, task, "", ""): [] for task, _ in usual for document in empty}


def _judgements(log: Iterable[Logged]) -> Judgements:
    newest: dict[int, dict[str, Event]] = {}
    for one in log:
        if not one.undone and one.event.item is not None and one.event.verdict in (*get_args(Verdict), "merge"):
            newest.setdefault(one.event.item, {})[one.event.round] = one.event
    return {item: tuple(sorted(rounds.values(), key=lambda event: event.id)) for item, rounds in newest.items()}


def _notes(log: Iterable[Logged]) -> Notes:
    found: dict[tuple[int, str], list[Event]] = {}
    for one in log:
        task = words(one.event.payload, "task")
        if one.event.verdict in ("missed", "examined") and not one.undone and one.event.document is not None and task:
            found.setdefault((one.event.document, task), []).append(one.event)
    return found


class _Writer:
    """Makes one document: pieces get ids, and relations their ends, as they come."""

    def __init__(
        self, content: Content, names: Mapping[str, str], judgements: Judgements, notes: Notes, group: _Group
    ) -> None:
        self._content = content
        self._names = names
        self._judgements = judgements
        self._notes = notes.get((group.document, group.task), [])
        self._group = group
        self._source: ReviewDocument = content.documents[group.document]
        self._pieces: dict[Kind, list[Piece[Any]]] = {kind: [] for kind in KINDS}
        self._left: list[tuple[Event, str]] = []
        """What was missed and cannot be said as a piece, in words."""

    def document(self, ident: str, numbers: list[int]) -> AnnotatedDocument:
        """The document of these items, and of what was missed among them."""
        items = [self._content.items[number] for number in numbers]
        # Mentions first: relations end at them.
        for number in sorted(numbers, key=lambda number: self._content.items[number].kind == "relation"):
            self._add_item(number, self._content.items[number])
        missed = [event for event in self._notes if event.verdict == "missed"]
        for event in sorted(missed, key=lambda event: event.payload.get("kind") == "relation"):
            self._add_missed(event)
        known = self._source
        runs = {item.run for item in items}
        return AnnotatedDocument(
            id=ident,
            text=known.text,
            lang=_lang(known),
            title="" if known.name in runs else known.name,
            task=self._group.task,
            inputs=known.inputs,
            decision=self._whole(),
            provenance=Provenance(
                run=(runs.pop() or "") if len(runs) == 1 else "",
                model=_model(self._group.model),
                variant=self._group.preset or None,
                field_names=tuple(dict.fromkeys(words(item.payload, "name") for item in items if item.kind == "field")),
            ),
            **{kind: tuple(pieces) for kind, pieces in self._pieces.items()},
        )

    def _add_item(self, number: int, item: ReviewItem) -> None:
        ident = self._next_id(KIND_OF[item.kind])
        value = self._value(item.kind, ident, item.payload, confidence=item.confidence)
        events = self._judgements.get(number, ())
        final = next((event for event in events if event.round == "adjudicated"), None)
        final = final or next((event for event in events if event.round == "first"), None)
        decision = self._decision(final) if final else None
        if final and final.verdict == "merge":
            decision = self._of_merged(number, final)
        edited = self._edited(item, ident, final) if final else None
        opinions = tuple(self._opinion(item, ident, event) for event in events if event is not final)
        self._put(item.kind, Piece(id=ident, value=value, edited=edited, decision=decision, opinions=opinions))

    def _add_missed(self, event: Event) -> None:
        payload = event.payload
        kind = _kind(payload)
        if kind is None:
            said = " · ".join(filter(None, (words(payload, name) for name in ("type", "text"))))
            self._left.append((event, said))
            return
        named = {"relation": "predicate", "field": "name", "code": "language"}.get(kind, "type")
        own = {**payload, named: payload.get(named) or words(payload, "type")}
        if kind == "code":
            own["source"] = payload.get("source") or words(payload, "text")
        if kind == "label":
            own["text"] = words(payload, "type") or words(payload, "text")
        self._add_found(kind, own, self._decision(event))

    def _add_found(self, kind: ReviewKind, payload: Payload, decision: Decision) -> None:
        """Add what a reviewer found; what another one had found already is one piece with one more opinion."""
        ident = self._next_id(KIND_OF[kind])
        value = self._value(kind, ident, payload, added=True)
        same = self._same(KIND_OF[kind], value)
        if same is None:
            self._put(kind, Piece(id=ident, value=value, decision=decision, added=True))
        else:
            more = (*same.opinions, Opinion(decision=decision))
            pieces = self._pieces[KIND_OF[kind]]
            pieces[pieces.index(same)] = same.model_copy(update={"opinions": more})

    def _same(self, kind: Kind, value: Any) -> Piece[Any] | None:
        plain = value.model_dump(exclude={"id"})
        added = (piece for piece in self._pieces[kind] if piece.added)
        return next((piece for piece in added if piece.value.model_dump(exclude={"id"}) == plain), None)

    def _value(
        self, kind: ReviewKind, ident: str, payload: Payload, *, confidence: float | None = None, added: bool = False
    ) -> Any:
        def end(of: Payload) -> str:
            return self._known(of) or self._made(of, added=added)

        return value_of(kind, ident, payload, self._source.text, end=end, confidence=confidence)

    def _known(self, payload: Payload) -> str | None:
        """The mention that a relation ends at, as the model proposed it or as it stands."""
        pieces = self._pieces["mentions"]
        wanted = _said(mention_of("m", payload, self._source.text))
        values = [*(piece.value for piece in pieces), *(piece.current for piece in pieces)]
        return next((value.id for value in values if _said(value) == wanted), None)

    def _made(self, payload: Payload, *, added: bool) -> str:
        """A mention that is no item of its own, for a relation to end at."""
        ident = self._next_id("mentions")
        self._put("mention", Piece(id=ident, value=mention_of(ident, payload, self._source.text), added=added))
        return ident

    def _edited(self, item: ReviewItem, ident: str, event: Event) -> Any:
        if event.verdict != "edit":
            return None
        return self._value(item.kind, ident, {**item.payload, **event.payload}, added=True)

    def _opinion(self, item: ReviewItem, ident: str, event: Event) -> Opinion[Any]:
        """An opinion makes no mention of its own: a relation that would need one keeps the verdict alone."""
        said = {**item.payload, **event.payload}
        ends = [part(said, name) for name in ("head", "tail")] if item.kind == "relation" else []
        fits = all(self._known(end) for end in ends)
        return Opinion(decision=self._decision(event), edited=self._edited(item, ident, event) if fits else None)

    def _decision(self, event: Event) -> Decision:
        merged = event.verdict == "merge"
        verdict = "reject" if merged else "accept" if event.verdict in ("missed", "examined") else event.verdict
        return Decision.model_validate(
            {
                "verdict": verdict, "reviewer": self._names.get(event.reviewer, ""), "time": event.time,
                "reason": "duplicate" if merged else event.reason, "comment": event.comment,
                "carried": event.carried is not None,
            }
        )  # fmt: skip

    def _of_merged(self, number: int, event: Event) -> Decision | None:
        """Rejected as what it was merged into, else a duplicate of it; open while that is open."""
        target = self._content.current.get(number)
        if target is None or target.decision.verdict in ("skip", "flag"):
            return None
        told = self._decision(event)
        return (
            told.model_copy(update={"reason": target.decision.reason}) if target.decision.verdict == "reject" else told
        )

    def _whole(self) -> Decision | None:
        """Accepted as a whole by who has read it to its end; what was missed and is no piece stands as a comment."""
        told = next((self._decision(event) for event in self._notes if event.verdict == "examined"), None)
        if told is None and self._left:
            told = self._decision(self._left[0][0]).model_copy(update={"verdict": "flag"})
        return told and told.model_copy(update={"comment": "\n".join(said for _, said in self._left)})

    def _next_id(self, kind: Kind) -> str:
        return f"{ID_LETTERS[kind]}{len(self._pieces[kind]) + 1}"

    def _put(self, kind: ReviewKind, piece: Piece[Any]) -> None:
        self._pieces[KIND_OF[kind]].append(piece)


def _said(mention: Mention) -> tuple[Any, ...]:
    return mention.surface, mention.type, mention.start, mention.end


def _kind(payload: Payload) -> ReviewKind | None:
    """What a reviewer missed; None where it is nothing that a piece can say, as a relation without ends."""
    kind = next((kind for kind in KIND_OF if kind == payload.get("kind")), None)
    return None if kind == "relation" and not (part(payload, "head") and part(payload, "tail")) else kind


def _lang(document: ReviewDocument) -> Lang:
    if document.lang in get_args(Lang):
        return "zh" if document.lang == "zh" else "en"
    return language_of(document.inputs or {"text": document.text})


def _model(version: str) -> ModelInfo | None:
    """The model of a name with its revision; what is not kept with an item stays empty."""
    if not version:
        return None
    name, _, revision = version.rpartition("@") if "@" in version else (version, "", "")
    return ModelInfo(name=name, revision=revision, dtype="")
