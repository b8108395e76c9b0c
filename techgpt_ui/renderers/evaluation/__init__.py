"""Evaluations as HTML: on the page, and as files that need neither a network nor scripts."""

from techgpt_ui.renderers.evaluation.comparison import comparison_html, comparison_report_html
from techgpt_ui.renderers.evaluation.leaderboard import leaderboard_html, leaderboard_report_html
from techgpt_ui.renderers.evaluation.report import evaluation_html, report_html

__all__ = [
    "comparison_html",
    "comparison_report_html",
    "evaluation_html",
    "leaderboard_html",
    "leaderboard_report_html",
    "report_html",
]
