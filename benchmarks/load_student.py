"""A student of a class under load: opens one page after the other, labels, watches the training, or is live with a phone."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, islice
from typing import Any

import av
import numpy as np
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import MediaStreamError

from benchmarks.load_browser import Browser, RequestFailedError
from benchmarks.load_labels import Labeller, Ledger, Truth
from ui.label import labeller

PAGES = ("Label", "Train", "", "Label", "Balance", "Test", "Label", "Videos")
"""In turn; the first one differs from student to student. The name of Home is empty."""
LABELS, WATCHES, LOOKS = 30.0, 15.0, (4.0, 8.0)
"""Seconds on Label, on Train, and on the other pages."""
MODULES = sorted(file.name for file in labeller.HERE.glob("*.js"))
LATE, PACE = 15.0, 0.25  # seconds until an answer is given up, and from picture to picture; post.js
LINE = 3.0  # seconds from one question in line to the next; phone.js
RATE = 10  # pictures a second of live video
RESTS = 5.0  # seconds after something failed

# All students share this process; a browser of its own goes on where answers are late.
ice.CONSENT_FAILURES = 1000


@dataclass(frozen=True)
class Lesson:
    """What all students of a class share.

    Args:
        workspace: as pages know it.
        truth: what they answer.
        ledger: of what was acknowledged.
        pictures: (H, W, 3) uint8 BGR, and the same as JPEG: what cameras see.
        end: on the clock of the event loop.
    """

    workspace: str
    truth: Truth
    ledger: Ledger
    pictures: Sequence[tuple[np.ndarray, bytes]]
    end: float

    @property
    def left(self) -> float:
        """Seconds."""
        return max(0.0, self.end - time.monotonic())


async def learn(browser: Browser, lesson: Lesson, name: str, number: int) -> None:
    """Browse and label until the lesson ends. After a round of the pages the tab is closed, and another opened."""
    chance, pages = random.Random(number), cycle(PAGES)
    for _ in range(number % len(PAGES)):
        next(pages)
    while lesson.left:
        try:
            tab = await browser.open(next(pages))
        except (RequestFailedError, OSError):
            await asyncio.sleep(min(RESTS, lesson.left))
            continue
        try:
            for page in islice(pages, len(PAGES)):
                await tab.go(page)
                await _stay(browser, lesson, name, page, chance)
                if not lesson.left:
                    break
        except RequestFailedError:
            await asyncio.sleep(min(RESTS, lesson.left))
        finally:
            await tab.close()


async def _stay(browser: Browser, lesson: Lesson, name: str, page: str, chance: random.Random) -> None:
    if page == "Label":
        await asyncio.gather(*(browser.ask("file", "GET", f"/api/labeller/{module}") for module in MODULES))
        at_work = Labeller(browser, lesson.workspace, name, lesson.truth, lesson.ledger, chance)
        await at_work.label(min(LABELS, lesson.left))
    else:
        seconds = WATCHES if page == "Train" else chance.uniform(*LOOKS)
        await asyncio.sleep(min(seconds, lesson.left))


async def be_live(browser: Browser, lesson: Lesson, by_video: bool) -> None:
    """Be live with a phone until the lesson ends: by single pictures, or by video (WebRTC)."""
    await browser.ask("document", "GET", "/phone")
    await browser.ask("setup", "GET", "/phone/setup")
    token = ""
    while lesson.left:
        with suppress(RequestFailedError):
            token, line = await _begin(browser, token)
            if line:
                await asyncio.sleep(min(LINE, lesson.left))
                continue
            await (_send_video if by_video else _send_pictures)(browser, lesson, token)
            break
        await asyncio.sleep(min(RESTS, lesson.left))
    with suppress(RequestFailedError):
        await browser.ask("end", "POST", "/phone/end", json={"token": token})


async def _begin(browser: Browser, token: str) -> tuple[str, int]:
    begun = await browser.ask("begin", "POST", "/phone/begin", json={"token": token, "network": ""})
    said = begun.json()
    return said["token"], said["line"]


async def _send_pictures(browser: Browser, lesson: Lesson, token: str) -> None:
    """Send single pictures, one on its way at a time."""
    kind = {"Content-Type": "image/jpeg"}
    for number in range(10**9):
        if not lesson.left:
            return
        begun, (_, jpeg) = time.monotonic(), lesson.pictures[number % len(lesson.pictures)]
        await browser.ask(
            "live picture",
            "PUT",
            "/api/look",
            params={"token": token},
            content=jpeg,
            headers=kind,
            timeout=LATE,
        )
        await asyncio.sleep(max(0.0, PACE - (time.monotonic() - begun)))


class Camera(VideoStreamTrack):
    """The camera of a phone: the pictures of a lesson, `RATE` of them a second."""

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self._frames = [av.VideoFrame.from_ndarray(picture, format="bgr24") for picture, _ in lesson.pictures]
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / RATE)
        frame = self._frames[self._number % len(self._frames)]
        frame.pts, frame.time_base = self._number, Fraction(1, RATE)
        self._number += 1
        return frame


async def _send_video(browser: Browser, lesson: Lesson, token: str) -> None:
    """Send live video and look at what comes back: how long each picture comes after the one before."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    looking: list[asyncio.Task[None]] = []
    peer.addTrack(Camera(lesson))
    peer.on("track", lambda track: looking.append(asyncio.create_task(_look(browser, track))))
    try:
        await peer.setLocalDescription(await peer.createOffer())
        answer: dict[str, Any] = (
            await browser.ask(
                "offer", "POST", "/phone/offer", json={"token": token, "sdp": peer.localDescription.sdp}
            )
        ).json()
        await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        while lesson.left:
            await asyncio.sleep(min(1.0, lesson.left))
            await browser.ask("verdict", "POST", "/api/live", json={"token": token})
            if looking and looking[0].done() and lesson.left:
                browser.tally.errors["live video: it ended"] += 1
                raise RequestFailedError("live video ended")
        if not browser.tally.times["live video"]:
            browser.tally.errors["live video: no picture came"] += 1
    finally:
        await peer.close()


async def _look(browser: Browser, track: Any) -> None:
    with suppress(MediaStreamError):
        await track.recv()
        while True:
            begun = time.perf_counter()
            await track.recv()
            browser.tally.times["live video"].append(time.perf_counter() - begun)
