"""The figures of a review as HTML: on the page, and as one file that needs neither a network nor scripts."""

from techgpt_ui.renderers.review.report import figures_html, review_report_html

__all__ = ["figures_html", "review_report_html"]
