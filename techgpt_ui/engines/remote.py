"""From the settings to an engine at an OpenAI-compatible server. Importing this module imports no model library."""

from __future__ import annotations

import logging
from pathlib import Path

from techgpt_ui.engines.loading import load_tokenizer
from techgpt_ui.engines.openai_engine import OpenAIEngine, Tokens
from techgpt_ui.engines.server import SAMPLE, Server
from techgpt_ui.engines.server_requests import Form
from techgpt_ui.engines.text_tokens import TextTokens
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.settings import Settings
from techgpt_ui.weights import demo_checkpoint

log = logging.getLogger(__name__)

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model")


def load_remote(preset: ModelPreset, settings: Settings) -> OpenAIEngine:
    """The engine for a preset's model at the server; WorkbenchError where the server or the model is not to be had."""
    server = Server(settings)
    name = served_name(server, preset, settings.server_model)
    context = min(preset.context, server.context(name) or preset.context)
    tokens = _tokens(preset, settings, context)
    return OpenAIEngine(
        server,
        name,
        preset,
        tokens,
        form=_form(server, name, preset, tokens),
        grammar=server.grammar(settings.server_grammar),
        places=settings.server_concurrency,
    )


def served_name(server: Server, preset: ModelPreset, wanted: str | None) -> str:
    """How the server calls the model: as the settings say, as the preset does, or it has only that one."""
    names = [model.name for model in server.models]
    known = ", ".join(names) or "–"
    if wanted and wanted not in names:
        raise WorkbenchError("server_model_missing", name=wanted, address=server.address, known=known)
    likely = (wanted, preset.hub_id, preset.origin, preset.id)
    found = next((name for name in likely if name in names), names[0] if len(names) == 1 else None)
    if found is None:
        raise UsageError("server_model_unclear", address=server.address, known=known)
    return found


def _tokens(preset: ModelPreset, settings: Settings, context: int) -> Tokens:
    folder = _tokenizer_folder(preset, settings)
    if folder is None:
        return TextTokens(context)
    try:
        return TokenizerTokens(load_tokenizer(folder, preset), context, preset.add_bos)
    except (OSError, ValueError, KeyError, ImportError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise WorkbenchError("model_load_failed", name=preset.id, why=why) from error


def _tokenizer_folder(preset: ModelPreset, settings: Settings) -> Path | None:
    """Where the model's tokenizer lies on this machine; nothing is fetched for it."""
    if preset.source == "demo":
        return demo_checkpoint(settings.cache)
    folder = Path(preset.origin).expanduser()
    here = preset.source == "folder" and any((folder / name).is_file() for name in TOKENIZER_FILES)
    return folder if here else None


def _form(server: Server, name: str, preset: ModelPreset, tokens: Tokens) -> Form:
    """Ids where the server cuts text into the same ones; else text; a chat where no template is at hand."""
    if isinstance(tokens, TextTokens):
        return "chat" if preset.wire is None else "text"
    theirs = server.token_ids(SAMPLE, name)
    if theirs is not None and theirs != tokens.plain_ids(SAMPLE):
        log.warning("the tokenizer of %s is not the one of the model at %s", preset.id, server.address)
    return "ids" if theirs == tokens.plain_ids(SAMPLE) else "text"
