"""Compares an exported network with the trained one, frame by frame: it may differ by rounding only."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError, RunError
from core.export.engine import HEATMAPS, PROBABILITIES, Engine
from core.files import Progress
from core.inputs import batches
from core.inputs.batches import Part
from core.runs.decisions import decide
from core.runs.run import Run
from core.splits.split import PART_NAMES
from core.text import count

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

PROBABILITY, HEATMAP = 1e-3, 1e-2
"""Differences that are tolerated: of a probability; of evidence, as a share of the strongest in all the frames."""

ALONE, BATCH = 8, 32
"""So many frames go in one by one, the others in batches of so many: a graph may be right for one size only."""


@dataclass(frozen=True)
class Comparison:
    """How far an exported network differs from the trained one.

    Args:
        part: of the run, whose frames were compared.
        frames: how many.
        probability: the largest difference of a probability, as the network gives it.
        heatmap: the largest difference of evidence, as a share of the strongest; none without heatmaps.
        decisions: taken, one per frame and attribute.
        changed: of them differ.
        accuracy: by attribute, of the trained and of the exported network; none where the part has no label of it.
    """

    part: str
    frames: int
    probability: float
    heatmap: float | None
    decisions: int
    changed: int
    accuracy: Mapping[str, tuple[float | None, float | None]]

    @property
    def is_within(self) -> bool:
        """Whether it differs by rounding only; what is no number does not."""
        near = self.probability <= PROBABILITY and (self.heatmap is None or self.heatmap <= HEATMAP)
        return near and not self.changed

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def sentence(self) -> str:
        """Return it in words."""
        maps = ""
        if self.heatmap is not None:
            maps = f", heatmaps by {small(self.heatmap)} of the strongest evidence"
        return (
            f"On {count(self.frames, 'frame')} of the {PART_NAMES[self.part]} part, probabilities differ from those of the trained "
            f"network by at most {small(self.probability)}{maps}; {self.changed:,} of {count(self.decisions, 'decision')} changed."
        )

    def check(self) -> None:
        """Refuse what differs by more than rounding.

        Raises:
            ModelError: it does.
        """
        if not self.is_within:
            raise ModelError(
                f"The exported network is not the trained one. {self.sentence()}",
                f"Choose another format; tolerated are {PROBABILITY:g} and {HEATMAP:g}, and no changed decision.",
            )


def small(difference: float) -> str:
    """Return a difference with as many decimals as it needs, at most five; a smaller one is rounded up.

    >>> small(3e-8), small(0.000019), small(0.0123)
    ('0.00001', '0.00002', '0.012')
    """
    return f"{difference:.2g}" if difference >= 1e-3 else f"{max(difference, 1e-5):.5f}"


def part_to_compare(run: Run) -> Part:
    """Load the test part of ``run``, else the first of its parts that has frames.

    Raises:
        RunError: it has no frames, or one is no longer in the workspace.
        MediaError: a picture cannot be read.
    """
    for name in ("test", "valid", "train"):
        if (run.frames["part"] == name).any():
            return batches.load(run, name)
    raise RunError(f"{run.id} has no frames to check an export on.", "Train again.")


def compare(
    run: Run, explainer: "Explainer", engine: Engine, part: Part, progress: Progress | None = None
) -> Comparison:
    """Compare ``engine`` with ``explainer``, which has the trained network of ``run``, on the frames of ``part``."""
    ours, theirs, maps, strongest = [], [], [0.0], 0.0
    for chosen in _batches(len(part)):
        frames = np.asarray(part.pictures[chosen])
        expected, found = explainer(frames), engine(frames)
        ours.append(expected.probabilities)
        theirs.append(found[PROBABILITIES])
        if HEATMAPS in found:
            maps.append(float(np.abs(found[HEATMAPS] - expected.maps).max()))
            strongest = max(strongest, float(np.abs(expected.maps).max()))
        if progress:
            progress(int(chosen[-1]) + 1, len(part))
    ours_, theirs_ = np.concatenate(ours), np.concatenate(theirs)
    decided, others = (
        decide(run.calibrated(each), run.thresholds, run.attributes.exclusive) for each in (ours_, theirs_)
    )
    has_maps = len(maps) > 1
    return Comparison(
        str(part.frames["part"].iloc[0]),
        len(part),
        float(np.abs(ours_ - theirs_).max()),
        float(np.max(maps) / (strongest or 1.0)) if has_maps else None,
        decided.size,
        int((decided != others).sum()),
        {
            name: (_accuracy(decided[:, i], part.targets[:, i]), _accuracy(others[:, i], part.targets[:, i]))
            for i, name in enumerate(run.attributes.names)
        },
    )


def _batches(count: int) -> Iterator[np.ndarray]:
    for first in range(min(ALONE, count)):
        yield np.arange(first, first + 1)
    for first in range(ALONE, count, BATCH):
        yield np.arange(first, min(first + BATCH, count))


def _accuracy(decided: np.ndarray, targets: np.ndarray) -> float | None:
    is_labelled = targets >= 0
    return float((decided == (targets == 1))[is_labelled].mean()) if is_labelled.any() else None
