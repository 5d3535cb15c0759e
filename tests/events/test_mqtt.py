"""Events for a real MQTT broker: what a subscriber gets, also from a broker that was away, or killed in between."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import WorkspaceError
from core.events import channel, mqtt, mqtt_settings
from core.events.detector import UNFAMILIAR, Event, EventChange
from core.events.mqtt_settings import MqttSettings
from core.events.signals import Signals, SignalSender, from_settings
from core.workspace import create
from tests.helpers.broker import MISSING, PROGRAM, Broker, keeping, subscribed
from tests.helpers.waiting import until

real = pytest.mark.skipif(PROGRAM is None, reason=MISSING)


def begun(number: int = 1, attribute: str = "break") -> EventChange:
    return EventChange(Event(number, attribute, 1.0, 1.2, 0.9, 1.1, 11), is_over=False)


def over(change: EventChange) -> EventChange:
    return replace(change, is_over=True)


def sender(broker: Broker, said: list[str] | None = None, **settings: str) -> SignalSender:
    report = (said if said is not None else []).append
    signals = Signals(mqtt=MqttSettings(broker.address, **settings))
    return SignalSender(signals, {"session": "monday", "source": "Machine 3"}, report, attributes=["break"])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made.start()
    made.kill()


@real
def test_an_event_is_told_once_and_its_state_is_kept(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        telling = sender(broker)
        until(lambda: json.loads(told.latest("seamlens/break/state") or "{}").get("state") is False)
        telling.send([begun()])
        until(lambda: json.loads(told.latest("seamlens/break/state"))["state"] is True)
        (event,) = told.events()
        assert begun().event.to_json() | {"session": "monday", "source": "Machine 3"} == {
            key: value for key, value in event.items() if key not in ("id", "at")
        }
        telling.send([over(begun())])
        until(lambda: json.loads(told.latest("seamlens/break/state"))["state"] is False)
        assert json.loads(told.latest("seamlens/break/state"))["id"] == event["id"]
        telling.close()
        assert len(told.events()) == 1
    with subscribed(broker.port) as later:
        until(lambda: len(later.messages) == 2)
        assert {(topic, kept) for topic, _, kept in later.messages} == {
            ("seamlens/break/state", True),
            ("seamlens/status", True),
        }


@real
def test_who_subscribes_learns_whether_anybody_watches(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        telling = sender(broker)
        until(lambda: told.latest("seamlens/status") == "online")
        telling.close()
        until(lambda: told.latest("seamlens/status") == "offline")


@real
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_the_last_will_tells_of_a_process_that_was_killed(broker: Broker) -> None:
    code = (
        "import sys, time\nfrom core.events.signals import *\n"
        "SignalSender(Signals(mqtt=MqttSettings(sys.argv[1])), {}, attributes=['break'])\ntime.sleep(600)"
    )
    with subscribed(broker.port) as told:
        watching = subprocess.Popen([sys.executable, "-c", code, broker.address])
        until(lambda: told.latest("seamlens/status") == "online")
        watching.kill()
        watching.wait()
        until(lambda: told.latest("seamlens/status") == "offline")


@real
def test_events_wait_for_a_broker_that_is_away(tmp_path: Path) -> None:
    broker, said = Broker(tmp_path), list[str]()
    telling = sender(broker, said)
    telling.send([begun(number) for number in (1, 2, 3)])
    until(lambda: bool(said))
    assert "cannot be reached" in said[0] and "Events wait" in said[0]
    assert telling.problem == said[0]
    broker.start()
    try:
        until(lambda: len(said) == 2)
        telling.close()
        assert said[1].endswith("is reached again.") and telling.problem == ""
    finally:
        broker.kill()


@real
def test_with_the_broker_killed_and_started_again_each_event_is_told_once(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The subscriber must be there again first: this broker holds nothing for who is away.
    monkeypatch.setattr(mqtt, "SHORTEST_PAUSE", 6)
    with subscribed(broker.port) as told:
        telling = sender(broker)
        telling.send([begun(1)])
        until(lambda: len(told.events()) == 1)
        until(lambda: '"state": true' in told.latest("seamlens/break/state"))  # all is confirmed
        broker.kill()
        telling.send([begun(2), begun(3)])
        until(lambda: telling.problem != "")
        told.messages.append(("", "killed", False))
        broker.start()
        until(
            lambda: told.is_there and told.latest("seamlens/status") == "online" and bool(told.events()[2:])
        )
        telling.send([begun(4)])
        until(lambda: len(told.events()) >= 4)
        telling.close()
        assert [event["number"] for event in told.events()] == [1, 2, 3, 4]
        assert len({event["id"] for event in told.events()}) == 4


@real
def test_killed_in_the_middle_of_many_events_none_is_lost_and_none_has_two_ids(tmp_path: Path) -> None:
    """What came in unconfirmed may come twice, with the same id."""
    broker = Broker(tmp_path, *keeping(tmp_path)).start()
    try:
        with subscribed(broker.port, "control") as told:
            telling = sender(broker)
            for kill in range(2):
                telling.send([begun(kill * 50 + number) for number in range(50)])
                until(lambda kill=kill: len(told.events()) > kill * 50 + 10)
                broker.kill()
                until(lambda: not told.is_there)
                broker.start()
                until(lambda kill=kill: len({event["id"] for event in told.events()}) == (kill + 1) * 50)
            telling.close()
            numbers = {event["id"]: event["number"] for event in told.events()}
            assert sorted(numbers.values()) == list(range(100))
    finally:
        broker.kill()


def test_more_events_than_may_wait_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "WAITING", 5)
    monkeypatch.setattr(channel, "PATIENCE", 0.1)
    monkeypatch.setattr(mqtt, "PATIENCE", 0.1)
    broker, said = Broker(tmp_path), list[str]()
    telling = sender(broker, said)
    telling.send([begun(number) for number in range(8)])
    telling.close()
    until(lambda: said and "was not told" in said[-1])
    assert "8 events" in said[-1]


@real
def test_two_sessions_share_a_connection_and_the_state_is_that_of_both(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        first, second = sender(broker), sender(broker)
        assert first._channels[0] is second._channels[0]
        first.send([begun()])
        second.send([begun()])
        until(lambda: len({event["id"] for event in told.events()}) == 2)
        first.send([over(begun())])
        first.close()
        second.send([begun(2)])
        until(lambda: len(told.events()) == 3)
        until(lambda: json.loads(told.latest("seamlens/break/state"))["id"] == told.events()[-1]["id"])
        assert json.loads(told.latest("seamlens/break/state"))["state"] is True
        assert told.latest("seamlens/status") == "online"
        second.close()


@real
def test_a_session_after_the_last_one_is_online_again(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        sender(broker).close(wait=False)
        second = sender(broker)
        second.send([begun()])
        until(lambda: len(told.events()) == 1 and told.latest("seamlens/status") == "online")
        second.close()
        until(lambda: told.latest("seamlens/status") == "offline")


@real
def test_the_source_may_stand_in_the_topic_without_leaving_it(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        signals = Signals(mqtt=MqttSettings(broker.address, topic="hall/{source}"))
        telling = SignalSender(signals, {"source": "a/#+b"}, attributes=["break"])
        until(lambda: told.latest("hall/a___b/status") == "online")
        telling.close()


@real
def test_the_password_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(
        ["mosquitto_passwd", "-c", "-b", str(passwords), "line", "secret"], check=True, capture_output=True
    )
    broker = Broker(tmp_path, "allow_anonymous false", f"password_file {passwords}").start()
    said: list[str] = []
    try:
        refused = sender(broker, said, user="line")
        until(lambda: bool(said))
        assert said == [
            f"The MQTT broker {broker.address} asks for a password; set SEAMLENS_MQTT_PASSWORD. Events wait for it."
        ]
        refused.close(wait=False)
        refused._channels[0].join()
        monkeypatch.setenv(mqtt_settings.PASSWORD, "secret")
        telling = sender(broker, said, user="line")
        telling.send([begun()])
        until(lambda: not telling._channels[0]._is_busy() and telling._channels[0]._is_connected)  # type: ignore[attr-defined]
        telling.close()
        assert telling.problem == ""
    finally:
        broker.kill()


@real
def test_unfamiliar_pictures_are_told_to_nobody(broker: Broker) -> None:
    with subscribed(broker.port) as told:
        telling = sender(broker)
        telling.send([begun(attribute=UNFAMILIAR), begun(2)])
        telling.close()
        until(told.events)
        assert [event["number"] for event in told.events()] == [2]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('broker = "http://host"', "mqtt://host:1883"),
        ('broker = "mqtt://me:secret@host"', mqtt_settings.PASSWORD),
        ('broker = "mqtt://host"\ntopic = "a/#"', "topic"),
        ('broker = "mqtt://host"\npassword = "secret"', "password"),
        ("broker = 7", "broker"),
        ('topic = "x"', "broker"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_without_what_is_secret(
    tmp_path: Path, line: str, words: str
) -> None:
    made = create(tmp_path / "class")
    with (made.path / "workspace.toml").open("a") as file:
        file.write(f"\n[live.mqtt]\n{line}\n")
    with pytest.raises(WorkspaceError, match=words) as refused:
        from_settings(made)
    assert "secret" not in str(refused.value)


def test_without_its_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_settings, "find_spec", lambda name: None)
    with pytest.raises(WorkspaceError, match=r'pip install "paho-mqtt'):
        Signals(mqtt=MqttSettings("mqtt://host")).require()


def test_nothing_of_it_is_imported_otherwise() -> None:
    code = "import sys, core.events.signals; assert not {'paho', 'asyncua'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_clock_of_a_message_is_utc() -> None:
    assert mqtt._now().endswith("+00:00")
