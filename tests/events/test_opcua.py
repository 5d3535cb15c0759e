"""Events by OPC UA: what a real client reads and is told, and what it may not do."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import WorkspaceError
from core.events import opcua
from core.events.detector import Event, EventChange
from core.events.opcua import OpcUaSettings
from core.events.signals import Signals, SignalSender, from_settings
from core.workspace import create
from tests.helpers.broker import free_port
from tests.helpers.waiting import until

BEGUN = EventChange(Event(1, "break", 1.0, 1.2, 0.9, 1.1, 11), is_over=False)


class Client:
    """A client in a thread of its own, subscribed to some variables."""

    def __init__(self, settings: OpcUaSettings) -> None:
        self.endpoint, self.told = settings.endpoint, list[tuple[str, Any]]()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        until(self._connects)

    def __call__(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def _connects(self) -> bool:
        from asyncua import Client as Real

        self.client = Real(self.endpoint, timeout=10)
        try:
            self(self.client.connect())
        except OSError:
            return False
        return True

    def node(self, name: str) -> Any:
        return self.client.get_node(f"ns=2;s={name}")

    def value(self, name: str) -> Any:
        return self(self.node(name).read_value())

    def datachange_notification(self, node: Any, value: Any, _data: Any) -> None:
        self.told.append((node.nodeid.Identifier, value))

    def subscribe(self, *names: str) -> None:
        async def subscribed() -> None:
            made = await self.client.create_subscription(10, self)
            await made.subscribe_data_change([self.node(name) for name in names])

        self(subscribed())

    def stop(self) -> None:
        self(self.client.disconnect())
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def settings() -> OpcUaSettings:
    return OpcUaSettings(port=free_port())


@pytest.fixture
def telling(settings: OpcUaSettings) -> Iterator[SignalSender]:
    made = SignalSender(Signals(opcua=settings), {"session": "monday"}, attributes=["break", "error"])
    yield made
    made.close()


@pytest.fixture
def client(settings: OpcUaSettings, telling: SignalSender) -> Iterator[Client]:
    made = Client(settings)
    yield made
    made.stop()


def test_a_client_is_told_of_the_event_and_of_its_end(client: Client, telling: SignalSender) -> None:
    until(lambda: client.value("break.State") is False)
    client.subscribe("break.State", "break.Count")
    telling.send([BEGUN])
    until(lambda: ("break.State", True) in client.told and ("break.Count", 1) in client.told)
    event = json.loads(client.value("break.Event"))
    assert (event["attribute"], event["session"], bool(event["id"])) == ("break", "monday", True)
    telling.send([replace(BEGUN, is_over=True)])
    until(lambda: client.told[-1] == ("break.State", False))
    assert client.value("break.Count") == 1 and client.value("error.State") is False


def test_the_heart_beats(client: Client) -> None:
    first = client.value("Heartbeat")
    until(lambda: client.value("Heartbeat") > first)


def test_a_client_browses_to_the_attributes(client: Client) -> None:
    async def names() -> list[str]:
        folder = await client.client.nodes.objects.get_child("2:SeamLens")
        return [(await child.read_browse_name()).Name for child in await folder.get_children()]

    until(lambda: set(client(names())) == {"Heartbeat", "break", "error"})


@pytest.mark.parametrize("user", ["", "admin"])
def test_nobody_writes_or_adds_anything(settings: OpcUaSettings, telling: SignalSender, user: str) -> None:
    from asyncua import ua

    client = Client(settings)
    try:
        if user:
            client(client.client.disconnect())
            client.client.set_user(user)
            client(client.client.connect())
        until(lambda: client.value("break.State") is False)
        with pytest.raises(ua.UaError):
            client(client.node("break.State").write_value(True))
        with pytest.raises(ua.UaError):
            client(client.client.nodes.objects.add_variable("ns=2;s=mine", "2:mine", 7))
        assert client.value("break.State") is False
    finally:
        client.stop()


def test_events_wait_for_a_port_that_is_taken(settings: OpcUaSettings) -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", settings.port)):
        telling = SignalSender(Signals(opcua=settings), {}, said.append, attributes=["break"])
        telling.send([BEGUN])
        until(lambda: bool(said))
        assert f"at port {settings.port} cannot listen" in said[0]
    client = Client(settings)
    until(lambda: client.value("break.Count") == 1)
    client.stop()
    telling.close()
    assert said[-1].endswith("listens.")


def test_two_sessions_have_one_server(settings: OpcUaSettings, telling: SignalSender) -> None:
    second = SignalSender(Signals(opcua=settings), {}, attributes=["error"])
    assert second._channels[0] is telling._channels[0]
    second.close()
    assert telling._channels[0].is_alive()


@pytest.mark.parametrize(
    "line", ["port = 0", 'port = "x"', 'address = "machine.example/secret"', "other = 1"]
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, line: str) -> None:
    made = create(tmp_path / "class")
    with (made.path / "workspace.toml").open("a") as file:
        file.write(f"\n[live.opcua]\n{line}\n")
    with pytest.raises(WorkspaceError, match=r"live\.opcua") as refused:
        from_settings(made)
    assert "secret" not in str(refused.value)


def test_without_its_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opcua, "find_spec", lambda name: None)
    with pytest.raises(WorkspaceError, match=r'pip install "asyncua'):
        Signals(opcua=OpcUaSettings()).require()
