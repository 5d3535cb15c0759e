"""Events for an MQTT broker: a topic for each attribute, with its state kept by the broker, and a last will that tells of silence.

Each event is told with quality of service 1 and an id: what the broker has not confirmed waits, and is sent again once it is
back. Where it had come in without being confirmed, it comes twice with the same id. The password is in the environment variable
``SEAMLENS_MQTT_PASSWORD`` only. With mqtts:// the broker must show a certificate for its host name that the system, or the file
``ca``, vouches for.
"""

import json
import os
import ssl
import sys
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty
from typing import TYPE_CHECKING, Any

from core.events.channel import PATIENCE, Channel, End, EventMessage, Watched, left_until
from core.events.mqtt_settings import PASSWORD, MqttSettings
from core.text import count
from core.urls import shown

if TYPE_CHECKING:
    from paho.mqtt.client import Client

WAITING = 1000
"""Events that wait for a broker that is away; more are counted, and not told."""
KEEP_ALIVE = 10
"""Seconds after half as many more of which the broker tells the last will of a computer that is silent."""
SHORTEST_PAUSE, LONGEST_PAUSE = 1, 10
"""Seconds between two attempts to connect, first and at most."""
ONLINE, OFFLINE = "online", "offline"


@dataclass(frozen=True)
class _Confirmed:
    number: int


@dataclass(frozen=True)
class _Connected:
    """That an attempt to connect has ended: well, or with a problem, the end of a sentence about the broker."""

    problem: str = ""
    is_refusal: bool = False  # the broker has answered, and ends the connection now


class _Lost:
    pass


class MqttChannel(Channel):
    """The connection to a broker. Only its thread touches what is below, so that paho's may call at any time."""

    def __init__(self, settings: MqttSettings, after: Channel | None) -> None:
        super().__init__(f"The MQTT broker {shown(settings.broker)}", after)
        self._settings = settings
        self._events: deque[tuple[str, str]] = deque()  # topic and content, the oldest first
        self._states: dict[str, str] = {}  # by topic, the latest content: told, or to be told
        self._to_tell: dict[str, None] = {}  # topics of those to be told, in order
        self._open: dict[str, set[str]] = {}  # by attribute, ids of its events that go on
        self._outstanding: tuple[int, bool] | None = None  # number and whether it is an event: one at a time
        self._left_out = 0
        self._is_connected = self._is_refused = False

    def work(self) -> None:
        """Connect, again and again, and tell what comes in; at the end what is left, then say goodbye."""
        client = self._connecting()
        end: float | None = None
        while end is None or (self._is_busy() and left_until(end)):
            try:
                item = self.inbox.get(timeout=0.2 if end else None)
            except Empty:
                continue
            if isinstance(item, End):
                end = time.monotonic() + PATIENCE
                self._set_state("status", OFFLINE)
            self._take(item)
            self._advance(client)
        client.disconnect()
        client.loop_stop()
        untold = len(self._events) + self._left_out
        if untold:
            self.say(f"{self.name} was not told of {count(untold, 'event')}: it was away.")

    def _is_busy(self) -> bool:
        return bool(self._events or self._to_tell or self._outstanding)

    def _connecting(self) -> "Client":
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        client, settings = Client(CallbackAPIVersion.VERSION2), self._settings
        if settings.user_name:
            client.username_pw_set(settings.user_name, os.environ.get(PASSWORD) or None)
        if settings.is_encrypted:
            client.tls_set(ca_certs=settings.ca or None)
        client.will_set(self._topic("status"), OFFLINE, qos=1, retain=True)
        client.reconnect_delay_set(SHORTEST_PAUSE, LONGEST_PAUSE)
        put = self.inbox.put
        client.on_connect = lambda *given: put(_answer(given[3], settings))
        client.on_connect_fail = lambda *_: put(
            _Connected(f"cannot be reached: {_reason(sys.exc_info()[1])}")
        )
        client.on_disconnect = lambda *_: put(_Lost())
        client.on_publish = lambda *given: put(_Confirmed(given[2]))
        client.connect_async(*settings.address, keepalive=KEEP_ALIVE)
        client.loop_start()
        return client

    def _take(self, item: Any) -> None:
        if isinstance(item, EventMessage):
            self._take_event(item)
        elif isinstance(item, Watched):
            for name in item.attributes:
                if name not in self._open:
                    self._open[name] = set()
                    self._set_state(f"{name}/state", _state(False, "", _now()))
        elif isinstance(item, _Connected):
            self._is_refused = item.is_refusal
            self._take_connection(item.problem)
        elif isinstance(item, _Lost):
            self._take_loss()
        elif isinstance(item, _Confirmed) and self._outstanding and item.number == self._outstanding[0]:
            if self._outstanding[1]:
                self._events.popleft()
            self._outstanding = None

    def _take_event(self, message: EventMessage) -> None:
        going_on = self._open.setdefault(message.attribute, set())
        if message.is_over:
            going_on.discard(message.id)
        else:
            going_on.add(message.id)
            if len(self._events) >= WAITING:
                self._left_out += 1
            else:
                content = json.dumps(
                    {"id": message.id, "at": message.at, **message.event}, ensure_ascii=False
                )
                self._events.append((self._topic(f"{message.attribute}/event"), content))
        self._set_state(f"{message.attribute}/state", _state(bool(going_on), message.id, message.at))

    def _take_loss(self) -> None:
        if self._is_connected:
            self._take_connection("cannot be reached: the connection is lost")
        elif not self._is_refused:
            hint = "" if self._settings.is_encrypted else "; if it wants encryption, write mqtts://"
            self._take_connection(f"ends the connection without an answer{hint}")
        self._is_refused = False

    def _take_connection(self, problem: str) -> None:
        self._is_connected = not problem
        if problem:
            self.say(f"{self.name} {problem}. Events wait for it.")
            return
        self.solve(f"{self.name} is reached again.")
        self._to_tell = dict.fromkeys(self._states)  # it may have been started anew, without what it had kept
        if self._states.get(self._topic("status")) != OFFLINE:
            self._set_state("status", ONLINE)

    def _set_state(self, topic: str, content: str) -> None:
        self._states[self._topic(topic)] = content
        self._to_tell[self._topic(topic)] = None

    def _advance(self, client: "Client") -> None:
        """Hand the next message to paho, which repeats it until it is confirmed, also over another connection."""
        if self._outstanding or not self._is_connected:
            return
        if self._events:
            topic, content = self._events[0]
        elif self._to_tell:
            topic = next(iter(self._to_tell))
            del self._to_tell[topic]
            content = self._states[topic]
        else:
            return
        is_event = bool(self._events)
        sent = client.publish(topic, content, qos=1, retain=not is_event)
        self._outstanding = (sent.mid, is_event)

    def _topic(self, rest: str) -> str:
        return f"{self._settings.topic.strip('/')}/{rest}"


