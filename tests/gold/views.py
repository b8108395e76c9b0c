"""What tests look at in a gold set."""

from techgpt_ui.gold import GoldSet


def surfaces(gold: GoldSet) -> list[list[tuple[str, str]]]:
    """What the text says at each mention, and the type."""
    return [
        [(document.inputs["text"][one.start : one.end], one.type) for one in document.mentions]
        for document in gold.documents
    ]


def triples(gold: GoldSet) -> list[list[tuple[str, str, str]]]:
    """The triples of each document."""
    return [[(one.head, one.predicate, one.tail) for one in document.relations] for document in gold.documents]


def notices(gold: GoldSet) -> list[str]:
    """The codes of the notices."""
    return [notice.code for notice in gold.notices]
