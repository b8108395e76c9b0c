"""Records to escaped HTML and rows; every string of a model or user is escaped here."""

from techgpt_ui.renderers.page import error_html, status_html
from techgpt_ui.renderers.tables import relation_rows, rows_to_csv, table_html
from techgpt_ui.renderers.views import RENDERERS, View

__all__ = ["RENDERERS", "View", "error_html", "relation_rows", "rows_to_csv", "status_html", "table_html"]
