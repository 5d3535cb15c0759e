"""WebRTC of the phone page, from an offer to drawn pictures, inside this process."""

import asyncio
import threading
from typing import Any

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import MediaStreamError

from tests.helpers.in_loop import in_loop
from ui.phone import connections
from ui.phone.connections import DrawnTrack, upright

PATIENCE = 30


def frame(value: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((48, 64, 3), value, np.uint8), format="bgr24")


class Camera(MediaStreamTrack):
    """Gives a picture, and when it is told to all others at once, each brighter; then it ends."""

    kind = "video"

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left = iter(range(count))
        self.may_go_on, self.may_end = asyncio.Event(), asyncio.Event()

    async def recv(self) -> av.VideoFrame:
        value = next(self._left, None)
        if value:
            await self.may_go_on.wait()
        if value is None:
            await self.may_end.wait()
            raise MediaStreamError
        return frame(value)


@pytest.mark.timeout(PATIENCE)
def test_while_a_picture_is_drawn_only_the_newest_waits() -> None:
    drawn: list[int] = []
    first, go = threading.Event(), threading.Event()

    def draw(picture: np.ndarray, captured: float | None) -> np.ndarray:
        drawn.append(int(picture.mean()))
        first.set()
        assert go.wait(PATIENCE)
        return picture

    async def run() -> None:
        camera = Camera(100)
        track = DrawnTrack(camera, draw)
        receiving = asyncio.ensure_future(track.recv())
        await asyncio.to_thread(first.wait)
        camera.may_go_on.set()
        await asyncio.sleep(0.1)  # the loop takes all that the camera gives
        go.set()
        await receiving
        await track.recv()
        camera.may_end.set()
        with pytest.raises(MediaStreamError):
            await track.recv()

    in_loop(run())
    assert len(drawn) == 2
    assert drawn[1] == pytest.approx(99, abs=2)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (2, 0)), (180, (2, 3)), (270, (0, 2))])
def test_a_picture_that_is_marked_as_turned_is_turned(rotation: int, corner: tuple[int, int]) -> None:
    picture = np.zeros((3, 4, 3), np.uint8)
    picture[0, 0] = 255
    turned = upright(picture, rotation)
    if rotation == 90:
        corner = (3, 0)
    assert turned[corner].all()


async def offered(peer: RTCPeerConnection) -> str:
    await peer.setLocalDescription(await peer.createOffer())
    return str(peer.localDescription.sdp)


async def take(peer: RTCPeerConnection, answer: str) -> None:
    await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))


@pytest.mark.timeout(PATIENCE)
def test_the_data_channel_of_a_check_opens() -> None:
    async def run() -> None:
        peer, opened = connections.new_connection(), asyncio.Event()
        peer.createDataChannel("check").on("open", opened.set)
        await take(peer, await connections.check(await offered(peer)))
        await asyncio.wait_for(opened.wait(), PATIENCE)
        await peer.close()
        for each in list(connections._checks):
            await connections._close(each)

    in_loop(run())


@pytest.mark.timeout(PATIENCE)
def test_checks_that_nobody_ends_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CHECKS", 2)

    async def run() -> int:
        for _ in range(4):
            peer = connections.new_connection()
            peer.createDataChannel("check")
            await connections.check(await offered(peer))
            await peer.close()
        held = len(connections._checks)
        for each in list(connections._checks):
            await connections._close(each)
        return held

    assert in_loop(run()) == 2


@pytest.mark.timeout(PATIENCE)
def test_a_camera_comes_back_drawn() -> None:
    async def run() -> Any:
        peer, came = connections.new_connection(), asyncio.get_running_loop().create_future()
        peer.addTrack(VideoStreamTrack())
        peer.on("track", came.set_result)
        connection, answer = await connections.connect(
            await offered(peer), lambda picture, captured: np.full_like(picture, 200)
        )
        await take(peer, answer)
        picture = await asyncio.wait_for((await came).recv(), PATIENCE)
        await peer.close()
        await connection.close()
        return picture.to_ndarray(format="bgr24")

    assert in_loop(run()).mean() == pytest.approx(200, abs=3)


@pytest.mark.timeout(PATIENCE)
def test_of_a_camera_that_never_connects_nothing_goes_on() -> None:
    async def run() -> int:
        peer, before = connections.new_connection(), asyncio.all_tasks()
        peer.addTrack(VideoStreamTrack())
        connection, _ = await connections.connect(await offered(peer), lambda picture, captured: picture)
        await peer.close()
        await connection.close()
        pumping = [task for task in asyncio.all_tasks() - before if "_pump" in repr(task.get_coro())]
        if pumping:  # it may have ended already
            await asyncio.wait(pumping, timeout=PATIENCE / 2)
        return sum(not task.done() for task in pumping)

    assert in_loop(run()) == 0
