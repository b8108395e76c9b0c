"""Records to escaped HTML and rows; every string of a model or user is escaped here."""

from techgpt_ui.renderers.answer import Answer, Download, View
from techgpt_ui.renderers.page import error_html, status_html
from techgpt_ui.renderers.tables import rows_to_csv, table_html
from techgpt_ui.renderers.views import RENDERERS

__all__ = ["RENDERERS", "Answer", "Download", "View", "error_html", "rows_to_csv", "status_html", "table_html"]
