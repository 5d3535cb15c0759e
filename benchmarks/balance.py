"""Counting the balance of 1,000,000 labels, and who labelled what when: 50 videos, 225,000 frames, 4 attributes, two annotators, 500 adjudications.

Ann labelled every frame and Ben every ninth, where he differs in one answer of ten.

python -m benchmarks.balance [--json] [--rounds N]
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.report import report
from core import workspace
from core.labels.labels import record
from core.labels.progress import per_annotator, per_day
from core.review.balance import balance
from core.storage import database as db
from core.storage import event_log
from core.workspace import Workspace

VIDEOS, FRAMES, NINTH = 50, 4500, 9
STRETCH = 50  # frames with the same answer
ADJUDICATED = 10  # stretches a video


def filled(folder: Path, seed: int = 0) -> tuple[Workspace, int]:
    """Make a workspace, and return it with the number of its labels."""
    fresh = workspace.create(folder)
    random = np.random.default_rng(seed)
    with db.writing(fresh) as connection:
        event_log.register(connection, fresh.attributes.names, "Ann")
        event_log.register(connection, fresh.attributes.names, "Ben")
    labels = sum(_add_video(fresh, video, random) for video in range(1, VIDEOS + 1))
    for video in range(1, VIDEOS + 1):
        for first in range(0, ADJUDICATED * STRETCH, STRETCH):
            record(
                fresh, "Cleo", f"seam_{video}", first, first + 8, {"good": first % 100 == 0}, "adjudication"
            )
    return fresh, labels


def _add_video(fresh: Workspace, video: int, random: np.random.Generator) -> int:
    """Write the rows of one video as they are stored, past the log: that would take minutes. Return the labels."""
    attributes = len(fresh.attributes.names)
    ann = np.repeat(random.random((FRAMES // STRETCH, attributes)) < 0.5, STRETCH, axis=0)
    ben = ann[::NINTH] ^ (random.random((FRAMES // NINTH, attributes)) < 0.1)
    seq = video  # one event stands for all of the video
    with db.writing(fresh) as connection:
        connection.exec_driver_sql(
            "INSERT INTO videos (id, key, origin, width, height, added, hidden) VALUES (?, ?, 'video', 8, 6, '', 0)",
            (video, f"seam_{video}"),
        )
        connection.exec_driver_sql(
            "INSERT INTO frames (video_id, \"index\", name, file, phash) VALUES (?, ?, ?, '', '0')",
            [(video, i, f"seam_{video}_{i}") for i in range(FRAMES)],
        )
        connection.exec_driver_sql(
            'INSERT INTO events (seq, id, at, annotator_id, video_id, "first", "last", attribute_id, source)'
            " VALUES (?, ?, '', 1, ?, 0, ?, 1, 'import')",
            (seq, f"event {seq}", video, FRAMES - 1),
        )
        rows = [(video, i, a + 1, 1, bool(ann[i, a]), seq) for i in range(FRAMES) for a in range(attributes)]
        rows += [
            (video, i * NINTH, a + 1, 2, bool(ben[i, a]), seq)
            for i in range(len(ben))
            for a in range(attributes)
        ]
        connection.exec_driver_sql("INSERT INTO current VALUES (?, ?, ?, ?, ?, ?)", sorted(rows))
    return len(rows)


def measure(rounds: int) -> dict[str, float]:
    """Count ``rounds`` times, after one to warm up; return the medians."""
    counting = (balance, per_day, per_annotator)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        fresh, labels = filled(Path(scratch) / "workspace")
        rows = [[_seconds(count, fresh) for count in counting] for _ in range(rounds + 1)]
    seconds = [[row[place] for row in rows[1:]] for place in range(len(counting))]
    medians = [statistics.median(one) * 1e6 / labels for one in seconds]
    return {
        "seconds_per_million_labels": medians[0],
        "slowest_round_seconds": max(seconds[0]),
        "per_day_seconds_per_million_labels": medians[1],
        "per_annotator_seconds_per_million_labels": medians[2],
        "labels": labels,
    }


def _seconds(count: Callable[[Workspace], object], fresh: Workspace) -> float:
    start = perf_counter()
    count(fresh)
    return perf_counter() - start


if __name__ == "__main__":
    report(__doc__, measure)
