"""From a frame to probabilities, decisions and heatmaps; or, faster, from many frames to readings without heatmaps."""

import copy
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.assist.instant_network import InstantNetwork
from core.attributes import AttributeSet
from core.errors import SeamLensError
from core.explain import channel_references, out_of_distribution
from core.explain.heatmap import EXCESS
from core.explain.out_of_distribution import Familiar
from core.explain.peak_evidence import PeakExplainer
from core.export import engines
from core.export.engine_record import KERAS
from core.export.engines import EngineExplainer
from core.inputs.feature_cache import SIZE
from core.networks.preprocessing import Region, Size, prepare
from core.runs.decisions import calibrated, decide

DIGITS = 5
"""Of a reading: a batch and a single picture differ behind them, and their events should not."""


@dataclass(frozen=True)
class Reading:
    """What a network says of one frame, as far as events need it.

    Args:
        index: of the frame in its source, from 0.
        time: seconds from the start of the source.
        probabilities: 0 to 1, per attribute.
        unfamiliarity: over 1 the picture is unfamiliar to the network; see `core.explain.out_of_distribution`.
    """

    index: int
    time: float
    probabilities: Mapping[str, float]
    unfamiliarity: float = 0.0

    @property
    def is_familiar(self) -> bool:
        return self.unfamiliarity <= 1

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "index": self.index,
            "time": round(self.time, 4),
            "probabilities": dict(self.probabilities),
            "unfamiliarity": self.unfamiliarity,
        }


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
        unfamiliarity: over 1 the picture is unfamiliar to the network; none where that is not measured.
        full: per attribute, the evidence for and against it that is drawn in the full colour; see
            `core.explain.channel_references.ChannelReferences`. None where it was not measured.
    """

    probabilities: Mapping[str, float]
    decisions: Mapping[str, bool]
    maps: Mapping[str, np.ndarray]
    region: Region | None = None
    milliseconds: float = 0.0
    unfamiliarity: float | None = None
    full: Mapping[str, tuple[float, float]] | None = None

    @property
    def is_familiar(self) -> bool:
        """Whether the network has learned such pictures, or nobody measured it."""
        return (self.unfamiliarity or 0.0) <= 1

    def reading(self, index: int, time: float) -> Reading:
        """Return what events need of it; ``time`` in seconds from the start of the source."""
        probabilities = {name: round(p, DIGITS) for name, p in self.probabilities.items()}
        return Reading(index, time, probabilities, round(self.unfamiliarity or 0.0, DIGITS))


@dataclass(frozen=True)
class InspectedFrame:
    """A frame and its inspection: the ``picture`` (H, W, 3) uint8 BGR, its ``index`` in its source, and seconds from the start."""

    index: int
    time: float
    picture: np.ndarray
    inspection: Inspection

    def to_json(self) -> dict[str, Any]:
        """Return the numbers, without the picture."""
        probabilities = {name: round(p, 6) for name, p in self.inspection.probabilities.items()}
        return {
            "index": self.index,
            "time": round(self.time, 4),
            "probabilities": probabilities,
            "decisions": dict(self.inspection.decisions),
            "milliseconds": round(self.inspection.milliseconds, 2),
        }

    def summary(self) -> str:
        """Return the frame in a line: time, and each attribute's probability, with a star where it was decided true."""
        words = "  ".join(
            f"{'*' if self.inspection.decisions[name] else ' '}{name} {p:4.0%}"
            for name, p in self.inspection.probabilities.items()
        )
        return f"{self.time:8.2f} s  {words}"


