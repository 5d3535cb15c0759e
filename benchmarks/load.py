"""A class at once: students at a class server over HTTPS, who browse, label, watch a training, and are live with their phones.

Each is a browser without a screen, with a cookie and a websocket of its own; a demo class is what they work on. They label as fast
as people do, a frame in 1 to 4 s, and look at a page for 4 to 8 s.

- errors: requests and pages that failed, of all kinds.
- lost_labels: labels that the server acknowledged and that are not in the database as they were sent, or do not stand. Bar: 0.
- response_p95_ms: of pages, parts of pages, labels and frames together.
- memory_growth_mb: memory of the server at the end against that after a fifth of the time; memory_mb_per_hour: its slope since then.
- server_cores: how many processors the server kept busy, on average; the training and the students are not in it.
- client_late_p95_ms: how late this program itself was: what it measures is too long by that.
- load: processes that wanted a processor, on average, over the last minute.

Then the kinds of answers, with their number, median and 95th percentile: ``page NAME`` is from the press until the page is
written to its end, ``part of a page`` one that a page has written anew by itself, ``live video`` the time from a picture that
comes back by WebRTC to the next one.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.class_server import ClassServer, class_server
from benchmarks.harness import Options, demo_class, main, scratch_folder
from benchmarks.load_browser import Browser, Tally
from benchmarks.load_labels import Ledger, truth_of
from benchmarks.load_student import Lesson, be_live, learn
from core.jobs import jobs, slots
from core.labels.consensus import consensus
from core.media.images import encode_jpeg, read_picture
from core.media.library import picture_file, videos
from core.runs.settings import TrainSettings
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.workspace import Workspace, open_workspace
from ui.server.labelling_api import workspace_id

OPTIONS: Options = {
    "--sessions": {"default": 30, "help": "students"},
    "--minutes": {"default": 5.0, "help": "how long they work"},
    "--live": {"default": 3, "help": "how many of them are live: the first by video (WebRTC), the others by single pictures"},
    "--videos": {"default": 8, "help": "videos of the demo class"},
    "--frames": {"default": 100, "help": "frames of each"},
    "--no-training": {"action": "store_true", "help": "no training meanwhile"},
}  # fmt: skip
EPOCHS = 1000  # more than there is time for
WARM = 0.2  # of the time: caches fill
EVERY = 2.0  # seconds between two looks at the memory
SHOWN = ("page ", "part of a page", "label", "frame")
ARRIVE = 0.2  # seconds from one student who comes in to the next
CAMERA = 20  # pictures that a camera sees, in turn


def measure(
    sessions: int, minutes: float, live: int, videos: int, frames: int, no_training: bool
) -> dict[str, Any]:
    """Let a class work for so long."""
    with scratch_folder() as folder:
        workspace = ready_class(folder, max(1, live), videos, frames)
        log = folder / "server.log"
        with (
            class_server(workspace.path, folder / "private", log) as server,
            training(workspace, wanted=not no_training),
        ):
            work = Work(server, workspace, sessions, min(live, sessions), 60 * minutes)
            asyncio.run(work.run())
            figures = work.figures()
        complaints = log.read_text(errors="replace")
        if "Traceback" in complaints:
            work.tally.errors["server: a traceback in its log"] += complaints.count("Traceback")
            print(complaints[-4000:], file=sys.stderr)
    return {**figures, "errors": work.tally.errors.total(), "errors of": dict(work.tally.errors)}


def ready_class(folder: Path, places: int, videos: int, frames: int) -> Workspace:
    """Make a demo class that is split by video, with so many live places."""
    workspace = demo_class(folder, videos, frames)
    stored_split.store(workspace, split_by_video(consensus(workspace)))
    with (workspace.path / "workspace.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[live]\nplaces = {places}\n")
    return open_workspace(workspace.path)


@contextmanager
def training(workspace: Workspace, wanted: bool) -> Iterator[None]:
    """Train for the block."""
    if wanted:
        jobs.start(workspace, TrainSettings(epochs=EPOCHS))
    try:
        yield
    finally:
        for run in slots.all_active(workspace):
            jobs.kill(run)


def pictures_of(workspace: Workspace) -> list[tuple[np.ndarray, bytes]]:
    """Return what cameras see: frames of the first video, also as JPEG."""
    first = videos(workspace)[0]
    files = [picture_file(workspace, first.id, index) for index in range(min(CAMERA, first.frames))]
    return [(picture, encode_jpeg(picture, 85)) for picture in map(read_picture, files)]


class Work:
    """A lesson of a class, and what was seen of it."""

    def __init__(
        self, server: ClassServer, workspace: Workspace, sessions: int, live: int, seconds: float
    ) -> None:
        self.server, self.workspace, self.sessions, self.live, self.seconds = (
            server,
            workspace,
            sessions,
            live,
            seconds,
        )
        self.tally, self.ledger = Tally(), Ledger()
        self.memory: list[tuple[float, float]] = []  # seconds since the beginning, MB
        self.late: list[float] = []
        self.worked = 0.0  # seconds of a processor

    async def run(self) -> None:
        """Let the students in, and wait until all have left."""
        begun = time.monotonic()
        lesson = Lesson(
            workspace_id(self.workspace), truth_of(self.workspace), self.ledger, pictures_of(self.workspace),
            begun + self.seconds,
        )  # fmt: skip
        looking = [
            asyncio.create_task(self._look_at_memory(begun)),
            asyncio.create_task(self._look_at_clock()),
        ]
        await asyncio.gather(*(self._student(lesson, number) for number in range(self.sessions)))
        for task in looking:
            task.cancel()

    async def _student(self, lesson: Lesson, number: int) -> None:
        await asyncio.sleep(ARRIVE * number)
        browser, name = (
            Browser(self.server.address, self.server.trust, self.tally),
            f"Student {number + 1:02}",
        )
        try:
            await browser.sign_in(self.server.class_code, name)
            if number < self.live:
                await be_live(browser, lesson, by_video=number == 0)
            else:
                await learn(browser, lesson, name, number)
        except Exception as error:  # it is told, and the others go on
            self.tally.errors[f"session: {type(error).__name__} {error}"[:200]] += 1
        finally:
            await browser.close()

    async def _look_at_memory(self, begun: float) -> None:
        process = psutil.Process(self.server.pid)
        while True:
            self.memory.append((time.monotonic() - begun, process.memory_info().rss / 1e6))
            used = process.cpu_times()
            self.worked = used.user + used.system
            await asyncio.sleep(EVERY)

    async def _look_at_clock(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.1)
            self.late.append(time.perf_counter() - begun - 0.1)

    def figures(self) -> dict[str, Any]:
        """Return what was seen; it reads the database."""
        kinds = {kind: times for kind, times in sorted(self.tally.times.items()) if times}
        all_times = [seconds for kind, times in kinds.items() if kind.startswith(SHOWN) for seconds in times]
        return {
            "sessions": self.sessions,
            "errors": 0,
            "lost_labels": self.ledger.lost(self.workspace),
            "response_p95_ms": percentile(all_times, 95),
            **growth(self.memory, WARM * self.seconds),
            "labels": len(self.ledger.events),
            "server_cores": self.worked / self.seconds,
            "client_late_p95_ms": percentile(self.late, 95),
            "load": os.getloadavg()[0],
            **{kind: summary(times) for kind, times in kinds.items()},
        }


def percentile(seconds: Sequence[float], percent: float) -> float | None:
    """Return a percentile in milliseconds; none of nothing."""
    return float(np.percentile(seconds, percent)) * 1e3 if seconds else None


def summary(times: Sequence[float]) -> Mapping[str, float | None]:
    """Return how many answers there were, and how long they took in milliseconds."""
    return {"count": len(times), "p50_ms": percentile(times, 50), "p95_ms": percentile(times, 95)}


def growth(memory: Sequence[tuple[float, float]], since: float) -> dict[str, float | None]:
    """Return by how much memory (seconds, MB) has grown ``since`` a time, where it ended, and its slope."""
    warm = np.array([(at, used) for at, used in memory if at >= since])
    if len(warm) < 2:
        return {"memory_growth_mb": None, "memory_mb": None, "memory_mb_per_hour": None}
    few = max(1, len(warm) // 10)
    slope = float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0])
    begun, ended = float(np.median(warm[:few, 1])), float(np.median(warm[-few:, 1]))
    return {"memory_growth_mb": ended - begun, "memory_mb": ended, "memory_mb_per_hour": 3600 * slope}


if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
