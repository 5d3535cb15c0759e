"""A real MQTT broker (mosquitto) on this computer, and a subscriber of all its topics."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.helpers.waiting import until

PROGRAM = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
MISSING = "needs mosquitto (Debian: apt install mosquitto)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Broker:
    """The broker; ``lines`` are of its configuration. ``user root`` counts for root only, who would be somebody else otherwise."""

    def __init__(self, folder: Path, *lines: str) -> None:
        self.port, self.folder, self._process = free_port(), folder, None
        given = lines or ("allow_anonymous true", "persistence false")
        text = "\n".join([f"listener {self.port} 127.0.0.1", "user root", *given])
        self._config = folder / "mosquitto.conf"
        self._config.write_text(text + "\n", encoding="utf-8")

    @property
    def address(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> "Broker":
        assert PROGRAM
        command = [PROGRAM, "-c", str(self._config)]
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        until(self._listens)
        return self

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


def keeping(folder: Path) -> tuple[str, ...]:
    """Return the lines of a broker that writes what it holds for its subscribers to the disk."""
    return (
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 1",
        "autosave_on_changes true",
    )


class Subscriber:
    """Takes all messages of a broker: topic, content, and whether the broker had kept it.

    Args:
        port: of the broker.
        name: the broker holds for it what comes while it is away; empty: it does not.
        ca: file of the authority of a broker with TLS.
        login: user and password, where the broker wants them.
    """

    def __init__(self, port: int, name: str = "", ca: str = "", login: tuple[str, ...] = ()) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.messages: list[tuple[str, str, bool]] = []
        self.is_there = False
        self.client = Client(CallbackAPIVersion.VERSION2, name, clean_session=not name)
        if ca:
            self.client.tls_set(ca)
        if login:
            self.client.username_pw_set(*login)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda *_: self.client.subscribe("#", qos=1)
        self.client.on_subscribe = lambda *_: setattr(self, "is_there", True)
        self.client.on_disconnect = lambda *_: setattr(self, "is_there", False)
        self.client.on_message = lambda _client, _data, message: self.messages.append(
            (message.topic, message.payload.decode(), bool(message.retain))
        )
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()
        until(lambda: self.is_there)

    def events(self) -> list[dict[str, Any]]:
        """Return what was told of events, in the order in which it came."""
        return [json.loads(content) for topic, content, _ in list(self.messages) if topic.endswith("/event")]

    def latest(self, topic: str) -> str:
        return next((content for each, content, _ in reversed(self.messages) if each == topic), "")

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def subscribed(port: int, name: str = "", ca: str = "", login: tuple[str, ...] = ()) -> Iterator[Subscriber]:
    made = Subscriber(port, name, ca, login)
    try:
        yield made
    finally:
        made.stop()
