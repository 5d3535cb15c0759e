"""A stored source as the stream of the live page: frames come drawn, at the pace of their playback."""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from core.live.playback import Playback
from ui.live.camera import encodable

CLOCK = 90_000


class Replay:
    """What streamlit-webrtc calls a player: a source of pictures without sound."""

    def __init__(self, playback: Playback, use: Callable[[], None]) -> None:
        self.video = ReplayTrack(playback, use)
        self.audio = None


class ReplayTrack(MediaStreamTrack):
    """Pictures of a playback. Their times are those of the clock on the wall: one that stands is sent again and again.

    Args:
        playback: gives the pictures.
        use: called with every picture.
    """

    kind = "video"

    def __init__(self, playback: Playback, use: Callable[[], None]) -> None:
        super().__init__()
        self._playback, self._use = playback, use
        self._began: float | None = None

    async def recv(self) -> av.VideoFrame:
        """Return the next picture when its time has come."""
        picture = await self._next()
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        frame = encodable(picture)
        frame.pts, frame.time_base = round((now - self._began) * CLOCK), Fraction(1, CLOCK)
        return frame

    async def _next(self) -> np.ndarray:
        if self.readyState != "live":
            raise MediaStreamError
        self._use()
        picture, wait = await asyncio.to_thread(self._playback.tick)
        await asyncio.sleep(wait)
        return picture

    def stop(self) -> None:
        """End the session and close the source."""
        super().stop()
        self._playback.close()
