"""Counting the balance of 1,000,000 labels, and who labelled what when.

50 videos, 225,000 frames, 4 attributes, two annotators, 500 adjudications. Ann labelled every frame and Ben every
ninth, where he differs in one answer of ten.
"""

from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.harness import in_turn, main, scratch_folder
from benchmarks.stored_videos import add_video
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


def labelled(folder: Path, seed: int = 0) -> tuple[Workspace, int]:
    """Make a workspace, and return it with the number of its labels."""
    fresh = workspace.create(folder)
    random = np.random.default_rng(seed)
    with db.writing(fresh) as connection:
        event_log.register(connection, fresh.attributes.names, "Ann")
        event_log.register(connection, fresh.attributes.names, "Ben")
    keys = [f"seam_{number}" for number in range(1, VIDEOS + 1)]
    labels = sum(_store_labels(fresh, add_video(fresh, key, FRAMES), random) for key in keys)
    for key in keys:
        for first in range(0, ADJUDICATED * STRETCH, STRETCH):
            record(fresh, "Cleo", key, first, first + 8, {"good": first % 100 == 0}, "adjudication")
    return fresh, labels


def _store_labels(fresh: Workspace, video: int, random: np.random.Generator) -> int:
    """Write the labels of one video as they are stored, past the log: that would take minutes. Return how many."""
    attributes = len(fresh.attributes.names)
    ann = np.repeat(random.random((FRAMES // STRETCH, attributes)) < 0.5, STRETCH, axis=0)
    ben = ann[::NINTH] ^ (random.random((FRAMES // NINTH, attributes)) < 0.1)
    event = video  # stands for all labels of the video
    rows = [
        (video, step * index, attribute + 1, annotator, bool(answer), event)
        for annotator, step, answers in ((1, 1, ann), (2, NINTH, ben))
        for (index, attribute), answer in np.ndenumerate(answers)
    ]
    with db.writing(fresh) as connection:
        connection.exec_driver_sql(
            'INSERT INTO events (seq, id, at, annotator_id, video_id, "first", "last", attribute_id, source)'
            " VALUES (?, ?, '', 1, ?, 0, ?, 1, 'import')",
            (event, f"event {event}", video, FRAMES - 1),
        )
        connection.exec_driver_sql("INSERT INTO current VALUES (?, ?, ?, ?, ?, ?)", sorted(rows))
    return len(rows)


def measure(rounds: int) -> dict[str, float]:
    with scratch_folder() as folder:
        fresh, labels = labelled(folder / "workspace")
        times = in_turn(rounds, *(partial(count, fresh) for count in (balance, per_day, per_annotator)))
    in_all, days, annotators = (median(seconds) * 1e6 / labels for seconds in times)
    return {
        "seconds_per_million_labels": in_all,
        "slowest_round_seconds": max(times[0]),
        "per_day_seconds_per_million_labels": days,
        "per_annotator_seconds_per_million_labels": annotators,
        "labels": labels,
    }


if __name__ == "__main__":
    main(__doc__, measure)
