"""The pictures of the report: the worst mistakes under the heatmaps of what the network decided. Brings TensorFlow."""

import base64
from typing import Any

import cv2
import numpy as np

from core.data.frames import read_frame
from core.errors import SeamLensError
from core.live import figure, overlay
from core.live.inspector import Inspector
from core.model.mistakes import find
from core.model.run import Run

WORST = 12
WIDTH = 360  # pixels: sharp on paper, and a report of 12 is under a megabyte
QUALITY = 85


def worst(run: Run, count: int = WORST) -> list[dict[str, Any]]:
    """Return the mistakes that the tested ``run`` was surest of, each with its pictures.

    Returns:
        The columns of `core.model.mistakes.find`, and ``pictures``: data addresses of the frame and of the frame under the
        heatmap, with ``is_empty``: whether there was no evidence to draw; or ``missing``: why there is none.

    Raises:
        RunError: the run was not tested, or has no network.
    """
    found = find(run).head(count)
    if found.empty:
        return []
    inspector = Inspector.load(run)
    rows = found.to_dict("records")
    return [{str(key): value for key, value in row.items()} | _pictures(run, inspector, row) for row in rows]


def _pictures(run: Run, inspector: Inspector, mistake: dict[Any, Any]) -> dict[str, Any]:
    try:
        picture = read_frame(run.workspace, mistake["name"])
    except SeamLensError as error:
        return {"pictures": [], "is_empty": False, "missing": error.received}
    seen = inspector.inspect(picture)
    asked = mistake["decided"] or mistake["attribute"]
    if run.attributes.exclusive:
        drawn = [figure.strip(picture, seen, run.attributes, asked, 2 * WIDTH)]
    else:
        drawn = [picture, overlay.draw(picture, seen, run.attributes, 0.55, (asked,))]
    is_empty = overlay.is_empty(seen, run.attributes, asked)
    return {"pictures": [_address(one) for one in drawn], "is_empty": is_empty}


def _address(picture: np.ndarray) -> str:
    """Return a picture (H, W, 3) uint8 BGR as a data address of a JPEG, at most twice `WIDTH` pixels wide."""
    if picture.shape[1] > 2 * WIDTH or picture.shape[1] < WIDTH:
        height = max(1, round(picture.shape[0] * WIDTH / picture.shape[1]))
        picture = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
    content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()
