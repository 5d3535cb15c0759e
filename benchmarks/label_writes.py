"""Sixty annotators who save 200 labels each at once, without a pause, on PostgreSQL and on SQLite: none lost, none doubled.

A thread for each annotator, over one or more processes, stores labels as the route of the Label page does. Every tenth is sent
twice, as after a connection that broke, and every twentieth is taken back. ``lost`` counts what was acknowledged but is not in
the log or not what the view shows, ``doubled`` what is in the log twice or was never sent. Without ``--url`` an own server is
started with Debian's package of PostgreSQL; it flushes each label to the disk, as SQLite does here.
"""

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import numpy as np
from sqlalchemy import select

from benchmarks.harness import Options, main, scratch_folder
from benchmarks.stored_videos import add_video
from core import workspace as workspaces
from core.labels import sync
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers import postgres

ANNOTATORS, LABELS = 60, 200
TWICE, UNDONE = 10, 20
"""Of so many labels one is sent twice, or taken back."""

OPTIONS: Options = {
    "--annotators": {"default": ANNOTATORS, "help": "how many label at once"},
    "--labels": {"default": LABELS, "help": "that each of them saves"},
    "--processes": {"default": 1, "help": "over which they are spread; a class server has one"},
    "--rounds": {"default": 1, "help": "so often, the two in turn; the figures are of all"},
    "--url": {"default": "", "help": "of an empty PostgreSQL database instead of an own server"},
}


def ids(annotator: str, index: int) -> tuple[str, str]:
    """Return the ids of a label and of its action, which the browser makes."""
    return str(uuid5(NAMESPACE_URL, f"{annotator} {index}")), str(
        uuid5(NAMESPACE_URL, f"{annotator} {index} action")
    )


def is_undone(index: int) -> bool:
    return index % UNDONE == UNDONE - 1


def save_all(workspace: Workspace, annotator: str, labels: int) -> list[float]:
    """Save the labels of one annotator; return how long each save took, in seconds."""
    taken = []
    for index in range(labels):
        id, action = ids(annotator, index)
        item = sync.Labelled(id, action, 1, "error", index, index, index % 3 == 0, "key")
        for _ in range(2 if index % TWICE == 0 else 1):
            taken.append(_timed(workspace, annotator, item))
        if is_undone(index):
            taken.append(_timed(workspace, annotator, sync.Undone(str(uuid4()), str(uuid4()), action)))
    return taken


def _timed(workspace: Workspace, annotator: str, item: sync.Labelled | sync.Undone) -> float:
    begun = time.perf_counter()
    result = sync.store(workspace, annotator, [item])
    if result.refused:
        raise RuntimeError(f"Refused: {result.refused}")
    return time.perf_counter() - begun


def save_together(path: Path, database: str, names: list[str], labels: int) -> list[float]:
    """Let these annotators save at once, a thread each; return the seconds of all saves."""
    workspace = replace(workspaces.open_workspace(path, use_environment=False), database=database)
    taken: list[float] = []
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            taken.extend(save_all(workspace, name, labels))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return taken


def losses(workspace: Workspace, names: list[str], labels: int) -> tuple[int, int]:
    """Return how many labels are lost, and how many are there that should not be."""
    e, c, a = db.events.c, db.current.c, db.annotators.c
    with db.reading(workspace) as connection:
        log = Counter(connection.scalars(select(e.id).where(e.undoes.is_(None))))
        undos = Counter(connection.scalars(select(e.undoes).where(e.undoes.is_not(None))))
        rows = connection.execute(
            select(a.name, c.index, c.value).select_from(db.current.join(db.annotators))
        )
        view = {(name, index): value for name, index, value in rows}
    sent = {(name, index): ids(name, index)[0] for name in names for index in range(labels)}
    taken_back = {id for (_, index), id in sent.items() if is_undone(index)}
    right = {place: None if is_undone(place[1]) else place[1] % 3 == 0 for place in sent}
    lost = sum(not log[id] for id in sent.values()) + len(taken_back - undos.keys())
    lost += sum(place not in view or view[place] is not value for place, value in right.items())
    more = log.total() - len(set(sent.values()) & log.keys()) + undos.total() - len(taken_back & undos.keys())
    return lost, more + len(view.keys() - right.keys())


@contextmanager
def server(url: str) -> Iterator[str]:
    """Yield the address of a database: the one that is named, or one of an own server."""
    if url:
        yield url
        return
    with postgres.running(durable=True) as own:
        yield own.new_database()


def one_round(
    folder: Path, database: str | None, annotators: int, labels: int, processes: int
) -> dict[str, Any]:
    """Let a new class save its labels; return its ``seconds`` (saves,), ``wall``, ``lost`` and ``doubled``."""
    made = workspaces.create(folder)
    made = replace(made, database=database or made.database)
    add_video(made, "seam_1", labels)
    names = [f"annotator {number}" for number in range(annotators)]
    begun = time.perf_counter()
    if processes == 1:
        taken = save_together(made.path, made.database, names, labels)
    else:
        parts = [(made.path, made.database, names[n::processes], labels) for n in range(processes)]
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
            taken = [second for part in pool.map(save_together, *zip(*parts, strict=True)) for second in part]
    wall = time.perf_counter() - begun
    lost, doubled = losses(made, names, labels)
    return {"seconds": np.array(taken), "wall": wall, "lost": lost, "doubled": doubled}


def measure(
    annotators: int = ANNOTATORS, labels: int = LABELS, processes: int = 1, rounds: int = 1, url: str = ""
) -> dict[str, Any]:
    sides: dict[str, list[dict[str, Any]]] = {"sqlite": [], "postgresql": []}
    with scratch_folder() as folder, server(url) as address:
        for turn in range(rounds):
            for side, database in (("sqlite", None), ("postgresql", address)):
                sides[side].append(
                    one_round(folder / f"{side}_{turn}", database, annotators, labels, processes)
                )
    figures: dict[str, Any] = {"annotators": annotators, "labels of each": labels}
    for name in ("lost", "doubled"):
        figures[name] = {side: sum(each[name] for each in done) for side, done in sides.items()}
    saves = {side: np.concatenate([each["seconds"] for each in done]) * 1e3 for side, done in sides.items()}
    for name, share in (("median_ms", 50), ("p95_ms", 95), ("longest_ms", 100)):
        figures[name] = {side: float(np.percentile(taken, share)) for side, taken in saves.items()}
    figures["saves_per_second"] = {
        side: len(saves[side]) / sum(each["wall"] for each in done) for side, done in sides.items()
    }
    return figures


if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
