"""Metrics: one module for each kind of answer, chosen by what a task's answer format fills."""

from techgpt_ui.evaluation.metrics.conduct import conduct
from techgpt_ui.evaluation.metrics.scoring import measures, score

__all__ = ["conduct", "measures", "score"]
