"""Many devices that are live and are gone without a word: nothing of them stays on the server."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.live import visits
from core.media.images import encode_jpeg
from core.workspace import Workspace, open_workspace
from tests.helpers.waiting import until
from tests.ui.phone.test_look import JPEG, begin, picture
from ui.live.stream import live_places
from ui.phone.connections import new_connection
from ui.phone.routes import routes as phone_routes
from ui.server.look import VISITS
from ui.server.routes import routes

TABS, BY_VIDEO = 50, 6
POOLS = ("AnyIO worker thread", "asyncio_")
"""Threads that a server keeps for any work; never more than a fixed number."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    """The routes of a server with a place for every tab."""
    with (workspace.path / "workspace.toml").open("a") as settings:
        settings.write(f"\n[live]\nplaces = {TABS}\n")
    st.cache_resource.clear()
    app = Starlette(routes=[*routes(), *phone_routes()])
    with TestClient(app, base_url="http://localhost:8501") as found:
        yield found
        for token in list(VISITS._visits):
            VISITS.end(token)


class Phones:
    """Cameras that are live by video, on a loop of their own; `vanish` stops it, so that nothing is sent any more."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.peers: list[RTCPeerConnection] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="phones")
        self._thread.start()

    def connect(self, client: TestClient, token: str) -> None:
        """Be live until the first drawn picture has come back."""
        peer, came = new_connection(), threading.Event()
        self.peers.append(peer)

        async def offer() -> str:
            peer.addTrack(VideoStreamTrack())
            peer.on(
                "track",
                lambda track: asyncio.ensure_future(track.recv()).add_done_callback(lambda _: came.set()),
            )
            await peer.setLocalDescription(await peer.createOffer())
            return str(peer.localDescription.sdp)

        sdp = asyncio.run_coroutine_threadsafe(offer(), self.loop).result(60)
        answer = client.post("/phone/offer", json={"token": token, "sdp": sdp}).json()["sdp"]
        taken = peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        asyncio.run_coroutine_threadsafe(taken, self.loop).result(60)
        assert came.wait(120)

    def vanish(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(60)

    def close(self) -> None:
        """Free what the test itself holds."""

        async def hang_up() -> None:
            await asyncio.gather(*(peer.close() for peer in self.peers))

        with ThreadPoolExecutor(
            1
        ) as elsewhere:  # the browser of another test may keep a loop running in this thread
            elsewhere.submit(self.loop.run_until_complete, hang_up()).result()
        self.loop.close()


def live_and_gone(client: TestClient, tabs: int, by_video: int) -> Phones:
    """Let so many tabs be live, some of them by video, and vanish; return what the phones among them still hold."""
    phones, jpeg = Phones(), encode_jpeg(picture())
    for number in range(tabs):
        token = begin(client)
        if number < by_video:
            phones.connect(client, token)
        else:
            assert client.put(f"/api/look?token={token}", content=jpeg, headers=JPEG).status_code == 200
    phones.vanish()
    return phones


def threads() -> Counter[str]:
    """Return how many threads there are of each name; the decoders of the test's own phones are counted with them."""
    return Counter(each.name for each in threading.enumerate() if not each.name.startswith(POOLS))


def test_fifty_tabs_that_are_closed_while_live_leave_no_thread_and_no_place(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_and_gone(client, 2, 1).close()  # what a server starts once and keeps
    until(lambda: not VISITS._visits and "live visits" not in threads(), "the first visits to end")
    before = threads()
    with monkeypatch.context() as patient:
        patient.setattr(visits, "QUIET", 600)  # until all have come
        phones = live_and_gone(client, TABS, BY_VIDEO)
        assert len(VISITS) == TABS
    until(lambda: not VISITS._visits, "all visits to end")
    phones.close()
    until(lambda: not threads() - before, "all threads to end")
    places = live_places(open_workspace(workspace.path))
    assert places.taken() == 0
    assert [places.ask(f"new {number}") for number in range(TABS)] == [0] * TABS


def test_who_waits_in_line_and_is_gone_keeps_nobody_waiting(client: TestClient, workspace: Workspace) -> None:
    places = live_places(open_workspace(workspace.path))
    live_and_gone(client, TABS, 0)
    waiting = [client.post("/phone/begin", json={}).json() for _ in range(3)]
    assert [each["line"] for each in waiting] == [1, 2, 3]
    until(lambda: places.ask("the next") == 0, "the next one to have a place")
