"""What a Space changes: where the page listens, where files go, what is told of files that will not last."""

import os
from pathlib import Path

import pytest

from techgpt_ui import space
from techgpt_ui.errors import UsageError
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.store import open_workbench
from techgpt_ui.ui.build import storage_notice

VARIABLES = ("SPACE_ID", "SPACES_ZERO_GPU", "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "PORT")
OURS = ("TECHGPT_HOST", "TECHGPT_PORT", "TECHGPT_DATA")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *OURS):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def on_a_space(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/workbench")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) == "/")


@pytest.mark.usefixtures("on_a_space")
def test_a_space_is_reached_from_outside_at_the_port_it_expects() -> None:
    assert (load_settings().host, load_settings().port) == ("0.0.0.0", 7860)


@pytest.mark.parametrize(
    ("environment", "port"),
    [
        ({"PORT": "8000"}, 8000),
        ({"PORT": "8000", "GRADIO_SERVER_PORT": "9000"}, 9000),
        ({"PORT": "8000", "TECHGPT_PORT": "7000"}, 7000),
        ({"PORT": ""}, 7860),
    ],
)
def test_the_port_is_what_is_asked_for_by_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], port: int
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().port == port


def test_a_port_that_is_no_number_is_told_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "tcp://10.0.0.1:80")
    with pytest.raises(UsageError) as told:
        load_settings()
    assert told.value.params["name"] == "PORT"


@pytest.mark.usefixtures("on_a_space")
def test_what_a_space_keeps_lies_in_its_storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(space, "PERSISTENT", tmp_path)
    assert load_settings().data == tmp_path


@pytest.mark.usefixtures("on_a_space")
def test_without_storage_it_lies_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(space, "PERSISTENT", tmp_path / "nothing")
    assert load_settings().data == tmp_path / ".cache" / "techgpt-ui"


@pytest.mark.usefixtures("on_a_space")
def test_a_folder_that_is_named_counts_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(space, "PERSISTENT", tmp_path)
    monkeypatch.setenv("TECHGPT_DATA", "mine")
    assert load_settings().data == Path("mine")


@pytest.mark.usefixtures("on_a_space")
def test_the_page_says_that_nothing_lasts_in_a_container(tmp_path: Path) -> None:
    notice = storage_notice(Settings(data=tmp_path))
    assert "/data" in notice and "重启" in notice and "restarts" in notice


@pytest.mark.usefixtures("on_a_space")
def test_what_is_mounted_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) in {"/", str(tmp_path)})
    assert storage_notice(Settings(data=tmp_path / "models")) == ""


def test_elsewhere_nothing_is_said(tmp_path: Path) -> None:
    assert storage_notice(Settings(data=tmp_path)) == ""


@pytest.mark.usefixtures("on_a_space")
def test_a_database_on_mounted_storage_needs_no_shared_memory(tmp_path: Path) -> None:
    database = open_workbench(Settings(data=tmp_path))
    with database.writing() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    database.close()
    assert mode == "delete"


@pytest.mark.parametrize("said", ["", "false", "0"])
def test_gpus_are_not_lent_unless_the_space_says_so(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", said)
    assert not space.on_zero_gpu()


def test_gpus_are_not_lent_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(space, "find_spec", lambda name: None)
    assert not space.on_zero_gpu()
