"""Answer formats: how a model writes an answer, how it is read, and the grammar that allows nothing else."""

from techgpt_ui.parsers.base import NONE_WORDS, AnswerFormat, ParseContext
from techgpt_ui.parsers.code_blocks import CodeBlocks
from techgpt_ui.parsers.entity_lines import EntityLines
from techgpt_ui.parsers.field_lines import FieldLines
from techgpt_ui.parsers.item_list import ItemList
from techgpt_ui.parsers.label import Label
from techgpt_ui.parsers.one_line import OneLine
from techgpt_ui.parsers.passage_answer import PassageAnswer
from techgpt_ui.parsers.prose import Prose
from techgpt_ui.parsers.triple_lines import TripleLines

PARSERS: dict[str, AnswerFormat] = {
    "code_blocks": CodeBlocks(),
    "entity_lines": EntityLines(),
    "field_lines": FieldLines(),
    "item_list": ItemList(),
    "label": Label(),
    "one_line": OneLine(),
    "passage_answer": PassageAnswer(),
    "prose": Prose(),
    "triple_lines": TripleLines(),
}

__all__ = ["NONE_WORDS", "PARSERS", "AnswerFormat", "ParseContext"]
