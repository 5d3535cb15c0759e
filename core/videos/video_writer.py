"""Videos, written so that a browser plays them."""

from collections.abc import Iterable
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.errors import MediaError
from core.files import replacing
from core.videos.video_frames import BT601

VIDEO_RANGE = 1  # of ITU-T H.273: black is 16, white 235

CLOCK = 90_000
"""Ticks per second: fine enough for any camera's time stamps."""


class VideoWriter:
    """Writes H.264 in an mp4 that a browser plays and starts at once; the file appears when the block ends well.

    Args:
        path: the new file.
        fps: frames per second, for frames written without a time.
        crf: quality of the encoder, 0 (lossless) to 51.
        preset: the encoder's trade of speed for size.

    A picture of odd width or height loses its last column or row, for the colours are stored at half size.
    """

    def __init__(self, path: Path, fps: float, crf: int = 20, preset: str = "veryfast") -> None:
        self.path, self.frames = path, 0
        self._fps, self._options = fps, {"crf": str(crf), "preset": preset}
        self._last = -1  # ticks
        self._stack = ExitStack()
        self._container: av.container.OutputContainer | None = None
        self._stream: VideoStream | None = None

    def __enter__(self) -> "VideoWriter":
        partial = self._stack.enter_context(replacing(self.path))
        container = av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"})
        self._container = self._stack.enter_context(container)
        return self

    def write(self, picture: np.ndarray, time: float | None = None) -> None:
        """Append one picture.

        Args:
            picture: (H, W, 3) uint8, BGR; all of one size.
            time: seconds since the start; without it the frames follow each other at the frame rate.
        """
        stream = self._stream or self._start(picture)
        cut = np.ascontiguousarray(picture[: stream.height, : stream.width])
        frame = VideoFrame.from_ndarray(cut, "bgr24")
        seconds = self.frames / self._fps if time is None else time
        self._last = max(self._last + 1, round(seconds * CLOCK))
        frame.pts, frame.time_base = self._last, Fraction(1, CLOCK)
        self._mux(stream, frame)
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # replacing() must hear of the error, else it would keep the broken file.
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            if self._stream is None:
                raise MediaError(f"{self.path.name} would be a video without pictures.", "Record for longer.")
            self._mux(self._stream, None)

    def _start(self, picture: np.ndarray) -> VideoStream:
        assert self._container is not None, "use VideoWriter in a with block"
        rate = Fraction(self._fps).limit_denominator(1001)
        stream = self._container.add_stream("libx264", rate=rate, options=self._options)
        stream.height, stream.width = (side // 2 * 2 for side in picture.shape[:2])
        stream.pix_fmt = "yuv420p"
        stream.gop_size = 25
        # As frames are converted.
        stream.codec_context.colorspace, stream.codec_context.color_range = BT601, VIDEO_RANGE
        stream.time_base = stream.codec_context.time_base = Fraction(1, CLOCK)
        self._stream = stream
        return stream

    def _mux(self, stream: VideoStream, frame: VideoFrame | None) -> None:
        assert self._container is not None
        for packet in stream.encode(frame):
            self._container.mux(packet)


def write_video(
    path: Path, frames: Iterable[np.ndarray], fps: float, crf: int = 20, preset: str = "veryfast"
) -> None:
    """Write pictures, each (H, W, 3) uint8 BGR, as an mp4; see `VideoWriter`."""
    with VideoWriter(path, fps, crf, preset) as writer:
        for frame in frames:
            writer.write(frame)
