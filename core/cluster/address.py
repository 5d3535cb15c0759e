"""Which cluster is meant, whether it can be used, and what is missing where it cannot."""

import os
import re
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import core
from core.errors import RunError
from core.workspace import Workspace

AUTO = "auto"
"""The cluster of this computer, or the one that ``RAY_ADDRESS`` names."""

VARIABLE = "RAY_ADDRESS"
PACKAGE = "ray[client]>=2.55,<3"
"""As in requirements-cluster.txt."""

PATIENCE = 5.0
"""Seconds that a cluster may take to answer: Ray itself tries for minutes."""

STARTING = 90.0
"""Seconds that Ray may take to find a cluster on this computer."""

_FORM = re.compile(r"(?:ray://)?(?P<host>\[[0-9a-fA-F:]+\]|[\w.-]+):(?P<port>\d{1,5})")


def is_installed() -> bool:
    """Return whether Ray is installed, without importing it."""
    return find_spec("ray") is not None


def offered(workspace: Workspace) -> str:
    """Return the address that the settings of a workspace, or the environment, name; empty where there is none, or no Ray."""
    return (workspace.cluster.address or os.environ.get(VARIABLE, "")) if is_installed() else ""


def check(address: str) -> None:
    """Refuse a cluster that cannot be used, before anything is written.

    Args:
        address: ``auto``, ``ray://HOST:PORT``, or ``HOST:PORT`` of a head node in the same network.

    Raises:
        RunError: Ray is not installed, this is no address, or nothing answers there.
    """
    if not is_installed():
        raise RunError(
            "Trainings on a cluster need Ray, which is not installed.", f'Install it: pip install "{PACKAGE}"'
        )
    meant = os.environ.get(VARIABLE, AUTO) if address == AUTO else address
    if meant == AUTO:
        _check_here()
    else:
        _check_host(meant)


def _check_host(address: str) -> None:
    form = _FORM.fullmatch(address)
    if form is None or not 0 < int(form["port"]) < 2**16:
        raise RunError(
            f"“{address}” is no address of a Ray cluster.", "Write auto, or an address such as ray://10.0.0.5:10001."
        )  # fmt: skip
    try:
        with socket.create_connection((form["host"].strip("[]"), int(form["port"])), PATIENCE):
            pass
    except OSError as error:
        raise unreachable(address, error.strerror or str(error)) from error


def _check_here() -> None:
    """Ask in a process of its own: in this one Ray would stay."""
    root = str(Path(core.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-P", "-m", "core.cluster.ray_engine", AUTO]
    try:
        subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, timeout=STARTING, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise RunError(
            "No Ray cluster runs on this computer.",
            "Start one with “ray start --head”, or name its address: --on ray://HOST:10001.",
        ) from error


def unreachable(address: str, why: str) -> RunError:
    """Return that nothing answers at an address, and why."""
    return RunError(
        f"The Ray cluster at {address} does not answer ({why}).",
        "Check the address and that Ray runs there (“ray status”), or train on this computer without --on.",
    )
