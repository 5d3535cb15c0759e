"""The camera of a browser as a source of live pictures: each comes back at once, drawn."""

import av
from streamlit_webrtc import VideoProcessorBase

from core.live.newest import Newest
from core.live.screen import Screen


class LiveView(VideoProcessorBase):
    """What streamlit-webrtc hands the pictures of a camera to; never waits for the network.

    Args:
        screen: inspects and draws.
    """

    def __init__(self, screen: Screen) -> None:
        self.feeding = Newest(screen)

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a picture and return it at once, with the newest result drawn on it."""
        try:
            picture = frame.to_ndarray(format="bgr24")
        except (ValueError, av.FFmpegError):  # an error here would freeze the picture for ever
            return frame
        return av.VideoFrame.from_ndarray(self.feeding.show(picture), format="bgr24")

    def on_ended(self) -> None:
        """End the worker with the stream."""
        self.feeding.close()
