"""From a decoded frame to the picture that people saw: its time, deinterlaced, in sRGB, upright, with square pixels, of one size.

Decoders give what the file stores: fields of an interlaced film, oblong pixels, colours of several standards and times
that start anywhere. Each correction that changes what is seen is reported in a sentence, once per film.
"""

from collections import deque
from collections.abc import Callable, Iterator
from math import cos, radians, sin
from typing import cast

import av
import cv2
import numpy as np
from av.buffer import Buffer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

Report = Callable[[str], None]
"""Called with a sentence for the user."""

Matrix = tuple[float, float, float, float]
UPRIGHT: Matrix = (1, 0, 0, 1)

JUMP = 1.0
"""Seconds by which times may fall back before the film counts as joined from two."""

HD = (1280, 720)
"""Width or height in pixels from which colours that are not tagged are those of HDTV (BT.709), as players take them."""

BT709, BT601, UNTAGGED = 1, 5, {0, 2, 3}  # matrix coefficients of ITU-T H.273
BT2020 = 9  # primaries and matrix
PQ, HLG = 16, 18  # transfer characteristics
PQ_WHITE = 203.0
"""Nits of a white sheet in PQ; in HLG it is at 75 % of the signal (ITU-R BT.2408)."""

OBLONG = (0.25, 4.0)
"""Sample aspect ratios beyond these are errors of a header."""

_DEPTH = 4096
"""Levels of the tables of the tone map."""
_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
"""Linear light of BT.2020 to that of BT.709, RGB (ITU-R BT.2087)."""


class FrameTimes:
    """Seconds from the first frame, strictly rising.

    A frame without a time, or with that of the last one, follows at the average rate. Times that fall back by more than
    `JUMP` are those of a second film behind the first.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._step = 1 / float(stream.average_rate or 25)
        self._shift: float | None = None
        self._raw, self._last = -1.0, -self._step

    def of(self, time: float | None) -> float:
        """Return the time of the next frame, for which the container says ``time`` (seconds)."""
        if time is None:
            self._last += self._step
            return self._last
        if self._shift is None:
            self._shift = -time
        seconds = time + self._shift
        if seconds < self._last - JUMP:
            self._shift += self._last + self._step - seconds
            seconds = self._last + self._step
        elif seconds <= self._last:
            seconds = self._last + self._step * (1 if time == self._raw else 0.5)
        self._raw, self._last = time, seconds
        return seconds


class Deinterlacer:
    """Passes frames through until one is interlaced; from then on through FFmpeg's bwdif, which makes one of each.

    Args:
        stream: whose frames they are.
        report: called when the first one comes.
        is_off: pass everything through.
    """

    def __init__(self, stream: VideoStream, report: Report, is_off: bool = False) -> None:
        self._stream, self._report, self._is_off = stream, report, is_off
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] | None = None
        self._waiting: deque[tuple[int, float]] = deque()

    def push(self, index: int, time: float, frame: VideoFrame) -> Iterator[tuple[int, float, VideoFrame]]:
        """Take a frame with its index and time; yield those that are ready."""
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is not None and kind != self._kind:
            yield from self.flush()
        if self._graph is None:
            if self._is_off or not frame.interlaced_frame:
                yield index, time, frame
                return
            self._start(frame)
        assert self._graph is not None
        self._waiting.append((index, time))
        self._graph.push(frame)
        yield from self._ready()

    def flush(self) -> Iterator[tuple[int, float, VideoFrame]]:
        """Yield what is left at the end."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._ready()
        self._graph = None

    def _start(self, frame: VideoFrame) -> None:
        if self._kind is None:
            self._report("It is interlaced: its frames were deinterlaced.")
        self._kind = (frame.width, frame.height, frame.format.name)
        graph = Graph()
        nodes = (
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=self._stream.time_base,
            ),
            graph.add("bwdif", "mode=send_frame:deint=interlaced"),
            graph.add("buffersink"),
        )
        graph.link_nodes(*nodes)
        graph.configure()
        self._graph = graph

    def _ready(self) -> Iterator[tuple[int, float, VideoFrame]]:
        assert self._graph is not None
        while self._waiting:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError, av.FFmpegError):
                return
            yield *self._waiting.popleft(), cast(VideoFrame, frame)


