"""How right the stitch ruler is: on rendered videos of a class that nothing was tuned with, and on real seams.

Of rendered frames that show one pitch:

- error: the median, and the 95th percentile, of |measured / true - 1|, the truth being the median of the drawn stitches.
- class_right: of the frames with a number, those nearer to the right one of 2 and 4 mm.
- numbers: of the frames with 5 or more stitches in view, those with a number.
- skipped_found, skipped_false: every third video has every ninth stitch skipped and no other defect; of those in frames
  with a number, the share found; and how many a frame are reported in good frames without any.
- ms: median and 95th percentile of a frame of 640x480, processor time of one thread.

bare: of rendered pictures of cloth without a seam, the share with a number.

With --seams, pictures of real seams whose stitches a person counted (`ruler_counts.csv`): the share within 10 % of the
count, of the normal ones and of all that could be counted; ``numbers`` are those with a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

import cv2
import numpy as np
import pandas as pd

from benchmarks.harness import main
from benchmarks.unfamiliar import seamless
from core.demo.camera import camera_frames, views
from core.demo.defects import fit_all
from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, LONG_MM, PX_PER_MM, SHORT_MM, VideoPlan
from core.demo.sample_plan import video_plan
from core.demo.seam import needle_holes
from core.demo.seam_strip import render_strip
from core.demo.truth import truth
from core.measure.ruler import Measurement, measure
from core.media.images import read_picture

SKIPPED_EVERY = 9
ENOUGH = 5  # stitches in view
COUNTS = Path(__file__).with_name("ruler_counts.csv")


@dataclass(frozen=True)
class Frame:
    """A rendered frame, its whole stitches in view as pixels each, and the places (n, 2) far from its edges that are skipped.

    ``is_good`` is its label, and is false as well where a skipped place is near an edge.
    """

    picture: np.ndarray
    lengths: np.ndarray
    skipped: np.ndarray
    is_good: bool
    is_even: bool  # all stitches are of one pitch


def rendered(seed: int, videos: int, frames: int, every: int) -> Iterator[Frame]:
    """Yield every so manieth frame of a class."""
    for number, plan in enumerate(video_plan(seed, videos, frames)):
        holes = needle_holes(plan)
        skipped = tuple(range(SKIPPED_EVERY, len(holes) - 2, SKIPPED_EVERY)) if number % 3 == 2 else ()
        missing = holes[list(skipped)].reshape(-1, 2)
        if skipped:
            plan = replace(plan, seam=replace(plan.seam, skipped=skipped), defects=())
        yield from _frames_of(plan, missing, every)


def _frames_of(plan: VideoPlan, missing: np.ndarray, every: int) -> Iterator[Frame]:
    holes, answers, maps = needle_holes(plan), truth(plan), views(plan)
    gone = [i for defect in fit_all(plan) for i in range(defect.first, defect.last)]
    scale = plan.scale * np.array([SHORT_MM, LONG_MM])
    for index, picture in enumerate(camera_frames(plan, render_strip(plan))):
        if index % every:
            continue
        placed, skipped = _placed(holes, maps[index]), _placed(missing, maps[index])
        inside = _inside(placed)
        lengths = np.hypot(*np.diff(placed, axis=0).T)
        whole = inside[1:] & inside[:-1] & (np.abs(lengths[:, None] / scale - 1) < 0.2).any(axis=1)
        whole[[i for i in gone if i < len(whole)]] = False
        far = _inside(skipped, 1.5 * scale[1])
        is_good = bool(answers[index].answers["good"]) and not (_inside(skipped) & ~far).any()
        is_even = len(set(_nearest(lengths[whole], scale))) == 1
        yield Frame(picture, lengths[whole], skipped[far], is_good, is_even)


def _nearest(lengths: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return for each length which of two pitches it is nearer to: 0 or 1."""
    return np.asarray(np.abs(lengths[:, None] - classes).argmin(axis=1))


def _placed(points: np.ndarray, view: np.ndarray) -> np.ndarray:
    return np.asarray(points @ view[:, :2].T + view[:, 2])


