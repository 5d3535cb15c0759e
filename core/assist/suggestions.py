"""What a trained network suggests for a video that is labelled. Importing this does not import TensorFlow.

Suggestions are kept in ``runs/<run>/suggestions/<video key>.csv``: the network runs once per video.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import LabelError, MediaError
from core.evaluation.evaluate import compiled
from core.files import Progress, replacing
from core.inputs import batches
from core.inputs.cache import Source, Store
from core.labels import labels
from core.labels.assignments import blind
from core.labels.consensus import labels_of
from core.media.images import read_picture
from core.media.library import Video, frame_table
from core.networks.preprocessing import prepare
from core.review import gold
from core.runs.decisions import decide
from core.runs.registry import list_runs
from core.runs.run import Run
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


def suggests(workspace: Workspace) -> Run | None:
    """Return the newest run that has a network and an attribute that ``workspace`` still has, if there is one.

    Runs of a series are left out.
    """
    found = (run for run in list_runs(workspace) if run.has_model and not run.series)
    return next((run for run in found if known_attributes(run, workspace)), None)


def part_of(run: Run, video: Video) -> str | None:
    """Return the part that ``video`` has in ``run``, none where it is in none of them.

    A random split puts one video into several parts; then ``test`` comes before ``valid`` before ``train``,
    since suggestions do the most harm there.
    """
    parts = set(run.frames.loc[run.frames["video"] == video.key, "part"])
    return next((part for part in STRICTEST_FIRST if part in parts), None)


def withheld(workspace: Workspace, annotator: str, video: Video) -> str:
    """Return why an annotator gets no suggestions for ``video``, one of `WITHHELD`; empty where nothing is against it.

    It is the whole video, never single frames: a gap in the suggestions would tell which frames are gold.
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
            f"a video for which {annotator} may have suggestions",
            f"{video.key}: {annotator} {WITHHELD[reason]}",
            "Label it without suggestions first.",
        )


def known_attributes(run: Run, workspace: Workspace) -> list[str]:
    """Return the attributes of ``run``, in its order, that ``workspace`` still has."""
    return [name for name in run.attributes.names if name in workspace.attributes.names]


