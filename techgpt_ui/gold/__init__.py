"""Gold files: what should be found, read from the formats that data sets are published in."""

from techgpt_ui.gold.reading import READERS, read_gold
from techgpt_ui.gold.records import GoldDocument, GoldMention, GoldSet, GoldTriple
from techgpt_ui.gold.wording import wording, words_for

__all__ = ["READERS", "GoldDocument", "GoldMention", "GoldSet", "GoldTriple", "read_gold", "wording", "words_for"]
