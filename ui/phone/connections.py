"""WebRTC of the phone page and of the network check: one offer in, one answer out, without a server on the internet."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import av
import cv2
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av.video.reformatter import VideoReformatter

from ui.live.capture_clock import captured, follow_captures
from ui.live.webrtc import CLOCK, encodable

CHECK_LASTS = 15.0
"""Seconds after which a connection of the network check is closed."""
MOST_CHECKS = 10
"""Connections of the network check at a time; an older one is closed for a newer one."""
Draw = Callable[[np.ndarray, float | None], np.ndarray]
"""Takes a picture of the camera, (H, W, 3) uint8 BGR, and when it was taken (see `captured`), and returns it drawn."""

_checks: list[RTCPeerConnection] = []


class DrawnTrack(MediaStreamTrack):
    """The newest picture of a camera, drawn: those that come while one is drawn are left out, so that nothing lags behind."""

    kind = "video"

    def __init__(self, camera: MediaStreamTrack, draw: Draw) -> None:
        super().__init__()
        self._camera, self._draw = camera, draw
        self._newest: av.VideoFrame | None = None
        self._came = asyncio.Event()
        self._began: float | None = None
        self._reformatter = VideoReformatter()
        self._pumping = asyncio.ensure_future(self._pump())

    async def recv(self) -> av.VideoFrame:
        """Return the next picture."""
        await self._came.wait()
        self._came.clear()
        if self.readyState != "live" or self._newest is None:
            raise MediaStreamError
        frame, now = await asyncio.to_thread(self._drawn, self._newest), time.monotonic()
        self._began = self._began or now
        frame.pts, frame.time_base = round((now - self._began) * CLOCK), Fraction(1, CLOCK)
        return frame

    def stop(self) -> None:
        """End it with its camera."""
        super().stop()
        self._pumping.cancel()
        self._came.set()

    def _drawn(self, frame: av.VideoFrame) -> av.VideoFrame:
        try:
            picture = self._reformatter.reformat(frame, format="bgr24", threads=1).to_ndarray()
        except (ValueError, av.FFmpegError):
            return frame
        return encodable(self._draw(upright(picture, frame.rotation), captured(frame)))

    async def _pump(self) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await self._camera.recv()
                self._newest = frame if isinstance(frame, av.VideoFrame) else self._newest
                self._came.set()
        self.stop()


def upright(picture: np.ndarray, rotation: int) -> np.ndarray:
    """Return ``picture`` (H, W, 3) turned by ``rotation``, degrees against the clock, a multiple of 90."""
    turns = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    turn = turns.get(rotation % 360)
    return picture if turn is None else cv2.rotate(picture, turn)


async def answer(connection: RTCPeerConnection, offer: str) -> str:
    """Return the answer to an ``offer`` (SDP).

    Raises:
        ValueError: it is no offer.
    """
    try:
        await connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await connection.setLocalDescription(await connection.createAnswer())
    except Exception as error:  # aiortc raises whatever it meets in an SDP
        await connection.close()
        raise ValueError("no offer") from error
    return str(connection.localDescription.sdp)


def new_connection() -> RTCPeerConnection:
    """Return a connection that asks no server on the internet for its address."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


async def connect(offer: str, draw: Draw) -> tuple[RTCPeerConnection, str]:
    """Connect a camera, whose pictures come back drawn; return the connection and the answer to the ``offer`` (SDP)."""
    follow_captures()
    connection, drawn = new_connection(), list[DrawnTrack]()

    @connection.on("track")
    def show(track: MediaStreamTrack) -> None:
        if track.kind == "video":
            drawn.append(DrawnTrack(track, draw))
            connection.addTrack(drawn[-1])

    @connection.on("connectionstatechange")
    async def end() -> None:
        if connection.connectionState in ("failed", "closed"):
            for each in drawn:  # the camera of a connection that never came about does not end
                each.stop()
            await connection.close()

    return connection, await answer(connection, offer)


async def check(offer: str) -> str:
    """Answer the offer of a network check: whether its data channel opens, the page sees."""
    connection = new_connection()
    _checks.append(connection)
    while len(_checks) > MOST_CHECKS:
        await _checks.pop(0).close()
    asyncio.get_running_loop().call_later(CHECK_LASTS, lambda: asyncio.ensure_future(_close(connection)))
    return await answer(connection, offer)


async def _close(connection: RTCPeerConnection) -> None:
    if connection in _checks:
        _checks.remove(connection)
    await connection.close()
