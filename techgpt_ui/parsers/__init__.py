"""Answer formats: how a model writes an answer, how it is read, and the grammar that allows nothing else."""

from techgpt_ui.parsers.base import AnswerFormat, ParseContext
from techgpt_ui.parsers.entity_lines import EntityLines
from techgpt_ui.parsers.triple_lines import TripleLines

PARSERS: dict[str, AnswerFormat] = {
    "entity_lines": EntityLines(),
    "triple_lines": TripleLines(),
}

__all__ = ["PARSERS", "AnswerFormat", "ParseContext"]
