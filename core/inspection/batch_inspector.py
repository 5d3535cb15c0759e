"""The fast half of an inspection: probabilities and unfamiliarity of many frames in one compiled call, no heatmaps."""

import threading
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from core.attributes import AttributeSet
from core.errors import SeamLensError
from core.explain import out_of_distribution
from core.explain.out_of_distribution import Familiar
from core.inspection.inspector import Inspector
from core.inspection.reading import DIGITS, Reading
from core.networks.preprocessing import Region, Size, prepare
from core.runs.decisions import calibrated

if TYPE_CHECKING:
    from core.networks.backend import keras
    from core.runs.run import Run


class Reader:
    """A trained network, warm and ready for frames. Threads may share one.

    Attributes:
        inspector: gives the inspector of the same network, for heatmaps; made when it is first asked for. None where
            the reader was not loaded from a run.

    Args:
        model: from (N, h, w, 3) uint8 BGR to (N, A) probabilities.
        target: name of the layer whose features say what is familiar.
        known: what is familiar; none measures nothing.
        attributes: in the order of the outputs.
        size: of the input, width and height in pixels.
        region: what of a frame it sees.
        calibration: from the probabilities of the network (N, A) to those that are read.
    """

    def __init__(
        self,
        model: "keras.Model",
        target: str,
        known: Familiar | None,
        attributes: AttributeSet,
        size: Size,
        region: Region | None = None,
        calibration: Callable[[np.ndarray], np.ndarray] = np.asarray,
    ) -> None:
        from core.networks.backend import keras, tf

        self.attributes, self.size, self.region, self._known = attributes, size, region, known
        self._calibrated, self._lock = calibration, threading.Lock()
        self.inspector: Callable[[], Inspector] | None = None
        seeing = keras.Model(model.input, [model.output, model.get_layer(target).output])

        def run(pictures: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
            probabilities, features = seeing(pictures, training=False)
            return probabilities, out_of_distribution.signature(features)

        signature = [tf.TensorSpec(model.input.shape, tf.uint8)]
        self._run = tf.function(run, input_signature=signature, autograph=False)
        self.read_prepared([np.zeros((size[1], size[0], 3), np.uint8)], [(0, 0.0)])  # the first call traces

    @classmethod
    def load(cls, run: "Run", say: Callable[[str], None] = lambda words: None) -> "Reader":
        """Load the network of ``run``, and what is familiar to it; takes seconds.

        Args:
            run: with a trained network.
            say: hears in a line where it cannot be learned what is familiar; the reader works without.

        Raises:
            RunError: it has no network yet.
        """
        model, known = run.load_model(), None
        try:
            known = out_of_distribution.of(run)
        except SeamLensError as error:
            say(f"Unfamiliar pictures will not be noticed. {error}")
        calibration = partial(calibrated, temperatures=run.temperatures, exclusive=run.attributes.exclusive)
        about = run.attributes, run.size, run.region, calibration

        @cache
        def inspector() -> Inspector:
            from core.explain.gradcam import Explainer

            explainer = Explainer(model, run.network.target)
            return Inspector(
                explainer, run.attributes, run.thresholds, run.size, run.region, calibration, known
            )

        reader = cls(model, run.network.target, known, *about)
        reader.inspector = inspector
        return reader

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Make a frame (H, W, 3) uint8 BGR ready for the network."""
        return prepare(picture, self.size, self.region)

    def read_prepared(
        self, pictures: Sequence[np.ndarray], places: Sequence[tuple[int, float]]
    ) -> list[Reading]:
        """Read prepared pictures, each (h, w, 3) uint8 BGR, of those indexes and times."""
        with self._lock:
            found = self._run(np.stack(pictures))
        probabilities, signatures = self._calibrated(found[0].numpy()), found[1].numpy()
        strange = np.zeros(len(places)) if self._known is None else self._known.measure(signatures)
        return [
            Reading(index, time, self._by_name(row), round(float(much), DIGITS))
            for (index, time), row, much in zip(places, probabilities, strange, strict=True)
        ]

    def _by_name(self, probabilities: np.ndarray) -> dict[str, float]:
        values = [round(value, DIGITS) for value in probabilities.tolist()]
        return dict(zip(self.attributes.names, values, strict=True))
