"""A PostgreSQL server of the tests' own, and the folders whose tests run against it: ``pytest --labels-on postgresql``."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "seamlens"
PASSWORD = "s3cret"
ROOM = 1 << 30
"""Bytes that must be free in memory for a cluster there, where tests are faster."""
_SLOW_BUT_SAFE = ("fsync", "full_page_writes")  # what a test that ends may lose


def binaries() -> Path | None:
    """Return the folder with ``initdb`` and ``pg_ctl``, the newest there is: Debian keeps them off the path."""
    places = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(places, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    found = str(newest[-1]) if newest else shutil.which("initdb")
    return Path(found).parent if found else None


class Server:
    """A running cluster in a temporary folder, on a port of this computer, where the password is asked for.

    Args:
        folder: of the cluster.
        port: of 127.0.0.1.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port, self._databases = folder, port, 0

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{USER}{secret}@127.0.0.1:{self.port}/{database}"

    def new_database(self, options: str = "") -> str:
        """Make an empty database and return its address."""
        self._databases += 1
        name = f"class_{self._databases}"
        self.run(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def run(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Run one statement as the owner of the cluster."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Start a cluster and stop it after the block.

    Args:
        durable: it flushes to the disk as a real one does; else it is as fast as it can be.
    """
    place = binaries()
    assert place is not None
    in_memory = Path("/dev/shm")
    is_roomy = in_memory.is_dir() and shutil.disk_usage(in_memory).free > ROOM
    where = str(in_memory) if is_roomy and not durable else None
    with tempfile.TemporaryDirectory(
        prefix="seamlens-postgres-", dir=where, ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        as_whom = _demoted(folder)
        data, port = folder / "data", _free_port()
        _call(as_whom, place / "initdb", "-D", data, "-U", USER, "--pwfile", folder / "password", "--auth=scram-sha-256",
              "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", *_like_people(place))  # fmt: skip
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=300"
        options += "" if durable else "".join(f" -c {name}=off" for name in _SLOW_BUT_SAFE)
        _call(as_whom, place / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            yield Server(folder, port)
        finally:
            _call(as_whom, place / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _like_people(place: Path) -> list[str]:
    """Let texts be ordered as people do, unlike SQLite, where this server can: what relies on an order is seen."""
    done = subprocess.run([place / "initdb", "--help"], capture_output=True, text=True, check=True)
    return ["--locale-provider=icu", "--icu-locale=en"] if "--icu-locale" in done.stdout else []


def _demoted(folder: Path) -> dict[str, object]:
    """Return how to call the server's programs, which refuse to be root's: as the user of Debian's package, else as nobody."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for path in (folder, folder / "password"):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _call(as_whom: dict[str, object], program: Path, *arguments: object) -> None:
    done = subprocess.run(
        [str(program), *map(str, arguments)], cwd="/", text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program.name == "initdb" else subprocess.DEVNULL, stderr=subprocess.STDOUT, **as_whom,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
