"""What streamlit-webrtc plays: the camera of a browser, whose pictures come back drawn at once, or a stored source."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from typing import Protocol

import av
import cv2
import numpy as np
from aioice import ice
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError
from av.video.reformatter import VideoReformatter
from streamlit import runtime
from streamlit_webrtc import VideoProcessorBase
from streamlit_webrtc.process import VideoProcessTrack
from streamlit_webrtc.relay import get_global_relay

from core.live.camera_feed import CameraFeed
from core.live.teaching import Teacher
from core.live.viewer import Viewer
from ui.live.capture_clock import captured

CLOCK = 90_000

# How often in a row the other end may fail to answer "are you still there?" within half a second, asked about every 5 s,
# before a connection is ended. The library ends it after 6: a server with thirty people on its pages is that late at times.
ice.CONSENT_FAILURES = 20

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="draw")


def hand_on_newest_only() -> None:
    """Let streamlit-webrtc forget pictures that wait for an encoder once a newer one has come, in the whole server.

    It keeps all of them in the order in which they came. Where the processor has other work too, encoding falls behind the
    camera, and the delay would grow for as long as it does.
    """
    if runtime.exists():  # not where a page is tested without a server
        relay = get_global_relay()
        relay.subscribe = partial(MediaRelay.subscribe, relay, buffered=False)  # type: ignore[method-assign]


def return_at_once() -> None:
    """Let streamlit-webrtc return the picture that has just come, in the whole server.

    Its ``async_processing`` returns the one before, and at times the one before that: one or two intervals of the camera late, the later the
    fewer pictures come. Without it the event loop of the server would wait for each picture to be drawn; a thread draws it here.
    """
    VideoProcessTrack.recv = _drawn  # type: ignore[method-assign]


async def _drawn(self: VideoProcessTrack[VideoProcessorBase]) -> av.VideoFrame:
    if self.readyState != "live":
        raise MediaStreamError
    frame = await self.track.recv()
    drawn = await asyncio.get_running_loop().run_in_executor(_threads, self.processor.recv, frame)
    drawn.pts, drawn.time_base = frame.pts, frame.time_base
    return drawn


class CameraView(VideoProcessorBase):
    """What streamlit-webrtc hands the pictures of a camera to; never waits for the network. ``use`` is called with each.

    ``teacher`` is offered each picture.
    """

    def __init__(self, viewer: Viewer, use: Callable[[], None], teacher: Teacher | None = None) -> None:
        self._feed, self._use = CameraFeed(viewer, teacher), use
        # A frame's own one is made anew for every frame, threads and all.
        self._reformatter = VideoReformatter()

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a picture and return it at once, with the newest result drawn on it."""
        self._use()
        arrived = time.monotonic()
        try:
            picture = self._reformatter.reformat(frame, format="bgr24", threads=1).to_ndarray()
        except (ValueError, av.FFmpegError):  # an error here would freeze the picture for ever
            return frame
        return encodable(self._feed.show(picture, captured(frame), arrived))

    def on_ended(self) -> None:
        """End the worker with the stream."""
        self._feed.close()


def encodable(picture: np.ndarray) -> av.VideoFrame:
    """Return ``picture`` (H, W, 3) uint8 BGR as a frame in the format that video encoders take, where its sides are even:
    OpenCV converts it in a tenth of the time that PyAV takes.
    """
    if picture.shape[0] % 2 or picture.shape[1] % 2:
        return av.VideoFrame.from_ndarray(picture, format="bgr24")
    return av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), format="yuv420p")


class Playable(Protocol):
    """What a track plays: a playback, or a camera of the server."""

    def tick(self) -> tuple[np.ndarray, float]:
        """Return the next picture, (H, W, 3) uint8 BGR, and the seconds to wait before it is shown."""

    def close(self) -> None:
        """End it."""


class ReplayTrack(MediaStreamTrack):
    """Pictures of a playback, or of a camera of the server; ``use`` is called with each.

    Their times are those of the clock on the wall: one that stands is sent again and again.
    """

    kind = "video"

    def __init__(self, playback: Playable, use: Callable[[], None]) -> None:
        super().__init__()
        self._playback, self._use = playback, use
        self._began: float | None = None

    async def recv(self) -> av.VideoFrame:
        """Return the next picture when its time has come."""
        self._use()
        if self.readyState == "live":
            picture, wait = await asyncio.to_thread(self._playback.tick)
            await asyncio.sleep(wait)
        if self.readyState != "live":  # it may have ended meanwhile
            raise MediaStreamError
        frame, now = encodable(picture), time.monotonic()
        self._began = self._began or now
        frame.pts, frame.time_base = round((now - self._began) * CLOCK), Fraction(1, CLOCK)
        return frame

    def stop(self) -> None:
        """End the session and close the source."""
        super().stop()
        self._playback.close()
