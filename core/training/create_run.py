"""Makes the folder of a new run of what is ready to be learned, see `core.training.readiness`."""

import hashlib
import json
import platform
import time
from dataclasses import asdict, replace
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path

import pandas as pd
from sqlalchemy import select

from core import __version__
from core.access.person import OWNER, acting_as, current
from core.access.rights import Right, needs, own_name
from core.clock import moment, now_after
from core.errors import RunError
from core.files import Progress, make_folder, replacing, writable
from core.inputs.material import recipe_of
from core.labels.consensus import consensus
from core.labels.label_table import labelled, to_file
from core.networks import installed
from core.networks.recipe import Recipe
from core.networks.registry import Network, get_network
from core.runs.records import RunConfig, RunStatus, SeriesRecord, SplitRecord
from core.runs.run import Run
from core.runs.run_names import next_number
from core.runs.run_store import list_runs
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.splits import stored_split
from core.splits.leaks import BOUND, Leaks, leak_of
from core.storage import database as db
from core.training.learnable import divide
from core.training.readiness import readiness
from core.workspace import Workspace, open_workspace, set_material

THRESHOLD = 0.5


@needs(Right.TRAIN)
def create_run(
    workspace: Workspace,
    settings: TrainSettings,
    split: splits.Split | None = None,
    series: SeriesRecord | None = None,
    user: str = "",
    progress: Progress | None = None,
) -> Run:
    """Make the folder of a new run: what it will learn from, and how. Nothing is trained yet.

    It takes the consensus labels and the stored split; where none is stored, one by video is made and stored. Attributes
    with one answer only are left out, with a note.

    Args:
        workspace: where it is made.
        settings: what the user chose.
        split: instead of the stored one.
        series: of which it is one.
        user: who wants it; the queue takes users in turn. Whoever signed in wants it under their own name.
        progress: told how far the search for leaks is, which takes a while where there are many frames.

    Raises:
        RunError: no labels, no attribute with both answers in the training part, a split that leaks without the user's
            insisting, the head only of a network that is not pretrained, or a full disk.
        SplitError: no split by video is possible.
        ModelError: TensorFlow is not installed.
    """
    installed.require()
    network = _network_of(settings)  # an unknown one is refused before anything else
    answers = consensus(workspace)
    ready = readiness(workspace, answers, split)
    attributes, frames = ready.learned(), ready.frames
    assert ready.split
    if split is None and stored_split.load(workspace) is None:
        with writable(workspace.path, RunError):
            stored_split.store(workspace, ready.split)
    split = ready.split
    leak = leak_of(workspace, frames, progress)
    _check_leak(leak, settings.leaking)
    training = frames.loc[frames["part"] == "train", "name"].tolist()
    recipe, notes = _recipe(workspace, settings, attributes.exclusive, training)
    content = _csv(frames[["name", "video", "part", *attributes.names]])
    config = RunConfig(
        created="",
        user=own_name(user),
        role=current().role.value,
        split=SplitRecord(split.by, split.seed, _hash(_csv(split.table))),
        leak=leak.mark(),
        notes=(*ready.notes, *ready.left_out, *_notes_on(leak), *notes),
        series=series,
        hashes={"frames.csv": _hash(content), "labels": _hash(_csv(answers))},
        network=network.name,
        attributes=attributes,
        size=settings.size or network.size,
        region=settings.region,
        recipe=recipe,
        seed=settings.seed,
        minutes=settings.minutes,
        thresholds=dict.fromkeys(attributes.names, THRESHOLD),
        settings=asdict(settings),
    )
    return _store(workspace, config, content)


def _network_of(settings: TrainSettings) -> Network:
    """Return the network that is to be trained.

    Raises:
        RunError: there is none of that name, or only its head is to be learned where that makes no sense.
    """
    network = get_network(settings.network)
    if settings.head_only and not network.is_pretrained:
        raise RunError(
            f"{network.name} has no pretrained layers, so that its head alone learns nothing of use.",
            "Choose seam_pretrained, or train all of it.",
        )
    return network


def _recipe(
    workspace: Workspace, settings: TrainSettings, exclusive: bool, training: list[str]
) -> tuple[Recipe, list[str]]:
    """Return how frames of these names are learned, and notes on that; what they show is kept, where it had to be found out."""
    recipe, material, notes = recipe_of(workspace, settings, exclusive, training)
    if material and not open_workspace(workspace.path).material:
        with acting_as(OWNER):  # found out, and chosen by nobody
            set_material(workspace, material)
    if recipe.head_only:
        notes.append(_note_on_head(settings.head_only, len(training)))
    return recipe, notes


