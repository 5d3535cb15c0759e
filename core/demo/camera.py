"""The camera that the strip runs past: where it looks in every frame, and what it makes of it."""

from collections.abc import Iterator

import cv2
import numpy as np

from core.demo.plan import FRAME_HEIGHT, FRAME_WIDTH, MARGIN, VideoPlan

_MOTION, _SENSOR = 3, 4  # purposes of the random numbers used here
_NOISE_PICTURES = 6  # drawing new noise for every frame would take longer than all the rest


def positions(plan: VideoPlan) -> np.ndarray:
    """(frames, 3) x, y of the frame's top left corner in the strip, and the turn in degrees."""
    rng, n = plan.rng(_MOTION), plan.frames
    pace = 1 + 0.12 * np.sin(np.linspace(0, rng.uniform(6, 14), n) + rng.uniform(0, 6))
    y = np.cumsum(pace)
    y = MARGIN + plan.travel * (y - y[0]) / max(y[-1] - y[0], 1.0)
    sway = rng.uniform(4, 9) * np.sin(np.linspace(0, rng.uniform(4, 10), n) + rng.uniform(0, 6))
    shake = rng.normal(0, plan.camera.jitter, (n, 2))
    turn = plan.camera.turn * np.sin(np.linspace(0, rng.uniform(3, 9), n) + rng.uniform(0, 6))
    return np.stack([MARGIN + sway + shake[:, 0], y + shake[:, 1], turn], axis=1)


def views(plan: VideoPlan) -> np.ndarray:
    """(frames, 2, 3) float64: the affine map from strip pixels to frame pixels, per frame."""
    x, y, turn = positions(plan).T
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    middle = np.array([FRAME_WIDTH / 2, FRAME_HEIGHT / 2])
    maps = np.zeros((plan.frames, 2, 3))
    maps[:, 0, 0], maps[:, 0, 1], maps[:, 1, 0], maps[:, 1, 1] = c, s, -s, c
    centre = np.stack([x, y], axis=1) + middle  # this strip point stays in the middle of the frame
    maps[:, :, 2] = middle - np.einsum("nij,nj->ni", maps[:, :, :2], centre)
    return maps


def camera_frames(plan: VideoPlan, strip: np.ndarray) -> Iterator[np.ndarray]:
    """Frames (480, 640, 3) uint8 BGR of a strip (rows, STRIP_WIDTH, 3) uint8 BGR."""
    rng = plan.rng(_SENSOR)
    light = _light_map(plan)
    noise = [_noise(plan, rng) for _ in range(_NOISE_PICTURES)]
    wander = rng.uniform(0, 6, 4)
    for i, view in enumerate(views(plan)):
        t = i / max(plan.frames - 1, 1)
        swing = np.sin(7 * t + wander[0]) + 0.3 * np.sin(31 * t + wander[1])
        exposure = 1 + plan.camera.drift * swing
        focus = plan.camera.blur * (1 + 0.3 * np.sin(9 * t + wander[2]))
        picture = _blur(_window(strip, view), focus, plan.camera.motion)
        lit = cv2.multiply(picture, light, scale=exposure, dtype=cv2.CV_32F)
        grain = np.roll(noise[int(rng.integers(_NOISE_PICTURES))], int(rng.integers(FRAME_HEIGHT)), axis=0)
        yield cv2.add(lit, grain, dtype=cv2.CV_8U)


def _window(strip: np.ndarray, view: np.ndarray) -> np.ndarray:
    """The part of the strip that a frame sees. Only nearby rows are given to OpenCV, which takes < 32768."""
    top = int(np.clip(-view[1, 2] - MARGIN, 0, max(len(strip) - FRAME_HEIGHT - 2 * MARGIN, 0)))
    rows = strip[top : top + FRAME_HEIGHT + 2 * MARGIN]
    local = view.copy()
    local[:, 2] += view[:, 1] * top
    size = (FRAME_WIDTH, FRAME_HEIGHT)
    return cv2.warpAffine(rows, local, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _blur(picture: np.ndarray, sigma: float, motion: int) -> np.ndarray:
    """Out of focus in both directions, and smeared along the way of the seam while the shutter is open."""
    focus = cv2.getGaussianKernel(7, sigma, cv2.CV_32F)
    along = np.convolve(focus[:, 0], np.full(motion, 1 / motion, np.float32))
    return cv2.sepFilter2D(picture, -1, focus, along.astype(np.float32))


def _light_map(plan: VideoPlan) -> np.ndarray:
    """(480, 640, 3) float32: lamp and lens; both stay with the camera while the seam runs."""
    y, x = np.mgrid[-1 : 1 : FRAME_HEIGHT * 1j, -1 : 1 : FRAME_WIDTH * 1j]
    fall_x, fall_y = plan.light.fall
    grey = (1 + fall_x * x + fall_y * y) * (1 - plan.light.vignette * (x**2 + y**2) / 2)
    return (grey[:, :, None] * np.array(plan.light.tint)).astype(np.float32)


def _noise(plan: VideoPlan, rng: np.random.Generator) -> np.ndarray:
    """(480, 640, 3) float32 in grey levels: mostly brightness, a little colour, as sensors have it."""
    grey = rng.standard_normal((FRAME_HEIGHT, FRAME_WIDTH, 1), dtype=np.float32)
    colour = rng.standard_normal((FRAME_HEIGHT, FRAME_WIDTH, 3), dtype=np.float32)
    return plan.camera.noise * (0.8 * grey + 0.5 * colour)
