"""Makes the folder of a new run, with the attributes that its labels can teach."""

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
from core.attributes import AttributeSet
from core.clock import moment, now_after
from core.errors import RunError
from core.files import make_folder, replacing, writable
from core.inputs.material import note_on, recipe_of
from core.labels.consensus import consensus
from core.labels.label_table import labelled, to_file
from core.networks.registry import get_network
from core.runs.records import RunConfig, RunStatus, SeriesRecord, SplitRecord
from core.runs.run import Run
from core.runs.run_names import next_number
from core.runs.run_store import list_runs
from core.runs.settings import TrainSettings
from core.splits import split as splits
from core.splits.leaks import BOUND, leak_of
from core.storage import database as db
from core.workspace import Workspace, open_workspace, set_material


def learnable_attributes(
    attributes: AttributeSet, frames: pd.DataFrame, *, pass_over: bool
) -> tuple[AttributeSet, list[str]]:
    """Return the attributes that are learned, and a note about each of the others.

    Args:
        attributes: of the workspace.
        frames: their labels and their ``part``.
        pass_over: one with a single answer in the training part is not learned, instead of refused. Nobody chooses how a
            series divides the videos: a rare attribute that one of its runs does not meet shall not forbid all others.
    """
    training = frames[frames["part"] == "train"]
    answers = {a: training[a.name].nunique() for a in attributes}
    learned = tuple(a for a in attributes if answers[a] >= (2 if pass_over else 1))
    if len(learned) in (0, len(attributes)) or (attributes.exclusive and len(learned) == 1):
        return attributes, []
    has = {0: "no label", 1: "one answer only"}
    notes = [
        f"“{a.name}” has {has[answers[a]]} in the training part and is not learned."
        for a in attributes
        if a not in learned
    ]
    return replace(attributes, attributes=learned, rules=()), notes


def learnable_frames(frames: pd.DataFrame, attributes: AttributeSet) -> pd.DataFrame:
    """Return the frames that teach these attributes: of classes, those of one that is learned.

    Raises:
        RunError: a part is empty, or an attribute has one answer only in the training part.
    """
    if attributes.exclusive:
        shown = frames[list(attributes.names)].fillna(False).any(axis=1)
        frames = frames[shown].reset_index(drop=True)
    for part in ("train", "valid"):
        if not (frames["part"] == part).any():
            raise RunError(
                f"No labelled frame is in the {splits.PART_NAMES[part]} part.",
                "Label more videos and split again, or split by blocks.",
            )
    training = frames[frames["part"] == "train"]
    for attribute in attributes:
        answers = training[attribute.name].dropna()
        if answers.nunique() < 2:
            only, missing = ("true", "false") if answers.all() else ("false", "true")
            raise RunError(
                f"All {len(answers)} answers about “{attribute.name}” in the training part are {only}, so there is "
                "nothing to learn.",
                f"Label frames where “{attribute.name}” is {missing}, then split again.",
            )
    return frames


THRESHOLD = 0.5


