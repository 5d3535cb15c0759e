"""Engines: a network as Keras runs it beside its exports, one frame at a time with probabilities and all heatmaps.

- over_keras: median time of an engine over that of Keras, taken in turn. Bar: the fastest at most 0.6 for seam_lite.
- ms: the median in milliseconds; batch_ms: the same per frame of a batch of 16.
- mb: 10^6 bytes of the files of the network.
- probability, heatmap: largest difference to Keras; of heatmaps as a share of the strongest evidence.

Each network has random weights, four attributes and the size that is its own. Engines that are not installed are left out. With
--int8 those that compute in whole numbers are measured, too; they are calibrated on noise, so only their time counts.
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gradcam import ATTRIBUTES, as_drawn
from benchmarks.harness import ROUNDS, Options, main, medians, scratch_folder
from core.explain.gradcam import Explainer
from core.export import engine, graph, write
from core.export.formats import FORMATS, Format
from core.networks.registry import get_network

NETWORKS = ("seam_lite", "seam_resnet", "seam_pretrained")
BATCH = 16
OPTIONS: Options = {
    **ROUNDS,
    "--int8": {"action": "store_true", "help": "measure int8, too"},
    "--networks": {"nargs": "+", "default": list(NETWORKS), "choices": list(NETWORKS), "help": "which"},
}


def explainer_of(name: str) -> tuple[Explainer, np.ndarray]:
    """Return a network with random weights as Keras runs it, and frames (BATCH, h, w, 3) uint8."""
    network, rng = get_network(name), np.random.default_rng(1)
    model = network.build(ATTRIBUTES)
    for weight in model.weights:  # none at its start value: a scale of zero would hide a whole branch
        weight.assign(weight + rng.uniform(0, 0.02, weight.shape))
    width, height = network.size
    frames = rng.integers(0, 256, (BATCH, height, width, 3), dtype=np.uint8)
    return as_drawn(Explainer(model, network.target)), frames


def sides(
    name: str, explainer: Explainer, frames: np.ndarray, folder: Path, int8: bool
) -> dict[str, tuple[engine.Engine, float]]:
    """Return each engine that is installed, and the size of its files in megabytes."""
    model, found = graph.build(explainer, signatures=True), {}
    threads = engine.threads_for(get_network(name).multiply_adds)
    for form in FORMATS.values():
        if form.name == "keras" or not form.can_be_written:
            continue
        for calibration in (None, frames) if int8 else (None,):
            place = folder / f"{form.name}{'' if calibration is None else ' int8'}"
            place.mkdir()
            loaded = engine.load(write.write(model, form, place, calibration), form.name, threads)
            found[place.name] = loaded, _megabytes(form, place)
    return found


def _megabytes(form: Format, folder: Path) -> float:
    return sum((folder / name).stat().st_size for name in form.files) / 1e6


def compare(name: str, rounds: int, int8: bool) -> dict[str, Any]:
    """Return the figures of one network, by engine."""
    explainer, frames = explainer_of(name)
    with scratch_folder() as folder:
        found, one = sides(name, explainer, frames, folder, int8), frames[:1]
        calls = [explainer, *(run for run, _ in found.values())]
        keras, *singly = medians(10 * rounds, *(partial(call, one) for call in calls))
        of_batch, *batches = medians(rounds, *(partial(call, frames) for call in calls))
        expected = explainer(frames)
        figures: dict[str, Any] = {"keras": {"ms": 1e3 * keras, "batch_ms": 1e3 * of_batch / BATCH}}
        for (engine_name, (run, megabytes)), ms, batch in zip(found.items(), singly, batches, strict=True):
            outputs = run(frames)
            figures[engine_name] = {
                "over_keras": ms / keras,
                "ms": 1e3 * ms,
                "batch_ms": 1e3 * batch / BATCH,
                "mb": megabytes,
                "probability": float(np.abs(outputs["probabilities"] - expected.probabilities).max()),
                "heatmap": float(
                    np.abs(outputs["heatmaps"] - expected.maps).max() / np.abs(expected.maps).max()
                ),
            }
    return figures


def measure(rounds: int, int8: bool, networks: list[str]) -> dict[str, Any]:
    """Return the figures by network and engine."""
    return {name: compare(name, rounds, int8) for name in networks}


if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