class Inspector:
    """A trained network, ready for frames. Threads may share one. Its first call compiles it, see `warm_up`.

    Args:
        explainer: of the network.
        attributes: in the order of its outputs.
        thresholds: from which probability on an attribute is decided true, (A,).
        size: of its input, width and height in pixels.
        region: what of a frame it sees.
        calibration: from the probabilities of the network (…, A) to those that are shown and decided on.
        familiar: what the network has learned, of `core.explain.out_of_distribution.familiar_to`; none measures nothing.
        note: why the heatmaps are not those that were asked for; empty where they are.
    """

    def __init__(
        self,
        explainer: "Explainer | EngineExplainer | PeakExplainer",
        attributes: AttributeSet,
        thresholds: np.ndarray,
        size: Size,
        region: Region | None = None,
        calibration: Callable[[np.ndarray], np.ndarray] = np.asarray,
        familiar: Familiar | None = None,
        note: str = "",
    ) -> None:
        self.attributes, self.size, self.region, self._calibrated = attributes, size, region, calibration
        self._explainer, self._thresholds, self._familiar, self.note = explainer, thresholds, familiar, note
        measured = explainer.background
        self._full = None if measured is None else self._by_name(map(tuple, measured.full.tolist()))
        self._inspecting, self._reading = threading.Lock(), threading.Lock()

    @classmethod
    def load(
        cls, run: "Run", layer: str | None = None, method: str = EXCESS, engine: str = KERAS
    ) -> "Inspector":
        """Load the network of ``run``; takes seconds.

        Args:
            run: that has it.
            layer: target of its heatmaps, by default that of its kind of network.
            method: of `core.explain.heatmap.METHODS`.
            engine: that runs it, see `core.export.engines`; another layer or method only Keras has.

        Raises:
            RunError: it has no network yet.
            ModelError: it has no such layer, or the engine cannot be used.
        """
        explainer: Explainer | EngineExplainer
        if engine == KERAS or layer or method != EXCESS:
            explainer, note = channel_references.explainer_of(run, layer, method)
        else:
            explainer, note = engines.explainer_with(run, engine)
        calibration = partial(calibrated, temperatures=run.temperatures, exclusive=run.attributes.exclusive)
        return cls(explainer, run.attributes, run.thresholds, run.size, run.region, calibration, note=note)

    @classmethod
    def of_instant(cls, network: InstantNetwork) -> "Inspector":
        """Make one of an instant network; takes no time, and no TensorFlow."""
        explainer = PeakExplainer(network.head, network.typical, network.attributes.exclusive)
        thresholds = np.array(list(network.thresholds.values()))
        return cls(explainer, network.attributes, thresholds, SIZE)

    def measuring(self, run: "Run") -> "tuple[Inspector, str]":
        """Return an inspector of the same network that also measures unfamiliarity; and, where it cannot, why."""
        try:
            familiar = out_of_distribution.familiar_to(run)
        except SeamLensError as error:
            return self, str(error)
        other = copy.copy(self)
        other._familiar = familiar
        return other, ""

    def warm_up(self, heatmaps: bool = True) -> "Inspector":
        """Compile `inspect`, or without heatmaps `read`, before the first frame comes; takes a second or so."""
        blank = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        if heatmaps:
            self.inspect(blank)
        else:
            self.read([blank], [(0, 0.0)])
        return self

    @property
    def thresholds(self) -> dict[str, float]:
        """By attribute, from which probability on it is decided true."""
        return self._by_name(self._thresholds.tolist())

    @property
    def engine(self) -> str:
        """What runs the network: a format of `core.export.formats`, or ``numpy`` for the instant network."""
        return self._explainer.engine

    @property
    def layer(self) -> str:
        """Name of the target layer of the heatmaps."""
        return self._explainer.target

    @property
    def method(self) -> str:
        """How the heatmaps are computed: of `core.explain.heatmap.METHODS`."""
        return self._explainer.method

    @property
    def taken_as(self) -> str:
        """How the outputs are read of a network that ends in logits, ``sigmoid`` or ``softmax``; empty where it says so."""
        if not self._explainer.is_assumed:
            return ""
        return "softmax" if self._explainer.exclusive else "sigmoid"

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Make a frame (H, W, 3) uint8 BGR ready for `read`: (h, w, 3) uint8 BGR."""
        return prepare(picture, self.size, self.region)

    def probabilities(self, prepared: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, A) of ``prepared`` (N, h, w, 3) uint8 BGR, of the size of the input."""
        with self._reading:
            return self._calibrated(self._explainer.read(prepared)[0])

    def read(self, prepared: Sequence[np.ndarray], places: Sequence[tuple[int, float]]) -> list[Reading]:
        """Read prepared pictures, each (h, w, 3) uint8 BGR, of those indexes and times; no heatmaps."""
        with self._reading:
            raw, signatures = self._explainer.read(np.stack(prepared))
        probabilities = self._calibrated(raw).tolist()
        familiar = self._familiar
        unfamiliarity = np.zeros(len(places)) if familiar is None else familiar.measure(signatures)
        return [
            Reading(index, time, self._by_name([round(p, DIGITS) for p in row]), round(float(far), DIGITS))
            for (index, time), row, far in zip(places, probabilities, unfamiliarity, strict=True)
        ]

    def decide(self, probabilities: Mapping[str, float]) -> dict[str, bool]:
        """Return what is decided at those probabilities."""
        values = np.array([probabilities[name] for name in self.attributes.names])
        return self._by_name(decide(values, self._thresholds, self.attributes.exclusive).tolist())

    def inspect(self, picture: np.ndarray, region: Region | None = None) -> Inspection:
        """Inspect ``picture`` (H, W, 3) uint8 BGR of any size; ``region`` is seen instead of the run's own."""
        start = time.perf_counter()
        region = region or self.region
        ready = prepare(picture, self.size, region)
        with self._inspecting:
            explanation = self._explainer(ready[None])
        probabilities, maps = self._calibrated(explanation.probabilities[0]), explanation.maps[0]
        decisions = decide(probabilities, self._thresholds, self.attributes.exclusive)
        familiar, signatures = self._familiar, explanation.signatures
        return Inspection(
            self._by_name(probabilities.tolist()),
            self._by_name(decisions.tolist()),
            self._by_name(np.moveaxis(maps, -1, 0)),
            region,
            1000 * (time.perf_counter() - start),
            None if familiar is None or signatures is None else float(familiar.measure(signatures)[0]),
            self._full,
        )

    def _by_name(self, values: Any) -> dict[str, Any]:
        return dict(zip(self.attributes.names, values, strict=True))


def measure_training_part(run: "Run") -> None:
    """Measure on the training part of ``run`` what is familiar and the background of its heatmaps, in one pass, and store both.

    Otherwise the first view would wait for it.

    Raises:
        RunError: it has no network yet, or frames of it are gone.
        MediaError: a picture cannot be read.
    """
    from core.explain.gradcam import Explainer

    explainer = Explainer(run.load_model(), run.network.target)
    training = out_of_distribution.signatures_of(run, "train", explainer)
    if explainer.takes_peaks:
        channel_references.references_of(run, explainer, training)
    out_of_distribution.familiar_to(run, training)
