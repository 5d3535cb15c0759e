"""From a frame to probabilities, decisions and heatmaps."""

import copy
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.attributes import AttributeSet
from core.explain.out_of_distribution import Familiar
from core.networks.preprocessing import Region, Size, prepare
from core.runs.decisions import calibrated, decide

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer
    from core.runs.run import Run


@dataclass(frozen=True)
class Inspection:
    """What a network says of one frame.

    Args:
        probabilities: 0 to 1, per attribute.
        decisions: per attribute, at its threshold.
        maps: per attribute (h, w) float32, signed evidence in the grid of the network's target layer.
        region: what of the frame the network saw, in fractions; none is all of it.
        milliseconds: from the frame to here.
        unfamiliarity: over 1 the network does not know such pictures; none where that is not measured.
    """

    probabilities: Mapping[str, float]
    decisions: Mapping[str, bool]
    maps: Mapping[str, np.ndarray]
    region: Region | None = None
    milliseconds: float = 0.0
    unfamiliarity: float | None = None

    @property
    def is_familiar(self) -> bool:
        """Whether the network knows such pictures, or nobody measured it."""
        return (self.unfamiliarity or 0.0) <= 1


class Inspector:
    """A trained network, warm and ready for frames. Threads may share one.

    Args:
        explainer: of the network.
        attributes: in the order of its outputs.
        thresholds: from which probability on an attribute is decided true, (A,).
        size: of its input, width and height in pixels.
        region: what of a frame it sees.
        calibration: from the probabilities of the network (A,) to those that are shown and decided on.
        familiar: what the network knows, of `core.explain.out_of_distribution.of`; none measures nothing.
    """

    def __init__(
        self,
        explainer: "Explainer",
        attributes: AttributeSet,
        thresholds: np.ndarray,
        size: Size,
        region: Region | None = None,
        calibration: Callable[[np.ndarray], np.ndarray] = np.asarray,
        familiar: Familiar | None = None,
    ) -> None:
        self.attributes, self.size, self.region, self._calibrated = attributes, size, region, calibration
        self._explainer, self._thresholds, self._familiar = explainer, thresholds, familiar
        self._lock = threading.Lock()
        self.inspect(np.zeros((size[1], size[0], 3), np.uint8))  # the first call traces: a second or so

    @classmethod
    def load(
        cls, run: "Run", layer: str | None = None, familiar: Familiar | None = None, method: str = "gradcam"
    ) -> "Inspector":
        """Load the network of ``run``; takes seconds.

        Args:
            run: with a trained network.
            layer: the target of its heatmaps; without one that of its kind of network.
            familiar: what it knows, at that target.
            method: of the heatmaps, of `core.explain.heatmap.METHODS`.

        Raises:
            RunError: it has none yet.
            ModelError: it has no such layer.
        """
        from core.explain.gradcam import Explainer

        explainer = Explainer(run.load_model(), layer or run.network.target, method)
        calibration = partial(calibrated, temperatures=run.temperatures, exclusive=run.attributes.exclusive)
        return cls(explainer, run.attributes, run.thresholds, run.size, run.region, calibration, familiar)

    @property
    def thresholds(self) -> dict[str, float]:
        """By attribute, from which probability on it is decided true."""
        return self._by_name(self._thresholds.tolist())

    @property
    def layer(self) -> str:
        """Name of the target layer of the heatmaps."""
        return self._explainer.target

    @property
    def taken_as(self) -> str:
        """How the outputs are read of a network that ends in logits, ``sigmoid`` or ``softmax``; empty where it says so."""
        if not self._explainer.is_assumed:
            return ""
        return "softmax" if self._explainer.exclusive else "sigmoid"

    def say(self, prepared: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, A) of ``prepared`` (N, h, w, 3) uint8 BGR, of the size of the input."""
        with self._lock:
            return self._calibrated(self._explainer(prepared).probabilities)

    def knowing(self, familiar: Familiar | None) -> "Inspector":
        """Return this inspector with another measure of what is familiar; both share one network."""
        other = copy.copy(self)
        other._familiar = familiar
        return other

    def decide(self, probabilities: Mapping[str, float]) -> dict[str, bool]:
        """Return what is decided at those probabilities."""
        values = np.array([probabilities[name] for name in self.attributes.names])
        return self._by_name(decide(values, self._thresholds, self.attributes.exclusive).tolist())

    def inspect(self, picture: np.ndarray, region: Region | None = None) -> Inspection:
        """Inspect ``picture`` (H, W, 3) uint8 BGR of any size; ``region`` is seen instead of the run's own."""
        start = time.perf_counter()
        region = region or self.region
        ready = prepare(picture, self.size, region)
        with self._lock:
            explanation = self._explainer(ready[None])
        probabilities, maps = self._calibrated(explanation.probabilities[0]), explanation.maps[0]
        decisions = decide(probabilities, self._thresholds, self.attributes.exclusive)
        return Inspection(
            self._by_name(probabilities.tolist()),
            self._by_name(decisions.tolist()),
            self._by_name(np.moveaxis(maps, -1, 0)),
            region,
            1000 * (time.perf_counter() - start),
            self._measured(explanation.signatures),
        )

    def _measured(self, signatures: np.ndarray | None) -> float | None:
        if self._familiar is None or signatures is None:
            return None
        return float(self._familiar.measure(signatures)[0])

    def _by_name(self, values: Any) -> dict[str, Any]:
        return dict(zip(self.attributes.names, values, strict=True))
