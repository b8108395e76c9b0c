"""Where in the source does an answer's surface stand: fold for matching, then align."""

from techgpt_ui.grounding.align import align
from techgpt_ui.grounding.evidence import evidence_spans
from techgpt_ui.grounding.normalise import Folded, fold

__all__ = ["Folded", "align", "evidence_spans", "fold"]
