"""The certificate with which browsers speak HTTPS to a class server: made here, or the school's own.

Browsers do not know who made the local one and ask once; then cameras work, and nobody in the network can read along.
"""

import ipaddress
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509

from core.access.private import private_folder, write_private
from core.errors import ServerError

LASTS = timedelta(days=397)
"""The longest that browsers accept."""
SPARE = timedelta(days=7)
"""Before its end it is made anew: a class must not see it end."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as PEM files, and the names and addresses that it is for."""

    file: Path
    key: Path
    hosts: tuple[str, ...]


def local_certificate(hosts: Collection[str]) -> Certificate:
    """Return the certificate of this computer for these names and addresses: the one from before where it still fits.

    Raises:
        WorkspaceError: it cannot be written.
    """
    folder = private_folder()
    file, key = folder / "certificate.pem", folder / "certificate-key.pem"
    try:
        before = own_certificate(file, key, at=datetime.now(UTC) + SPARE)
        if set(hosts) <= set(before.hosts):
            return before
    except ServerError:  # there is none, or it ends soon
        pass
    authority = trustme.CA(organization_name=f"SeamLens on {socket.gethostname()}"[:60])
    made = authority.issue_cert(
        *hosts, organization_name="SeamLens class server", not_after=datetime.now(UTC) + LASTS
    )
    write_private(key, made.private_key_pem.bytes().decode())
    write_private(file, made.cert_chain_pems[0].bytes().decode())
    return Certificate(file, key, tuple(hosts))


def own_certificate(file: Path, key: Path, at: datetime | None = None) -> Certificate:
    """Return a certificate that somebody brought, once it can be used at a time: now, unless it is given.

    Raises:
        ServerError: a file cannot be read, the two do not belong together, or the certificate has ended.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key, password=_no_password)
        content = x509.load_pem_x509_certificate(file.read_bytes())
    except FileNotFoundError as error:
        missing = file if not file.is_file() else key
        raise ServerError(f"There is no file {missing}.", "Check the path.") from error
    except (ssl.SSLError, ValueError, OSError) as error:
        raise ServerError(
            f"{file} and {key} are not a certificate and its key: {_why(error)}.",
            "Give both as PEM files; the key without a password.",
        ) from error
    ends = content.not_valid_after_utc
    if ends <= (at or datetime.now(UTC)):
        raise ServerError(f"The certificate {file} ended on {ends:%d %b %Y}.", "Get a new one.")
    return Certificate(file, key, tuple(_hosts(content)))


def _hosts(content: x509.Certificate) -> list[str]:
    try:
        names = content.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses: list[ipaddress.IPv4Address] = names.get_values_for_type(x509.IPAddress)  # type: ignore[assignment]
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _no_password() -> str:
    """Stand in for the question that OpenSSL would put on the terminal."""
    raise ValueError("the key has a password")


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(reason).replace("_", " ").lower()
