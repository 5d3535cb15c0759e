"""The pictures of the report: the worst mistakes under the heatmaps of what the network decided. Brings TensorFlow."""

from typing import Any

from core.errors import SeamLensError
from core.evaluation.mistakes import find
from core.inspection import overlay
from core.inspection.inspector import Inspector
from core.media.images import data_address, small_jpeg
from core.media.library import read_frame
from core.runs.run import Run

WORST = 12
WIDTH = 360  # pixels: sharp on paper, and a report of 12 is under a megabyte
QUALITY = 85


def worst(run: Run) -> list[dict[Any, Any]]:
    """Return the `WORST` mistakes that the tested ``run`` was surest of, each with its pictures.

    Returns:
        The columns of `core.evaluation.mistakes.find`, and ``pictures``: data addresses of the frame and of the frame under the
        heatmap, with ``is_empty``: whether there was no evidence to draw; or ``missing``: why there is none.

    Raises:
        RunError: the run was not tested, or has no network.
    """
    found = find(run).head(WORST)
    if found.empty:
        return []
    inspector = Inspector.load(run)
    return [row | _pictures(run, inspector, row) for row in found.to_dict("records")]


def _pictures(run: Run, inspector: Inspector, mistake: dict[Any, Any]) -> dict[str, Any]:
    try:
        picture = read_frame(run.workspace, mistake["name"])
    except SeamLensError as error:
        return {"pictures": [], "is_empty": False, "missing": error.problem}
    seen = inspector.inspect(picture)
    asked = mistake["decided"] or mistake["attribute"]
    width = 2 * WIDTH if run.attributes.exclusive else WIDTH
    if run.attributes.exclusive:
        drawn = [overlay.figure(picture, seen, run.attributes, asked, width)]
    else:
        drawn = [picture, overlay.draw(picture, seen, run.attributes, 0.55, (asked,))]
    is_empty = overlay.is_empty(seen, run.attributes, asked)
    pictures = [data_address(small_jpeg(one, width, QUALITY)) for one in drawn]
    return {"pictures": pictures, "is_empty": is_empty}
