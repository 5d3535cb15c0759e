"""Signals of events, for a bell or a machine that stops: sent to a command or a web address by a thread of its own.

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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from core.errors import WorkspaceError
from core.events.detector import UNFAMILIAR, EventChange
from core.text import count
from core.urls import shown, without_user
from core.workspace import SETTINGS_FILE, Workspace

PATIENCE = 10.0
"""Seconds that a command or an address may take."""
WAITING = 32
"""Events that may wait for their signal; more get none, which is said at the end."""


@dataclass(frozen=True)
class Signals:
    """Where events are sent, as JSON: to the standard input of a command, or in the body of a POST.

    Raises:
        WorkspaceError: neither can be used.
    """

    command: tuple[str, ...] = ()  # a program and its arguments, always the same; no shell reads them
    webhook: str = ""  # an http or https address

    def __post_init__(self) -> None:
        if self.webhook and not self.webhook.lower().startswith(("http://", "https://")):
            raise WorkspaceError(
                "The webhook does not begin with http:// or https://.", "Check its spelling."
            )
        if not isinstance(self.command, tuple) or not all(isinstance(part, str) for part in self.command):
            raise WorkspaceError("“on_event” is not a list of texts.", "Write a program and its arguments.")

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
            "In [live], “on_event” must be a list and “webhook” a text.", f"Correct {SETTINGS_FILE}."
        )
    return Signals(tuple(command), webhook)


class SignalSender:
    """Sends signals without keeping anyone waiting.

    Args:
        signals: where they go; none sends nothing.
        context: sent with each event: its session and source.
        report: called with a line for a signal that failed, and at the end for those that were left out.
        patience: seconds that one may take.

    Attributes:
        problem: the last of those lines.
    """

    def __init__(
        self,
        signals: Signals,
        context: Mapping[str, Any],
        report: Callable[[str], None] = lambda line: None,
        patience: float = PATIENCE,
    ) -> None:
        self.problem = ""
        self._signals, self._context, self._report, self._patience = signals, context, report, patience
        self._left_out = 0
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="signals", daemon=True)
        if signals:
            self._thread.start()

    def send(self, changes: Iterable[EventChange]) -> None:
        """Send the events that have begun; returns at once. Unfamiliar pictures send none: a hand must not stop a machine."""
        for change in changes:
            if not self._signals or change.is_over or change.event.attribute == UNFAMILIAR:
                continue
            if self._waiting.qsize() >= WAITING:
                self._left_out += 1
            else:
                self._waiting.put({**change.event.to_json(), **self._context})

    def close(self, wait: bool = True) -> None:
        """End the thread once all is sent; ``wait`` for it twice as long as one signal may take."""
        if not self._signals:
            return
        self._waiting.put(None)
        if wait:
            self._thread.join(timeout=2 * self._patience)
            self._say_left_out()

    def _work(self) -> None:
        while (event := self._waiting.get()) is not None:
            content = json.dumps(event, ensure_ascii=False).encode()
            if command := self._signals.command:
                self._try(self._run, content, Path(command[0]).name)
            if webhook := self._signals.webhook:
                self._try(self._post, content, shown(webhook))
        self._say_left_out()

    def _say_left_out(self) -> None:
        left_out, self._left_out = self._left_out, 0
        if left_out:
            self._say(f"No signal was sent for {count(left_out, 'event')}: too many came at once.")

    def _say(self, line: str) -> None:
        self.problem = line
        self._report(line)

    def _try(self, send: Callable[[bytes], None], content: bytes, name: str) -> None:
        try:
            send(content)
        except (OSError, ValueError, subprocess.SubprocessError, http.client.HTTPException) as error:
            self._say(f"The signal failed: {name}: {_reason(error)}.")

    def _run(self, content: bytes) -> None:
        none, command = subprocess.DEVNULL, self._signals.command
        subprocess.run(command, input=content, timeout=self._patience, check=True, stdout=none, stderr=none)

    def _post(self, content: bytes) -> None:
        address, user = without_user(self._signals.webhook)
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(address, content, kind, method="POST")
        if user:
            request.add_unredirected_header("Authorization", user)  # a redirect must not get it
        with urllib.request.urlopen(request, timeout=self._patience):
            pass


def _reason(error: Exception) -> str:
    """Return what went wrong; never more of the error, which may hold arguments, the address and secrets."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, urllib.error.HTTPError):
        return f"answer {error.code}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, OSError):
        error = error.reason
    if isinstance(error, TimeoutError | subprocess.TimeoutExpired):
        return "timed out"
    return str(getattr(error, "strerror", None) or type(error).__name__)