def suggest(run: Run, workspace: Workspace, video: Video, progress: Progress | None = None) -> pd.DataFrame:
    """Return how probable the network of ``run``, calibrated, finds each attribute, for every frame of ``video``.

    What was computed before is read back, as long as neither the frames nor the network have changed.

    Args:
        run: with a trained network.
        workspace: that has the video.
        video: of which every frame is looked at.
        progress: called as ``progress(frames done, frames in all)``; not at all where nothing is computed.

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
    origin = _origin(run, frames)
    kept = _read(path, origin, run, frames)
    if kept is None or _came_back(kept, sources):
        probabilities = _probabilities(run, sources, progress)
        kept = pd.DataFrame(probabilities, columns=list(run.attributes.names))
        kept.insert(0, "index", frames["index"].to_numpy(np.int64))
        _keep(path, origin, kept)
    names = list(run.attributes.names)
    return kept.assign(**dict(zip(names, run.calibrated(kept[names].to_numpy(float)).T, strict=True)))


def decisions(run: Run, workspace: Workspace, suggested: pd.DataFrame) -> pd.DataFrame:
    """Return what ``run`` decides: ``index`` and a nullable boolean column per attribute, unset where NaN.

    Args:
        run: whose thresholds count.
        workspace: whose attributes are kept. Of classes, the most probable of those that it still has.
        suggested: as `suggest` returns it.
    """
    names = known_attributes(run, workspace)
    probabilities = suggested[names].to_numpy(float)  # (N, A)
    thresholds = np.array([_thresholds(run)[name] for name in names])
    decided = decide(probabilities, thresholds, run.attributes.exclusive) if names else probabilities > 0
    columns = {
        name: pd.arrays.BooleanArray(decided[:, i].copy(), np.isnan(probabilities[:, i]))
        for i, name in enumerate(names)
    }
    return pd.DataFrame({"index": suggested["index"], **columns})


def to_json(run: Run, workspace: Workspace, suggested: pd.DataFrame) -> dict[str, Any]:
    """Return suggestions as plain values, small enough for a browser.

    Args:
        run: that suggests.
        workspace: whose attributes are kept.
        suggested: as `suggest` returns it.

    Returns:
        ``run``, ``attributes``, ``thresholds`` (by attribute) and ``probabilities``: per attribute one number per
        frame, null where the picture is missing. Three digits, and more where three would change a decision.
    """
    names = known_attributes(run, workspace)
    thresholds = {name: _thresholds(run)[name] for name in names}
    return {
        "run": run.id,
        "attributes": names,
        "thresholds": thresholds,
        "probabilities": {name: _short(suggested[name], thresholds[name]) for name in names},
    }


def accept(run: Run, workspace: Workspace, video: Video, suggested: pd.DataFrame, annotator: str) -> int:
    """Store suggestions as labels of ``annotator``, where this annotator has said nothing yet.

    Args:
        run: that suggests.
        workspace: where to store them.
        video: whose frames they are about.
        suggested: as `suggest` returns it.
        annotator: whose labels they become. Of classes, only in frames where this one has not chosen at all.

    Returns:
        How many labels were stored.

    Raises:
        LabelError: no annotator, no such video, or no suggestions are for this annotator, see `withheld`.
    """
    check_allowed(workspace, annotator, video)
    new = decisions(run, workspace, suggested).set_index("index")
    with db.writing(workspace) as connection:  # what is unset stays so until it is stored
        said = labels_of(workspace, annotator, video.key)
        if workspace.attributes.exclusive:
            new = new[said.reindex(new.index).isna().all(axis=1)]
        said = said.reindex(index=new.index, columns=new.columns)
        new = new.where(said.isna())
        # An empty cell of the rows would withdraw a label: what was said is said again, and stored nowhere.
        rows = said.where(said.notna(), new)[new.notna().any(axis=1)]
        labels.record_rows(
            connection, workspace, annotator, rows.reset_index().assign(video=video.key), "suggestion"
        )
    return int(new.notna().to_numpy().sum())


def _thresholds(run: Run) -> dict[str, float]:
    return dict(zip(run.attributes.names, run.thresholds.tolist(), strict=True))


def _probabilities(run: Run, sources: list[Source], progress: Progress | None) -> np.ndarray:
    """Return (N, A) float64, rounded as it is kept; NaN where a picture cannot be read."""
    forward = _network(run)
    found = np.full((len(sources), len(run.attributes)), np.nan)
    pictures = _prepared(run, sources)
    for first in range(0, len(sources), BATCH):
        batch = list(islice(pictures, BATCH))
        there = {first + place: picture for place, picture in enumerate(batch) if picture is not None}
        if there:
            found[list(there)] = forward(np.stack(list(there.values())))
        if progress:
            progress(first + len(batch), len(sources))
    return found.round(DIGITS)


def _network(run: Run) -> Callable[[np.ndarray], np.ndarray]:
    """Load the network: (n, h, w, 3) uint8 BGR to (n, A) float32."""
    forward = compiled(run)
    return lambda pictures: forward(pictures).numpy()


def _prepared(run: Run, sources: list[Source]) -> Iterator[np.ndarray | None]:
    """Yield (h, w, 3) uint8 BGR per frame, none where there is no picture; other threads read two batches ahead.

    What trainings have prepared is taken; the rest is not kept, since nobody asks for it twice.
    """
    store = Store(run.workspace, run.size, run.region)

    def fetch(source: Source) -> np.ndarray | None:
        try:
            known = store.find(source.key)
            return prepare(read_picture(source.file), run.size, run.region) if known is None else known
        except MediaError:
            return None

    waiting: deque[Future[np.ndarray | None]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # decoding and resizing leave Python's lock
        for source in sources:
            waiting.append(pool.submit(fetch, source))
            if len(waiting) > 2 * BATCH:
                yield waiting.popleft().result()
        yield from map(Future.result, waiting)


def _origin(run: Run, frames: pd.DataFrame) -> str:
    """Return a line that changes with the frames or the network. The file's time stands for its content."""
    content = frames[["index", "file", "phash"]].to_csv(index=False)
    model = run.model_file.stat() if run.has_model else None
    about = f"{model.st_size} {model.st_mtime_ns}" if model else "none"
    return f"# frames {hashlib.sha256(content.encode()).hexdigest()} model {about}"


def _read(path: Path, origin: str, run: Run, frames: pd.DataFrame) -> pd.DataFrame | None:
    """Return what was kept for these frames and this network, if anything was."""
    try:
        with path.open(encoding="utf-8") as file:
            if file.readline().rstrip("\n") != origin:
                return None
            table = pd.read_csv(file, float_precision="round_trip")
    except (OSError, ValueError):  # no file, or one that someone has edited: pandas' errors are ValueErrors
        return None
    whole = list(table) == ["index", *run.attributes.names] and table["index"].equals(frames["index"])
    return table.astype(dict.fromkeys(run.attributes.names, float)) if whole else None


def _came_back(kept: pd.DataFrame, sources: list[Source]) -> bool:
    """Return whether a picture that was missing can be read now."""
    missing = np.flatnonzero(kept.iloc[:, 1:].isna().any(axis=1))
    return any(_is_picture(sources[number].file) for number in missing)


def _is_picture(file: Path) -> bool:
    try:
        read_picture(file)
    except MediaError:
        return False
    return True


def _keep(path: Path, origin: str, table: pd.DataFrame) -> None:
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        file.write(origin + "\n")
        table.to_csv(file, index=False, lineterminator="\n", float_format=f"%.{DIGITS}f")


def _short(probabilities: pd.Series, threshold: float) -> list[float | None]:
    exact = probabilities.to_numpy(float)
    rounded = exact.round(3)
    kept = np.where((rounded >= threshold) == (exact >= threshold), rounded, exact)
    return [None if np.isnan(value) else value for value in kept.tolist()]
