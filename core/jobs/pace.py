"""How long a training takes on this computer: measured with a few steps of a network, or told by trainings that ended here.

The measured times lie in ``cache/pace.json`` of the workspace, by computer: what was measured elsewhere says nothing here.
"""

import json
import os
import platform
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from core.attributes import AttributeSet
from core.errors import SeamLensError
from core.files import make_folder, replacing_briefly
from core.inputs.batches import Part, steps_per_epoch, stream
from core.jobs import processes, slots
from core.json_files import DamagedError, checked, read_record
from core.networks.preprocessing import Size
from core.networks.recipe import HEAD_MOST, HEAD_VIEWS, Recipe
from core.networks.registry import Network, get_network
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.workspace import Workspace

FORWARD = 1 / 3
"""A validation, which only goes forward, takes about a third of a step per picture."""

SECONDS, LEAST = 2.0, 2
"""A measurement takes so long, and so many steps at least, behind the first, which is traced."""

FRAMES = 64
"""Pictures that are measured with: noise."""


@dataclass(frozen=True)
class Pace:
    """How fast a network learns.

    Args:
        start: seconds until its first step has been taken: of the program, and of building the network.
        picture: seconds for each picture of a step.
    """

    start: float
    picture: float


Paces = dict[str, dict[str, Pace]]
"""By computer, and by network and size."""


def pace(workspace: Workspace, network: str, size: Size | None = None) -> Pace | None:
    """Return how fast a network learns on this computer; none where that was not measured yet."""
    return _read(workspace).get(_machine(), {}).get(_key(network, size))


def seconds(
    measured: Pace, settings: TrainSettings, exclusive: bool, training: int, validation: int
) -> float:
    """Return how long a training takes.

    Args:
        measured: how fast its network learns.
        settings: of the training.
        exclusive: whether it learns classes.
        training: how many frames train.
        validation: how many validate.
    """
    network = get_network(settings.network)
    recipe = settings.on(settings.recipe or network.recipe_for(exclusive, frames=training))
    pictures = recipe.epochs * _pictures(recipe, training, validation) + _of_head(network, training)
    whole = measured.start + measured.picture * pictures
    return min(whole, 60 * settings.minutes) if settings.minutes else whole


def note(run: Run) -> None:
    """Remember how fast ``run`` learned, which has just ended on this computer."""
    history, recipe = run.history, run.recipe
    if history.empty or recipe.head_only:
        return
    training, validation = ((run.frames["part"] == part).sum() for part in ("train", "valid"))
    picture = float(history["seconds"].median()) / _pictures(recipe, int(training), int(validation))
    start = (
        60 * run.minutes - float(history["seconds"].sum()) - picture * _of_head(run.network, int(training))
    )
    _store(run.workspace, _key(run.config.network, run.size), Pace(max(0.0, start), picture))


def _of_head(network: Network, training: int) -> float:
    """Return the work of learning the head first, in pictures of a step."""
    most = max(training, min(HEAD_VIEWS * training, HEAD_MOST))
    return FORWARD * most if network.is_pretrained else 0.0


def measure(workspace: Workspace, names: list[str], exclusive: bool) -> None:
    """Measure the networks called ``names``, at their own size, where that was not done yet and nothing trains meanwhile."""
    file = workspace.path / "cache" / "pace.lock"
    make_folder(file.parent)
    with suppress(Timeout), FileLock(file, timeout=0):
        for name in names:
            if pace(workspace, name) or slots.all_active(workspace):
                continue
            measured = _measured(name, workspace.attributes, exclusive)
            if not slots.all_active(workspace):
                _store(workspace, _key(name, None), measured)


def begin(workspace: Workspace, names: list[str]) -> "subprocess.Popen[bytes]":
    """Begin to measure networks in a process of its own."""
    return processes.spawn_command(workspace, "measure-pace", *names)


def _measured(name: str, attributes: AttributeSet, exclusive: bool) -> Pace:
    """Take some steps of a network, as a training takes them."""
    begun = time.monotonic()
    from core.inputs.prefetch import prefetched
    from core.process_settings import leave_opencv_one_thread
    from core.training.model_state import ModelState

    network, rng = get_network(name), np.random.default_rng(0)
    recipe = network.recipe_for(exclusive)
    width, height = network.size
    targets = rng.integers(0, 2, (FRAMES, len(attributes))).astype(np.float32)
    if exclusive:
        targets = np.eye(len(attributes), dtype=np.float32)[np.arange(FRAMES) % len(attributes)]
    noise = rng.integers(0, 256, (FRAMES, height, width, 3), np.uint8)
    frames = pd.DataFrame({"name": [str(number) for number in range(FRAMES)]})
    model = ModelState(network.build(len(attributes), exclusive), recipe, attributes, targets)
    leave_opencv_one_thread()
    ready = prefetched(stream(Part(frames, noise, targets), recipe, 0), 4)
    try:
        model.learn(*next(ready), recipe.learning_rate)
        start = time.monotonic() - begun
        steps: list[float] = []
        while len(steps) < LEAST or sum(steps) < SECONDS:
            stepping = time.monotonic()
            model.learn(*next(ready), recipe.learning_rate)
            steps.append(time.monotonic() - stepping)
    finally:
        ready.close()
    each = sum(steps) / len(steps)
    return Pace(max(0.0, start - each), each / recipe.batch)


def _pictures(recipe: Recipe, training: int, validation: int) -> float:
    """Return the work of an epoch, in pictures of a step."""
    share = FORWARD if recipe.head_only else 1.0
    return share * steps_per_epoch(training, recipe) * recipe.batch + FORWARD * validation


def _key(network: str, size: Size | None) -> str:
    width, height = size or get_network(network).size
    return f"{network} {width}x{height}"


def _machine() -> str:
    return f"{platform.node()} {os.cpu_count()}"


def _read(workspace: Workspace) -> Paces:
    try:
        return read_record(_file(workspace), lambda entry: checked(Paces, entry))
    except (OSError, DamagedError, SeamLensError):
        return {}  # then it is measured anew


def _store(workspace: Workspace, key: str, measured: Pace) -> None:
    every = _read(workspace)
    every[_machine()] = every.get(_machine(), {}) | {key: measured}
    with suppress(OSError):  # of a full disk: then it is measured anew
        make_folder(_file(workspace).parent)
        with replacing_briefly(_file(workspace)) as partial:
            rows = {place: {name: asdict(each) for name, each in of.items()} for place, of in every.items()}
            partial.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _file(workspace: Workspace) -> Path:
    return workspace.path / "cache" / "pace.json"
