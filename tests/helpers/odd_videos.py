"""Small films of the kinds that cameras and programs make: many codecs, containers, rates, proportions and times."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from tests.helpers.tiny_videos import HEIGHT, TURNS, WIDTH, numbered, set_matrix

FRAMES = 24


@dataclass(frozen=True)
class Odd:
    """A film to be made: ``times`` in seconds, ``aspect`` of its pixels, clockwise ``turn`` in its header; the number of its ``first`` picture."""

    name: str
    codec: str
    pixels: str = "yuv420p"
    rate: Fraction = Fraction(25)
    options: dict[str, str] = field(default_factory=dict)
    aspect: Fraction = Fraction(1)
    turn: int = 0
    times: tuple[float, ...] = ()
    first: int = 0

    def __str__(self) -> str:
        about = [self.name, self.codec, self.pixels, f"{float(self.rate):.5g}", *self.options.values()]
        about += [f"sar{self.aspect}"] if self.aspect != 1 else []
        return "-".join(
            [*about, *([str(self.turn)] if self.turn else []), *(["times"] if self.times else [])]
        )


def scene(index: int) -> np.ndarray:
    """Return the picture (96, 128, 3) uint8 BGR of a frame: its number, and a texture that tells it from others."""
    picture = numbered(index)
    ramp = np.linspace(0, 255, WIDTH).astype(np.uint8)
    picture[40 + index : 60 + index, :, 1] = ramp
    return picture


def make(folder: Path, odd: Odd) -> Path:
    """Write a film of `FRAMES` pictures."""
    path = folder / odd.name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(odd.codec, rate=odd.rate, options=odd.options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, odd.pixels
        stream.codec_context.sample_aspect_ratio = odd.aspect
        if odd.times:
            stream.codec_context.time_base = Fraction(1, 1000)
        for index in range(FRAMES):
            frame = VideoFrame.from_ndarray(scene(odd.first + index), "bgr24")
            if odd.times:
                frame.pts, frame.time_base = round(1000 * odd.times[index]), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if odd.turn:
        set_matrix(path, TURNS[odd.turn])
    return path


def corpus() -> Iterator[Odd]:
    """Yield the kinds of films that are tried."""
    h264, hevc = "libx264", "libx265"
    quiet = {"x265-params": "log-level=none"}
    for pixels in ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuvj420p"):
        yield Odd("a.mp4", h264, pixels)
    for frames in ("0", "1", "3"):
        yield Odd("a.mp4", h264, options={"bf": frames, "g": "7"})
        yield Odd("a.avi", h264, options={"bf": frames})
    for pixels in ("yuv420p", "yuv420p10le"):
        yield Odd("a.mp4", hevc, pixels, options=quiet)
    for name in ("a.mov", "a.mkv", "a.m4v", "a.ts", "a.mts", "a.flv", "a.3gp"):
        yield Odd(name, h264)
    for rate in (
        Fraction(5),
        Fraction(15),
        Fraction(24000, 1001),
        Fraction(30000, 1001),
        Fraction(60),
        Fraction(120),
    ):
        yield Odd("a.mp4", h264, rate=rate)
    for name, codec, pixels in (
        ("a.mp4", "mpeg4", "yuv420p"), ("a.m4v", "mpeg4", "yuv420p"), ("a.avi", "mpeg4", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"), ("a.mov", "mjpeg", "yuvj422p"), ("a.avi", "ffv1", "yuv420p"),
        ("a.avi", "huffyuv", "yuv422p"), ("a.mkv", "ffv1", "bgr0"), ("a.mov", "png", "rgb24"),
        ("a.mov", "prores_ks", "yuv422p10le"), ("a.webm", "libvpx", "yuv420p"), ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.mkv", "libvpx-vp9", "yuv420p"), ("a.mpg", "mpeg1video", "yuv420p"), ("a.mpg", "mpeg2video", "yuv420p"),
        ("a.ts", "mpeg2video", "yuv420p"), ("a.mkv", "mpeg2video", "yuv422p"), ("a.wmv", "wmv2", "yuv420p"),
        ("a.flv", "flv", "yuv420p"), ("a.3gp", "h263", "yuv420p"),
    ):  # fmt: skip
        yield Odd(name, codec, pixels)
    for aspect in (Fraction(12, 11), Fraction(8, 9), Fraction(4, 3)):
        yield Odd("a.mp4", h264, aspect=aspect)
        yield Odd("a.mkv", h264, aspect=aspect)
    for turn in (90, 180, 270):
        yield Odd("a.mp4", h264, turn=turn)
    even = tuple(index / 25 for index in range(FRAMES))
    yield Odd("a.mp4", h264, times=tuple(time + 3600 for time in even))
    yield Odd("a.mkv", h264, times=tuple(time + 5 * (time > 0.5) for time in even))
    yield Odd("a.mp4", h264, times=tuple(10 * 25 * time for time in even))
    yield Odd("a.mkv", h264, times=tuple(time + 0.009 * (index % 3) for index, time in enumerate(even)))


def referee(path: Path, turn: int) -> list[np.ndarray]:
    """Return the upright frames, (h, w, 3) uint8 BGR, by FFmpeg's own program, or where it is missing by a bare loop of PyAV."""
    height, width = (WIDTH, HEIGHT) if turn in (90, 270) else (HEIGHT, WIDTH)
    if program := shutil.which("ffmpeg"):
        command = [
            program,
            "-v",
            "error",
            "-i",
            str(path),
            "-fps_mode",
            "passthrough",
            "-pix_fmt",
            "bgr24",
            "-f",
            "rawvideo",
            "-",
        ]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        return list(np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3))
    with av.open(str(path)) as container:
        return [_upright(frame) for frame in container.decode(video=0)]


def _upright(frame: VideoFrame) -> np.ndarray:
    picture = frame.to_ndarray(format="bgr24")
    how = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
    turn = round(frame.rotation) % 360
    return cv2.rotate(picture, how[turn]) if turn else picture


def coarse(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Return the mean colours (N, 6, 8, 3) of 6x8 parts of pictures: what conversions of colour and size leave as it is."""
    return np.stack([cv2.resize(p, (8, 6), interpolation=cv2.INTER_AREA) for p in pictures]).astype(float)
