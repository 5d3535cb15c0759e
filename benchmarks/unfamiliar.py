"""Which pictures a run does not know: shares flagged of its own frames, and of pictures without a seam to judge.

- test: its held-out test frames; per video in `worst_test_video`. These should not be flagged.
- bare, hand, unfocused, covered, table: rendered beside the demo class; black, noise: made here.
- others: folders of pictures and videos given with --pictures.

python -m benchmarks.unfamiliar RUN_FOLDER [--pictures PATH…] [--count N] [--json]
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.unfit import KINDS, unfit
from core.explain import out_of_distribution
from core.explain.gradcam import Explainer
from core.inputs import batches
from core.media.images import PICTURE_FORMATS, read_picture
from core.media.video import decode
from core.networks.preprocessing import prepare
from core.runs.registry import get_run
from core.runs.run import Run
from core.workspace import open_workspace

SEED = 901  # no class of the demo is made with it: other cloths


def others(run: Run, paths: Iterable[Path], count: int) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Yield names and about ``count`` prepared pictures each: rendered, made, and of ``paths``."""
    rng = np.random.default_rng(SEED)
    for kind in KINDS:
        yield kind, [prepare(picture, run.size, run.region) for picture in unfit(kind, count, SEED)]
    yield "black", [np.zeros((run.size[1], run.size[0], 3), np.uint8)]
    noise = (rng.integers(0, 256, (480, 640, 3), dtype=np.uint8) for _ in range(count))
    yield "noise", [prepare(picture, run.size, run.region) for picture in noise]
    for path in paths:
        yield path.name, [prepare(picture, run.size, run.region) for picture in _spread(path, count)]


def _spread(path: Path, count: int) -> list[np.ndarray]:
    """Return about ``count`` pictures of a folder or a video, evenly spread."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURE_FORMATS)
        return [read_picture(file) for file in files[:: max(1, len(files) // count)]]
    total = sum(1 for _ in decode(path, lambda index: False)) or 400
    return [decoded.picture for decoded in decode(path, lambda index: index % max(1, total // count) == 0)]


def measure(run: Run, paths: Iterable[Path], count: int) -> dict[str, float]:
    """Return shares flagged, 0 to 1, and the milliseconds that measuring adds to a picture."""
    known = out_of_distribution.of(run)
    explainer = Explainer(run.load_model(), run.network.target)

    def flagged(pictures: np.ndarray) -> np.ndarray:
        signatures = [explainer.read(pictures[i : i + 64])[1] for i in range(0, len(pictures), 64)]
        return known.measure(np.concatenate(signatures)) > 1

    part = batches.load(run, "test")
    tested = flagged(part.pictures[:])
    per_video = pd.Series(tested).groupby(part.frames["video"]).agg(["mean", "size"])
    large = per_video.loc[per_video["size"] >= out_of_distribution.ENOUGH, "mean"]
    found = {"test": tested.mean(), "worst_test_video": large.max()}
    found |= {name: flagged(np.stack(pictures)).mean() for name, pictures in others(run, paths, count)}
    return {name: float(share) for name, share in found.items()} | {"measure_ms": _milliseconds(known)}


def _milliseconds(known: out_of_distribution.Familiar) -> float:
    one = known.mean[None]
    start = perf_counter()
    for _ in range(200):
        known.measure(one)
    return 1000 * (perf_counter() - start) / 200


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="the folder of a run")
    parser.add_argument("--pictures", type=Path, nargs="*", default=[], help="folders of pictures, or videos")
    parser.add_argument("--count", type=int, default=100, help="pictures of each kind")
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    run = get_run(open_workspace(choice.run.parent.parent), choice.run.name)
    found = measure(run, choice.pictures, choice.count)
    if choice.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:10.3f} ms" if name.endswith("_ms") else f"{name:24} {100 * value:8.1f} %")


if __name__ == "__main__":
    main()
