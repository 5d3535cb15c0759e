"""Events by OPC UA: a small server with the attributes as variables, which clients read or subscribe to, and a heartbeat.

Nobody can write or add anything. It has no encryption: it belongs into the network of the machine, and listens on this computer
only unless the settings name another address.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from queue import Empty
from typing import Any

from core.errors import WorkspaceError
from core.events.channel import Channel, End, EventMessage, Watched, left_until

PACKAGE = "asyncua>=2,<3"
PORT = 4840
THIS_COMPUTER = "127.0.0.1"
NAMESPACE = "urn:seamlens"
BEAT = 1.0
"""Seconds from one heartbeat to the next."""
AGAIN = 2.0
"""Seconds after which it is tried again to listen at a port that is taken."""
WRAP = 2**32


@dataclass(frozen=True)
class OpcUaSettings:
    """Where clients find the server.

    Raises:
        WorkspaceError: they cannot be used.
    """

    port: int = PORT
    address: str = THIS_COMPUTER  # of this computer, at which it listens; 0.0.0.0 is all of them

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise WorkspaceError(
                "In [live.opcua], “port” must be a whole number from 1 to 65535.", "Correct workspace.toml."
            )
        if not self.address or set(self.address) - set("0123456789abcdefABCDEF.:"):
            raise WorkspaceError(
                "In [live.opcua], “address” must be an IP address of this computer.",
                "Correct workspace.toml.",
            )

    @property
    def endpoint(self) -> str:
        """The address for clients."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"opc.tcp://{host}:{self.port}/seamlens"


def require() -> None:
    """Refuse to go on without its library.

    Raises:
        WorkspaceError: it is not installed.
    """
    if find_spec("asyncua") is None:
        raise WorkspaceError(
            "Events by OPC UA need asyncua, which is not installed.", f'Install it: pip install "{PACKAGE}"'
        )


@dataclass
class _Attribute:
    """What clients see of one: whether an event goes on, how many there were, and the latest as JSON."""

    going_on: set[str] = field(default_factory=set)
    count: int = 0
    event: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


class OpcUaChannel(Channel):
    """The server. What comes while it cannot listen is there for clients once it does."""

    def __init__(self, settings: OpcUaSettings, after: Channel | None) -> None:
        super().__init__(f"The OPC UA server at port {settings.port}", after)
        self._settings, self._attributes = settings, dict[str, _Attribute]()
        self._server: Any = None
        self._folder: Any = None
        self._heartbeat: Any = None
        self._space = self._beats = 0

    def work(self) -> None:
        """Serve until the end."""
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # it tells of every client that goes
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        beat = try_at = time.monotonic()
        while True:
            if self._server is None and not left_until(try_at):
                try_at = time.monotonic() + AGAIN
                await self._start()
            wait = left_until(beat if self._server else try_at)
            with suppress(Empty):
                item = await asyncio.to_thread(self.inbox.get, timeout=max(0.001, wait))
                if isinstance(item, End):
                    break
                await self._take(item)
            if self._server and not left_until(beat):
                beat = time.monotonic() + BEAT
                await self._beat()
        if self._server:
            await self._server.stop()

    async def _start(self) -> None:
        from asyncua import Server, ua

        server = Server(user_manager=_Readers())  # type: ignore[arg-type]
        await server.init()
        server.set_endpoint(self._settings.endpoint)
        server.set_server_name("SeamLens")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        space = await server.register_namespace(NAMESPACE)
        folder = await server.nodes.objects.add_object(f"ns={space};s=SeamLens", f"{space}:SeamLens")
        heartbeat = await folder.add_variable(
            f"ns={space};s=Heartbeat",
            f"{space}:Heartbeat",
            ua.Variant(self._beats, ua.VariantType.UInt32),
        )
        try:
            await server.start()
        except OSError as error:
            with suppress(Exception):
                await server.stop()
            self.say(
                f"{self.name} cannot listen: {(error.strerror or 'no reason').lower()}. Events wait for it."
            )
            return
        self._server, self._space, self._heartbeat, self._folder = server, space, heartbeat, folder
        for name, attribute in self._attributes.items():
            attribute.variables.clear()
            await self._show(name, attribute)
        self.solve(f"{self.name} listens.")

    async def _take(self, item: Any) -> None:
        if isinstance(item, Watched):
            for name in item.attributes:
                if name not in self._attributes:
                    self._attributes[name] = _Attribute()
                    await self._show(name, self._attributes[name])
        elif isinstance(item, EventMessage):
            attribute = self._attributes.setdefault(item.attribute, _Attribute())
            if item.is_over:
                attribute.going_on.discard(item.id)
            else:
                attribute.going_on.add(item.id)
                attribute.count = (attribute.count + 1) % WRAP
                attribute.event = json.dumps({"id": item.id, "at": item.at, **item.event}, ensure_ascii=False)
            await self._show(item.attribute, attribute)

    async def _show(self, name: str, attribute: _Attribute) -> None:
        """Write what clients see of an attribute, its state last: who waits for that finds the event there."""
        from asyncua import ua

        if self._server is None:
            return
        values = {
            "Event": ua.Variant(attribute.event, ua.VariantType.String),
            "Count": ua.Variant(attribute.count, ua.VariantType.UInt32),
            "State": ua.Variant(bool(attribute.going_on), ua.VariantType.Boolean),
        }
        if not attribute.variables:
            parent = await self._folder.add_object(f"ns={self._space};s={name}", f"{self._space}:{name}")
            for key, value in values.items():
                id = f"ns={self._space};s={name}.{key}"
                attribute.variables[key] = await parent.add_variable(id, f"{self._space}:{key}", value)
            return
        for key, value in values.items():
            if (await attribute.variables[key].read_value()) != value.Value:
                await attribute.variables[key].write_value(value)

    async def _beat(self) -> None:
        from asyncua import ua

        self._beats = (self._beats + 1) % WRAP
        await self._heartbeat.write_value(ua.Variant(self._beats, ua.VariantType.UInt32))


class _Readers:
    """Everybody may read, and nobody is an administrator, which asyncua makes of whoever says so."""

    def get_user(self, *_: Any, **__: Any) -> Any:
        from asyncua.crypto.permission_rules import User, UserRole

        return User(role=UserRole.User)
