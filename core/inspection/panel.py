"""A picture with its heatmaps and messages, and beside it a panel of probabilities where it is to stand for itself."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.attributes import Attribute, AttributeSet
from core.inspection import overlay
from core.inspection.inspector import Inspection
from core.inspection.overlay import bgr, heatmaps
from core.networks.preprocessing import Region, bounds

PANEL = 232
"""Pixels of width beside a picture of a readable height."""
READABLE = (240, 640)
"""Heights in pixels at which the panel's letters are neither cut off nor tiny; for others it is enlarged or reduced."""
LARGEST = (640, 480)
"""Width and height into which the picture is fitted: what browser and network can do in time."""

ROW = 86
"""Pixels of height of an attribute in the panel, at most."""

GROUND, TRACK, INK, QUIET = (27, 25, 21), (58, 53, 48), (240, 238, 235), (165, 160, 152)  # BGR

UNKNOWN = "New to me: I have not learned a seam like this"


@dataclass
class DisplayOptions:
    """What a viewer wants to see; read anew for every picture, so controls may change it at any time.

    Args:
        opacity: 0 to 1, of the strongest evidence.
        chosen: attributes whose heatmaps are drawn; none is what the network decided.
        mirrored: as in a mirror, for who moves the seam by hand. The network never sees it so.
        region: what of a picture the network sees, in fractions; none is the region of the run.
        smooth: seconds of smoothing; 0 is off.
        judge_all: judge also what is unfamiliar to the network.
    """

    opacity: float = 0.5
    chosen: tuple[str, ...] | None = None
    mirrored: bool = False
    region: Region | None = None
    smooth: float = 0.0
    judge_all: bool = False


def draw_picture(
    picture: np.ndarray,
    attributes: AttributeSet,
    inspection: Inspection | None,
    options: DisplayOptions,
    message: str = "",
) -> np.ndarray:
    """Draw ``picture`` (H, W, 3) uint8 BGR, not changed, as the viewer wants to see it: with the heatmaps of its inspection, or
    that of one shortly before, and ``message`` across it. An unfamiliar picture has no heatmaps.
    """
    drawn = picture
    if inspection is not None and inspection.is_familiar:
        drawn = overlay.draw(picture, inspection, attributes, options.opacity, options.chosen)
    drawn = _framed(drawn, options.region or (inspection.region if inspection is not None else None))
    if options.mirrored:
        drawn = cv2.flip(drawn, 1)
    return banner(drawn, message) if message else drawn


def draw_view(
    picture: np.ndarray,
    attributes: AttributeSet,
    inspection: Inspection | None,
    options: DisplayOptions,
    message: str = "",
    note: str = "",
) -> np.ndarray:
    """Draw a picture that stands for itself: `draw_picture` with its panel. An unfamiliar picture has a message of its own."""
    if not message and inspection is not None and not inspection.is_familiar:
        message = UNKNOWN
    drawn = draw_picture(picture, attributes, inspection, options, message)
    return with_panel(drawn, attributes, inspection, options.chosen, note)


def _framed(picture: np.ndarray, region: Region | None) -> np.ndarray:
    """Return the picture, darker where the network does not look."""
    if region in (None, (0.0, 0.0, 1.0, 1.0)):
        return picture
    height, width = picture.shape[:2]
    left, top, right, bottom = bounds(width, height, region)
    framed = (picture // 2) + 16
    framed[top:bottom, left:right] = picture[top:bottom, left:right]
    return framed


def fitted(picture: np.ndarray, side: int = max(LARGEST)) -> np.ndarray:
    """Return the picture, (H, W, 3) uint8 BGR, as large as fits into LARGEST, upright or across, of even sides.

    Also a small one: browsers shrink a stream for a while when they are busy, and heatmaps should stay smooth. With a longer
    ``side`` of so many pixels it fits into that, of the same proportions.
    """
    height, width = picture.shape[:2]
    share = side / max(LARGEST)
    scale = share * min(max(LARGEST) / max(width, height), min(LARGEST) / min(width, height))
    size = (max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2))
    if size == (width, height):
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def limited(picture: np.ndarray) -> np.ndarray:
    """Return the picture, (H, W, 3) uint8 BGR; a larger one than `fitted` makes is reduced to that, before anything else."""
    return fitted(picture) if max(picture.shape[:2]) > max(LARGEST) else picture


