"""Make the figures of heatmaps: ``python -m docs.figures WORKSPACE [--fruit WORKSPACE]``.

The first workspace holds a trained run with error, break and length, the second one of exclusive classes. Two figures
are re-made after the published ones from frames that the network has not learned from: for each column the one that
it is surest of, the same frame on each call. A third compares plain Grad-CAM with what is drawn, on frames that are
spread evenly over those of a kind, whatever the network says of them.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from core.explain.heatmap import EXCESS
from core.inspection.inspector import Inspector
from core.inspection.overlay import draw
from core.media.library import read_frame
from core.runs.run import Run
from core.runs.run_store import get_run
from core.workspace import open_workspace

PICTURES = Path(__file__).parent / "pictures"
GAP, TITLE = 8, 30
SEAMS = {
    "error": {"error": True, "break": False},
    "break": {"error": False, "break": True},
    "error and break": {"error": True, "break": True},
    "length": {"good": True, "length": True},
}
"""The published seams: what is labelled true and false of each; the attributes of its title are drawn."""
COMPARED = {
    "error": {"error": True, "break": False},
    "break": {"error": False, "break": True},
    "2 mm": {"good": True, "length": True},
    "4 mm": {"good": True, "length": False},
}
EACH = 3
"""Frames of each kind that are compared."""


def main() -> None:
    """Write both figures, or the first alone."""
    parser = argparse.ArgumentParser(description="Make the figures of heatmaps.")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--fruit", type=Path, metavar="WORKSPACE")
    choice = parser.parse_args()
    for name, workspace, columns in (
        ("seams", choice.workspace, seams),
        ("compared", choice.workspace, compared),
        ("fruit", choice.fruit, fruit),
    ):
        if workspace:
            run = get_run(open_workspace(workspace), "latest")
            picture = spaced(columns(run), axis=1)
            cv2.imwrite(str(PICTURES / f"heatmaps-{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])


def seams(run: Run) -> list[np.ndarray]:
    """Four seams: error, break, both, and stitch length, each in its colour."""
    inspector, columns = Inspector.load(run), []
    for title, answers in SEAMS.items():
        picture = surest_picture(run, answers)
        drawn = draw(picture, inspector.inspect(picture), run.attributes, 0.6, title.split(" and "))
        columns.append(titled(resized(drawn, 300), title))
    return columns


def fruit(run: Run) -> list[np.ndarray]:
    """A column per class: the picture, the heatmap, and both merged."""
    inspector, columns = Inspector.load(run), []
    for name in run.attributes.names:
        picture = surest_picture(run, {name: True})
        large, inspection = resized(picture, 200), inspector.inspect(picture)
        heat = draw(np.zeros_like(large), inspection, run.attributes, 1.0, (name,))
        both = draw(large, inspection, run.attributes, 0.6, (name,))
        columns.append(titled(spaced([large, heat, both], 0), name))
    return columns


def compared(run: Run) -> list[np.ndarray]:
    """A column per kind of seam: each frame under plain Grad-CAM, and beside it under what is drawn."""
    inspectors, columns = [Inspector.load(run, method=method) for method in ("gradcam", EXCESS)], []
    for title, answers in COMPARED.items():
        fitting = labelled(run, answers)["name"].tolist()
        chosen = [fitting[int(at)] for at in np.linspace(0, len(fitting) - 1, EACH + 2)[1:-1]]
        drawn = ("length",) if "length" in answers else None
        pairs = []
        for picture in (read_frame(run.workspace, name) for name in chosen):
            pair = [draw(picture, i.inspect(picture), run.attributes, 0.6, drawn) for i in inspectors]
            pairs.append(spaced([resized(side, 230) for side in pair], 1))
        columns.append(titled(spaced(pairs, 0), f"{title}: Grad-CAM, and what is drawn"))
    return columns


def surest_picture(run: Run, answers: dict[str, bool]) -> np.ndarray:
    """Return the test frame with these labels whose least sure answer is the surest: (h, w, 3) uint8 BGR."""
    fitting = labelled(run, answers)
    sure = [(fitting[f"{name}_probability"] - (not answer)).abs() for name, answer in answers.items()]
    name = str(fitting["name"].iloc[int(np.argmax(np.min(sure, axis=0)))])
    print(f"{answers}: {name}")
    return read_frame(run.workspace, name)


def labelled(run: Run, answers: dict[str, bool]) -> pd.DataFrame:
    """Return the predictions of the test frames with these labels."""
    table = pd.read_csv(run.path / "predictions.csv")
    fitting = table[(table["part"] == "test") & (table[list(answers)] == pd.Series(answers)).all(axis=1)]
    if fitting.empty:
        raise SystemExit(f"No test frame is labelled {answers}. Take another workspace.")
    return fitting


def resized(picture: np.ndarray, width: int) -> np.ndarray:
    """Return a picture of this width, in its own proportions."""
    size = (width, round(picture.shape[0] * width / picture.shape[1]))
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=way)


def titled(picture: np.ndarray, title: str) -> np.ndarray:
    """Put a title above a picture."""
    strip = Image.new("RGB", (picture.shape[1], TITLE), "white")
    ImageDraw.Draw(strip).text((2, 5), title, fill="#23292b", font=ImageFont.load_default(17))
    return np.vstack([np.asarray(strip), picture])


def spaced(pictures: list[np.ndarray], axis: int) -> np.ndarray:
    """Put pictures below (axis 0) or beside (axis 1) one another, with white gaps."""
    ends = [(0, 0)] * 3
    ends[axis] = (0, GAP)
    padded = [np.pad(picture, ends, constant_values=255) for picture in pictures[:-1]]
    return np.concatenate([*padded, pictures[-1]], axis=axis)


if __name__ == "__main__":
    main()
