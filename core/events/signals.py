"""Signals of events, for a bell or a machine that stops: sent to a command or a web address by a thread of its own, and told to an
MQTT broker and the clients of an OPC UA server.

Set on the command line or in ``workspace.toml`` only, never from a page: whoever can set it can run programs here.

    [live]
    on_event = ["/usr/local/bin/stop-machine", "--gently"]
    webhook = "http://192.168.0.10/stop"

    [live.mqtt]
    broker = "mqtt://192.168.0.10"

    [live.opcua]
    port = 4840
"""

import http.client
import json
import queue
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import tomlkit
from pydantic import ValidationError

from core.errors import WorkspaceError
from core.events import channel, mqtt, mqtt_settings, opcua
from core.events.channel import Channel, EventMessage
from core.events.detector import UNFAMILIAR, EventChange
from core.events.mqtt_settings import MqttSettings
from core.events.opcua import OpcUaSettings
from core.json_files import checked, why
from core.text import count
from core.urls import shown, without_user
from core.workspace import SETTINGS_FILE, Workspace

Settings = TypeVar("Settings", MqttSettings, OpcUaSettings)

PATIENCE = 10.0
"""Seconds that a command or an address may take."""
WAITING = 32
"""Events that may wait for their signal; more get none, which is said at the end."""


@dataclass(frozen=True)
class Signals:
    """Where events are sent, as JSON: to the standard input of a command, or in the body of a POST; and where they are told.

    Raises:
        WorkspaceError: neither can be used.
    """

    command: tuple[str, ...] = ()  # a program and its arguments, always the same; no shell reads them
    webhook: str = ""  # an http or https address
    mqtt: MqttSettings | None = None
    opcua: OpcUaSettings | None = None

    def __post_init__(self) -> None:
        if self.webhook and not self.webhook.lower().startswith(("http://", "https://")):
            raise WorkspaceError(
                "The webhook does not begin with http:// or https://.", "Check its spelling."
            )
        if not isinstance(self.command, tuple) or not all(isinstance(part, str) for part in self.command):
            raise WorkspaceError("“on_event” is not a list of texts.", "Write a program and its arguments.")

    def __bool__(self) -> bool:
        return bool(self.command or self.webhook or self.mqtt or self.opcua)

    @property
    def are_sent(self) -> bool:
        """Whether there is a command or a web address."""
        return bool(self.command or self.webhook)

    def require(self) -> None:
        """Refuse to go on without the packages that they need.

        Raises:
            WorkspaceError: one is not installed.
        """
        if self.mqtt:
            mqtt_settings.require(self.mqtt)
        if self.opcua:
            opcua.require()


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
    broker = _section(table, "mqtt", MqttSettings)
    if broker is not None:
        broker = replace(broker, ca=mqtt_settings.ca_file(workspace.path, broker.ca))
    return Signals(tuple(command), webhook, broker, _section(table, "opcua", OpcUaSettings))


def _section(table: Mapping[str, Any], name: str, kind: type[Settings]) -> Settings | None:
    """Return the settings of ``[live.NAME]``; none where it is not there."""
    if (given := table.get(name)) is None:
        return None
    names = [field.name for field in fields(kind)]
    if not isinstance(given, dict) or set(given) - set(names):
        unknown = ", ".join(sorted(set(given) - set(names))) if isinstance(given, dict) else "no section"
        problem = f"[live.{name}] has settings that it does not know: {unknown}."
        raise WorkspaceError(problem, f"It knows {', '.join(names)}.")
    try:
        return checked(kind, given)
    except ValidationError as error:  # without what was written: it may be a secret
        raise WorkspaceError(
            f"[live.{name}] cannot be used: {why(error)}.", f"Correct {SETTINGS_FILE}."
        ) from None


class SignalSender:
    """Sends signals without keeping anyone waiting.

    Args:
        signals: where they go; none sends nothing.
        context: sent with each event: its session and source.
        report: called with a line for a signal that failed, and at the end for those that were left out.
        patience: seconds that one may take.
        attributes: whose events may come.

    Attributes:
        problem: the last of those lines.
    """

    def __init__(
        self,
        signals: Signals,
        context: Mapping[str, Any],
        report: Callable[[str], None] = lambda line: None,
        patience: float = PATIENCE,
        attributes: Iterable[str] = (),
    ) -> None:
        self.problem = ""
        self._signals, self._context, self._report, self._patience = signals, context, report, patience
        self._left_out = 0
        self._waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="signals", daemon=True)
        self._id = uuid4().hex[:12]
        if signals.are_sent:
            self._thread.start()
        self._channels = list(self._opened(tuple(attributes)))

    def _opened(self, attributes: Sequence[str]) -> Iterator[Channel]:
        if self._signals.mqtt:
            broker = self._signals.mqtt.of_source(str(self._context.get("source", "")))
            yield channel.opened(broker, partial(mqtt.MqttChannel, broker), self._told, attributes)
        if server := self._signals.opcua:
            yield channel.opened(server, partial(opcua.OpcUaChannel, server), self._told, attributes)

    def send(self, changes: Iterable[EventChange]) -> None:
        """Send the events that have begun; returns at once. Unfamiliar pictures send none: a hand must not stop a machine."""
        for change in changes:
            if change.event.attribute == UNFAMILIAR:
                continue
            message = self._message(change)
            for each in self._channels:
                each.inbox.put(message)
            if not self._signals.are_sent or change.is_over:
                continue
            if self._waiting.qsize() >= WAITING:
                self._left_out += 1
            else:
                self._waiting.put({**change.event.to_json(), **self._context})

    def close(self, wait: bool = True) -> None:
        """End the thread once all is sent; ``wait`` for it twice as long as one signal may take."""
        for each in self._channels:
            channel.close(each, self._told, wait)
        if not self._signals.are_sent:
            return
        self._waiting.put(None)
        if wait:
            self._thread.join(timeout=2 * self._patience)
            self._say_left_out()

    def _message(self, change: EventChange) -> EventMessage:
        event = {**change.event.to_json(), **self._context}
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        id = f"{self._id}-{change.event.number}"
        return EventMessage(id, change.event.attribute, change.is_over, event, at)

    def _told(self, line: str, is_problem: bool) -> None:
        """Hand on what a channel says."""
        self._say(line)
        if not is_problem:
            self.problem = ""

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
