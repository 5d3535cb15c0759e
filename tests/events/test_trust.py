"""A workspace from somebody else runs no program before it is allowed."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import WorkspaceError
from core.events import trust
from core.events.signals import Signals, from_settings
from core.workspace import SETTINGS_FILE, Workspace, create, open_workspace


@pytest.fixture(autouse=True)
def own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))


@pytest.fixture
def strange(tmp_path: Path) -> Workspace:
    """Return the workspace of a stranger."""
    made = create(tmp_path / "strange")
    set_live(made, 'on_event = ["touch", "secret"]\nwebhook = "http://me:secret@127.0.0.1/x"')
    return made


def set_live(workspace: Workspace, lines: str) -> None:
    file = workspace.path / SETTINGS_FILE
    before = file.read_text(encoding="utf-8").partition("\n[live]")[0]
    file.write_text(f"{before}\n[live]\n{lines}\n", encoding="utf-8")


def test_a_strangers_program_is_not_run_and_the_way_to_allow_it_is_said(strange: Workspace) -> None:
    with pytest.raises(
        WorkspaceError, match=r"runs the program touch and sends to http://127\.0\.0\.1/x.* trust$"
    ) as told:
        trust.trusted_settings(strange)
    assert "secret" not in str(told.value)


def test_it_is_asked_once(strange: Workspace) -> None:
    trust.trust(strange, from_settings(strange))
    assert trust.trusted_settings(open_workspace(strange.path)) == from_settings(strange)
    assert trust.trust_file().stat().st_mode & 0o777 == 0o600


def test_another_program_is_asked_about_anew(strange: Workspace) -> None:
    trust.trust(strange, from_settings(strange))
    set_live(strange, 'on_event = ["rm", "secret"]')
    assert not trust.is_trusted(strange, from_settings(strange))


def test_a_copy_in_another_place_is_asked_about_anew(strange: Workspace, tmp_path: Path) -> None:
    trust.trust(strange, from_settings(strange))
    other = create(tmp_path / "other")
    assert not trust.is_trusted(other, from_settings(strange))


def test_without_a_program_nothing_is_asked(tmp_path: Path) -> None:
    assert trust.trusted_settings(create(tmp_path / "plain")) == Signals()


def test_a_damaged_file_of_answers_allows_nothing(strange: Workspace) -> None:
    trust.trust(strange, from_settings(strange))
    trust.trust_file().write_text("[1", encoding="utf-8")
    assert not trust.is_trusted(strange, from_settings(strange))


def test_the_command_line_allows_it(strange: Workspace) -> None:
    command = [sys.executable, "-m", "core", "--workspace", str(strange.path), "trust"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "Allowed")


def test_a_strangers_broker_and_server_are_asked_about_too_and_what_was_allowed_before_stays(
    strange: Workspace,
) -> None:
    trust.trust(strange, from_settings(strange))
    before = trust.trust_file().read_text(encoding="utf-8")
    set_live(strange, '[live.mqtt]\nbroker = "mqtts://broker"\n[live.opcua]\nport = 4841')
    with pytest.raises(
        WorkspaceError,
        match=r"tells the MQTT broker mqtts://broker and serves OPC UA at opc\.tcp://127\.0\.0\.1:4841",
    ):
        trust.trusted_settings(strange)
    set_live(strange, 'on_event = ["touch", "secret"]\nwebhook = "http://me:secret@127.0.0.1/x"')
    assert trust.is_trusted(strange, from_settings(strange))
    assert trust.trust_file().read_text(encoding="utf-8") == before


def test_only_with_the_packages_that_they_need_signals_are_used(
    strange: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_live(strange, '[live.mqtt]\nbroker = "mqtt://broker"')
    trust.trust(strange, from_settings(strange))
    monkeypatch.setattr("core.events.mqtt_settings.find_spec", lambda name: None)
    with pytest.raises(WorkspaceError, match="pip install"):
        trust.trusted_settings(strange)
