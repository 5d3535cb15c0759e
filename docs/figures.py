"""Make the figures of heatmaps: ``python docs/figures.py WORKSPACE [--fruit WORKSPACE]``.

The first workspace holds a trained run with error, break and length, the second one of exclusive classes. Both figures
are re-made after the published ones from frames that the network has not learned from: for each column the one that
it is surest of, the same frame on each call.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.inspection.inspector import Inspector
from core.inspection.overlay import draw
from core.media.library import read_frame
from core.runs import registry as runs
from core.runs.run import Run
from core.workspace import open_workspace

PICTURES = Path(__file__).resolve().parent / "pictures"
GAP, TITLE = 8, 30
SEAMS = {
    "error": {"error": True, "break": False},
    "break": {"error": False, "break": True},
    "error and break": {"error": True, "break": True},
    "length": {"good": True, "length": True},
}
"""The published seams: what is labelled true and false of each; the attributes of its title are drawn."""


def main() -> None:
    """Write both figures, or the first alone."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--fruit", type=Path, metavar="WORKSPACE")
    choice = parser.parse_args()
    _write("heatmaps-seams.jpg", seams(_newest(choice.workspace)))
    if choice.fruit:
        _write("heatmaps-fruit.jpg", fruit(_newest(choice.fruit)))


def _newest(path: Path) -> Run:
    return runs.get_run(open_workspace(path), "latest")


def seams(run: Run) -> np.ndarray:
    """Four seams side by side: error, break, both, and stitch length, each in its colour."""
    inspector, rows = Inspector.load(run), _judged(run)
    columns = []
    for title, answers in SEAMS.items():
        name = _surest(rows, answers)
        picture = read_frame(run.workspace, name)
        drawn = draw(picture, inspector.inspect(picture), run.attributes, 0.6, title.split(" and "))
        print(f"{title}: {name}")
        columns.append(_titled(_sized(drawn, 300), title))
    return _side_by_side(columns)


def fruit(run: Run) -> np.ndarray:
    """A column per class: the picture, the heatmap, and both merged."""
    inspector, rows = Inspector.load(run), _judged(run)
    columns = []
    for attribute in run.attributes:
        name = _surest(rows, {attribute.name: True})
        picture = read_frame(run.workspace, name)
        large, seen = _sized(picture, 200), inspector.inspect(picture)
        heat = draw(np.zeros_like(large), seen, run.attributes, 1.0, (attribute.name,))
        both = draw(large, seen, run.attributes, 0.6, (attribute.name,))
        print(f"{attribute.name}: {name}")
        gap = np.full((GAP, large.shape[1], 3), 255, np.uint8)
        columns.append(_titled(np.vstack([large, gap, heat, gap, both]), attribute.name))
    return _side_by_side(columns)


def _judged(run: Run) -> pd.DataFrame:
    """Return labels and probabilities of the test part."""
    table = pd.read_csv(run.path / "predictions.csv")
    return table[table["part"] == "test"]


def _surest(rows: pd.DataFrame, answers: dict[str, bool]) -> str:
    """Return the name of the frame with these labels whose least sure answer is the surest."""
    fitting = rows[np.all([rows[name].eq(answer) for name, answer in answers.items()], axis=0)]
    if fitting.empty:
        raise SystemExit(f"No test frame is labelled {answers}: take another workspace.")
    sure = [
        fitting[f"{name}_probability"] if yes else 1 - fitting[f"{name}_probability"]
        for name, yes in answers.items()
    ]
    return str(fitting["name"].iloc[int(np.argmax(np.min(sure, axis=0)))])


def _sized(picture: np.ndarray, width: int) -> np.ndarray:
    size = (width, round(picture.shape[0] * width / picture.shape[1]))
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=way)


def _titled(picture: np.ndarray, title: str) -> np.ndarray:
    strip = Image.new("RGB", (picture.shape[1], TITLE), "white")
    ImageDraw.Draw(strip).text((2, 5), title, fill="#23292b", font=ImageFont.load_default(17))
    return np.vstack([np.asarray(strip), picture])


def _side_by_side(columns: list[np.ndarray]) -> np.ndarray:
    gap = np.full((columns[0].shape[0], GAP, 3), 255, np.uint8)
    spaced = [part for column in columns for part in (column, gap)]
    return np.hstack(spaced[:-1])


def _write(name: str, picture: np.ndarray) -> None:
    cv2.imwrite(str(PICTURES / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])


if __name__ == "__main__":
    main()
