"""The pictures of an event: its best one, and a clip from a little before to a little after."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.events.detector import Event, EventChange, Rules
from core.inspection.inspector import Reading
from core.inspection.panel import fitted
from core.networks.preprocessing import Region
from core.videos.video_writer import VideoWriter

BYTES = 96 * 2**20
"""Of pictures that wait for an event to begin. A second of a camera is about 25 MiB."""

LONGEST = 20.0
"""Seconds of a clip; of a longer event its beginning is kept."""

CLIP_SIZE = (480, 360)
"""Width and height in pixels into which a clip is fitted, and"""
CLIP_RATE = 12
"""its pictures per second at most: to see what happened. The best picture is kept as it came."""

TOLERANCE = 0.01
"""Seconds by which a picture may come early: cameras are not punctual."""

_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


@dataclass(frozen=True)
class Evidence:
    """The pictures of an event.

    Args:
        picture: (H, W, 3) uint8 BGR, the frame of the peak, as it came.
        clip: times in seconds, and JPEGs.
        region: the part of the picture that the network saw, in fractions; none is the region of the run.
    """

    picture: np.ndarray
    clip: tuple[tuple[float, bytes], ...]
    region: Region | None = None


def write_clip(path: Path, clip: Iterable[tuple[float, bytes]]) -> None:
    """Write a clip as video (H.264): times in seconds, and JPEGs."""
    start: float | None = None
    with VideoWriter(path, CLIP_RATE, crf=26, preset="ultrafast") as video:
        for time, content in clip:
            start = time if start is None else start
            picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None
            video.write(picture, time - start)


class ClipBuffer:
    """Keeps the last pictures in memory, within a bound, and those of events that are not over.

    Pictures become JPEGs only when an event takes them: most never do, and that takes longer than a small network.

    Args:
        rules: of the events.
        before: seconds of a clip before its event.
        after: seconds of a clip after it.
    """

    def __init__(self, rules: Rules, before: float = 1.0, after: float = 1.0) -> None:
        self.before, self.after = before, after
        self._span = before + max((rule.least for rule in rules.values()), default=0.0) + 0.5
        self._recent: deque[_Picture] = deque()
        self._best: dict[str, tuple[np.ndarray, Region | None]] = {}
        self._clips: dict[int, _Clip] = {}
        self._over: list[tuple[Event, tuple[np.ndarray, Region | None]]] = []

    def add(
        self,
        picture: np.ndarray,
        reading: Reading,
        changes: list[EventChange],
        peaks: dict[str, int],
        region: Region | None = None,
    ) -> list[tuple[Event, Evidence]]:
        """Take the next picture, (H, W, 3) uint8 BGR, not changed afterwards, with its changes and the peaks of the detector;
        return the events whose evidence is complete.
        """
        self._recent.append(_Picture(reading.time, fitted(picture)))
        self._forget(reading.time)
        self._follow(changes)
        for name, index in peaks.items():
            if index == reading.index:
                self._best[name] = picture, region
        for clip in self._clips.values():
            clip.add(self._recent[-1])
        return self._complete(reading.time)

    def __len__(self) -> int:
        """Return how many pictures it keeps for events that may begin."""
        return len(self._recent)

    def finish(self, changes: list[EventChange], time: float = float("inf")) -> list[tuple[Event, Evidence]]:
        """Return the evidence that is complete at ``time`` without another picture; by default of all that are over."""
        self._follow(changes)
        return self._complete(time)

    def _follow(self, changes: list[EventChange]) -> None:
        for change in changes:
            event = change.event
            if change.is_over:
                self._over.append((event, self._best.pop(event.attribute)))
                self._clips[event.number].until = event.end + self.after
            else:
                clip = self._clips[event.number] = _Clip(event.start - self.before)
                for frame in self._recent:
                    clip.add(frame)

    def _complete(self, now: float) -> list[tuple[Event, Evidence]]:
        complete = [(event, best) for event, best in self._over if now > event.end + self.after]
        self._over = [(event, best) for event, best in self._over if now <= event.end + self.after]
        return [
            (event, Evidence(picture, self._clips.pop(event.number).jpegs(), region))
            for event, (picture, region) in complete
        ]

    def _forget(self, now: float) -> None:
        size = self._recent[-1].size
        while now - self._recent[0].time > self._span or len(self._recent) * size > BYTES:
            self._recent.popleft()


class _Picture:
    """A picture that becomes a JPEG when the first clip takes it, once for all clips."""

    def __init__(self, time: float, picture: np.ndarray) -> None:
        self.time, self.size = time, picture.nbytes
        self._picture: np.ndarray | None = picture
        self._jpeg = b""

    def jpeg(self) -> bytes:
        if self._picture is not None:
            scale = min(1.0, CLIP_SIZE[0] / self._picture.shape[1], CLIP_SIZE[1] / self._picture.shape[0])
            small = cv2.resize(self._picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            self._jpeg = cv2.imencode(".jpg", small, _QUALITY)[1].tobytes()
            self._picture = None
        return self._jpeg


class _Clip:
    def __init__(self, since: float) -> None:
        self.since, self.until = since, float("inf")
        self._frames: list[tuple[float, bytes]] = []
        self._next = since

    def add(self, frame: _Picture) -> None:
        """Take ``frame`` if its time belongs to the clip, and is not too near to that of the last one."""
        if not self.since <= frame.time <= self.until:
            return
        if self._frames and not self._next <= frame.time <= self._frames[0][0] + LONGEST:
            return
        self._next = frame.time + 1 / CLIP_RATE - TOLERANCE
        self._frames.append((frame.time, frame.jpeg()))

    def jpegs(self) -> tuple[tuple[float, bytes], ...]:
        return tuple((time, jpeg) for time, jpeg in self._frames if time <= self.until)
