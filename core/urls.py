"""Addresses of cameras and webhooks, which may hold a password: what may be shown of them, and what is sent."""

from base64 import b64encode
from urllib.parse import unquote, urlsplit, urlunsplit

CAMERA_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")
"""How the address of a camera begins."""


def shown(address: str) -> str:
    """Return scheme, host and path of an address; no user, no password, no query, where a token may be.

    Where it is unclear what is the host, as with a slash in the password, the scheme alone.
    """
    scheme = address.partition("://")[0]
    try:
        parts = urlsplit(address)
    except ValueError:
        return f"{scheme}://…"
    if "@" in address.partition("://")[2][len(parts.netloc) :]:
        return f"{scheme}://…"
    return f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def without_user(address: str) -> tuple[str, str]:
    """Return an address without user and password, and the header ``Authorization`` for them; empty without any.

    Raises:
        ValueError: it is no address.
    """
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    if not user:
        return address, ""
    name, _, password = user.partition(":")
    credentials = b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), f"Basic {credentials}"
