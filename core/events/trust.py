"""Whether the program and the address that a workspace names for its events may be used: asked once, for it may come from a stranger.

The answers are kept for each user of the computer, outside every workspace, and hold for exactly this program and address.
"""

import hashlib
import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.access.private import private_folder, write_private
from core.errors import WorkspaceError
from core.events.signals import Signals, from_settings
from core.json_files import DamagedError, read_record
from core.urls import shown
from core.workspace import Workspace


def trust_file() -> Path:
    """Return the file of the answers.

    Raises:
        WorkspaceError: its folder cannot be made.
    """
    return private_folder() / "trusted.json"


def is_trusted(workspace: Workspace, signals: Signals) -> bool:
    """Return whether the user has allowed these signals of a workspace; without any there is nothing to allow."""
    return not signals or _answers().get(_place(workspace)) == _print(signals)


def trust(workspace: Workspace, signals: Signals) -> None:
    """Allow these signals of a workspace from now on.

    Raises:
        WorkspaceError: the file of the answers cannot be written.
    """
    answers = {**_answers(), _place(workspace): _print(signals)}
    write_private(trust_file(), json.dumps(answers, indent=1) + "\n")


def trusted_settings(workspace: Workspace) -> Signals:
    """Return the signals of ``workspace.toml`` that the user has allowed.

    Raises:
        WorkspaceError: they are not allowed yet, or cannot be used.
    """
    signals = from_settings(workspace)
    signals.require()
    if not is_trusted(workspace, signals):
        raise untrusted(workspace, signals)
    return signals


def untrusted(workspace: Workspace, signals: Signals) -> WorkspaceError:
    """Return the error of signals that are not allowed yet."""
    command = shlex.join(["python", "-m", "core", "--workspace", str(workspace.path), "trust"])
    problem = f"At each event this workspace {described(signals)}, which you have not allowed yet."
    return WorkspaceError(problem, f"If you know it, allow it on the command line: {command}")


def described(signals: Signals) -> str:
    """Return what signals do, as the end of a sentence; without passwords, and without the arguments, which may hold some."""
    runs = [f"runs the program {signals.command[0]}"] if signals.command else []
    sends = [f"sends to {shown(signals.webhook)}"] if signals.webhook else []
    tells = [f"tells the MQTT broker {shown(signals.mqtt.broker)}"] if signals.mqtt else []
    serves = [f"serves OPC UA at {signals.opcua.endpoint}"] if signals.opcua else []
    parts = runs + sends + tells + serves
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def _answers() -> dict[str, str]:
    try:
        return read_record(trust_file(), dict)
    except (FileNotFoundError, DamagedError):  # then it is asked again
        return {}


def _place(workspace: Workspace) -> str:
    return str(workspace.path.resolve())


def _print(signals: Signals) -> str:
    said: list[Any] = [signals.command, signals.webhook]
    others = [None if each is None else asdict(each) for each in (signals.mqtt, signals.opcua)]
    said += others if any(others) else []  # what was allowed before there were these stays so
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
