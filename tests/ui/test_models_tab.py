"""The model's tab without a browser: who may change the model, what is told, what two pages see."""

from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.change import HostState
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice, Loaded
from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.presets import Library
from techgpt_ui.renderers.models import log_html, model_status_html
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Text
from techgpt_ui.ui.models_actions import ModelActions, ModelParts, cards_of, facts_of
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.weights_box import WeightsParts, WeightsWork
from techgpt_ui.ui.workbench import Workbench
from techgpt_ui.weights import FetchProgress
from tests.weights.encrypting import encrypt_into, noise

ENGINE = SimpleNamespace(info=SimpleNamespace(dtype="bf16"), device="cpu")
REQUEST = cast(gr.Request, SimpleNamespace(session_hash="s"))


def tab(library: Library, settings: Settings) -> ModelActions:
    """The tab on a host whose model is there."""
    preset = library.models["smollm2-demo"]
    host = ModelHost(preset, settings)
    host.hold(Loaded(Choice(preset=preset), cast(Any, ENGINE)))
    none: Any = None
    bench = Workbench(
        library=library, host=host, sessions=Sessions(), say=none, runs=none, conversations=none, evaluations=none,
        tabs={},
    )  # fmt: skip
    return ModelActions(bench, ModelParts(*ModelParts._fields))


@pytest.fixture
def does(library: Library, tmp_path: Path) -> ModelActions:
    return tab(library, Settings(data=tmp_path))


