"""Events for a real MQTT broker with TLS, a user and a password; and what is said where one of them is wrong."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from core.errors import WorkspaceError
from core.events import mqtt_settings
from core.events.mqtt_settings import MqttSettings
from core.events.signals import Signals, SignalSender, from_settings
from core.workspace import create
from tests.events.test_mqtt import begun, real
from tests.helpers.broker import Broker, subscribed
from tests.helpers.waiting import until

USER, SECRET = "line", "s3cret"


class Factory:
    """A broker with TLS and a password, and the files of its authority and of another one."""

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        authority = trustme.CA()
        self.ca, self.other_ca = folder / "ca.pem", folder / "other.pem"
        authority.cert_pem.write_to_path(self.ca)
        trustme.CA().cert_pem.write_to_path(self.other_ca)
        certificate = authority.issue_cert(host)
        certificate.cert_chain_pems[0].write_to_path(folder / "broker.pem")
        certificate.private_key_pem.write_to_path(folder / "broker.key")
        passwords = ["mosquitto_passwd", "-c", "-b", str(folder / "passwords"), USER, SECRET]
        subprocess.run(passwords, check=True, capture_output=True)
        self.broker = Broker(
            folder, f"certfile {folder}/broker.pem", f"keyfile {folder}/broker.key",
            "allow_anonymous false", f"password_file {folder}/passwords",
        )  # fmt: skip

    def address(self, scheme: str = "mqtts", user: str = "") -> str:
        return f"{scheme}://{user and user + '@'}127.0.0.1:{self.broker.port}"


@pytest.fixture
def factory(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Factory]:
    made = Factory(tmp_path, getattr(request, "param", "127.0.0.1"))
    made.broker.start()
    yield made
    made.broker.kill()


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mqtt_settings.PASSWORD, SECRET)


def telling(said: list[str], broker: str, **settings: str) -> SignalSender:
    signals = Signals(mqtt=MqttSettings(broker, **settings))
    signals.require()
    return SignalSender(signals, {"source": "Machine 3"}, said.append, attributes=["break"])


def first_words(broker: str, **settings: str) -> str:
    """Return what is said of a broker that cannot be used, without its address."""
    said: list[str] = []
    sender = telling(said, broker, **settings)
    until(lambda: bool(said))
    sender.close(wait=False)
    assert SECRET not in "".join(said)
    return said[0].replace(broker.replace(f"{USER}@", ""), "BROKER")


@real
def test_an_event_is_told_encrypted_with_the_user_of_the_address(factory: Factory, password: None) -> None:
    said: list[str] = []
    with subscribed(factory.broker.port, ca=str(factory.ca), login=(USER, SECRET)) as told:
        sender = telling(said, factory.address(user=USER), ca=str(factory.ca))
        sender.send([begun(7)])
        until(told.events)
        sender.close()
        assert [event["number"] for event in told.events()] == [7]
    assert said == []


@real
def test_the_authorities_of_the_system_count_without_a_file(
    factory: Factory, password: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(factory.ca))  # where OpenSSL looks for them
    with subscribed(factory.broker.port, ca=str(factory.ca), login=(USER, SECRET)) as told:
        sender = telling([], factory.address(), user=USER)
        until(lambda: told.latest("seamlens/status") == "online")
        sender.close()


@real
def test_a_certificate_of_another_authority_is_one_sentence(factory: Factory, password: None) -> None:
    assert first_words(factory.address(user=USER), ca=str(factory.other_ca)) == (
        "The MQTT broker BROKER cannot be reached: no trusted authority signed its certificate; “ca” in [live.mqtt] can name "
        "yours. Events wait for it."
    )


@real
def test_nobody_whom_the_system_does_not_know_is_trusted(factory: Factory, password: None) -> None:
    assert "no trusted authority signed its certificate" in first_words(factory.address(user=USER))


@real
@pytest.mark.parametrize("factory", ["broker.factory"], indirect=True)
def test_a_certificate_for_another_host_is_one_sentence(factory: Factory, password: None) -> None:
    assert first_words(factory.address(user=USER), ca=str(factory.ca)) == (
        "The MQTT broker BROKER cannot be reached: its certificate is for another host than the address names. "
        "Events wait for it."
    )


@real
@pytest.mark.parametrize(
    ("user", "set_to", "words"),
    [
        (USER, "wrong", "refuses the user or the password of SEAMLENS_MQTT_PASSWORD"),
        ("nobody", SECRET, "refuses the user or the password of SEAMLENS_MQTT_PASSWORD"),
        (USER, "", "asks for a password; set SEAMLENS_MQTT_PASSWORD"),
        (
            "",
            "",
            "asks for a user and a password; name the user in [live.mqtt], and set SEAMLENS_MQTT_PASSWORD",
        ),
    ],
)
def test_a_user_or_a_password_that_is_wrong_or_missing_is_one_sentence(
    factory: Factory, monkeypatch: pytest.MonkeyPatch, user: str, set_to: str, words: str
) -> None:
    monkeypatch.setenv(mqtt_settings.PASSWORD, set_to)
    said = first_words(factory.address(), user=user, ca=str(factory.ca))
    assert said == f"The MQTT broker BROKER {words}. Events wait for it."


@real
def test_without_encryption_at_the_port_with_it_is_said(factory: Factory, password: None) -> None:
    assert first_words(factory.address("mqtt"), user=USER) == (
        "The MQTT broker BROKER ends the connection without an answer; if it wants encryption, write mqtts://. "
        "Events wait for it."
    )


@real
def test_encryption_at_a_port_without_it_is_said(tmp_path: Path) -> None:
    broker = Broker(tmp_path).start()
    try:
        assert first_words(broker.address.replace("mqtt://", "mqtts://")) == (
            "The MQTT broker BROKER cannot be reached: it does not begin with TLS at this port; the port with TLS is often 8883. "
            "Events wait for it."
        )
    finally:
        broker.kill()


@pytest.mark.parametrize(
    ("content", "words"), [(None, r"There is no file .*ca\.pem"), ("a list", r"ca\.pem holds no certificate")]
)
def test_a_file_of_the_authority_that_cannot_be_used_is_refused_before(
    tmp_path: Path, content: str | None, words: str
) -> None:
    made = create(tmp_path / "class")
    with (made.path / "workspace.toml").open("a") as settings:
        settings.write('\n[live.mqtt]\nbroker = "mqtts://host"\nca = "ca.pem"\n')
    if content is not None:
        (made.path / "ca.pem").write_text(content)
    with pytest.raises(WorkspaceError, match=words):
        from_settings(made).require()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"broker": f"mqtts://{USER}:{SECRET}@host"}, "has a password"),
        ({"broker": f"mqtts://{USER}@host", "user": USER}, "named twice"),
        ({"broker": "mqtt://host", "ca": "ca.pem"}, "has no TLS"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], words: str) -> None:
    with pytest.raises(WorkspaceError, match=words) as refused:
        MqttSettings(**settings)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "settings", [{"broker": "mqtts://li%40ne@host"}, {"broker": "mqtts://host", "user": "li@ne"}]
)
def test_the_user_stands_in_the_address_or_for_itself(settings: dict[str, str]) -> None:
    made = MqttSettings(**settings)
    assert (made.user_name, made.address) == ("li@ne", ("host", 8883))