def with_panel(
    picture: np.ndarray,
    attributes: AttributeSet,
    inspection: Inspection | None,
    chosen: Collection[str] | None = None,
    note: str = "",
) -> np.ndarray:
    """Return ``picture`` (H, W, 3) uint8 BGR with a panel to its right, (H, W + panel, 3): a bar per attribute, filled to its
    probability; at the foot ``note``.

    Attributes whose heatmaps were ``chosen`` and not decided say so. Of an unfamiliar picture there are no bars.
    """
    height = picture.shape[0]
    is_readable = READABLE[0] <= height <= READABLE[1]
    rows = height if is_readable else LARGEST[1]
    panel = _panel(rows, attributes, inspection, chosen, note)
    if is_readable:
        return np.hstack([picture, panel])
    size = (round(PANEL * height / LARGEST[1]), height)
    return np.hstack([picture, cv2.resize(panel, size, interpolation=cv2.INTER_AREA)])


def banner(picture: np.ndarray, message: str) -> np.ndarray:
    """Return ``picture`` (H, W, 3) uint8 BGR with a line of text across its foot."""
    written = picture.copy()
    height, width = min(44, picture.shape[0]), picture.shape[1]
    foot = written[-height:]
    foot[:] = foot // 5
    size = next((size for size in (18, 14) if _letters(message, size).shape[1] <= width - 16), 11)
    _write(foot, message, 16, max(0, height // 2 - 11), size, INK)
    return written


def _panel(
    height: int,
    attributes: AttributeSet,
    inspection: Inspection | None,
    chosen: Collection[str] | None,
    note: str,
) -> np.ndarray:
    """Return (height, PANEL, 3) uint8 BGR."""
    if inspection is not None and not inspection.is_familiar:
        inspection = None
    notes = heatmap_notes(inspection, attributes, chosen) if inspection is not None else {}
    panel = np.full((height, PANEL, 3), GROUND, np.uint8)
    row = min(ROW, (height - 40) // len(attributes))
    for place, attribute in enumerate(attributes):
        top = 14 + place * row
        _write(panel, attribute.name, 16, top, 17, INK)
        if inspection is not None:
            _row(panel, top, row, attribute, inspection, notes.get(attribute.name, ""))
    _write(panel, note, 16, height - 24, 12, QUIET)
    return panel


def heatmap_notes(
    inspection: Inspection, attributes: AttributeSet, chosen: Collection[str] | None
) -> dict[str, str]:
    """Return what is to be said of the heatmaps, by attribute: that one is empty, or backs no decision."""
    notes = {}
    for layer in heatmaps(inspection, attributes, chosen):
        if not layer.evidence.any():
            notes[layer.attribute.name] = "no evidence"
        elif not layer.decided:
            notes[layer.attribute.name] = "heatmap not decided"
    return notes


def _row(
    panel: np.ndarray, top: int, row: int, attribute: Attribute, inspection: Inspection, note: str
) -> None:
    probability, yes = inspection.probabilities[attribute.name], inspection.decisions[attribute.name]
    ink = INK if yes or attribute.false else QUIET
    _write(panel, f"{probability:.2f}", PANEL - 52, top, 17, ink)
    _bar(panel, top + 26, probability, bgr(attribute.colour), yes)
    if row >= 66:
        meaning = attribute.true if yes else attribute.false
        words = meaning if attribute.false and meaning else str(yes).lower()
        _write(panel, f"{words}, {note}" if note else words, 16, top + 40, 13, ink)


def _bar(panel: np.ndarray, top: int, share: float, colour: tuple[int, int, int], yes: bool) -> None:
    left, right = 16, PANEL - 16
    cv2.rectangle(panel, (left, top), (right, top + 8), TRACK, -1)
    if not yes:
        colour = tuple((c + t) // 2 for c, t in zip(colour, TRACK, strict=True))  # type: ignore[assignment]
    end = left + round((right - left) * min(1.0, max(0.0, share)))
    cv2.rectangle(panel, (left, top), (end, top + 8), colour, -1)


def _write(panel: np.ndarray, text: str, x: int, y: int, size: int, colour: tuple[int, int, int]) -> None:
    if not text:
        return
    cover = _letters(text, size)
    cover = cover[: max(0, panel.shape[0] - y), : max(0, panel.shape[1] - x)]
    place = panel[y : y + cover.shape[0], x : x + cover.shape[1]]
    place[:] = place + (np.array(colour, np.float32) - place) * cover[..., None]


@lru_cache(maxsize=512)
def _letters(text: str, size: int) -> np.ndarray:
    """Return how much of each pixel the text covers, (h, w) float32, 0 to 1."""
    font = ImageFont.load_default(size)
    _, _, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right) + 2, int(bottom) + 2), 0)
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    return np.asarray(image, np.float32) / 255
