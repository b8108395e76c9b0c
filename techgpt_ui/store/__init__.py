"""Run history, conversations, evaluations and reviews that survive a restart; no owner changes another's rows."""

from techgpt_ui.store.backup_files import Backup, Manifest, read_backup
from techgpt_ui.store.backups import restore_backup, write_backup
from techgpt_ui.store.conversations import ConversationStore
from techgpt_ui.store.database import Database, database_file, open_database, open_workbench, sqlite_url
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
    "Backup",
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
    "Manifest",
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
    "database_file",
    "open_database",
    "open_workbench",
    "read_backup",
    "restore_backup",
    "sqlite_url",
    "write_backup",
]
