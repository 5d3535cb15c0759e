"""Several large uploads at once over HTTP: memory of the server, and how fast they are. One connection is cut in the middle and goes on.

- memory_growth_mb: the most memory of the server during the uploads, above that before them.
- megabytes_per_second: of all uploads together; the server and those who send share the cores.
- cut_sent_again_mb: what the upload whose connection was cut had to send twice.
- whole: uploads that are whole on the disk, with the right content.
- answer_p95_ms: how long a short question to the same server takes meanwhile.
"""

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.chromium import app
from benchmarks.harness import SEED, main, scratch_folder
from core import workspace as workspaces

PIECE = 4 * 1024**2
MEGABYTE = 1e6
JSON = {"Content-Type": "application/json"}


class Sender(threading.Thread):
    """Sends one file as the field of a page does; with ``is_cut`` the connection breaks in the middle of a piece."""

    def __init__(self, port: int, name: str, block: bytes, blocks: int, is_cut: bool) -> None:
        super().__init__()
        self.port, self.name_, self.block, self.blocks, self.is_cut = port, name, block, blocks, is_cut
        self.again, self.id, self.is_whole = 0, "", False

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, f"/api/uploads{path}", body, headers)
            return dict(json.loads(connection.getresponse().read()))
        finally:
            connection.close()

    def run(self) -> None:
        about = {"name": self.name_, "size": PIECE * self.blocks, "fingerprint": self.name_}
        begin = json.dumps(about).encode()
        self.id = str(self.ask("POST", "", begin, JSON)["id"])
        offset = 0
        while not self.is_whole:
            if self.is_cut and offset >= PIECE * self.blocks // 2:
                self.is_cut = False
                self.cut(offset)
                told = self.ask("POST", "", begin, JSON)
                self.again = offset + PIECE // 2 - int(str(told["offset"]))
            else:
                piece = self.block[offset % PIECE :] if offset % PIECE else self.block
                told = self.ask("PATCH", f"/{self.id}", piece, self.headers(offset))
            offset, self.is_whole = int(str(told.get("offset", offset))), bool(told.get("whole"))

    def headers(self, offset: int) -> dict[str, str]:
        return {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}

    def cut(self, offset: int) -> None:
        """Send half a piece and break off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.putrequest("PATCH", f"/api/uploads/{self.id}")
        for name, value in {**self.headers(offset), "Content-Length": str(PIECE)}.items():
            connection.putheader(name, value)
        connection.endheaders(self.block[: PIECE // 2])
        time.sleep(1)  # until the server has it
        connection.close()
        time.sleep(1)


def memory(process: psutil.Process) -> float:
    """Return megabytes of the server with the processes that it started."""
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / MEGABYTE


def questions(port: int, senders: list[Sender]) -> Iterator[float]:
    """Ask the server for its videos until all is sent; yield how long each answer took, in milliseconds."""
    while any(sender.is_alive() for sender in senders):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        start = time.perf_counter()
        connection.request("GET", "/api/videos")
        connection.getresponse().read()
        yield 1000 * (time.perf_counter() - start)
        connection.close()
        time.sleep(0.1)


def measure(uploads: int, megabytes: int) -> dict[str, float]:
    block = np.random.default_rng(SEED).bytes(PIECE)
    blocks = max(2, round(megabytes * 1024**2 / PIECE))
    with scratch_folder() as folder:
        made = workspaces.create(folder / "class")
        with app(made.path) as address:
            port, server = int(address.rpartition(":")[2]), psutil.Process().children()[0]
            before = most = memory(server)
            senders = [Sender(port, f"seam_{n}.mp4", block, blocks, n == 0) for n in range(uploads)]
            start = time.perf_counter()
            for sender in senders:
                sender.start()
            answers = []
            for answer in questions(port, senders):
                answers.append(answer)
                most = max(most, memory(server))
            seconds = time.perf_counter() - start
        whole = sum(_is_whole(made.path / ".uploads" / s.id / s.name_, block, blocks) for s in senders)
    return {
        "uploads": uploads,
        "megabytes_each": PIECE * blocks / MEGABYTE,
        "memory_before_mb": before,
        "memory_growth_mb": most - before,
        "megabytes_per_second": uploads * PIECE * blocks / MEGABYTE / seconds,
        "cut_sent_again_mb": senders[0].again / MEGABYTE,
        "whole": whole,
        "answer_p95_ms": float(np.quantile(answers, 0.95)),
    }


def _is_whole(file: Path, block: bytes, blocks: int) -> bool:
    wanted = hashlib.sha256()
    for _ in range(blocks):
        wanted.update(block)
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest() == wanted.digest()


if __name__ == "__main__":
    main(
        __doc__,
        measure,
        {
            "--uploads": {"default": 5, "help": "at the same time"},
            "--megabytes": {"default": 1024, "help": "of each"},
        },
    )
