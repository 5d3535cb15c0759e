"""The app for a class, as `python -m core serve` starts it: over HTTPS, at this computer's own address."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chromium import PATIENCE, ROOT

ENDS = 30.0
"""Seconds in which a server that is told to ends."""


@dataclass(frozen=True)
class ClassServer:
    """A class server that runs.

    Args:
        address: of the app.
        class_code: with which students sign in.
        pid: of its process.
        trust: knows its certificate.
    """

    address: str
    class_code: str
    pid: int
    trust: ssl.SSLContext


@contextmanager
def class_server(workspace: Path, private: Path, log: Path) -> Iterator[ClassServer]:
    """Serve a workspace to a class; codes and certificate go into the folder ``private``, what it complains of into ``log``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "core", "--workspace", str(workspace.resolve()), "serve", "--json"]
    command += ["--port", port, "--address", "127.0.0.1"]
    environment = os.environ | {"SEAMLENS_PRIVATE": str(private.resolve()), "PYTHONFAULTHANDLER": "1"}
    with (
        log.open("wb") as complaints,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=complaints, encoding="utf-8"
        ) as process,
    ):
        assert process.stdout
        try:
            said = json.loads(process.stdout.readline() or "{}")
            trust = _trust(private / "certificate.pem")
            _wait(said.get("address", ""), trust, process)
            yield ClassServer(said["address"], said["class_code"], process.pid, trust)
        finally:
            _end(process, log)


def _end(process: subprocess.Popen[str], log: Path) -> None:
    """End the server; where it does not end, tell what its threads do."""
    process.terminate()
    try:
        process.wait(timeout=ENDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        process.wait()
        raise RuntimeError(f"The class server did not end.\n{log.read_text(errors='replace')}") from None


def _trust(certificate: Path) -> ssl.SSLContext:
    trust = ssl.create_default_context(cafile=str(certificate))
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # who made it is not kept
    return trust


def _wait(address: str, trust: ssl.SSLContext, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE / 1000
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/sign-in", timeout=5, context=trust).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The class server did not start.")
