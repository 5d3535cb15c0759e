"""Which addresses a class can use."""

import socket
from types import SimpleNamespace

import psutil
import pytest

from core.serving import addresses


def card(*texts: str, is_up: bool = True) -> tuple[list[SimpleNamespace], SimpleNamespace]:
    return [SimpleNamespace(family=socket.AF_INET, address=text) for text in texts], SimpleNamespace(
        isup=is_up
    )


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[list[SimpleNamespace], SimpleNamespace]]:
    """The network cards of the computer, to be filled."""
    found: dict[str, tuple[list[SimpleNamespace], SimpleNamespace]] = {}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {name: texts for name, (texts, _) in found.items()})
    monkeypatch.setattr(psutil, "net_if_stats", lambda: {name: state for name, (_, state) in found.items()})
    return found


def test_the_wi_fi_comes_first_and_containers_last(cards) -> None:
    cards |= {
        "docker0": card("172.17.0.1"),
        "eth0": card("10.0.0.5"),
        "wlan0": card("192.168.1.20"),
        "lo": card("127.0.0.1"),
    }
    assert addresses.network_addresses() == ["192.168.1.20", "10.0.0.5", "172.17.0.1"]


def test_what_no_other_device_reaches_is_left_out(cards) -> None:
    cards |= {"lo": card("127.0.0.1"), "eth0": card("169.254.3.4"), "eth1": card("10.0.0.5", is_up=False)}
    assert addresses.network_addresses() == []


def test_windows_names_its_cards_otherwise(cards) -> None:
    cards |= {"vEthernet (WSL)": card("172.20.0.1"), "Ethernet": card("10.0.0.5"), "Wi-Fi": card("10.0.0.9")}
    assert addresses.network_addresses() == ["10.0.0.9", "10.0.0.5", "172.20.0.1"]


@pytest.mark.parametrize("text", ["class.school.edu", "192.168.1.20", "laptop", "laptop.local"])
def test_names_and_addresses_are_hosts(text: str) -> None:
    assert addresses.is_host(text)


@pytest.mark.parametrize("text", ["", "http://x", "a b", "x/y", "-x", "x:80", "*", "é.de", "x" * 300])
def test_other_texts_are_none(text: str) -> None:
    assert not addresses.is_host(text)
