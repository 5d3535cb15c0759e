"""The source of the Live page: a camera, here or of the server, single pictures, a video, or files of the visitor."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.exchange.uploads import Upload
from core.live import sources
from core.live.sources import Source
from core.media.images import PICTURE_FORMATS
from core.media.library import Video
from core.runs.run import Run
from core.runs.run_parts import held_out
from core.videos.add_video import FORMATS
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.elements.upload_field import upload_field

CAMERA, SINGLE, OWN = "Camera of this browser", "Single pictures of the camera", "A file of yours …"
SERVER = "server camera: "
"""How the keys of the server's cameras begin; no video is called so."""


@dataclass(frozen=True)
class ChosenSource:
    """The chosen source."""

    key: str  # tells one choice from another
    source: Source | None = None  # none is a camera
    is_single: bool = False  # the camera gives single pictures
    file: Path | None = None  # where it is an upload
    server_camera: str = ""  # the name of a camera of the server

    @property
    def is_missing(self) -> bool:
        """Whether a file is still to come."""
        return self.key == OWN

    @property
    def is_camera(self) -> bool:
        return self.key in (CAMERA, SINGLE) or bool(self.server_camera)

    @property
    def name(self) -> str:
        """What sessions call it."""
        return self.source.name if self.source else self.server_camera or "camera"

    @property
    def is_replay(self) -> bool:
        """Whether it shows what is long past: it sends no signals, and waits for whoever looks."""
        return self.source is not None and not self.source.is_live


def choose(workspace: Workspace, run: Run | None, videos: Sequence[Video]) -> ChosenSource:
    """Write the choice of the source, videos that the run has not learned from first."""
    unseen = held_out(run) if run else set()
    names = {v.key: _name(v, unseen) for v in sorted(videos, key=lambda video: video.key not in unseen)}
    cameras = {f"{SERVER}{name}": name for name, _ in workspace.cameras}
    names |= {key: f"Camera: {name}" for key, name in cameras.items()}
    offered = [CAMERA, *cameras, SINGLE, *(key for key in names if key not in cameras), OWN]
    chosen = st.selectbox(
        "Source", offered, format_func=lambda key: names.get(key, key), key="live_source",
        help="“held out”: a test video that the network has never seen.",
    )  # fmt: skip
    if chosen in (CAMERA, SINGLE):
        return ChosenSource(chosen, is_single=chosen == SINGLE)
    if chosen in cameras:
        return ChosenSource(chosen, server_camera=cameras[chosen])
    if chosen != OWN:
        return ChosenSource(chosen, sources.find_source(workspace, chosen))
    field = upload_field(
        workspace,
        "A video, or pictures in the order of their names",
        [*FORMATS, *PICTURE_FORMATS],
        "live_files",
    )
    st.caption("They are only played, not added to the workspace. Pictures come one a second.")
    is_ready = field.uploads and not field.is_busy
    return uploaded(workspace, field.uploads) if is_ready else ChosenSource(OWN)


def _name(video: Video, unseen: set[str]) -> str:
    notes = (("held out", video.key in unseen), ("practice video", video.origin == "rendered"),
             ("pictures", video.file is None))  # fmt: skip
    return " · ".join([video.key, *(note for note, holds in notes if holds)])


def uploaded(workspace: Workspace, uploads: Sequence[Upload]) -> ChosenSource:
    """Return uploads as a source; pictures lie in a folder that is gone with the visitor."""
    key = " ".join(upload.id for upload in uploads)
    videos = [upload for upload in uploads if upload.file.suffix.lower() in FORMATS]
    if videos and len(uploads) > 1:
        st.warning(
            f"Only {md(videos[0].name)} is played. To play another video, remove this one from the list."
        )
    path = videos[0].file if videos else _folder_of(key, uploads)
    source = sources.find_source(workspace, path)
    source.name = videos[0].name if videos else f"{len(uploads)} pictures"
    return ChosenSource(key, source, file=path)


def _folder_of(key: str, uploads: Sequence[Upload]) -> Path:
    """Return a folder with the pictures beside one another."""
    if st.session_state.get("live_upload", ("", None))[0] != key:
        folder = tempfile.TemporaryDirectory(prefix="seamlens-live-")
        for upload in uploads:
            shutil.copyfile(upload.file, Path(folder.name, upload.name))
        st.session_state["live_upload"] = (key, folder)
    return Path(st.session_state["live_upload"][1].name)
