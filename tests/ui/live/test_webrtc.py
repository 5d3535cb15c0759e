import asyncio
from collections import Counter
from fractions import Fraction

import aioice
import av
import numpy as np
import pytest
from aioice import ice, stun
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc import VideoProcessorBase
from streamlit_webrtc.process import VideoProcessTrack

from tests.helpers.in_loop import in_loop
from ui.live import webrtc
from ui.live.webrtc import encodable


def picture(height: int, width: int) -> np.ndarray:
    ramp = np.linspace(16, 235, width).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()


def test_a_picture_goes_out_as_the_encoders_take_it() -> None:
    shown = picture(48, 64)

    frame = encodable(shown)

    assert frame.format.name == "yuv420p"
    difference = frame.to_ndarray(format="bgr24").astype(int) - shown
    assert np.abs(difference).max() <= 3


@pytest.mark.parametrize("size", [(47, 64), (48, 63)])
def test_a_picture_of_odd_sides_goes_out_too(size: tuple[int, int]) -> None:
    frame = encodable(picture(*size))

    assert isinstance(frame, av.VideoFrame)
    assert (frame.height, frame.width) == size


class Camera(MediaStreamTrack):
    """Gives numbered frames, as fast as they are asked for."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0)
        self.given += 1
        frame = av.VideoFrame(16, 16)
        frame.pts, frame.time_base = self.given, Fraction(1, 30)
        return frame


def test_whoever_asks_late_gets_the_newest_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = MediaRelay()
    monkeypatch.setattr(webrtc.runtime, "exists", lambda: True)
    monkeypatch.setattr(webrtc, "get_global_relay", lambda: relay)
    webrtc.hand_on_newest_only()

    async def ask_late() -> tuple[int, int, int]:
        camera = Camera()
        handed_on = relay.subscribe(camera)
        first = await handed_on.recv()
        while camera.given < 50:
            await asyncio.sleep(0)
        late = await handed_on.recv()
        handed_on.stop()
        camera.stop()
        return first.pts, late.pts, camera.given

    first, late, given = in_loop(ask_late())
    assert first == 1
    assert given - late <= 1


class Doubled(VideoProcessorBase):
    """Returns a frame of twice the width."""

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        return av.VideoFrame(2 * frame.width, frame.height)


def test_the_picture_that_has_come_is_returned_and_not_the_one_before() -> None:
    webrtc.return_at_once()

    async def two() -> list[av.VideoFrame]:
        camera = Camera()
        track = VideoProcessTrack(camera, Doubled())
        drawn = [await track.recv(), await track.recv()]
        track.stop()
        camera.stop()
        return drawn

    drawn = in_loop(two())
    assert [(frame.pts, frame.width) for frame in drawn] == [(1, 32), (2, 32)]


@pytest.mark.timeout(60)
def test_a_connection_outlasts_ten_late_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "CONSENT_INTERVAL", 0.01)
    asked = Counter[object]()

    async def run() -> bytes:
        here, there = aioice.Connection(ice_controlling=True), aioice.Connection(ice_controlling=False)
        for one, other in ((here, there), (there, here)):
            await one.gather_candidates()
            for candidate in one.local_candidates:
                await other.add_remote_candidate(candidate)
            await other.add_remote_candidate(None)
            other.remote_username, other.remote_password = one.local_username, one.local_password
        await asyncio.gather(here.connect(), there.connect())
        over = asyncio.Event()

        async def late(end: object, *_: object, **__: object) -> None:
            asked[end] += 1
            if asked[end] == 10:
                over.set()
                await asyncio.Event().wait()
            raise stun.TransactionTimeout

        monkeypatch.setattr(ice.StunProtocol, "request", late)
        await asyncio.wait_for(over.wait(), 20)
        await here.send(b"a picture")
        return await there.recv()

    assert in_loop(run()) == b"a picture"
