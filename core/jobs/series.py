"""Series: ordinary runs that belong together, such as the folds that test every video once."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.access.rights import Right, needs
from core.errors import RunError
from core.files import Progress, part_of
from core.jobs import jobs, slots
from core.runs.records import SeriesRecord
from core.runs.run import Run
from core.runs.run_store import discard, list_runs
from core.runs.settings import TrainSettings
from core.splits.split import Split
from core.training.create_run import create_run
from core.workspace import Workspace

Kind = Literal["folds", "gap"]
Plan = Sequence[tuple[TrainSettings, Split]]
"""How each run of a series is trained, and on which split."""

GOING = ("queued", "starting", "running")
"""States of a run that may still end well by itself."""
PERCENT = 100
LOOK = 0.5
"""Seconds between two looks how far a series is."""

BROKEN = ("stopped", "failed", "interrupted")


@dataclass(frozen=True)
class Series:
    """Runs that belong together.

    Args:
        id: of the series.
        kind: ``folds`` or ``gap``.
        of: how many runs it has when all are made.
        runs: those that are there, by their number.
    """

    id: str
    kind: Kind
    of: int
    runs: tuple[Run, ...]

    @property
    def is_done(self) -> bool:
        """Whether every run was trained to its end."""
        return len(self.runs) == self.of and all(run.state == "done" for run in self.runs)

    @property
    def is_going(self) -> bool:
        """Whether a run learns or waits for its turn, and none ended before its end."""
        return any(run.state in GOING for run in self.runs) and not self.broken

    @property
    def broken(self) -> tuple[Run, ...]:
        """The runs that ended before their end."""
        return tuple(run for run in self.runs if run.state in BROKEN)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        done = sum(run.state == "done" for run in self.runs)
        return (done + sum(run.status.done for run in self.runs if run.state == "running")) / self.of


def find(workspace: Workspace, kind: Kind) -> list[Series]:
    """Return the series of that kind, the newest first."""
    by_id: dict[str, list[Run]] = {}
    for run in list_runs(workspace):  # the newest first
        if run.series and run.series.kind == kind:
            by_id.setdefault(run.series.id, []).append(run)
    return [
        Series(id, kind, _record(members[0]).of, tuple(sorted(members, key=lambda run: _record(run).number)))
        for id, members in by_id.items()
    ]


def finished(workspace: Workspace, kind: Kind) -> Series | None:
    """Return the newest series whose runs were all trained to their end, if there is one."""
    return next((series for series in find(workspace, kind) if series.is_done), None)


@needs(Right.TRAIN)
def start(
    workspace: Workspace,
    kind: Kind,
    plan: Plan,
    user: str = "",
    id: str = "",
    progress: Progress | None = None,
    on: str = "",
) -> Series:
    """Train a series in the background, one run behind the other.

    Args:
        workspace: where its runs are made.
        kind: of the series.
        plan: its runs.
        user: who wants it.
        id: as of `new_id`, by which `withdraw` knows it; empty: a new one.
        progress: told how far the making of the runs is.
        on: see `core.jobs.jobs.enqueue`.

    Raises:
        RunError: there is nothing to learn from.
    """
    series = _create(workspace, kind, plan, user, id, progress)
    for run in series.runs:
        jobs.enqueue(run, on)
    return series


def wait(series: Series, progress: Progress | None = None) -> Series:
    """Wait until the runs of a series that was started have ended well, and return it.

    Raises:
        RunError: one ended before its end.
    """
    while not series.is_done:
        slots.advance(series.runs[0].workspace)
        for run in series.broken:
            raise RunError(f"{run.id} of the series is {run.state}.", "Resume it, or start the series again.")
        if progress:
            progress(round(PERCENT * series.share), PERCENT)
        time.sleep(LOOK)
    return series


@needs(Right.TRAIN)
def train(workspace: Workspace, kind: Kind, plan: Plan, progress: Progress | None = None) -> Series:
    """Train a series in this process.

    Args:
        workspace: where its runs are made.
        kind: of the series.
        plan: its runs.
        progress: called as ``progress(steps done, steps in all)``, of all runs together.

    Raises:
        RunError: there is nothing to learn from, another training runs, or a run was stopped.
    """
    from core.jobs import worker

    series = _create(workspace, kind, plan)
    try:
        for number, run in enumerate(series.runs):
            worker.train(run, part_of(progress, number, series.of))
            if run.state != "done":
                raise RunError(f"{run.id} of the series is {run.state}.", "Start the series again.")
    finally:
        for run in series.runs:
            if run.state == "waiting":  # behind one that did not end well
                discard(run)
    return series


def stop(series: Series) -> None:
    """End a series: the run that learns stops after its step, the others are never begun.

    Raises:
        AccessError: somebody else wanted it, and who acts is no instructor.
    """
    for run in reversed(series.runs):  # from the end, so that none begins meanwhile
        if run.state in GOING:
            jobs.stop(run)


def withdraw(workspace: Workspace, kind: Kind, id: str) -> None:
    """End the series with that id, and remove its runs, however many of them were made."""
    for series in find(workspace, kind):
        if series.id == id:
            remove(series)


def remove(series: Series) -> None:
    """End a series and remove its runs; one that still ends its step stays."""
    stop(series)
    for run in series.runs:
        if run.state not in GOING:
            discard(run)


def seconds_per_epoch(workspace: Workspace, network: str) -> float | None:
    """Return how long an epoch of the newest run of ``network`` took; none where there is no such run."""
    for run in list_runs(workspace):
        if run.config.network == network and len(history := run.history):
            return float(history["seconds"].median())
    return None


def _create(
    workspace: Workspace,
    kind: Kind,
    plan: Plan,
    user: str = "",
    id: str = "",
    progress: Progress | None = None,
) -> Series:
    """Make all runs of a series, or none: what is wrong with the last shall not show after hours of training."""
    records = series_records(kind, len(plan), id)
    made = jobs.made_together(
        create_run(workspace, settings, split, record, user, part_of(progress, number, len(plan)))
        for number, (record, (settings, split)) in enumerate(zip(records, plan, strict=True))
    )
    return Series(_record(made[0]).id, kind, len(plan), tuple(made))


def new_id(kind: Kind) -> str:
    """Return an id for a new series."""
    return f"{kind}_{datetime.now():%Y-%m-%d_%H-%M-%S-%f}"


def series_records(kind: Kind, of: int, id: str = "") -> Iterator[SeriesRecord]:
    """Give out the places of a new series of so many runs; without an ``id`` it gets a new one."""
    id = id or new_id(kind)
    return (SeriesRecord(kind, id, number, of) for number in range(1, of + 1))


def _record(run: Run) -> SeriesRecord:
    assert run.series
    return run.series
