"""What a viewer wants to see of a live picture, and what is seen: the picture with its heatmaps, strips and messages."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from core.attributes import AttributeSet
from core.inspection import overlay, panel
from core.inspection.inspector import Inspection
from core.inspection.panel import Trace
from core.networks.preprocessing import Region, bounds

UNKNOWN = "I do not know this picture"


@dataclass
class Look:
    """What a viewer wants to see; read anew for every picture, so controls may change it at any time.

    Args:
        opacity: 0 to 1, of the strongest evidence.
        chosen: attributes whose heatmaps are drawn; none is what the network decided.
        mirrored: as in a mirror, for who moves the seam by hand. The network never sees it so.
        region: what of a picture the network sees, in fractions; none is the region of the run.
        smooth: seconds of smoothing; 0 is off.
    """

    opacity: float = 0.5
    chosen: tuple[str, ...] | None = None
    mirrored: bool = False
    region: Region | None = None
    smooth: float = 0.0


def draw(
    picture: np.ndarray,
    attributes: AttributeSet,
    seen: Inspection | None,
    look: Look,
    trace: Trace | None = None,
    thresholds: Mapping[str, float] | None = None,
    message: str = "",
    note: str = "",
) -> np.ndarray:
    """Draw a picture as the viewer wants to see it, with its panel.

    Args:
        picture: (H, W, 3) uint8 BGR; not changed.
        attributes: of the run.
        seen: what the network said of it, or of one shortly before; none while there is nothing.
        look: of the viewer.
        trace: probabilities of the last seconds.
        thresholds: lines in the strips.
        message: across the picture; what the network does not know says so itself.
        note: a line at the foot of the panel.

    Returns:
        (H, W + panel, 3) uint8 BGR.
    """
    drawn = picture
    if seen is not None and seen.is_familiar:
        drawn = overlay.draw(picture, seen, attributes, look.opacity, look.chosen)
    drawn = _framed(drawn, look.region or (seen.region if seen is not None else None))
    if look.mirrored:
        drawn = cv2.flip(drawn, 1)
    if not message and seen is not None and not seen.is_familiar:
        message = UNKNOWN
    if message:
        drawn = panel.banner(drawn, message)
    return panel.compose(drawn, attributes, seen, look.chosen, note, trace, thresholds or {})


def _framed(picture: np.ndarray, region: Region | None) -> np.ndarray:
    """Return the picture, darker where the network does not look."""
    if region in (None, (0.0, 0.0, 1.0, 1.0)):
        return picture
    height, width = picture.shape[:2]
    left, top, right, bottom = bounds(width, height, region)
    framed = (picture // 2) + 16
    framed[top:bottom, left:right] = picture[top:bottom, left:right]
    return framed