@pytest.mark.parametrize(
    ("environment", "allowed"),
    [
        ({}, True),
        ({"TECHGPT_HOST": "localhost"}, True),
        ({"TECHGPT_HOST": "::1"}, True),
        ({"TECHGPT_HOST": "0.0.0.0"}, False),
        ({"GRADIO_SERVER_NAME": "0.0.0.0"}, False),
        ({"SPACE_ID": "somebody/space"}, False),
        ({"TECHGPT_SWITCHING": "nobody"}, False),
        ({"TECHGPT_HOST": "0.0.0.0", "TECHGPT_SWITCHING": "everyone"}, True),
    ],
)
def test_the_model_may_be_changed_on_one_s_own_machine_or_where_the_host_allows_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], allowed: bool
) -> None:
    for name in ("TECHGPT_HOST", "GRADIO_SERVER_NAME", "SPACE_ID", "TECHGPT_SWITCHING"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings().may_switch is allowed


def test_where_it_may_not_every_function_refuses(library: Library, tmp_path: Path) -> None:
    does = tab(library, Settings(data=tmp_path, switching="nobody"))
    weights = WeightsWork(does.bench, WeightsParts(*WeightsParts._fields))
    answers = [
        does.load("smollm2-demo", "auto", "auto"), does.reload(), does.unload(), does.stop(),
        does.estimate("/etc", "auto", "cpu"), does.check("/etc"),
        *weights.decrypt(REQUEST, "/etc", "/etc/hostname", str(tmp_path)), *weights.verify(REQUEST, "/etc"),
    ]  # fmt: skip
    assert len(answers) == 8
    assert all("cannot be changed in the page" in answer["notice"] for answer in answers)
    assert "data-model" not in cards_of(does.bench)


@pytest.mark.parametrize(
    ("model", "dtype", "device", "words"),
    [
        (" ", "auto", "auto", "is empty"),
        ("nonsense", "auto", "auto", "no folder named nonsense"),
        ("/no/such/folder", "auto", "auto", "/no/such/folder does not exist"),
        ("smollm2-demo", "fp8", "auto", "knows no “fp8”"),
        ("smollm2-demo", "auto", "tpu", "“tpu” is no device"),
    ],
)
def test_a_wrong_wish_is_told_and_the_model_stays(
    does: ModelActions, model: str, dtype: str, device: str, words: str
) -> None:
    assert words in does.load(model, dtype, device)["notice"]
    assert does.bench.host.loaded and does.bench.host.change is None


def test_a_hostile_name_shows_to_the_letter(does: ModelActions) -> None:
    shown = does.load("<img src=x onerror=alert(1)>", "auto", "auto")["notice"]
    assert "<img" not in shown and "&lt;img" in shown


def test_another_user_s_page_sees_the_change_and_may_stop_it(does: ModelActions) -> None:
    host = does.bench.host
    other = ModelActions(does.bench, does.parts)
    seen = other.look("")["seen"]
    assert set(other.look(seen)) == {"status", "seen"}
    with host.claim() as lease:
        list(lease.waits(CancelToken()))
        assert does.unload()["notice"] == ""
        with host.door.changed:
            assert host.door.changed.wait_for(lambda: host.state.phase == "switching", 30)
        news = other.look(seen)
        assert "waiting for runs to finish" in news["status"] and news["stop"]["interactive"]
        assert "being loaded, switched or unloaded" in other.reload()["notice"]
        assert other.stop()["notice"] == ""
        with host.door.changed:
            assert host.door.changed.wait_for(lambda: host.change is None, 30)
    news = does.look(news["seen"])
    assert "still in place" in news["status"] and "仍在" in news["status"] and not news["stop"]["interactive"]


def test_a_fetch_shows_its_share_rate_and_time_left(does: ModelActions) -> None:
    facts = facts_of(does.bench.host)
    progress = FetchProgress("download", 25_000_000, 100_000_000)
    state = HostState(phase="fetching", progress=progress, rate=5_000_000.0, left_s=15.0)
    shown = model_status_html(facts._replace(state=state))
    for words in ("25 %", "/s", "0:00:15", 'aria-valuenow="25"', "download"):
        assert words in shown


def test_the_log_shows_foreign_words_to_the_letter() -> None:
    log = LoadLog()
    log.append(Text(zh="<script>", en="<script>"), "warning")
    shown = log_html(log.entries)
    assert "<script>" not in shown and "&lt;script&gt;" in shown and 'class="warning"' in shown


def test_a_card_puts_its_preset_into_the_form(does: ModelActions) -> None:
    chosen = does.choose(gr.EventData(None, {"model": "techgpt-7b"}))
    assert chosen["model"] == "techgpt-7b" and "is not known yet" in chosen["room"]
    assert "model" not in does.choose(gr.EventData(None, {"model": "../../etc"}))


def test_an_encrypted_folder_is_checked_with_what_to_do(does: ModelActions, tmp_path: Path) -> None:
    folder = encrypt_into(tmp_path / "enc", {"config.json": b"{}"}, b"key")
    shown = does.check(str(folder))["checked"]
    assert "still encrypted" in shown and "仍是加密的" in shown
    assert "does not exist" in does.check("/no/such/folder")["checked"]
    assert "is empty" in does.check("  ")["checked"]


@pytest.fixture
def box(does: ModelActions) -> WeightsWork:
    return WeightsWork(does.bench, WeightsParts(*WeightsParts._fields))


def test_weights_are_decrypted_in_the_page_and_then_verified(box: WeightsWork, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(noise(4096, "key"))
    content = noise(300_000, "weights")
    folder = encrypt_into(tmp_path / "enc", {"notes.bin": content}, key.read_bytes(), sha256(content).hexdigest())
    shown: dict[str, Any] = {}
    for changes in box.decrypt(REQUEST, str(folder), str(key), str(tmp_path / "out")):
        shown |= changes
    assert (tmp_path / "out" / "notes.bin").read_bytes() == content
    assert "notes.bin" in shown["table"] and "Done" in shown["notice"] and shown["progress"] == ""
    for changes in box.verify(REQUEST, str(tmp_path / "out")):
        shown |= changes
    assert "pytorch_model.bin" in shown["table"] and "not all is right" in shown["notice"]


def test_stop_ends_a_decryption_and_says_how_to_go_on(box: WeightsWork, does: ModelActions, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(noise(4096, "key"))
    folder = encrypt_into(tmp_path / "enc", {"notes.bin": noise(50_000, "weights")}, key.read_bytes())
    steps = box.decrypt(REQUEST, str(folder), str(key), str(tmp_path / "out"))
    next(steps)
    box.stop(REQUEST)
    *_, last = steps
    assert 'role="alert"' in last["notice"] and last["decrypt"]["interactive"]
    assert not (tmp_path / "out" / "notes.bin").exists()


def test_a_missing_key_is_told(box: WeightsWork, tmp_path: Path) -> None:
    *_, last = box.decrypt(REQUEST, str(tmp_path), str(tmp_path / "none"), str(tmp_path / "out"))
    assert "cannot be read" in last["notice"]


def test_an_unknown_name_for_the_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="switching"):
        Settings(switching=cast(Any, "friends"))