def _state(holds: bool, id: str, at: str) -> str:
    return json.dumps({"state": holds, "id": id or None, "at": at})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


_NOT_LET_IN = ("Bad user name or password", "Not authorized")
"""Answers of a broker, as paho calls them."""

_CERTIFICATE = {
    **dict.fromkeys(
        (2, 18, 19, 20, 21), "no trusted authority signed its certificate; “ca” in [live.mqtt] can name yours"
    ),
    9: "its certificate is not valid yet; check the clock of this computer",
    10: "its certificate has expired",
    **dict.fromkeys((62, 64), "its certificate is for another host than the address names"),
}
"""What is wrong with a certificate, by the number X509_V_ERR_… of OpenSSL (its x509_vfy.h)."""

_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
"""What OpenSSL calls it when somebody answers who does not speak TLS; others hang up."""


def _answer(code: Any, settings: MqttSettings) -> _Connected:
    """Return what a broker answers to who connects."""
    if not code.is_failure:
        return _Connected()
    if str(code) not in _NOT_LET_IN:
        return _Connected(f"refuses the connection: {str(code).lower()}", is_refusal=True)
    if not settings.user_name:
        problem = f"asks for a user and a password; name the user in [live.mqtt], and set {PASSWORD}"
    elif not os.environ.get(PASSWORD):
        problem = f"asks for a password; set {PASSWORD}"
    else:
        problem = f"refuses the user or the password of {PASSWORD}"
    return _Connected(problem, is_refusal=True)


def _reason(error: BaseException | None) -> str:
    """Return what went wrong; never more of the error than the system's words."""
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _CERTIFICATE:
        return _CERTIFICATE[error.verify_code]
    has_hung_up = isinstance(error, ssl.SSLEOFError | ConnectionResetError)
    if has_hung_up or (isinstance(error, ssl.SSLError) and error.reason in _NO_TLS):
        return "it does not begin with TLS at this port; the port with TLS is often 8883"
    words = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(words or type(error).__name__).lower().replace("_", " ") if error else "no answer"
