"""How long labels wait until they are stored, for 1, 10 and 60 who label at once, by how they are flushed to the disk.

A thread for each annotator stores a label as the route of the Label page does, every 0.2 s, as fast as people label and the
page sends. Figures are milliseconds; ``stored_per_second`` is reached by as many who do not pause.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from unittest.mock import patch
from uuid import uuid4

import numpy as np
from sqlalchemy import event
from sqlalchemy.pool import Pool

from benchmarks.harness import main, scratch_folder
from benchmarks.stored_videos import add_video
from core import workspace as workspaces
from core.labels import sync
from core.storage.shared_flush import SharedFlush
from core.workspace import Workspace

WRITERS = (1, 10, 60)
FRAMES = 1000
PAUSE = 0.2
WAYS = ("never", "each", "together")
"""Nobody waits for the disk; each commit does, before the next writer has its turn; or all wait together afterwards."""
SECONDS = 4.0


@contextmanager
def flushing(way: str) -> Iterator[None]:
    """Let labels be flushed in one of the `WAYS` for the block."""
    mode = "FULL" if way == "each" else "NORMAL"

    def set_mode(connection, _record, _proxy) -> None:
        connection.execute(f"PRAGMA synchronous = {mode}")

    event.listen(Pool, "checkout", set_mode)
    try:
        with nullcontext() if way == "together" else patch.object(SharedFlush, "wait", lambda self: None):
            yield
    finally:
        event.remove(Pool, "checkout", set_mode)


def label(workspace: Workspace, writers: int, pause: float, seconds: float) -> np.ndarray:
    """Let so many annotators label for so long, and return how long each label took, in seconds: (labels,)."""
    taken: list[float] = []
    over = time.monotonic() + seconds

    def work(number: int) -> None:
        time.sleep(pause * number / writers)
        for index in count():
            begun = time.perf_counter()
            item = sync.Labelled(str(uuid4()), str(uuid4()), 1, "error", index % FRAMES, index % FRAMES,
                                 index % 2 == 0, "key")  # fmt: skip
            sync.store(workspace, f"annotator {number}", [item])
            taken.append(time.perf_counter() - begun)
            if time.monotonic() + pause > over:
                break
            time.sleep(max(0.0, pause - taken[-1]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return np.array(taken)


def measure(rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with scratch_folder() as folder:
        workspace = workspaces.create(folder / "class")
        add_video(workspace, "seam_1", FRAMES)
        for writers in WRITERS:
            waits: dict[str, list[np.ndarray]] = {way: [] for way in WAYS}
            most: dict[str, list[int]] = {way: [] for way in WAYS}
            for turn in range(rounds + 1):  # the first warms up
                for way in WAYS:
                    with flushing(way):
                        paced = label(workspace, writers, PAUSE, SECONDS if turn else 0.5)
                        rate = len(label(workspace, writers, 0.0, 1.0))
                    waits[way] += [paced] if turn else []
                    most[way] += [rate] if turn else []
            figures[f"{writers} at once:"] = {
                way: {
                    "median": float(np.median(np.concatenate(waits[way]))) * 1e3,
                    "95_percent": float(np.percentile(np.concatenate(waits[way]), 95)) * 1e3,
                    "longest": float(np.concatenate(waits[way]).max()) * 1e3,
                    "stored_per_second": float(np.median(most[way])),
                }
                for way in WAYS
            }
    return figures


if __name__ == "__main__":
    main(__doc__, measure)
