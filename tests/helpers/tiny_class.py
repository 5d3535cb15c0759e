"""A workspace whose frames a tiny network can learn: a blue or red spot on grey, bars close together or far apart."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import insert, select, update

from core import workspace as workspaces
from core.attributes import Attribute, AttributeSet, named
from core.labels.labels import record_table
from core.media.images import perceptual_hash, write_jpeg
from core.networks.augmentation_settings import Augmentation
from core.networks.backend import keras
from core.networks.recipe import Recipe
from core.networks.registry import Network
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.storage import database as db
from core.workspace import Workspace

ATTRIBUTES = AttributeSet(
    (
        Attribute("clean", "1", "#f2a900", all_clear=True),
        Attribute("spot", "t", "#2f6fde"),
        Attribute("narrow", "w", "#d7372f", true="narrow bars", false="wide bars"),
    )
)
CLASSES = named(["plain", "dark"], exclusive=True)
SIDE = 32

QUICK = Recipe(
    "adam", 1e-2, "cosine", batch=8, epochs=4, least_steps=20, augmentation=Augmentation(light=0.7, flip=True)
)


TINY = Network("tiny", "For tests.", (SIDE, SIDE), "features", QUICK)


def tiny_body(x):
    """Learns the frames of this module, and is traced in a fraction of a real network's time."""
    layers = keras.layers
    x = layers.Rescaling(1 / 64, offset=-2, name="as_float")(x)
    x = layers.Conv2D(16, 5, padding="same", activation="relu", name="conv")(x)
    x = layers.Conv2D(16, 3, padding="same", activation="relu", strides=2, name="features")(x)
    return layers.GlobalAveragePooling2D(name="pool")(x)


def quick(**changes) -> TrainSettings:
    return TrainSettings(**({"network": "tiny", "recipe": QUICK, "size": (SIDE, SIDE), "seed": 1} | changes))


def with_config(run: Run, **changes) -> Run:
    """Return ``run`` as if it had been made with these changes; its folder stays as it is."""
    changed = Run(run.workspace, run.id)
    vars(changed)["config"] = replace(run.config, **changes)  # where the property keeps what it has read
    return changed


def say_always(run, probability: float) -> None:
    """Give ``run`` a network that says ``probability`` of everything, without any evidence for it."""
    model = run.network.build(len(run.attributes), False, run.size)
    weights, bias = (np.zeros_like(each) for each in model.get_layer("logits").get_weights())
    model.get_layer("logits").set_weights([weights, bias + np.log(probability / (1 - probability))])
    model.save(run.model_file)


def picture(spot: bool, narrow: bool, rng: np.random.Generator) -> np.ndarray:
    bars = np.arange(SIDE) // (2 if narrow else 6) % 2 * 60 + 100
    drawn = np.repeat(bars[:, None], SIDE, axis=1)[..., None] + rng.integers(-12, 13, (SIDE, SIDE, 3))
    if spot:
        x, y = rng.integers(0, SIDE - 10, 2)
        drawn[y : y + 10, x : x + 10] = (250, 40, 20)
    return np.clip(drawn, 0, 255).astype(np.uint8)


def answers(video: int, frame: int) -> dict[str, bool]:
    spot = frame % 3 == 0
    return {"clean": not spot, "spot": spot, "narrow": (frame // 4 + video) % 2 == 0}


def make(path: Path, videos: int = 5, frames: int = 12) -> Workspace:
    """Make a workspace of labelled frames ``video_<v>_<i>``."""
    workspace = workspaces.create(path, ATTRIBUTES)
    rng = np.random.default_rng(0)
    rows = []
    for video in range(videos):
        said = [answers(video, frame) for frame in range(frames)]
        pictures = [picture(a["spot"], a["narrow"], rng) for a in said]
        add_frames(workspace, f"video_{video}", pictures)
        rows += [{"video": f"video_{video}", "index": index, **a} for index, a in enumerate(said)]
    record_table(workspace, "teacher", pd.DataFrame(rows))
    return workspace


def make_classes(path: Path) -> Workspace:
    """Make a workspace of classes: plain and dark pictures in three groups."""
    workspace = workspaces.create(path, CLASSES)
    rng = np.random.default_rng(4)  # no spot of a test picture falls on the place of one that trains: no leak
    rows = []
    for video in range(3):
        dark = [frame % 2 == 0 for frame in range(12)]
        add_frames(workspace, f"group_{video}", [picture(d, False, rng) for d in dark])
        rows += [
            {"video": f"group_{video}", "index": i, "plain": not d, "dark": d} for i, d in enumerate(dark)
        ]
    record_table(workspace, "teacher", pd.DataFrame(rows))
    return workspace


def add_frames(workspace: Workspace, key: str, pictures: list[np.ndarray]) -> None:
    """Store pictures as the frames of a group, by the shortest way."""
    folder = workspace.frames / key
    folder.mkdir()
    about = {"key": key, "origin": "pictures", "width": SIDE, "height": SIDE, "added": "", "hidden": False}
    with db.writing(workspace) as connection:
        video = connection.execute(insert(db.videos).values(about)).inserted_primary_key[0]
        for index, drawn in enumerate(pictures):
            name = f"{key}_{index}"
            write_jpeg(folder / f"{name}.jpg", drawn)
            row = {"name": name, "file": f"frames/{key}/{name}.jpg", "phash": perceptual_hash(drawn)}
            connection.execute(insert(db.frames).values(video_id=video, index=index, **row))


def copy_frame(workspace: Workspace, name: str, over: str) -> None:
    """Make the frame called ``over`` look like the one called ``name``."""
    with db.writing(workspace) as connection:
        f = db.frames.c
        rows = connection.execute(select(f.name, f.file, f.phash).where(f.name.in_([name, over])))
        found = {row.name: row for row in rows}
        shutil.copyfile(workspace.path / found[name].file, workspace.path / found[over].file)
        connection.execute(update(db.frames).where(f.name == over).values(phash=found[name].phash))
