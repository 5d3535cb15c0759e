"""Which pictures a run flags as unfamiliar: shares of its own frames, and of pictures without a seam to judge.

- test: its held-out test frames; per video in `worst_test_video`. These should not be flagged.
- bare, hand, unfocused, covered, table: rendered as the camera of the demo class would take them; black, noise: made here.
- others: folders of pictures and videos given with --pictures.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from benchmarks.harness import main, medians, run_of_folder
from core.demo.camera import camera_frames
from core.demo.fabric import noise, render_fabric
from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.seam_strip import render_strip, wrinkled
from core.explain import out_of_distribution
from core.explain.gradcam import Explainer
from core.inputs import batches
from core.media.images import PICTURE_FORMATS, read_picture
from core.networks.preprocessing import prepare
from core.runs.run import Run
from core.videos.video import decode

SEED = 901  # no class of the demo is made with it: other cloths
PER_CLOTH = 5
_PURPOSE = 11  # of the random numbers used here
BATCH = 64
CALLS = 200  # of which the median is the milliseconds of a picture


def shares_flagged(run: Run, paths: Iterable[Path] = (), count: int = 100) -> dict[str, float]:
    """Return the share flagged, 0 to 1, of the test frames, and of about ``count`` pictures of each kind."""
    familiar = out_of_distribution.familiar_to(run)
    explainer = Explainer(run.load_model(), run.network.target)

    def flagged(pictures: np.ndarray) -> np.ndarray:
        parts = [explainer.read(pictures[i : i + BATCH])[1] for i in range(0, len(pictures), BATCH)]
        return familiar.measure(np.concatenate(parts)) > 1

    part = batches.load(run, "test")
    tested = flagged(part.pictures[:])
    per_video = pd.Series(tested).groupby(part.frames["video"]).agg(["mean", "size"])
    large = per_video.loc[per_video["size"] >= out_of_distribution.ENOUGH, "mean"]
    shares = {"test": tested.mean(), "worst_test_video": large.max()}
    for kind, pictures in pictures_by_kind(paths, count):
        ready = np.stack([prepare(picture, run.size, run.region) for picture in pictures])
        shares[kind] = flagged(ready).mean()
    return {kind: float(share) for kind, share in shares.items()}


def measure(run: Path, pictures: list[Path], count: int) -> dict[str, float]:
    """Return the shares, and the milliseconds that measuring adds to a picture."""
    opened = run_of_folder(run)
    shares = shares_flagged(opened, pictures, count)
    familiar = out_of_distribution.familiar_to(opened)
    return shares | {"measure_ms": 1000 * medians(CALLS, lambda: familiar.measure(familiar.mean[None]))[0]}


def pictures_by_kind(paths: Iterable[Path], count: int) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
    """Yield kinds and about ``count`` pictures (h, w, 3) uint8 BGR of each: rendered, made, and of ``paths``."""
    rng, shape = np.random.default_rng(SEED), (FRAME_HEIGHT, FRAME_WIDTH, 3)
    for kind in KINDS:
        yield kind, seamless(kind, count, SEED)
    yield "black", [np.zeros(shape, np.uint8)]
    yield "noise", (rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(count))
    for path in paths:
        yield path.name, _spread(path, count)


def _spread(path: Path, count: int) -> list[np.ndarray]:
    """Return about ``count`` pictures of a folder or a video, evenly spread."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURE_FORMATS)
        return [read_picture(file) for file in files[:: max(1, len(files) // count)]]
    total = sum(1 for _ in decode(path, lambda index: False)) or 400
    return [decoded.picture for decoded in decode(path, lambda index: index % max(1, total // count) == 0)]


def seamless(kind: str, count: int, seed: int = 1) -> Iterator[np.ndarray]:
    """Return ``count`` pictures (480, 640, 3) uint8 BGR without a seam to judge, of 5 on each cloth.

    Args:
        kind: of `KINDS`: ``bare`` (cloth without a seam), ``hand`` (over the seam), ``unfocused``, ``covered`` (a finger
            or a cap on the lens), ``table`` (empty).
        count: how many.
        seed: the same gives the same pictures; cloths are other than those of the demo class of another seed.
    """
    plans = video_plan(seed, -(-count // PER_CLOTH), PER_CLOTH)
    return islice(chain.from_iterable(map(KINDS[kind], plans)), count)


def _bare(plan: VideoPlan) -> Iterator[np.ndarray]:
    cloth = render_fabric(plan) * wrinkled(plan)
    return camera_frames(plan, cv2.convertScaleAbs(cloth, alpha=255))


def _table(plan: VideoPlan) -> Iterator[np.ndarray]:
    """A board with some grain."""
    rng, shape = plan.rng(_PURPOSE), (plan.strip_height, FRAME_WIDTH + 128)
    grain = noise(rng, (shape[0] // 40, shape[1]), 4)
    grain = cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_CUBIC)
    tone = rng.uniform(0.2, 0.85) * (1 + rng.uniform(0, 0.12) * grain + 0.03 * noise(rng, shape, 160))
    colour = np.array([rng.uniform(0.5, 1), rng.uniform(0.7, 1), 1], np.float32)
    return camera_frames(plan, cv2.convertScaleAbs(tone[..., None] * colour, alpha=255))


def _hand(plan: VideoPlan) -> Iterator[np.ndarray]:
    rng = plan.rng(_PURPOSE)
    for picture in camera_frames(plan, render_strip(plan)):
        yield _covered_by_hand(picture, plan, rng)


def _covered_by_hand(picture: np.ndarray, plan: VideoPlan, rng: np.random.Generator) -> np.ndarray:
    """Lay four fingers and the back of a hand over the middle of ``picture``, where the seam is."""
    middle, width = FRAME_WIDTH / 2 + rng.uniform(-40, 40), rng.uniform(62, 78)
    cover, height = np.zeros((2, FRAME_HEIGHT, FRAME_WIDTH), np.float32)
    parts = [np.zeros_like(cover) for _ in range(5)]
    for finger, part in enumerate(parts[:4]):
        x = middle + (finger - 1.5) * 1.05 * width
        tip = (int(x + rng.uniform(-15, 15)), int(rng.uniform(10, 70)))
        cv2.line(part, tip, (int(x), 360), 1.0, int(width), cv2.LINE_AA)
    cv2.ellipse(parts[4], (int(middle), 430), (int(2.2 * width), 190), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    for part in parts:
        cover = np.maximum(cover, part)
        height = np.maximum(height, cv2.GaussianBlur(part, (0, 0), width / 3))
    skin = np.array([0.45, 0.58, 0.8], np.float32) * rng.uniform(0.35, 1.05)
    pores = 1 + 0.03 * noise(rng, (FRAME_HEIGHT, FRAME_WIDTH), 3)
    lit = 255 * skin * ((0.35 + 0.65 * height) * pores)[..., None]
    soft = cv2.GaussianBlur(cover, (0, 0), 1.2)[..., None]
    grain = rng.normal(0, plan.camera.noise, picture.shape)
    return cv2.add(picture * (1 - soft), lit * soft + grain, dtype=cv2.CV_8U)


def _unfocused(plan: VideoPlan) -> Iterator[np.ndarray]:
    """So far out of focus that no stitch can be told from the next."""
    rng = plan.rng(_PURPOSE)
    for picture in camera_frames(plan, render_strip(plan)):
        blurred = cv2.GaussianBlur(picture, (0, 0), rng.uniform(14, 30))
        yield cv2.add(blurred, rng.normal(0, plan.camera.noise, picture.shape), dtype=cv2.CV_8U)


def _lens_covered(plan: VideoPlan) -> Iterator[np.ndarray]:
    """Nearly black, or the red glow of a finger; some light comes in from a side."""
    rng = plan.rng(_PURPOSE)
    for _ in range(plan.frames):
        glow = rng.uniform(2, 60) * np.array([0.25, 0.35, 1.0]) if rng.random() < 0.5 else rng.uniform(0, 12)
        x = np.linspace(-1, 1, FRAME_WIDTH)[None, :, None] * rng.uniform(-0.5, 0.5)
        y = np.linspace(-1, 1, FRAME_HEIGHT)[:, None, None] * rng.uniform(-0.5, 0.5)
        grain = rng.normal(0, 1.5 * plan.camera.noise, (FRAME_HEIGHT, FRAME_WIDTH, 3))
        yield cv2.convertScaleAbs(np.maximum(glow * (1 + x + y) + grain, 0))


KINDS: dict[str, Callable[[VideoPlan], Iterator[np.ndarray]]] = {
    "bare": _bare,
    "hand": _hand,
    "unfocused": _unfocused,
    "covered": _lens_covered,
    "table": _table,
}
"""What a camera sees when there is no seam to judge."""

OPTIONS = {
    "run": {"type": Path, "help": "the folder of a run"},
    "--pictures": {"type": Path, "nargs": "*", "default": [], "help": "folders of pictures, or videos"},
    "--count": {"default": 100, "help": "pictures of each kind"},
}

if __name__ == "__main__":
    main(__doc__, measure, OPTIONS)
