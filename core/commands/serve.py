"""The command that opens the app for a class."""

import errno
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands import cli
from core.commands.open_app import home
from core.errors import ServerError

if TYPE_CHECKING:
    from core.access.codes import Codes
    from core.serving.certificate import Certificate

PORT = 8501
EVERYWHERE = "0.0.0.0"
ENDS_WITHIN = 5
"""Seconds for which a server that is told to end waits for browsers that are still there."""
THIS_COMPUTER = ("localhost", "127.0.0.1")

app = typer.Typer()


@app.command()
def serve(
    ctx: typer.Context,
    port: Annotated[int, cli.option("Port.", metavar="N", parser=cli.whole_number(1, 65535))] = PORT,
    address: Annotated[
        str | None,
        cli.option(
            "Name or address under which the class finds this computer. Default: that of its network.",
            metavar="HOST",
        ),
    ] = None,
    certificate: Annotated[Path | None, cli.file("A certificate of your own (PEM).")] = None,
    key: Annotated[Path | None, cli.file("Its key (PEM).")] = None,
    no_https: Annotated[
        bool,
        cli.flag(
            "Without HTTPS, as behind a proxy that adds it. Cameras work on this computer only.", "--no-https"
        ),
    ] = False,
    as_json: cli.Json = False,
) -> None:
    """Open the app for a class, over HTTPS.

    Prints the address, the class code, the instructor code, and a QR code that opens the page. Ctrl-C ends it. The codes stay
    the same until you change them (“codes new”).
    """  # fmt: skip
    from core.access.codes import ensure
    from core.process_settings import end_server_within
    from core.workspace import open_or_create

    workspace = open_or_create(ctx.obj)
    hosts, used = _hosts_and_certificate(address, certificate, key, no_https)
    check_port(port)
    codes = ensure(workspace.path)
    opened = f"{'http' if no_https else 'https'}://{hosts[0]}:{port}"
    if as_json:
        _print_json(opened, codes)
    else:
        _print_invitation(opened, codes, used)
    os.environ["SEAMLENS_WORKSPACE"] = str(workspace.path.absolute())
    os.environ["SEAMLENS_CLASS_SERVER"] = opened
    sys.argv = ["streamlit", "run", str(home()), *streamlit_options(port, hosts, used)]
    end_server_within(ENDS_WITHIN)
    signal.signal(
        signal.SIGINT, lambda *_: sys.exit(0)
    )  # the server takes Ctrl-C itself, and hands it on when it has ended
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def streamlit_options(port: int, hosts: Sequence[str], used: "Certificate | None") -> list[str]:
    """Return the options with which Streamlit serves a class under the names and addresses ``hosts``."""
    options = [f"--server.address={EVERYWHERE}", f"--server.port={port}", "--server.headless=true"]
    options += [f"--server.allowedHosts={host}" for host in (*hosts, *THIS_COMPUTER)]
    if used:
        options += [f"--server.sslCertFile={used.file}", f"--server.sslKeyFile={used.key}"]
    return [*options, "--server.showEmailPrompt=false", "--logger.hideWelcomeMessage=true"]


def check_port(port: int) -> None:
    """Refuse a port at which something listens, or that the user may not use.

    Raises:
        ServerError: it is taken, or not to be had.
    """
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((EVERYWHERE, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServerError(
                    f"Port {port} is taken: another program listens there.",
                    "End it, or name another port with --port.",
                ) from error
            raise ServerError(
                f"Port {port} cannot be used: {error.strerror}.", "Name another port with --port."
            ) from error


def _hosts_and_certificate(
    address: str | None, certificate: Path | None, key: Path | None, no_https: bool
) -> tuple[list[str], "Certificate | None"]:
    """Return names and addresses of this computer, that for the class first, and the certificate; none without HTTPS."""
    from core.serving.addresses import host_names, is_host, network_addresses
    from core.serving.certificate import local_certificate, own_certificate

    if (certificate is None) != (key is None):
        raise typer.BadParameter("Use --certificate and --key together.")
    if no_https and certificate:
        raise typer.BadParameter("Use --certificate or --no-https, not both.")
    if address is not None and not is_host(address):
        raise typer.BadParameter(f"--address must be a name or an IPv4 address, not {cli.shortened(address)}")
    own = own_certificate(certificate, key) if certificate and key else None
    given = [address] if address else [host for host in own.hosts if "*" not in host] if own else []
    hosts = list(dict.fromkeys([*given, *network_addresses(), *host_names()]))
    if not given and not network_addresses():
        raise ServerError(
            "This computer is in no network.",
            "Connect it to the Wi-Fi of the class, or name its address with --address.",
        )
    if no_https:
        return hosts, None
    return hosts, own or local_certificate([*hosts, *THIS_COMPUTER])


def _print_json(opened: str, codes: "Codes") -> None:
    from core.serving.invitation import link

    said = {"address": opened, "class_code": codes.student, "instructor_code": codes.instructor}
    print(json.dumps({**said, "link": link(opened, codes.student)}), flush=True)


def _print_invitation(opened: str, codes: "Codes", used: "Certificate | None") -> None:
    from core.serving.invitation import link, qr_text

    print(qr_text(link(opened, codes.student)))
    print(f"Address          {opened}")
    print(f"Class code       {codes.student}")
    print(f"Instructor code  {codes.instructor}   (keep it to yourself)\n")
    if used and used.file.name == "certificate.pem":
        print(
            "Browsers warn once, as this computer made its certificate itself: choose Advanced, then continue."
        )
    print("Ctrl-C ends it.", flush=True)