class PictureMaker:
    """Makes (H, W, 3) uint8 BGR of frames: sRGB, upright, of square pixels, of the size of the first one.

    Args:
        stream: whose frames they are.
        threads: how many a conversion may use; 0 is one per core.
        report: called once for each kind of correction.
        is_raw: only turn the pictures, as versions up to 0.6 did.
    """

    def __init__(self, stream: VideoStream, threads: int, report: Report, is_raw: bool = False) -> None:
        self._threads, self._report, self._is_raw = threads, report, is_raw
        self._aspect = _aspect(stream)
        self._convert = VideoReformatter().reformat  # of all frames: to prepare one takes time
        self._tone: _ToneMap | None = None
        self._size: tuple[int, int] | None = None
        self._resized = False

    def picture(self, frame: VideoFrame, matrix: Matrix, index: int = 0) -> np.ndarray:
        """Return the picture of a frame that the camera's display ``matrix`` turns."""
        if self._is_raw:
            stored = frame.to_ndarray(format="bgr24", threads=self._threads or None)
            return np.ascontiguousarray(_turned(stored, matrix))
        picture = _turned(self._squared(self._in_srgb(frame)), matrix)
        size = picture.shape[:2]
        if self._size is None:
            self._size = size
        if size == self._size:
            return np.ascontiguousarray(picture)
        if not self._resized:
            self._resized = True
            (height, width), (first_height, first_width) = size, self._size
            self._report(
                f"From frame {index} on it is {width} × {height} pixels, not {first_width} × {first_height}: all frames were "
                "fitted into the first size."
            )
        return fitted(picture, self._size)

    def _in_srgb(self, frame: VideoFrame) -> np.ndarray:
        matrix = frame.colorspace
        if matrix in UNTAGGED:
            matrix = BT709 if frame.width >= HD[0] or frame.height >= HD[1] else BT601
        # Threads of its own for each picture cost the conversion more than they bring.
        threads = self._threads or None
        if frame.color_trc in (PQ, HLG) or frame.color_primaries == BT2020:
            if self._tone is None:
                self._tone = _ToneMap(frame.color_trc)
                if frame.color_trc in (PQ, HLG):
                    kind = "PQ" if frame.color_trc == PQ else "HLG"
                    self._report(f"It is HDR ({kind}): its colours were mapped to those of a normal screen.")
            deep = self._convert(frame, format="rgb48le", src_colorspace=matrix, threads=threads)
            return self._tone.apply(deep.to_ndarray())
        return self._convert(frame, format="bgr24", src_colorspace=matrix, threads=threads).to_ndarray()

    def _squared(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        square = round(width * self._aspect)
        if square == width:
            return picture
        how = cv2.INTER_AREA if square < width else cv2.INTER_LINEAR
        return cv2.resize(picture, (square, height), interpolation=how)


def fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture (H, W, 3) as large as it fits into ``size`` (height, width), in its own proportions, black around it."""
    height, width = picture.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shrunk = cv2.resize(picture, inner[::-1], interpolation=how)
    whole = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    whole[top : top + inner[0], left : left + inner[1]] = shrunk
    return whole


def display_matrix(frame: VideoFrame) -> Matrix:
    """Return a, b, c, d, which send pixel (x, y) to (ax + cy, bx + dy)."""
    try:
        stored = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # another kind of side data, unknown to PyAV, hides them all (spatial videos)
        sine, cosine = sin(radians(frame.rotation)), cos(radians(frame.rotation))
        return cosine, -sine, sine, cosine
    if stored is None:
        return UPRIGHT
    a, b, _, c, d = np.frombuffer(bytes(cast(Buffer, stored)), np.int32, count=5).tolist()
    return a, b, c, d


def _turned(picture: np.ndarray, matrix: Matrix) -> np.ndarray:
    """Return the picture (H, W, 3) turned and mirrored as the camera's display matrix says."""
    a, b, c, d = matrix
    if abs(b) > abs(a):
        picture, across, down = picture.transpose(1, 0, 2), c, b
    else:
        across, down = a, d
    return picture[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]


def _aspect(stream: VideoStream) -> float:
    """Return how much wider than high a pixel is; 1 where nothing sensible says so."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if OBLONG[0] <= aspect <= OBLONG[1] else 1.0


class _ToneMap:
    """BT.2020, as HLG, PQ or SDR, to sRGB: through linear light in which a white sheet is 1; what is brighter is white.

    Args:
        transfer: transfer characteristics of ITU-T H.273.
    """

    def __init__(self, transfer: int) -> None:
        signal = np.linspace(0, 1, _DEPTH)
        linear = {PQ: _pq, HLG: _hlg}.get(transfer, _srgb_inverse)
        self._linear = linear(signal).astype(np.float32)
        self._encoded = np.round(255 * _srgb(np.linspace(0, 1, _DEPTH))).astype(np.uint8)

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """Map (H, W, 3) uint16 RGB to uint8 BGR."""
        light = cv2.transform(self._linear[picture >> 4], _TO_BT709[::-1])
        return self._encoded[(light.clip(0, 1) * (_DEPTH - 1) + 0.5).astype(np.uint16)]


def _hlg(signal: np.ndarray) -> np.ndarray:
    """Return the light of a scene (ITU-R BT.2100, table 5), 1 for white: the look of the scene, not of an HDR screen."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073

    def light(x: np.ndarray) -> np.ndarray:
        return np.where(x <= 0.5, x * x / 3, (np.exp((x - c) / a) + b) / 12)

    return light(signal) / light(np.array(0.75))


def _pq(signal: np.ndarray) -> np.ndarray:
    """Return the light of a screen (SMPTE ST 2084), 1 for `PQ_WHITE`."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    return 10_000 / PQ_WHITE * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def _srgb(linear: np.ndarray) -> np.ndarray:
    """Return sRGB values of linear light, both 0 to 1 (IEC 61966-2-1); spaced finely near black by the caller's table."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _srgb_inverse(signal: np.ndarray) -> np.ndarray:
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)
