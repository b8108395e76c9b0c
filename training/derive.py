"""From documents of one task to documents of another, where the gold says enough for that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from techgpt_ui.gold import GoldDocument
from training.recipe import Derivation, Part

FEWEST_ITEMS = 2
"""A text with fewer terms or keywords is no example of a list of them."""
NEAR = 80
"""Characters of a passage that are kept on each side of an answer, up to the next end of a sentence."""
END = 110
"""Characters that are kept of the end of a text, from the next beginning of a sentence on."""
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s)")

TASKS: dict[Derivation, str] = {
    "terms": "terms",
    "field_of_types": "domain",
    "facts_of_subject": "open_ie",
    "types_as_fields": "open_ie",
}
"""The task that a derivation makes documents of; others keep the one that they are of."""


def derived(part: Part, documents: Sequence[GoldDocument]) -> Iterator[GoldDocument]:
    """The documents as the part uses them; those that give nothing are left out."""
    turn: dict[Derivation, Callable[[Part, GoldDocument], GoldDocument | None]] = {
        "as_is": lambda part, document: document,
        "terms": _terms,
        "field_of_types": _field_of_types,
        "facts_of_subject": _facts_of_subject,
        "types_as_fields": _types_as_fields,
        "near_the_answer": _near_the_answer,
        "end_of_text": _end_of_text,
    }
    for document in documents:
        if (made := turn[part.derive](part, document)) is not None:
            yield made


def _bare(document: GoldDocument) -> GoldDocument:
    return GoldDocument(line=document.line, inputs=document.inputs)


def _text(document: GoldDocument) -> str:
    return str(document.inputs["text"])


def _terms(part: Part, document: GoldDocument) -> GoldDocument | None:
    found = [one for one in document.mentions if one.type in part.terms]
    spans = sorted({(one.start, one.end) for one in found})
    items = tuple(dict.fromkeys(_text(document)[start:end] for start, end in spans))
    return _bare(document).model_copy(update={"items": items}) if len(items) >= FEWEST_ITEMS else None


def _field_of_types(part: Part, document: GoldDocument) -> GoldDocument | None:
    fields = {part.subjects[one.type] for one in document.mentions if one.type in part.subjects}
    return _bare(document).model_copy(update={"label": fields.pop()}) if len(fields) == 1 else None


def _facts_of_subject(part: Part, document: GoldDocument) -> GoldDocument | None:
    """What the text says of the subject with most facts, a predicate being a field."""
    facts: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for triple in document.relations:
        facts[triple.head].append((triple.predicate, triple.tail))
    if not facts:
        return None
    fields = max(facts.values(), key=len)
    return _bare(document).model_copy(update={"fields": tuple(dict.fromkeys(fields))})


def _types_as_fields(part: Part, document: GoldDocument) -> GoldDocument | None:
    text = _text(document)
    spans = sorted(document.mentions, key=lambda one: one.start)
    fields = tuple(dict.fromkeys((one.type, text[one.start : one.end]) for one in spans))
    return _bare(document).model_copy(update={"fields": fields}) if fields else None


def _near_the_answer(part: Part, document: GoldDocument) -> GoldDocument | None:
    """The document with only the sentences around its answer, so that long passages teach at a short one's price."""
    passage = str(document.inputs["passage"])
    at = next((found for answer in document.texts if (found := passage.find(answer)) >= 0), -1)
    if at < 0 or not passage.strip():
        return None
    ends = [match.end() for match in _SENTENCE_END.finditer(passage)]
    start = max((end for end in ends if end <= max(0, at - NEAR)), default=0)
    stop = min((end for end in ends if end >= at + len(document.texts[0]) + NEAR), default=len(passage))
    return document.model_copy(update={"inputs": document.inputs | {"passage": passage[start:stop].strip()}})


def _end_of_text(part: Part, document: GoldDocument) -> GoldDocument | None:
    """The last sentences with the items that stand in them: several short texts teach more than a long one."""
    text = _text(document)
    begins = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() >= len(text) - END]
    short = text[begins[0] if begins else 0 :].strip()
    items = tuple(item for item in document.items if item in short)
    if len(items) < FEWEST_ITEMS or len(short) > 2 * END:
        return None
    return document.model_copy(update={"inputs": document.inputs | {"text": short}, "items": items})
