"""A bell or a stop signal when an event is sure: a command or a web address, told in a thread of its own.

Set on the command line or in ``workspace.toml`` only, never from a page: whoever can set it can run programs here.

    [live]
    on_event = ["/usr/local/bin/stop-machine", "--gently"]
    webhook = "http://192.168.0.10/stop"
"""

import http.client
import json
import queue
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from core.errors import WorkspaceError
from core.events.detector import UNFAMILIAR, Change
from core.urls import shown, without_user
from core.workspace import SETTINGS_FILE, Workspace

PATIENCE = 10.0
"""Seconds that a command or an address may take."""
WAITING = 32
"""Events that may wait for their signal; of more nobody is told, which is said at the end."""


@dataclass(frozen=True)
class Signals:
    """What is told of an event, as JSON: on the standard input of a command, in the body of a POST.

    Args:
        command: a program and its arguments, always the same; no shell reads them.
        webhook: an http or https address.

    Raises:
        WorkspaceError: neither can be used.
    """

    command: tuple[str, ...] = ()
    webhook: str = ""

    def __post_init__(self) -> None:
        if self.webhook and not self.webhook.lower().startswith(("http://", "https://")):
            raise WorkspaceError(
                "an http or https address as webhook", "one that begins otherwise", "Check its spelling."
            )
        if not isinstance(self.command, tuple) or not all(isinstance(part, str) for part in self.command):
            raise WorkspaceError(
                "a program and its arguments as a list of texts",
                "something else in it",
                "Correct “on_event”.",
            )

    def __bool__(self) -> bool:
        return bool(self.command or self.webhook)


def from_settings(workspace: Workspace) -> Signals:
    """Return the signals that ``workspace.toml`` names, none where it does not.

    Raises:
        WorkspaceError: they cannot be used.
    """
    text = (workspace.path / SETTINGS_FILE).read_text(encoding="utf-8")
    table = tomlkit.parse(text).unwrap().get("live", {})
    command, webhook = table.get("on_event", []), table.get("webhook", "")
    if not isinstance(command, list) or not isinstance(webhook, str):
        raise WorkspaceError(
            "[live] with a list “on_event” and a text “webhook”", "others", f"Correct {SETTINGS_FILE}."
        )
    return Signals(tuple(command), webhook)


class Alarm:
    """Tells of events without keeping the worker waiting.

    Args:
        signals: what is told.
        say: hears in a line when that fails, and at the end of how many events nobody was told.
        patience: seconds that it may take.
    """

    def __init__(self, signals: Signals, say: Callable[[str], None], patience: float = PATIENCE) -> None:
        self._left_out = 0
        self._signals, self._say, self._patience = signals, say, patience
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._work, name="alarm", daemon=True)
        self._thread.start()

    def ring(self, about: Mapping[str, Any]) -> None:
        """Tell of an event; returns at once."""
        try:
            self._waiting.put_nowait(dict(about))
        except queue.Full:
            self._left_out += 1

    def close(self) -> None:
        """Wait until all is told, twice as long as one signal may take; then say what was left out."""
        self._finish()
        if self._left_out:
            events = f"{self._left_out} event{'s' * (self._left_out != 1)}"
            self._say(f"No signal for {events}: more came at once than could be told of.")

    def _finish(self) -> None:
        try:
            self._waiting.put(None, timeout=self._patience)
        except queue.Full:
            return
        self._thread.join(timeout=2 * self._patience)

    def _work(self) -> None:
        while (about := self._waiting.get()) is not None:
            content = json.dumps(about, ensure_ascii=False).encode()
            if command := self._signals.command:
                self._try(self._run, content, Path(command[0]).name)
            if webhook := self._signals.webhook:
                self._try(self._post, content, shown(webhook))

    def _try(self, tell: Callable[[bytes], None], content: bytes, name: str) -> None:
        try:
            tell(content)
        except (OSError, ValueError, subprocess.SubprocessError, http.client.HTTPException) as error:
            self._say(f"The signal failed: {name}: {_reason(error)}.")

    def _run(self, content: bytes) -> None:
        command: Sequence[str] = self._signals.command
        subprocess.run(
            command,
            input=content,
            timeout=self._patience,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _post(self, content: bytes) -> None:
        address, user = without_user(self._signals.webhook)
        request = urllib.request.Request(
            address, content, {"Content-Type": "application/json"}, method="POST"
        )
        if user:
            request.add_unredirected_header("Authorization", user)  # whereto it leads on is not told
        with urllib.request.urlopen(request, timeout=self._patience):
            pass


class Bell:
    """Rings for the events of a session. Of unfamiliar pictures nobody is told: a hand shall not stop a machine.

    Args:
        signals: what is told; none tell nobody.
        session: whose events these are.
        source: what is watched, in words.
        say: hears in a line when a signal fails or is left out.
    """

    def __init__(
        self, signals: Signals, session: str, source: str, say: Callable[[str], None] = lambda words: None
    ) -> None:
        self._about = {"session": session, "source": source}
        self._alarm = Alarm(signals, say) if signals else None

    def hear(self, change: Change) -> None:
        """Tell of an event that is sure; returns at once."""
        if self._alarm and not change.is_over and change.event.attribute != UNFAMILIAR:
            self._alarm.ring(change.event.to_json() | self._about)

    def close(self) -> None:
        """Wait until all is told, as `Alarm.close`."""
        if self._alarm:
            self._alarm.close()


def _reason(error: Exception) -> str:
    """Return what went wrong; never more of the error, in which arguments, the address and what is secret in them may be."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, urllib.error.HTTPError):
        return f"answer {error.code}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, OSError):
        error = error.reason
    if isinstance(error, TimeoutError | subprocess.TimeoutExpired):
        return "timed out"
    return str(getattr(error, "strerror", None) or type(error).__name__)
