"""A seam on woven cloth as a phone films it: portrait, uneven light, a hand that shakes. Nothing of it comes from the demo class."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.videos.video_writer import write_video

SIZE = (360, 640)
FPS = 25
PERIOD = 44
"""Pixels from stitch to stitch."""
STEP = 12
"""Pixels that the cloth moves from frame to frame."""
MISSING = 4
"""Stitches of a break."""
EVERY = 34
"""Stitches from one break to the next: more than a picture shows."""


@dataclass(frozen=True)
class PhoneVideo:
    """What a phone films of one cloth.

    Args:
        seed: of the cloth, its colour, its thread and the shaking.
        frames: of the video.
    """

    seed: int
    frames: int = 15 * FPS

    def is_broken(self, index: int) -> bool:
        """Return whether the picture ``index`` shows a break whole."""
        top, bottom = STEP * index, STEP * index + SIZE[1]
        return any(top <= first and last <= bottom for first, last in self._breaks())

    def touches_break(self, index: int) -> bool:
        """Return whether it shows a break, or a part of one."""
        top, bottom = STEP * index, STEP * index + SIZE[1]
        return any(first < bottom and top < last for first, last in self._breaks())

    def _breaks(self) -> list[tuple[int, int]]:
        """Return first and last row of each break on the cloth."""
        rows = range(EVERY // 2 + self.seed % 3, self._rows() // PERIOD, EVERY)
        return [(row * PERIOD, (row + MISSING) * PERIOD) for row in rows]

    def _rows(self) -> int:
        return STEP * self.frames + SIZE[1] + PERIOD

    def pictures(self) -> Iterator[np.ndarray]:
        """Yield the frames (640, 360, 3) uint8, BGR."""
        random = np.random.default_rng(self.seed)
        cloth = self._cloth(random)
        width, height = SIZE
        down, across = np.mgrid[0:height, 0:width]
        lamp = 1.12 - 0.45 * np.hypot(down / height - 0.3, across / width - 0.7)
        for index in range(self.frames):
            x, angle = 20 + 3 * np.sin(index / 19), 1.2 * np.sin(index / 31)
            turned = cv2.getRotationMatrix2D((x + width / 2, STEP * index + height / 2), angle, 1.0)
            turned[:, 2] -= (x, STEP * index)
            seen = cv2.warpAffine(cloth, turned, SIZE, borderMode=cv2.BORDER_REFLECT)
            noise = random.normal(0, 4, (height, width, 1))
            yield np.clip(seen * lamp[..., None] + noise, 0, 255).astype(np.uint8)

    def _cloth(self, random: np.random.Generator) -> np.ndarray:
        """Draw the whole cloth (rows, 400, 3) float32: twill, a fold along the seam, stitches with their shadows."""
        rows, columns = self._rows(), SIZE[0] + 40
        down, across = np.mgrid[0:rows, 0:columns]
        weave = np.sin((down + across) * 2 * np.pi / 7) * 9 + np.sin(across * 2 * np.pi / 3) * 5
        threads = random.normal(0, 5, columns)[None, :] + random.normal(0, 5, rows)[:, None]
        stains = cv2.resize(random.normal(0, 7, (rows // 60, columns // 60)), (columns, rows))
        base = random.uniform((50, 40, 30), (150, 110, 100))
        grey = weave + threads + stains - 16 * np.exp(-(((across - columns / 2) / 26) ** 2))
        cloth = (base + grey[..., None]).astype(np.float32)
        thread = tuple(float(value) for value in random.uniform((150, 170, 190), (215, 230, 245)))
        broken = [range(first // PERIOD, last // PERIOD) for first, last in self._breaks()]
        for stitch in range(rows // PERIOD):
            if any(stitch in gap for gap in broken):
                continue
            x = columns // 2 + round(random.normal(0, 1.2))
            ends = (x, stitch * PERIOD + 6), (x + round(random.normal(0, 1)), (stitch + 1) * PERIOD - 8)
            cv2.line(
                cloth, (ends[0][0] + 3, ends[0][1] + 3), (ends[1][0] + 3, ends[1][1] + 3), (18, 18, 18), 8
            )
            cv2.line(cloth, *ends, thread, 7, cv2.LINE_AA)
        return cv2.GaussianBlur(cloth, (3, 3), 0)

    def write(self, path: Path) -> Path:
        """Write it as an MP4."""
        write_video(path, self.pictures(), fps=FPS)
        return path
