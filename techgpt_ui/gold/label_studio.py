"""Label Studio's JSON export: spans, relations between them, choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.gold.entries import Entry, words
from techgpt_ui.gold.json_rows import JsonRows
from techgpt_ui.gold.passages import Passage, in_order
from techgpt_ui.gold.places import quoted
from techgpt_ui.gold.records import GoldDocument, GoldMention, GoldTriple
from techgpt_ui.gold.tally import Tally

SERVES = {"labels": "ner", "relation": "triples", "choices": "domain"}
"""The kind of a result, and the task that it is gold for."""
UNLABELLED = ""
"""The type of a region without a label: relations may end there, but it is no entity."""


class LabelStudio(JsonRows):
    """``{"data": {"text": …}, "annotations": [{"result": […], "was_cancelled": false}]}``.

    Of several annotations of a text the one marked as ground truth counts, else the first; the others, those that
    were cancelled and texts without any are counted and left out. Predictions are no gold.
    """

    id: ClassVar[str] = "label_studio"

    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """What the kinds of results serve."""
        if not isinstance(row.get("data"), Mapping) or not isinstance(row.get(_annotations_key(row)), list):
            return ()
        results = [
            result
            for annotation in row[_annotations_key(row)]
            if isinstance(annotation, Mapping) and isinstance(annotation.get("result"), list)
            for result in annotation["result"]
            if isinstance(result, Mapping)
        ]
        kinds = [result.get("type") for result in results]
        return tuple(task for kind, task in SERVES.items() if kind in kinds)

    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """One document a task of the project that somebody annotated."""
        annotation = _chosen(entry)
        if annotation is None:
            return
        results = list(annotation.entries("result"))
        text = annotated_text(entry, results)
        document = GoldDocument(line=entry.place.line or 0, inputs={"text": Passage(text, entry.tally).settled})
        passage = Passage(text, Tally())
        if task == "domain":
            yield from _labelled(document, annotation, results)
        elif task == "ner":
            mentions = (mention for found in _spans(results, passage).values() for mention in found if mention.type)
            yield document.model_copy(update={"mentions": in_order(mentions, entry.tally)})
        else:
            triples = entry.tally.unique(_triples(results, passage), "repeated_triples")
            yield document.model_copy(update={"relations": triples})


def _annotations_key(row: Mapping[str, Any]) -> str:
    return "annotations" if "annotations" in row else "completions"


def _chosen(entry: Entry) -> Entry | None:
    annotations = list(entry.entries(_annotations_key(entry.row)))
    valid = [one for one in annotations if one.row.get("was_cancelled") is not True]
    entry.tally.add("cancelled", len(annotations) - len(valid))
    entry.tally.add("unannotated", not valid)
    entry.tally.add("further_annotations", max(0, len(valid) - 1))
    return next((one for one in valid if one.row.get("ground_truth") is True), valid[0] if valid else None)


def annotated_text(entry: Entry, results: list[Entry]) -> str:
    """The annotated text: ``text``, the only string of the data, or the one that says what the spans say."""
    data = entry.inner("data")
    texts = {key: value for key, value in data.row.items() if isinstance(value, str)}
    if "text" in texts:
        return texts["text"]
    fitting = [key for key, text in texts.items() if len(texts) == 1 or _fits(Passage(text, Tally()), results)]
    if len(fitting) != 1:
        raise data.place.fault("gold_which_text", found=quoted(", ".join(texts)) or "–")
    return texts[fitting[0]]


def _fits(passage: Passage, results: list[Entry]) -> bool:
    spans = [one.inner("value") for one in results if one.row.get("type") == "labels"]
    return all(
        passage.says(_surface(span) or "", span.whole("start"), span.whole("end")) for span in spans if "text" in span
    )


def _surface(value: Entry) -> str | None:
    # Some versions write a line end in a surface as backslash and n.
    return value.words("text").replace("\\n", "\n") if "text" in value else None


def _spans(results: list[Entry], passage: Passage) -> dict[str, list[GoldMention]]:
    """The mentions of each region, by its id: one for every label of it, or one unlabelled."""
    found: dict[str, list[GoldMention]] = {}
    for result in results:
        if result.row.get("type") != "labels":
            continue
        value = result.inner("value")
        start, end = value.whole("start"), value.whole("end")
        labels = value.strings("labels")
        result.tally.add("unlabelled_spans", not labels)
        kinds = [words(label, "labels", value.place) for label in labels] or [UNLABELLED]
        found[result.words("id")] = [passage.mention(start, end, kind, value.place) for kind in kinds]
        if (surface := _surface(value)) is not None:
            passage.expect(surface, start, end, value.place)
    return found


def _triples(results: list[Entry], passage: Passage) -> Iterator[GoldTriple]:
    spans = _spans(results, passage)
    for relation in results:
        if relation.row.get("type") != "relation":
            continue
        ends = [_end(relation, key, spans, passage) for key in ("from_id", "to_id")]
        labels = relation.strings("labels") if relation.row.get("labels") else []
        relation.tally.add("unlabelled_relations", not labels)
        direction = relation.row.get("direction", "right")
        for label in labels:
            predicate = words(label, "labels", relation.place)
            if direction != "left":
                yield GoldTriple(head=ends[0], predicate=predicate, tail=ends[1])
            if direction in ("left", "bi"):
                yield GoldTriple(head=ends[1], predicate=predicate, tail=ends[0])


def _end(relation: Entry, key: str, spans: dict[str, list[GoldMention]], passage: Passage) -> str:
    name = relation.words(key)
    if name not in spans:
        raise relation.place.fault("gold_unknown_id", name=quoted(name))
    return passage.surface(spans[name][0])


def _labelled(document: GoldDocument, annotation: Entry, results: list[Entry]) -> Iterator[GoldDocument]:
    choices = [
        choice
        for result in results
        if result.row.get("type") == "choices"
        for choice in result.inner("value").strings("choices")
    ]
    if len(choices) > 1:
        raise annotation.place.fault("gold_several_labels", count=len(choices))
    if choices:
        yield document.model_copy(update={"label": words(choices[0], "choices", annotation.place)})
    annotation.tally.add("unannotated", not choices)
