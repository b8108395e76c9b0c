"""Run history, conversations and evaluations that survive a restart; no owner ever changes another's rows."""

from techgpt_ui.store.conversations import ConversationStore
from techgpt_ui.store.database import Database, open_database, open_workbench, sqlite_url
from techgpt_ui.store.evaluation_records import HOST, EvaluationRecord, EvaluationState, OutcomeRecord
from techgpt_ui.store.evaluations import EvaluationStore
from techgpt_ui.store.records import Conversation, Cursor, RunRecord, Turn
from techgpt_ui.store.run_documents import IMPORT_LIMIT
from techgpt_ui.store.runs import RunStore

__all__ = [
    "HOST",
    "IMPORT_LIMIT",
    "Conversation",
    "ConversationStore",
    "Cursor",
    "Database",
    "EvaluationRecord",
    "EvaluationState",
    "EvaluationStore",
    "OutcomeRecord",
    "RunRecord",
    "RunStore",
    "Turn",
    "open_database",
    "open_workbench",
    "sqlite_url",
]
