"""Run history, conversations, evaluations and reviews that survive a restart; no owner changes another's rows."""

from techgpt_ui.store.conversations import ConversationStore
from techgpt_ui.store.database import Database, open_database, open_workbench, sqlite_url
from techgpt_ui.store.evaluation_records import HOST, EvaluationRecord, EvaluationState, OutcomeRecord
from techgpt_ui.store.evaluations import EvaluationStore
from techgpt_ui.store.records import Conversation, Cursor, RunRecord, Turn
from techgpt_ui.store.review_decisions import Filter, Judged
from techgpt_ui.store.review_records import Draft, Member, Place, Project, ReviewDocument, ReviewItem, ReviewSettings
from techgpt_ui.store.reviews import Content, ReviewStore
from techgpt_ui.store.run_documents import IMPORT_LIMIT
from techgpt_ui.store.runs import RunStore

__all__ = [
    "HOST",
    "IMPORT_LIMIT",
    "Content",
    "Conversation",
    "ConversationStore",
    "Cursor",
    "Database",
    "Draft",
    "EvaluationRecord",
    "EvaluationState",
    "EvaluationStore",
    "Filter",
    "Judged",
    "Member",
    "OutcomeRecord",
    "Place",
    "Project",
    "ReviewDocument",
    "ReviewItem",
    "ReviewSettings",
    "ReviewStore",
    "RunRecord",
    "RunStore",
    "Turn",
    "open_database",
    "open_workbench",
    "sqlite_url",
]
