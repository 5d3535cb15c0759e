"""The addresses under which other devices of the network reach this computer, read from its network cards: nothing is sent."""

import ipaddress
import re
import socket

import psutil

_VIRTUAL = re.compile(
    r"(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|lxc|lxd|cni|flannel|zt|tailscale|tun|tap|utun|wg|awdl|llw|bridge)",
    re.IGNORECASE,
)
"""Names of network cards that lead to containers, virtual machines and private networks, which no phone in the room is in."""

_WIRELESS = re.compile(r"(wl|wi-?fi|wireless)", re.IGNORECASE)
_HOST_NAME = re.compile(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE
)


def network_addresses() -> list[str]:
    """Return the IPv4 addresses of this computer in its networks, the likeliest for a class first: that of its Wi-Fi."""
    states = psutil.net_if_stats()
    found = []
    for card, addresses in psutil.net_if_addrs().items():
        if card in states and not states[card].isup:
            continue
        texts = [each.address for each in addresses if each.family == socket.AF_INET]
        found += [(_order(card), text) for text in texts if is_of_network(text)]
    return [text for _, text in sorted(found, key=lambda pair: pair[0])]


def is_of_network(text: str) -> bool:
    """Return whether an IPv4 address is one of a network, and not only of this computer or of a card without a network."""
    address = ipaddress.IPv4Address(text)
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)


def host_names() -> list[str]:
    """Return the names under which this computer may be known in its network; none that no address can hold."""
    name = socket.gethostname().partition(".")[0].lower()
    return [name, f"{name}.local"] if is_host(name) else []


def is_host(text: str) -> bool:
    """Return whether a text is an IPv4 address or the name of a computer."""
    return len(text) <= 253 and _HOST_NAME.fullmatch(text) is not None


def _order(card: str) -> tuple[bool, bool]:
    return _VIRTUAL.match(card) is not None, _WIRELESS.match(card) is None
