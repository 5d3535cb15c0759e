"""Runs of a workspace: made, listed, found. Importing this does not import TensorFlow."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from core import __version__
from core.attributes import AttributeSet
from core.data import splits
from core.data.labels import consensus
from core.data.leaks import BOUND, Leaks, leak_of
from core.errors import RunError
from core.files import replacing
from core.model import locks
from core.model.networks import DEFAULT_NETWORK, get_network
from core.model.pictures import Region, Size
from core.model.recipes import Recipe
from core.model.run import Run
from core.workspace import Workspace

__all__ = ["DEFAULT_NETWORK", "Run", "TrainSettings", "create_run", "get_run", "list_runs"]

THRESHOLD = 0.5


@dataclass(frozen=True)
class TrainSettings:
    """What the user chose for a run.

    Args:
        network: name of the network.
        epochs: passes over the training part; none is the network's own number.
        minutes: budget of time, start and validation included; none is no limit.
        seed: of weights, order and augmentation.
        size: width and height of the input in pixels; none is the network's own.
        region: what of each picture the network sees, in fractions; none is all of it.
        recipe: instead of the network's own.
        leaking: whether the user insists on a split that leaks; the run keeps the mark for ever.
    """

    network: str = DEFAULT_NETWORK
    epochs: int | None = None
    minutes: float | None = None
    seed: int = 0
    size: Size | None = None
    region: Region | None = None
    recipe: Recipe | None = None
    leaking: bool = False


def list_runs(workspace: Workspace) -> list[Run]:
    """Return the runs of ``workspace``, newest first; folders that are none are passed over."""
    found = [Run(workspace, path.parent.name) for path in workspace.runs.glob("[!.]*/config.json")]
    readable = []
    for run in found:
        try:
            readable.append((run.config["created"], run.id, run))
        except (RunError, KeyError):
            continue
    return [run for *_, run in sorted(readable, key=lambda entry: entry[:2], reverse=True)]


def get_run(workspace: Workspace, run_id: str) -> Run:
    """Return the run called ``run_id``, or the newest for ``latest``, runs of a series left out.

    Raises:
        RunError: there is none.
    """
    found = list_runs(workspace)
    for run in found:
        if run_id == run.id or (run_id == "latest" and not run.config.get("series")):
            return run
    if not found:
        raise RunError("a run in this workspace", "none", "Train a network first.")
    raise RunError(f"a run such as {found[0].id}, or latest", repr(run_id), "Check its spelling.")


def create_run(
    workspace: Workspace,
    settings: TrainSettings,
    split: splits.Split | None = None,
    series: dict[str, Any] | None = None,
) -> Run:
    """Make the folder of a new run: what it will learn from, and how. Nothing is trained yet.

    It takes the consensus labels and the stored split; where none is stored, one by video is made and stored.

    Args:
        workspace: where it is made.
        settings: what the user chose.
        split: instead of the stored one.
        series: of which series of runs it is one: ``kind``, ``id``, ``number`` (from 1) and ``of``.

    Raises:
        RunError: no labels, an attribute with one answer only in the training part, a split that leaks without the
            user's insisting, or another training runs.
        SplitError: no split by video is possible.
    """
    network = get_network(settings.network)
    if locks.is_held(locks.training_lock(workspace)):
        raise locks.other_training("a run")
    labels = _labelled(workspace)
    split = split or _current_split(workspace, labels)
    frames, notes = _divide(labels, split)
    attributes, dropped = _known_attributes(workspace.attributes, frames)
    _check(frames, attributes)
    leak = leak_of(workspace, frames)
    if leak.is_leaking and not settings.leaking:
        raise _leaking(leak)
    if leak.is_leaking:
        dropped.append(
            f"Trained on a leaking split: {leak.meter:.0f} % of the test frames have a twin in training."
        )
    recipe = settings.recipe or network.recipe_for(attributes.exclusive)
    content = _frames_csv(frames, attributes)
    config = {
        "created": datetime.now().astimezone().isoformat(),
        "network": network.name,
        "attributes": {"exclusive": attributes.exclusive, "attributes": [asdict(a) for a in attributes]},
        "picture": {
            "size": list(settings.size or network.size),
            "region": list(settings.region) if settings.region else None,
            "interpolation": "area",
            "colour": "BGR",
        },
        "recipe": replace(recipe, epochs=settings.epochs or recipe.epochs).to_json(),
        "seed": settings.seed,
        "minutes": settings.minutes,
        "split": {"by": split.by, "seed": split.seed},
        "leak": leak.mark(),
        "thresholds": dict.fromkeys(attributes.names, THRESHOLD),
        "notes": notes + dropped,
        "series": series,
        "versions": _versions(),
        "hashes": {"frames.csv": hashlib.sha256(content).hexdigest()},
    }
    return _store(workspace, config, content)


def leak(workspace: Workspace) -> Leaks | None:
    """Return what leaks from test to training if a run were made now; none where there is no split yet.

    Raises:
        RunError: no labels.
    """
    if splits.load(workspace) is None:
        return None
    labels = _labelled(workspace)
    frames, _ = _divide(labels, _current_split(workspace, labels))
    return leak_of(workspace, frames)


def _leaking(leak: Leaks) -> RunError:
    return RunError(
        f"a split in which at most {BOUND:.0f} % of the test frames have a twin in training",
        f"{leak.meter:.0f} % ({leak.leaking_test_frames} of {leak.test_frames})",
        "Split by video; if that leaks too, “leaks” says which videos look the same. To train on it all the same, give "
        "“--leaking”, or tick “Train on a leaking split”: the run and its test then say so for ever.",
    )


def _labelled(workspace: Workspace) -> pd.DataFrame:
    """Return the frames that say something: any label, or of classes exactly one true."""
    labels = consensus(workspace)
    answers = labels[list(workspace.attributes.names)]
    said = (
        answers.fillna(False).sum(axis=1) == 1
        if workspace.attributes.exclusive
        else answers.notna().any(axis=1)
    )
    if not said.any():
        received = f"{len(labels)} frames without any" if len(labels) else "no frames at all"
        raise RunError(
            "labelled frames to learn from", received, "Label some frames, or import a lookup table."
        )
    return labels[said].reset_index(drop=True)


def _current_split(workspace: Workspace, labels: pd.DataFrame) -> splits.Split:
    """Return the stored split; where there is none, make one by video and store it."""
    if (stored := splits.load(workspace)) is not None:
        return stored
    made = splits.split_by_video(labels)
    splits.store(workspace, made)
    return made


def _divide(labels: pd.DataFrame, split: splits.Split) -> tuple[pd.DataFrame, list[str]]:
    """Give each labelled frame its part; frames labelled since the split follow their video."""
    part = labels["name"].map(split.table.set_index("name")["part"])
    if split.by == "video":
        part = part.fillna(
            labels["group"].map(split.table.drop_duplicates("group").set_index("group")["part"])
        )
    left_out = int(part.isna().sum())
    why = "they lie in its gaps or are newer" if split.by == "blocks" else "split again, or extend it"
    notes = [f"{left_out} labelled frames are in no part of the split: {why}."] if left_out else []
    return labels.assign(part=part)[part.notna()].reset_index(drop=True), notes


def _known_attributes(attributes: AttributeSet, frames: pd.DataFrame) -> tuple[AttributeSet, list[str]]:
    """Return the attributes of which the training part says anything, and a note about each of the others."""
    training = frames[frames["part"] == "train"]
    known = tuple(a for a in attributes if training[a.name].notna().any())
    if len(known) == len(attributes) or not known:
        return attributes, []
    notes = [
        f"“{a.name}” has no label in the training part and is not learned."
        for a in attributes
        if a not in known
    ]
    return replace(attributes, attributes=known, rules=()), notes


def _check(frames: pd.DataFrame, attributes: AttributeSet) -> None:
    for part in ("train", "valid"):
        if not (frames["part"] == part).any():
            raise RunError(
                f"labelled frames in the part {part}",
                "none",
                "Label more videos and split again, or split with “--by blocks”.",
            )
    training = frames[frames["part"] == "train"]
    for attribute in attributes:
        answers = training[attribute.name].dropna()
        if answers.nunique() < 2:
            only, missing = ("true", "false") if answers.all() else ("false", "true")
            raise RunError(
                f"frames with “{attribute.name}” true and others with it false in the training part",
                f"{len(answers)} that are all {only}",
                f"Label frames where “{attribute.name}” is {missing}, then split again.",
            )


def _frames_csv(frames: pd.DataFrame, attributes: AttributeSet) -> bytes:
    table = frames[["name", "group", "part", *attributes.names]]
    return table.to_csv(index=False, lineterminator="\n").encode()


def _versions() -> dict[str, str]:
    packages: Sequence[str] = ("tensorflow", "keras", "numpy", "opencv-python-headless")
    return {"seamlens": __version__, "python": platform.python_version()} | {p: _version(p) for p in packages}


def _version(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "unknown"


def _store(workspace: Workspace, config: dict[str, Any], frames: bytes) -> Run:
    workspace.runs.mkdir(exist_ok=True)
    path = _free_path(workspace.runs, f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{config['network']}")
    with replacing(path) as partial:
        partial.mkdir()
        (partial / "frames.csv").write_bytes(frames)
        text = json.dumps({"run": path.name, **config}, indent=2, ensure_ascii=False)
        (partial / "config.json").write_text(text + "\n", encoding="utf-8")
        status = {"state": "waiting", "at": datetime.now().timestamp(), "epochs": config["recipe"]["epochs"]}
        (partial / "status.json").write_text(json.dumps(status), encoding="utf-8")
    return Run(workspace, path.name)


def _free_path(folder: Path, name: str) -> Path:
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{name}_{number}"
    return path
