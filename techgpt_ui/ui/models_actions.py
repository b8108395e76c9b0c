"""What the model's tab does. Whether its user may change the model is asked in each function that would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple, get_args

import gradio as gr

from techgpt_ui.doctor import check_folder
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.engines.presence import local_folder, presence
from techgpt_ui.engines.room import room_for
from techgpt_ui.engines.sources import gguf_file
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.models import (
    Card,
    CheckRow,
    Facts,
    cards_html,
    checks_html,
    log_html,
    model_status_html,
    room_html,
)
from techgpt_ui.settings import DEVICES, Dtype, Settings
from techgpt_ui.texts import text
from techgpt_ui.ui.history_open import sendable
from techgpt_ui.ui.told import Changes, told
from techgpt_ui.ui.workbench import Workbench
from techgpt_ui.weights import memory_free


class ModelParts(NamedTuple):
    """The components of the model's tab; those of its form are None where its users may not change the model."""

    seen: Any
    """State: what the page shows already."""
    status: Any
    cards: Any
    model: Any
    dtype: Any
    device: Any
    room: Any
    load: Any
    reload: Any
    unload: Any
    stop: Any
    log: Any
    notice: Any
    checked: Any
    """What the check of a folder found."""

    @property
    def present(self) -> list[Any]:
        """All that are on the page."""
        return [part for part in self if part is not None]


class ModelActions:
    """The handlers; each gives new values for some of the parts."""

    title = "the model's tab"

    def __init__(self, bench: Workbench, parts: ModelParts) -> None:
        self.bench = bench
        self.parts = parts

    @property
    def notice(self) -> Any:
        """Where errors are told."""
        return self.parts.notice

    def unsent(self) -> Changes:
        """Nothing is on its way elsewhere."""
        return {}

    def look(self, seen: str) -> Changes:
        """What has changed since the page last looked."""
        host, parts = self.bench.host, self.parts
        entries = host.log.entries
        was, _, logged = (seen or "").partition("#")
        now, log_now = f"{host.preset.id} {host.state.phase} {host.change is not None}", f"{entries[:1]} {len(entries)}"
        changes: Changes = {parts.status: sendable(model_status_html(facts_of(host))), parts.seen: f"{now}#{log_now}"}
        if now != was:
            changes[parts.cards] = cards_of(self.bench)
        if parts.load is not None:
            changes |= self._buttons(host) if now != was else {}
            changes |= {parts.log: sendable(log_html(entries))} if log_now != logged else {}
        return changes

    @told
    def load(self, model: str, dtype: str, device: str) -> Changes:
        """Switch to what the form says."""
        host = require_switching(self.bench)
        choice = self._choice(model, dtype, device)
        # The hub may know a chat template that the name alone does not tell of.
        preset = self._preset(model, host.settings)
        host.switch(choice.model_copy(update={"preset": preset}), background=True)
        return self.look("")

    @told
    def reload(self) -> Changes:
        """Read the model anew that answers, or that was last asked for."""
        host = require_switching(self.bench)
        host.switch(host.choice, background=True)
        return self.look("")

    @told
    def unload(self) -> Changes:
        """Give the model's memory back."""
        require_switching(self.bench).unload(background=True)
        return self.look("")

    @told
    def stop(self) -> Changes:
        """Give up the change under way."""
        require_switching(self.bench).stop_change()
        return self.look("")

    @told
    def choose(self, event: gr.EventData) -> Changes:
        """Put a card's preset into the form."""
        ident = event._data.get("model") if isinstance(event._data, dict) else None
        if ident not in self.bench.library.models:
            return {}
        return {self.parts.model: ident} | self._room(ident, "auto", "auto")

    @told
    def estimate(self, model: str, dtype: str, device: str) -> Changes:
        """What the form's model needs, and what is free."""
        require_switching(self.bench)
        return self._room(model, dtype, device)

    @told
    def check(self, folder: str) -> Changes:
        """What a folder on the server holds and lacks."""
        host = require_switching(self.bench)
        try:
            found = check_folder(server_path(folder, "models.folder"), host.settings)
        except WorkbenchError as error:  # it belongs beside what was typed
            return {self.parts.checked: sendable(error_html(error))}
        rows = (CheckRow(one.name, one.severity, one.text) for one in found)
        return {self.parts.checked: sendable(checks_html(rows))}

    def _buttons(self, host: ModelHost) -> Changes:
        idle = host.change is None
        return {
            self.parts.load: gr.update(interactive=idle),
            self.parts.reload: gr.update(interactive=idle),
            self.parts.unload: gr.update(interactive=idle and host.loaded is not None),
            self.parts.stop: gr.update(interactive=not idle),
        }

    def _choice(self, model: str, dtype: str, device: str) -> Choice:
        if dtype not in get_args(Dtype):
            raise UsageError(
                "bad_choice", name="dtype", name_zh="数据类型", value=dtype, known=", ".join(get_args(Dtype))
            )
        if not re.fullmatch(DEVICES, device or ""):
            raise UsageError("bad_device", device=device)
        return Choice(preset=self._preset(model), dtype=dtype, device=device)

    def _preset(self, model: str, asking: Settings | None = None) -> ModelPreset:
        """The model of that name; ``asking`` the hub about one of its own where settings are given."""
        name = (model or "").strip()
        if not name:
            label = text("models.model")
            raise UsageError("input_blank", name=label.en, name_zh=label.zh)
        served = bool(self.bench.host.settings.base_url)
        return resolve_model(name, self.bench.library, asking, served=served)

    def _room(self, model: str, dtype: str, device: str) -> Changes:
        try:
            choice = self._choice(model, dtype, device)
            folder = local_folder(choice.preset, self.bench.host.settings)
            known = folder and not gguf_file(folder)
            room = room_for(folder, settings_of(self.bench.host, choice)) if folder and known else None
        except WorkbenchError:  # it is told when the model is loaded
            room = None
        return {self.parts.room: room_html(room, beside=self.bench.host.loaded is not None)}


def require_switching(bench: Workbench) -> ModelHost:
    """The host, for one who may change its model; UsageError for others."""
    if not bench.host.settings.may_switch:
        raise UsageError("switching_forbidden")
    return bench.host


def server_path(typed: str, label: str) -> Path:
    """A path that was typed; UsageError where nothing was."""
    if not (typed or "").strip():
        words = text(label)
        raise UsageError("input_blank", name=words.en, name_zh=words.zh)
    return Path(typed.strip()).expanduser()


def settings_of(host: ModelHost, choice: Choice) -> Settings:
    """The host's settings with the choice's dtype and device."""
    return host.settings.model_copy(update={"dtype": choice.dtype, "device": choice.device})


def facts_of(host: ModelHost) -> Facts:
    """All that the status tells."""
    change = host.change
    coming = change.choice.preset if change and change.kind in ("load", "wake", "switch") else None
    return Facts(
        state=host.state, loaded=host.loaded, preset=host.preset, coming=coming, asleep=host.asleep,
        runs=host.door.runs, waiting=host.door.waiting, free=memory_free(), trouble=host.trouble,
    )  # fmt: skip


def cards_of(bench: Workbench) -> str:
    """The presets, and the model that answers where it is none of them; the latter first."""
    host = bench.host
    presets = [host.preset, *(each for each in bench.library.models.values() if each.id != host.preset.id)]
    cards = [
        Card(each, presence(each, host.settings), host.loaded is not None and each.id == host.preset.id)
        for each in presets
    ]
    return cards_html(cards, choosable=host.settings.may_switch)
