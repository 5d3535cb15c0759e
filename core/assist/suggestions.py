"""What a trained network suggests for a video. Importing this does not import TensorFlow.

Suggestions are stored in ``runs/<run>/suggestions/<video key>.csv``: the network runs once per video.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from core.access.rights import check_name
from core.assist import frame_values
from core.errors import LabelError, MediaError
from core.evaluation.evaluate import Forward, compiled
from core.files import Progress
from core.inputs import batches
from core.inputs.picture_cache import PictureSource, Store
from core.inputs.prefetch import prefetched
from core.labels import labels
from core.labels.assignments import blind
from core.labels.consensus import labels_of
from core.media.images import read_picture
from core.media.library import Video, frame_table
from core.networks.preprocessing import prepare
from core.review import gold
from core.runs.decisions import decide
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.storage import database as db
from core.workspace import Workspace

BATCH = 64
DIGITS = 6
STRICTEST_FIRST = ("test", "valid", "train")

WITHHELD = {
    "blind": "labels it blind, as others do, and has not finished it",
    "gold": "has not answered all of its gold frames yet",
}
"""Why an annotator gets no suggestions for a video: nobody may be measured by answers that a network gave."""


def suggesting_run(workspace: Workspace) -> Run | None:
    """Return the newest run that has a network and an attribute that ``workspace`` still has, if there is one.

    Runs of a series are left out.
    """
    return next(iter(suggesting_runs(workspace)), None)


def suggesting_runs(workspace: Workspace) -> list[Run]:
    """Return all runs that can suggest, the newest first."""
    runs = (run for run in list_runs(workspace) if run.has_model and not run.series)
    return [run for run in runs if shared_attributes(run, workspace)]


def part_of(run: Run, video: Video) -> str | None:
    """Return the part of ``run`` that ``video`` is in, none where it is in none.

    A random split puts a video into several parts. Then ``test`` comes before ``valid`` before ``train``: suggestions do
    most harm there.
    """
    parts = set(run.frames.loc[run.frames["video"] == video.key, "part"])
    return next((part for part in STRICTEST_FIRST if part in parts), None)


def withheld(workspace: Workspace, annotator: str, video: Video) -> str:
    """Return why an annotator gets no suggestions for ``video``, one of `WITHHELD`; empty where suggestions are allowed.

    They are withheld for the whole video: a gap in the suggestions would tell which frames are gold.
    """
    if video.key in blind(workspace, annotator):
        return "blind"
    return "gold" if gold.unanswered(workspace, annotator, video.key) else ""


def check_allowed(workspace: Workspace, annotator: str, video: Video) -> None:
    """Refuse suggestions that are `withheld` from an annotator.

    Raises:
        LabelError: they are.
    """
    if reason := withheld(workspace, annotator, video):
        raise LabelError(
            f"{annotator} gets no suggestions for {video.key}: {annotator} {WITHHELD[reason]}.",
            "Label it without suggestions first.",
        )


def shared_attributes(run: Run, workspace: Workspace) -> list[str]:
    """Return the attributes of ``run``, in its order, that ``workspace`` still has."""
    return [name for name in run.attributes.names if name in workspace.attributes.names]


def suggest(
    run: Run,
    workspace: Workspace,
    video: Video,
    progress: Progress | None = None,
    forward: Forward | None = None,
) -> pd.DataFrame:
    """Return the calibrated probability of each attribute for every frame of ``video``.

    What was computed before is read back, as long as neither the frames nor the network have changed. ``forward`` has the network
    of the run in another engine, see `core.export.engines.forward_with`.

    Returns:
        ``index`` (int) and one float column per attribute of the run, 0 to 1, in the order of the frames; NaN
        where the picture of a frame is missing.

    Raises:
        RunError: there is no network.
        MediaError: the video is not in the workspace.
    """
    frames = frame_table(workspace, video.key)
    sources = batches.sources_of(workspace, frames["name"].tolist())
    path = run.path / "suggestions" / f"{video.key}.csv"
    source = fingerprint(run, frames)
    names = list(run.attributes.names)
    table = frame_values.read(path, source, frames, names)
    if table is None or _came_back(table, sources):
        table = pd.DataFrame(_probabilities(run, sources, progress, forward), columns=names)
        table.insert(0, "index", frames["index"].to_numpy(np.int64))
        frame_values.store(path, source, table, DIGITS)
    return table.assign(**dict(zip(names, run.calibrated(table[names].to_numpy(float)).T, strict=True)))


def decisions(run: Run, workspace: Workspace, suggested: pd.DataFrame) -> pd.DataFrame:
    """Return what ``run`` decides: ``index`` and a nullable boolean column per attribute, unset where NaN.

    Of classes, the most probable of those that ``workspace`` still has. ``suggested`` is as `suggest` returns it.
    """
    names = shared_attributes(run, workspace)
    probabilities = suggested[names].to_numpy(float)  # (N, A)
    thresholds = np.array([_thresholds(run)[name] for name in names])
    decided = decide(probabilities, thresholds, run.attributes.exclusive) if names else probabilities > 0
    columns: dict[str, Any] = {"index": suggested["index"]}
    for i, name in enumerate(names):
        columns[name] = pd.arrays.BooleanArray(decided[:, i].copy(), np.isnan(probabilities[:, i]))
    return pd.DataFrame(columns)


def to_json(run: Run, workspace: Workspace, suggested: pd.DataFrame) -> dict[str, Any]:
    """Return what `suggest` returned as plain values, small enough for a browser.

    Returns:
        ``run``, ``attributes``, ``thresholds`` (by attribute) and ``probabilities``: per attribute one number per
        frame, null where the picture is missing. Three digits, and more where three would change a decision.
    """
    thresholds = {name: _thresholds(run)[name] for name in shared_attributes(run, workspace)}
    return {"run": run.id, **plain(thresholds, suggested)}


def plain(thresholds: Mapping[str, float], suggested: pd.DataFrame) -> dict[str, Any]:
    """Return `to_json` without the ``run``, for the attributes that have ``thresholds``."""
    return {
        "attributes": list(thresholds),
        "thresholds": dict(thresholds),
        "probabilities": {name: _short(suggested[name], threshold) for name, threshold in thresholds.items()},
    }


def accept(workspace: Workspace, video: Video, decided: pd.DataFrame, annotator: str) -> int:
    """Store decisions as labels of ``annotator``, where this annotator has not answered yet; return how many.

    Of classes, only in frames where this annotator has not chosen at all.

    Args:
        workspace: of the video.
        video: whose frames they are.
        decided: ``index`` and a nullable boolean column per attribute, as `decisions` returns them.
        annotator: whose labels they become.

    Raises:
        LabelError: no annotator, no such video, or no suggestions are for this annotator, see `withheld`.
        AccessError: the annotator is not who acts.
    """
    check_name(annotator)
    check_allowed(workspace, annotator, video)
    new = decided.set_index("index")
    with db.writing(workspace) as connection:  # what is unset stays so until it is stored
        given = labels_of(workspace, annotator, video.key)
        if workspace.attributes.exclusive:
            new = new[given.reindex(new.index).isna().all(axis=1)]
        given = given.reindex(index=new.index, columns=new.columns)
        new = new.where(given.isna())
        # An empty cell would withdraw a label, so the given labels stand in the rows too; they are not stored again.
        rows = given.where(given.notna(), new)[new.notna().any(axis=1)].reset_index().assign(video=video.key)
        labels.record_rows(connection, workspace, annotator, rows, "suggestion")
    return int(new.notna().to_numpy().sum())


def _thresholds(run: Run) -> dict[str, float]:
    return dict(zip(run.attributes.names, run.thresholds.tolist(), strict=True))


def _probabilities(
    run: Run, sources: list[PictureSource], progress: Progress | None, forward: Forward | None
) -> np.ndarray:
    """Return (N, A) float64, rounded as they are stored; NaN where a picture cannot be read."""
    forward = forward or compiled(run)
    probabilities = np.full((len(sources), len(run.attributes)), np.nan)
    done = 0
    for pictures in prefetched(_prepared(run, sources), 2):
        places = [place for place, picture in enumerate(pictures, done) if picture is not None]
        if places:
            readable = np.stack([picture for picture in pictures if picture is not None])
            probabilities[places] = np.asarray(forward(readable))
        done += len(pictures)
        if progress:
            progress(done, len(sources))
    return probabilities.round(DIGITS)


def _prepared(run: Run, sources: list[PictureSource]) -> Iterator[Sequence[np.ndarray | None]]:
    """Yield batches of (h, w, 3) uint8 BGR, none where a picture cannot be read.

    What trainings have prepared is taken from their cache; the rest is not added to it, since nobody needs it twice.
    """
    store = Store(run.workspace, run.size, run.region)

    def fetch(source: PictureSource) -> np.ndarray | None:
        try:
            cached = store.find(source.key)
            return prepare(read_picture(source.file), run.size, run.region) if cached is None else cached
        except MediaError:
            return None

    with ThreadPoolExecutor() as pool:  # decoding and resizing leave Python's lock
        for first in range(0, len(sources), BATCH):
            yield list(pool.map(fetch, sources[first : first + BATCH]))


def fingerprint(run: Run, frames: pd.DataFrame) -> str:
    """Return a line that changes with the frames or the network. The file's time stands for its content."""
    status = run.model_file.stat() if run.has_model else None
    model = f"{status.st_size} {status.st_mtime_ns}" if status else "none"
    return frame_values.source_of(frames, f"model {model}")


def _came_back(table: pd.DataFrame, sources: list[PictureSource]) -> bool:
    """Return whether a picture that was missing can be read now."""
    for number in np.flatnonzero(table.iloc[:, 1:].isna().any(axis=1)):
        with suppress(MediaError):
            read_picture(sources[number].file)
            return True
    return False


def _short(probabilities: pd.Series, threshold: float) -> list[float | None]:
    exact = probabilities.to_numpy(float)
    rounded = exact.round(3)
    values = np.where((rounded >= threshold) == (exact >= threshold), rounded, exact)
    return [None if np.isnan(value) else value for value in values.tolist()]
