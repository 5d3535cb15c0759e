"""How long it takes to add a video and how much disk, told from its first frames; and whether a browser plays it."""

import os
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import av

from core.errors import MediaError
from core.media.images import encode_jpeg, perceptual_hash
from core.text import duration, size
from core.videos.video import opened_video
from core.videos.video_frames import PictureMaker, display_matrix

SAMPLE = 8
"""Frames that are tried."""
STARTS = 1
"""Of them whose time does not count: the decoder starts."""

PLAYED = {
    "h264": {".mp4", ".m4v", ".mov"},
    "vp8": {".webm"},
    "vp9": {".webm", ".mp4"},
    "av1": {".webm", ".mp4"},
}
"""Codecs that browsers play, and in which files."""


@dataclass(frozen=True)
class Forecast:
    """What adding every frame of a video takes.

    Args:
        frames: how many it has, by its container.
        seconds: that it takes on this computer.
        bytes: of the frames on the disk.
    """

    frames: int
    seconds: float
    bytes: int

    def sentence(self, every: int = 1) -> str:
        """Return how long and how much, for every frame or every ``every``-th."""
        told = f"About {duration(max(1, self.seconds), roughly=True)} and {size(self.bytes // every)}"
        if every > 1:
            return f"{told} for every {every}. of {self.frames:,} frames."
        return f"{told} for {self.frames:,} frames; every 4th frame: {size(self.bytes // 4)}."


def forecast(source: Path | BinaryIO, quality: int, half_colour: bool = False) -> Forecast | None:
    """Return what adding a video takes; none where it cannot be told.

    Args:
        source: the file, or one that is open.
        quality: of the JPEGs, as of a workspace.
        half_colour: of the JPEGs, as of a workspace.
    """
    cores = os.cpu_count() or 1
    try:
        with opened_video(source) as (container, stream):
            stream.thread_type = "AUTO"
            maker, began, total, done = PictureMaker(stream, 1, lambda sentence: None), perf_counter(), 0, 0
            stored = 0.0
            for frame in islice(container.decode(stream), SAMPLE):
                if done == STARTS:
                    began, stored = perf_counter(), 0.0
                picture = maker.picture(frame, display_matrix(frame))
                before = perf_counter()
                total += len(encode_jpeg(picture, quality, half_colour))
                perceptual_hash(picture)
                stored += perf_counter() - before
                done += 1
            frames = stream.frames or _by_length(container, stream)
    except (MediaError, av.FFmpegError, OSError, ValueError):
        return None
    if done <= STARTS or not frames:
        return None
    decoding = perf_counter() - began - stored
    # Decoding and compressing share the cores; neither is spread evenly.
    seconds = max(decoding, (decoding + stored) / min(4, cores)) / (done - STARTS)
    return Forecast(frames, frames * seconds, frames * total // done)


def _by_length(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    seconds = container.duration / av.time_base if container.duration else 0
    return round(seconds * float(stream.average_rate or 0))


def unplayable(path: Path) -> str:
    """Return in a sentence that browsers do not play a video; empty where they do, or nobody knows."""
    try:
        with opened_video(path) as (_, stream):
            codec, pixels = stream.codec_context.name, stream.codec_context.pix_fmt or ""
    except MediaError:
        return ""
    codec, ending = {"libdav1d": "av1", "libvpx-vp9": "vp9"}.get(codec, codec), path.suffix.lower()
    is_played = ending in PLAYED.get(codec, ())
    if is_played and pixels in ("yuv420p", "yuvj420p", "yuva420p"):
        return ""
    kind = f"{codec.upper()} with pixels {pixels}" if is_played else f"{codec.upper()} in {ending}"
    return f"Browsers do not play this kind of video ({kind}). Its frames are all here: label them, or play it with another program."
