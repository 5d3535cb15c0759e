"""Which MQTT broker is told of events, and how it is reached: ``[live.mqtt]`` of ``workspace.toml``."""

import ssl
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.errors import WorkspaceError

PASSWORD = "SEAMLENS_MQTT_PASSWORD"
"""Environment variable with the password, which is nowhere else."""
PACKAGE = "paho-mqtt>=2.1,<3"
PORTS = {"mqtt": 1883, "mqtts": 8883}
SOURCE = "{source}"


@dataclass(frozen=True)
class MqttSettings:
    """Where events are told.

    Args:
        broker: its address, mqtt://host:port, or mqtts:// with TLS; a user may stand in it, user@host.
        topic: in front of all topics; ``{source}`` in it is the name of what is watched.
        user: with the password of the environment; empty without, or where the address has one.
        ca: file (PEM) of the authority that signed the broker's certificate; empty: those that the system trusts.

    Raises:
        WorkspaceError: they cannot be used.
    """

    broker: str
    topic: str = "seamlens"
    user: str = ""
    ca: str = ""

    def __post_init__(self) -> None:
        parts = _parts(self.broker)
        if parts is None:
            raise WorkspaceError(
                "In [live.mqtt], “broker” must be an address such as mqtt://host:1883 or mqtts://host.",
                "Correct workspace.toml.",
            )
        address = urlsplit(self.broker)
        if address.password is not None:
            raise WorkspaceError(
                "In [live.mqtt], “broker” has a password.",
                f"Take it out, and set it in the environment variable {PASSWORD}.",
            )
        if self.user and address.username:
            raise WorkspaceError("In [live.mqtt], the user is named twice.", "Take “user” out.")
        if self.ca and not self.is_encrypted:
            raise WorkspaceError(
                "In [live.mqtt], “ca” is there, but “broker” has no TLS.", "Write the address with mqtts://."
            )
        if not self.topic.strip("/") or set(self.topic) & set("+#\0"):
            raise WorkspaceError(
                "In [live.mqtt], “topic” is empty or has a + or #.", "Write one such as “factory/line-3”."
            )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = _parts(self.broker)
        assert parts
        return parts

    @property
    def user_name(self) -> str:
        """Who tells; empty where the broker lets everybody in."""
        return self.user or unquote(urlsplit(self.broker).username or "")

    @property
    def is_encrypted(self) -> bool:
        return self.broker.lower().startswith("mqtts://")

    def of_source(self, source: str) -> "MqttSettings":
        """Return the same for one source: its name stands in the topic."""
        safe = "".join("_" if letter in "/+#\0" else letter for letter in source)
        return replace(self, topic=self.topic.replace(SOURCE, safe or "_"))


def _parts(broker: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(broker)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    is_plain = parts.path in ("", "/") and not parts.query + parts.fragment
    return (parts.hostname, port) if parts.hostname and port and parts.scheme in PORTS and is_plain else None


def require(settings: MqttSettings) -> None:
    """Refuse to go on without its library, or without the file of the authority.

    Raises:
        WorkspaceError: the library is not installed, or the file has no certificate.
    """
    if find_spec("paho") is None:
        raise WorkspaceError(
            "Events for an MQTT broker need paho-mqtt, which is not installed.",
            f'Install it: pip install "{PACKAGE}"',
        )
    if settings.ca:
        _check_authority(Path(settings.ca))


def _check_authority(file: Path) -> None:
    advice = "In [live.mqtt], let “ca” name the certificate (PEM) of the authority that signed the broker’s."
    if not file.is_file():  # a device or a pipe could keep us waiting
        raise WorkspaceError(f"There is no file {file}.", advice)
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise WorkspaceError(f"{file} holds no certificate.", advice) from error
    except OSError as error:
        raise WorkspaceError(f"{file} cannot be read ({error.strerror}).", advice) from error


def ca_file(workspace: Path, ca: str) -> str:
    """Return the path of the file ``ca``, which is relative to the folder of the workspace."""
    return str(workspace / ca) if ca else ""