def create_run(
    workspace: Workspace,
    settings: TrainSettings,
    split: splits.Split | None = None,
    series: SeriesRecord | None = None,
    user: str = "",
) -> Run:
    """Make the folder of a new run: what it will learn from, and how. Nothing is trained yet.

    It takes the consensus labels and the stored split; where none is stored, one by video is made and stored.

    Args:
        workspace: where it is made.
        settings: what the user chose.
        split: instead of the stored one.
        series: of which it is one.
        user: who wants it; the queue takes users in turn.

    Raises:
        RunError: no labels, an attribute with one answer only in the training part, a split that leaks without
            the user's insisting, the head only of a network that is not pretrained, or a full disk.
        SplitError: no split by video is possible.
    """
    network = get_network(settings.network)  # an unknown one is refused before anything else
    if settings.head_only and not network.is_pretrained:
        raise RunError(
            f"{network.name} has no pretrained layers, so that its head alone learns nothing of use.",
            "Choose seam_pretrained, or train all of it.",
        )
    answers = consensus(workspace)
    labels = _labelled(workspace, answers)
    if (split := split or splits.load(workspace)) is None:
        split = splits.split_by_video(labels)
        with writable(workspace.path, RunError):
            splits.store(workspace, split)
    frames, notes = _divide(labels, split)
    attributes, dropped = learnable_attributes(workspace.attributes, frames, pass_over=series is not None)
    frames = learnable_frames(frames, attributes)
    leak = leak_of(workspace, frames)
    if leak.is_leaking and not settings.leaking:
        raise RunError(
            f"The split leaks: {leak.meter:.1f} % ({leak.leaking_test_frames} of {leak.test_frames}) of the test frames have a "
            f"near-duplicate in training, where at most {BOUND:.0f} % may.",
            "Split by video; if that leaks too, “leaks” says which videos look the same. You may train on it all the same "
            "(“leaking”): the run and its test then always say so.",
        )
    if leak.is_leaking:
        dropped.append(
            f"Trained on a leaking split: {leak.meter:.1f} % of the test frames have a near-duplicate in training."
        )
    training = frames.loc[frames["part"] == "train", "name"].tolist()
    recipe, material = recipe_of(workspace, settings, attributes.exclusive, training)
    more = note_on(recipe, settings, attributes.exclusive, len(training))
    recipe = settings.on(recipe)
    if recipe.head_only:
        few = "" if settings.head_only else f", as there are only {len(training)} training frames"
        more.append(f"Only the head was learned{few}; all other layers are the pretrained ones.")
    if material and not open_workspace(workspace.path).material:
        set_material(workspace, material)
    content = _csv(frames[["name", "video", "part", *attributes.names]])
    config = RunConfig(
        created="",
        user=user,
        split=SplitRecord(split.by, split.seed, _hash(_csv(split.table))),
        leak=leak.mark(),
        notes=(*notes, *dropped, *more),
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


def create_like(run: Run, user: str = "") -> Run:
    """Make a run with the settings and the very frames.csv of ``run``, whatever the labels and the split are now.

    Where the end of ``run`` was changed it ends there too.

    Raises:
        RunError: frames of it are no longer in the workspace, or the disk is full.
    """
    content = (run.path / "frames.csv").read_bytes()
    with db.reading(run.workspace) as connection:
        names = set(connection.scalars(select(db.frames.c.name)))
    if gone := [name for name in run.frames["name"] if name not in names]:
        raise RunError(
            f"{len(gone)} of the {len(run.frames)} frames of {run.id} are no longer in the workspace, such as {gone[0]}.",
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
        user=user,
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

    Raises:
        RunError: no labels.
    """
    if (split := splits.load(workspace)) is None:
        return None
    frames, _ = _divide(_labelled(workspace, labels), split)
    return frames[["name", "part"]]


def _labelled(workspace: Workspace, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the frames of which the consensus says something: any label, or of classes exactly one true."""
    attributes = workspace.attributes
    found = labelled(labels, attributes.names, attributes.exclusive)
    if found.empty:
        what = f"None of the {len(labels)} frames is labelled" if len(labels) else "There are no frames yet"
        raise RunError(
            f"{what}, so there is nothing to learn from.", "Label some frames, or import a lookup table."
        )
    return found


def _divide(labels: pd.DataFrame, split: splits.Split) -> tuple[pd.DataFrame, list[str]]:
    """Give each labelled frame its part; frames labelled since the split follow their video."""
    part = labels["name"].map(split.table.set_index("name")["part"])
    if split.by == "video":
        part = part.fillna(
            labels["video"].map(split.table.drop_duplicates("video").set_index("video")["part"])
        )
    left_out = int(part.isna().sum())
    why = "they lie in its gaps or are newer" if split.by == "blocks" else "split again, or extend it"
    notes = [f"{left_out} labelled frames are in no part of the split: {why}."] if left_out else []
    return labels.assign(part=part)[part.notna()].reset_index(drop=True), notes


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
