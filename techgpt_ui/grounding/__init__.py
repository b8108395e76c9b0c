"""Find in the source where the surfaces of an answer stand."""

from techgpt_ui.grounding.align import align
from techgpt_ui.grounding.normalise import Folded, fold

__all__ = ["Folded", "align", "fold"]
