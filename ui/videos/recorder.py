"""Record from the camera of the browser into a video file."""

import shutil
from pathlib import Path

import av
from streamlit_webrtc import VideoProcessorBase

from core.live.camera_recorder import CameraRecorder
from core.workspace import Workspace


class Recorder(CameraRecorder, VideoProcessorBase):
    """Hands every camera frame back at once; while recording, a thread writes them to a file."""

    def recv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Take a camera frame; the preview shows it unchanged."""
        if self.recording:
            self.offer(frame.to_ndarray(format="bgr24"))
        return frame


def keep_recording(workspace: Workspace, path: Path, is_added: bool) -> str:
    """Remove the file and folder of a recording once it is added, else move it to the inbox, for nobody sews it again; return a
    sentence that says so.
    """
    words = ""
    if not is_added and path.exists():
        workspace.inbox.mkdir(exist_ok=True)
        path.replace(workspace.inbox / path.name)
        words = f"The recording is in the inbox as {path.name}: add it from there."
    shutil.rmtree(path.parent, ignore_errors=True)
    return words