def _inside(points: np.ndarray, margin: float = 0.0) -> np.ndarray:
    limit = np.array([FRAME_WIDTH, FRAME_HEIGHT]) - 1
    rows = (points[:, 1] >= margin) & (points[:, 1] <= limit[1] - margin)
    return np.asarray(rows & (points[:, 0] >= 0) & (points[:, 0] <= limit[0]))


def of_demo(seed: int, videos: int, frames: int, every: int) -> dict[str, Any]:
    """Return the figures of rendered frames."""
    rows, times = [], []
    for frame in rendered(seed, videos, frames, every):
        start = process_time()
        result = measure(frame.picture)
        times.append(1000 * (process_time() - start))
        if len(frame.lengths):
            rows.append(_row(frame, result))
    table = pd.DataFrame(rows)
    even = table[table["even"]]
    numbered = even[even["number"]]
    enough = table[table["stitches"] >= ENOUGH]
    seen = table[table["number"]]
    untouched = seen[(seen["skipped"] == 0) & seen["good"] & seen["even"]]
    return {
        "frames": len(table),
        "error": tuple(numbered["error"].quantile([0.5, 0.95])),
        "class_right": numbered["class_right"].mean(),
        "numbers": enough["number"].mean(),
        "skipped": int(seen["skipped"].sum()),
        "skipped_found": seen["found"].sum() / max(seen["skipped"].sum(), 1),
        "skipped_false": untouched["reported"].mean(),
        "ms": tuple(np.percentile(times, [50, 95])),
    }


def _row(frame: Frame, result: Measurement | None) -> dict[str, Any]:
    true = float(np.median(frame.lengths))
    row: dict[str, Any] = {"stitches": len(frame.lengths), "even": frame.is_even, "good": frame.is_good}
    row |= {"number": result is not None, "skipped": len(frame.skipped)}
    if result is None:
        return row
    classes = PX_PER_MM * np.array([SHORT_MM, LONG_MM])
    right = len(set(_nearest(np.array([result.pitch, true]), classes))) == 1
    away = np.hypot(*(frame.skipped[:, None] - result.skipped[None]).transpose(2, 0, 1))
    found = int((away.min(axis=1) < true / 2).sum()) if away.size else 0
    reported = len(result.skipped)
    return row | {
        "error": abs(result.pitch / true - 1), "class_right": right, "found": found, "reported": reported,
    }  # fmt: skip


def of_seams(folder: Path) -> dict[str, Any]:
    """Return the figures of real seams, and those that are off by more than 10 %, by name."""
    table = pd.read_csv(COUNTS, comment="#")
    measured = [measure(read_picture(_file(folder, name))) for name in table["name"]]
    table["measured"] = [None if m is None else m.pitch for m in measured]
    table["pitch"] = table["pixels"] / table["stitches"]
    table["right"] = (table["measured"] / table["pitch"] - 1).abs() <= 0.10
    wrong = table[~table["right"] & table["measured"].notna()]
    shares = {
        kind: {
            "count": len(part),
            "numbers": part["measured"].notna().mean(),
            "within_10": part["right"].mean(),
        }
        for kind, part in (("normal", table[table["class"] == "normal"]), ("all", table))
    }
    return shares | {"wrong": dict(zip(wrong["name"], wrong["measured"] / wrong["pitch"], strict=True))}


def _file(folder: Path, name: str) -> Path:
    return next(folder.rglob(name))


def figures(seed: int, videos: int, frames: int, every: int, bare: int, seams: Path | None) -> dict[str, Any]:
    """Return all figures."""
    cv2.setNumThreads(1)
    demo = {"demo": of_demo(seed, videos, frames, every)} if videos else {}
    cloth = [measure(picture) is not None for picture in seamless("bare", bare, seed)]
    return demo | {"bare": float(np.mean(cloth))} | ({"seams": of_seams(seams)} if seams else {})


OPTIONS = {
    "--seed": {"default": 77, "help": "of the class"},
    "--videos": {"default": 18, "help": "of the class; 0: none"},
    "--frames": {"default": 120, "help": "of each video"},
    "--every": {"default": 8, "help": "use every so manieth frame"},
    "--bare": {"default": 60, "help": "pictures of cloth without a seam"},
    "--seams": {"type": Path, "default": None, "help": "folder of real seams"},
}

if __name__ == "__main__":
    main(__doc__, figures, OPTIONS)
