"""The camera of a browser as a source of live pictures: each comes back at once, drawn."""

from collections.abc import Callable

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from streamlit_webrtc import VideoProcessorBase

from core.live.camera_feed import CameraFeed
from core.live.viewer import Viewer


class CameraView(VideoProcessorBase):
    """What streamlit-webrtc hands the pictures of a camera to; never waits for the network.

    Args:
        viewer: inspects and draws.
        use: called with every picture.
    """

    def __init__(self, viewer: Viewer, use: Callable[[], None]) -> None:
        self._feed, self._use = CameraFeed(viewer), use
        # A frame's own one is made anew for every frame, threads and all.
        self._reformatter = VideoReformatter()

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a picture and return it at once, with the newest result drawn on it."""
        self._use()
        try:
            picture = self._reformatter.reformat(frame, format="bgr24", threads=1).to_ndarray()
        except (ValueError, av.FFmpegError):  # an error here would freeze the picture for ever
            return frame
        return encodable(self._feed.show(picture))

    def on_ended(self) -> None:
        """End the worker with the stream."""
        self._feed.close()


def encodable(picture: np.ndarray) -> av.VideoFrame:
    """Return ``picture`` (H, W, 3) uint8 BGR as a frame in the format that video encoders take, where its sides are even:
    OpenCV converts it in a tenth of the time that PyAV takes.
    """
    if picture.shape[0] % 2 or picture.shape[1] % 2:
        return av.VideoFrame.from_ndarray(picture, format="bgr24")
    return av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), format="yuv420p")
