"""A video of the workspace as the source of the live view, paced by its own times, again and again."""

import asyncio
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from core.data.video import Decoded, decode
from core.live.panel import fitted

CLOCK = 90_000
LATE = 0.2
"""Seconds behind its times from which a replay goes on from now."""
PAUSE = 1 / 25
"""Seconds between the last frame and the first of the next turn."""


class Replay:
    """What streamlit-webrtc calls a player: a source of pictures without sound."""

    def __init__(self, path: Path) -> None:
        self.video = ReplayTrack(path)
        self.audio = None


class ReplayTrack(MediaStreamTrack):
    """Frames as core decodes them (in order, turned upright), at the pace of the video."""

    kind = "video"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._frames = _endless(path)
        self._began: float | None = None

    async def recv(self) -> av.VideoFrame:
        """Return the next frame when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        seconds, decoded = await asyncio.to_thread(next, self._frames)
        now = time.monotonic()
        if self._began is None or now > self._began + seconds + LATE:
            self._began = now - seconds  # what a busy moment has cost is not caught up on
        await asyncio.sleep(max(0.0, self._began + seconds - now))
        frame = av.VideoFrame.from_ndarray(fitted(decoded.picture), format="bgr24")
        frame.pts, frame.time_base = round(seconds * CLOCK), Fraction(1, CLOCK)
        return frame

    def stop(self) -> None:
        """End the replay and close the file."""
        super().stop()
        self._frames = iter(())


def _endless(path: Path) -> Iterator[tuple[float, Decoded]]:
    """Yield (seconds since the first start, frame), turn after turn."""
    offset = 0.0
    while True:
        last = 0.0
        for decoded in decode(path):
            last = decoded.time
            yield offset + last, decoded
        offset += last + PAUSE
