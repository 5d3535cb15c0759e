"""What is random about a rendered video, as plain data: nothing here draws, nothing here is drawn.

Strip coordinates: x to the right, y along the seam, in pixels; the camera's frame is a window of the strip.
Colours are (blue, green, red), 0 to 1.
"""

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]

VIDEOS, FRAMES = 18, 200  # of a class: three of each weave
FRAME_WIDTH, FRAME_HEIGHT, FPS = 640, 480, 25.0
MARGIN = 64  # the strip is this much wider than a frame on every side: jitter and rotation look beyond it
STRIP_WIDTH = FRAME_WIDTH + 2 * MARGIN
PX_PER_MM = 20.0
SHORT_MM, LONG_MM = 2.0, 4.0


@dataclass(frozen=True)
class FabricPlan:
    """One piece of cloth. `period` is the distance between two yarns (or grains) in pixels."""

    weave: str
    period: float
    colour: Colour
    second: Colour  # the weft's colour; the same as `colour` where the cloth has one colour
    tilt: float  # degrees by which the weave is turned against the seam
    wrinkles: float  # 0 lies flat, 1 lies badly


@dataclass(frozen=True)
class ThreadPlan:
    """One reel of thread; `radius` and `ply` (length of one turn of the twist) in pixels."""

    colour: Colour
    radius: float
    ply: float
    gloss: float
    slant: float  # how far a stitch leans over, in pixels from its hole to the next


@dataclass(frozen=True)
class LightPlan:
    """One lamp. `towards` is the direction of the light across the cloth (unit vector x, y)."""

    towards: tuple[float, float]
    strength: float
    tint: Colour
    fall: tuple[float, float]  # how much brighter the right (bottom) side is than the left (top)
    vignette: float


@dataclass(frozen=True)
class CameraPlan:
    """How steady and how good the camera is: jitter in pixels, blur as sigma in pixels, noise in grey levels."""

    jitter: float
    turn: float  # degrees
    blur: float
    motion: int  # pixels that the seam moves while the shutter is open
    noise: float
    drift: float  # share by which the exposure wanders


@dataclass(frozen=True)
class SeamPlan:
    """The line of the seam: x = centre + sum of amplitude * sin(2 pi y / wavelength + phase)."""

    centre: float
    waves: tuple[tuple[float, float, float], ...]
    pitches: tuple[tuple[float, float], ...]  # (from this y on, millimetres)
    skipped: tuple[int, ...] = ()  # needle holes, counted from the top, where the stitch was not made


@dataclass(frozen=True)
class DefectPlan:
    """One defect, before it is fitted to the needle holes: where, how long, how far off the seam (pixels)."""

    kind: str  # "error" | "break"
    shape: str
    y: float
    length: float
    reach: float
    side: int  # -1 left, 1 right
    seed: int


@dataclass(frozen=True)
class BlemishPlan:
    """A hard negative: something that catches the eye and is no defect."""

    kind: str  # "crease" | "shadow" | "stain" | "lint" | "end"
    x: float
    y: float
    size: float
    angle: float  # radians
    strength: float
    seed: int


@dataclass(frozen=True)
class VideoPlan:
    """Everything that is random about one video; the same plan gives the same frames."""

    name: str
    labelled: bool
    seed: int
    frames: int
    travel: float  # pixels of seam that pass the camera
    scale: float  # pixels per millimetre
    fabric: FabricPlan
    thread: ThreadPlan
    light: LightPlan
    camera: CameraPlan
    seam: SeamPlan
    defects: tuple[DefectPlan, ...] = ()
    blemishes: tuple[BlemishPlan, ...] = ()

    @property
    def strip_height(self) -> int:
        """Rows of the strip that holds the whole video."""
        return int(self.travel) + FRAME_HEIGHT + 2 * MARGIN

    def rng(self, *purpose: int) -> np.random.Generator:
        """A generator for one purpose, so that a change to one part leaves the others as they were."""
        return np.random.default_rng([self.seed, *purpose])
