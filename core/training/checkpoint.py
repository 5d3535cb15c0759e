"""Where a training stood at the end of an epoch, or where it was stopped in one: in one file, written whole or not at all.

The file is NumPy's npz: every variable of the network and of its optimiser under a number, and ``about``, a JSON
text with the rest. The history is part of it, so that both always speak of the same epoch: after a resume
history.csv is written anew from here.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RunError
from core.files import replacing
from core.runs.phases import Leg

ABOUT = "about"

COUNTER = "counter/"
"""How the names begin of what the metrics have counted in an epoch that was stopped."""


@dataclass(frozen=True)
class Standing:
    """What is known besides the variables.

    Args:
        epoch: number of the last finished epoch, from 1; 0 before there is one.
        seconds: how long the run has been trained in all.
        leg_seconds: and in the present leg.
        first: seconds from the beginning of the leg to its first step.
        validation: seconds that a validation is thought to take.
        best: ``epoch`` and ``val_loss`` of the network that is kept.
        history: the text of history.csv.
        step: how many steps of the epoch after it were taken, where the training was stopped in that one.
        epoch_seconds: and how long these took.
        after: after which epoch the leg began that it was in.
    """

    epoch: int
    seconds: float
    leg_seconds: float
    first: float
    validation: float
    best: dict[str, Any] | None
    history: str
    step: int = 0
    epoch_seconds: float = 0.0
    after: int = 0

    def is_of(self, leg: Leg) -> bool:
        """Return whether anything of ``leg`` was done; else time and steps are those of the leg before."""
        return self.after == leg.after and (self.epoch > leg.after or self.step > 0)


NOWHERE = Standing(0, 0.0, 0.0, 0.0, 0.0, None, "")
"""Before the first step."""


def write(path: Path, standing: Standing, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a checkpoint in the place of the one before.

    Raises:
        OSError: the disk is full or cannot be written; the checkpoint before is still there.
    """
    content: dict[str, Any] = {ABOUT: np.array(json.dumps(asdict(standing))), **arrays}
    with replacing(path, lasting=True) as partial, partial.open("wb") as file:
        np.savez(file, **content)


def standing(path: Path) -> Standing | None:
    """Return what :func:`write` wrote, without the variables; none where there is no checkpoint yet.

    Raises:
        RunError: the file cannot be read.
    """
    found = _read(path, (ABOUT,))
    return found and found[0]


def read(path: Path) -> tuple[Standing, dict[str, np.ndarray]] | None:
    """Return what :func:`write` wrote; none where there is no checkpoint yet.

    Raises:
        RunError: the file cannot be read.
    """
    return _read(path)


def _read(path: Path, names: Sequence[str] | None = None) -> tuple[Standing, dict[str, np.ndarray]] | None:
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in names or file.files}
        about = json.loads(str(arrays.pop(ABOUT)))
        return Standing(**about), arrays
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable(path, str(error)) from error


def variables(**sides: Sequence[Any]) -> dict[str, Any]:
    """Return the variables of each side (``model``: weights, statistics, random states; ``optimizer``) under one name each.

    They are numbered: Keras' own names count what was built before in the same process.
    """
    return {f"{side}/{number:04d}": v for side, found in sides.items() for number, v in enumerate(found)}


def values_of(found: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the variables ``found`` as they are now."""
    return {name: np.array(variable) for name, variable in found.items()}


def restore(found: Mapping[str, Any], arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Put ``arrays`` into the variables ``found``.

    Raises:
        RunError: they are those of another network; ``path`` says where they come from.
    """
    shapes = {name: tuple(variable.shape) for name, variable in found.items()}
    if shapes != {name: array.shape for name, array in arrays.items()}:
        raise _unreadable(path, "it is of another network")
    for name, variable in found.items():
        variable.assign(arrays[name])


def _unreadable(path: Path, why: str) -> RunError:
    return RunError(
        "a checkpoint that can be read", f"{path}: {why}", "Train anew; the best epoch so far is kept."
    )