def _check_leak(leak: Leaks, insists: bool) -> None:
    if leak.is_leaking and not insists:
        raise RunError(
            f"The split leaks: {leak.meter:.1f} % ({leak.leaking_test_frames:,} of {leak.test_frames:,}) of the test frames have a "
            f"near-duplicate in training, where at most {BOUND:.0f} % may.",
            "Split by video, or remove videos that look the same. You may train on it all the same: the run and its test then "
            "always say so.",
        )


def _notes_on(leak: Leaks) -> list[str]:
    if not leak.is_leaking:
        return []
    return [
        f"Trained on a leaking split: {leak.meter:.1f} % of the test frames have a near-duplicate in training."
    ]


def _note_on_head(chosen: bool, frames: int) -> str:
    few = "" if chosen else f", as there are only {frames:,} training frames"
    return f"Only the head was learned{few}; all other layers are the pretrained ones."


@needs(Right.TRAIN)
def create_like(run: Run, user: str = "") -> Run:
    """Make a run with the settings and the very frames.csv of ``run``, whatever the labels and the split are now.

    Where the end of ``run`` was changed it ends there too.

    Raises:
        RunError: frames of it are no longer in the workspace, or the disk is full.
        ModelError: TensorFlow is not installed.
    """
    installed.require()
    content = (run.path / "frames.csv").read_bytes()
    with db.reading(run.workspace) as connection:
        names = set(connection.scalars(select(db.frames.c.name)))
    if gone := [name for name in run.frames["name"] if name not in names]:
        raise RunError(
            f"{len(gone):,} of the {len(run.frames):,} frames of {run.id} are no longer in the workspace, such as {gone[0]}.",
            "Add their video again, or train on the labels as they are now.",
        )
    limits, notes = run.limits, run.config.notes
    if limits.after:
        notes = (
            *notes,
            f"{run.id} was continued after epoch {limits.after}; here one schedule covers all {limits.epochs} epochs.",
        )
    config = replace(
        run.config,
        user=own_name(user),
        role=current().role.value,
        series=None,
        like=run.id,
        recipe=run.recipe,
        minutes=limits.minutes,
        thresholds=dict.fromkeys(run.attributes.names, THRESHOLD),
        notes=notes,
    )
    return _store(run.workspace, config, content)


def parts(workspace: Workspace, labels: pd.DataFrame) -> pd.DataFrame | None:
    """Return which frames would be in which part if a run were made now; none where there is no split yet.

    Args:
        workspace: with the split.
        labels: its consensus labels.

    Returns:
        ``name`` and ``part``.
    """
    if (split := stored_split.load(workspace)) is None:
        return None
    frames, _ = divide(labelled(labels, workspace.attributes.names, workspace.attributes.exclusive), split)
    return frames[["name", "part"]]


def _csv(table: pd.DataFrame) -> bytes:
    return to_file(table).to_csv(index=False, lineterminator="\n").encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _versions() -> dict[str, str]:
    versions = {"seamlens": __version__, "python": platform.python_version()}
    for package in ("tensorflow", "keras", "numpy", "opencv-python-headless"):
        try:
            versions[package] = version(package)
        except ModuleNotFoundError:
            versions[package] = "unknown"
    return versions


def _store(workspace: Workspace, config: RunConfig, frames: bytes) -> Run:
    """Store a new run of now, with these packages."""
    runs = list_runs(workspace)
    newest = max((moment(run.config.created) for run in runs), default=0.0)
    number = None if config.series else next_number(runs)
    created = now_after(datetime.fromtimestamp(newest).astimezone())
    config = replace(config, created=created.isoformat(), versions=_versions(), number=number)
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{config.network}"
    with writable(workspace.path, RunError):
        make_folder(workspace.runs)
        for attempt in count(1):
            path = workspace.runs / (name if attempt == 1 else f"{name}_{attempt}")
            if path.exists():
                continue
            try:
                with replacing(path) as partial:
                    _fill(partial, replace(config, run=path.name), frames)
                break
            except OSError:
                if not path.exists():  # else another tab has just taken the name
                    raise
    return Run(workspace, path.name)


def _fill(folder: Path, config: RunConfig, frames: bytes) -> None:
    folder.mkdir()
    (folder / "frames.csv").write_bytes(frames)
    text = json.dumps(config.to_json(), indent=2, ensure_ascii=False)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")
    status = RunStatus(at=time.time(), epochs=config.recipe.epochs)
    (folder / "status.json").write_text(json.dumps(asdict(status)), encoding="utf-8")
