"""The legs of a training. Most runs have one; going on beyond the end of a run begins another.

A leg has an end and a learning rate schedule of its own. Within a leg, what was killed goes on as if nothing had
happened. A leg that begins at the end of another warms up and falls again (a warm restart: Loshchilov & Hutter,
"SGDR", 2017), for at the end of a cosine the learning rate is a hundredth and would teach next to nothing.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.files import replacing

FILE = "legs.json"


@dataclass(frozen=True)
class Leg:
    """A stretch of epochs with a schedule of its own.

    Args:
        after: the epoch that it goes on from; 0 at the start.
        epochs: number of its last epoch, counted from the start of the run.
        minutes: its budget of time; none is no limit.
    """

    after: int
    epochs: int
    minutes: float | None = None


def read(folder: Path, first: Leg) -> list[Leg]:
    """Return the legs of the run in ``folder``, the present one last; only ``first`` where it was never extended."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [first]
    return [Leg(**entry) for entry in kept]


def write(folder: Path, legs: list[Leg]) -> None:
    """Store the legs of the run in ``folder``, the present one last."""
    with replacing(folder / FILE) as partial:
        partial.write_text(json.dumps([asdict(leg) for leg in legs], indent=2) + "\n", encoding="utf-8")
