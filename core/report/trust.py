"""What the report says of how far to believe a run: whether its probabilities keep their word, and its heatmaps are right.

Only what was computed before is said; nothing here loads a network.
"""

from typing import Any

import pandas as pd

from core.evaluation import calibration
from core.evaluation.calibration import BINS, HOW, Binning, Surety
from core.explain import audit
from core.runs.run import Run

BY: Binning = "mass"
"""Of the two binnings the one whose every dot rests on as many answers."""
PARTS = {"valid": "validation", "test": "test"}
SMALLEST, LARGEST = 1.5, 5.5
"""Radius of a dot of no frames, and of the dot of most, in hundredths of the diagram."""


def sureness(run: Run) -> dict[str, Any] | None:
    """Return how often what ``run`` says is so, before calibration and after; none where nothing was predicted yet.

    Returns:
        ``how`` the answers are binned, and ``statements``: by name a row for each part, with ``part``, ``frames``,
        ``videos``, the expected calibration errors ``before`` and ``after`` (none where it is not calibrated), and the
        ``dots`` of the reliability diagram by the same two words.

    Raises:
        RunError: a file of the run cannot be read.
    """
    found = {part: calibration.surety(run, part) for part in calibration.predicted(run)}
    if not found:
        return None
    return {
        "how": f"at most {BINS} {HOW[BY]}",
        "statements": {
            name: [_row(run, part, name, of_part[name]) for part, of_part in found.items()]
            for name in calibration.statements(run)
        },
    }


def _row(run: Run, part: str, name: str, surety: Surety) -> dict[str, Any]:
    tables, is_calibrated = calibration.diagram(run, part, name, BY), calibration.is_calibrated(run, name)
    shown = ("before", "after") if is_calibrated else ("before",)
    return {
        "part": PARTS[part],
        "frames": surety.frames,
        "videos": surety.videos,
        "before": surety.before[BY],
        "after": surety.after[BY] if is_calibrated else None,
        "dots": {when: dots(tables[when]) for when in shown},
    }


def dots(table: pd.DataFrame) -> list[dict[str, float]]:
    """Return where the bins of a `core.evaluation.calibration.reliability` lie in a diagram of 100 by 100, from its lower left.

    Returns:
        ``x`` (said), ``y`` (so) and the radius ``r``: areas grow with the frames.
    """
    bins = table[["said", "so", "frames"]].to_numpy(float)
    most = bins[:, 2].max(initial=1)
    return [
        {
            "x": round(100 * said, 2),
            "y": round(100 * so, 2),
            "r": round(SMALLEST + (LARGEST - SMALLEST) * (frames / most) ** 0.5, 2),
        }
        for said, so, frames in bins.tolist()
    ]


def heatmaps(run: Run) -> dict[str, Any] | None:
    """Return what a check of the heatmaps last found of the network as it is; none where nobody asked.

    Returns:
        ``frames``, ``videos``, ``layer`` and ``band`` as of `core.explain.audit.audit`; ``pointing`` and ``curves`` by
        attribute, of those that were scored; ``outside`` as of `core.explain.audit.outside_by_video`, and the ``names`` of
        its columns; ``left_out``, a sentence.
    """
    found = audit.kept(run)
    if found is None:
        return None
    scored = {
        what: {name: row[what] for name, row in found["attributes"].items() if row[what]}
        for what in ("pointing", "curves")
    }
    outside = audit.outside_by_video(found, run.attributes.names)
    names = list(outside[0]["shares"]) if outside else []
    about = {key: found[key] for key in ("frames", "videos", "layer", "band")}
    return about | scored | {"outside": outside, "names": names, "left_out": audit.left_out(found)}
