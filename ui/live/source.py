"""What the Live page looks at: a camera, single pictures, a video of the workspace, or files of the visitor."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.inspection.compose import Look, draw
from core.inspection.panel import fitted
from core.live import sources
from core.live.sources import Source
from core.media.add_video import FORMATS
from core.media.images import PICTURE_FORMATS, decode_picture
from core.media.library import Video
from core.runs.describe import held_out
from core.runs.run import Run
from core.workspace import Workspace
from ui.live import camera_help
from ui.server.guard import is_this_machine
from ui.shell import run_choice

CAMERA, SINGLE, OWN = "Camera of this browser", "Single pictures of the camera", "A file of yours …"
SINGLE_WIDTH = 420
"""Pixels of the camera that takes single pictures: what came of one fits above it on the screen."""
FILMS = (*FORMATS, ".m4v")
"""Endings of videos that can be watched without being added."""


@dataclass(frozen=True)
class Chosen:
    """What is looked at.

    Args:
        key: tells one choice from another.
        source: where it is stored; none is the camera.
        is_single: the camera gives single pictures.
        file: where it is an upload.
    """

    key: str
    source: Source | None = None
    is_single: bool = False
    file: Path | None = None

    @property
    def is_missing(self) -> bool:
        """Whether a file is still to come."""
        return self.key == OWN

    @property
    def is_camera(self) -> bool:
        return self.key in (CAMERA, SINGLE)


def choose(workspace: Workspace, run: Run, found: Sequence[Video]) -> Chosen:
    """Write the choice of the source, videos that the run has not learned from first."""
    unseen = held_out(run)
    names = {
        video.key: _name(video, unseen) for video in sorted(found, key=lambda video: video.key not in unseen)
    }
    chosen = st.selectbox(
        "Source", [CAMERA, SINGLE, *names, OWN], format_func=lambda key: names.get(key, key), key="live_source",
        help="“held out”: a test video, which the network has never seen.",
    )  # fmt: skip
    if chosen in (CAMERA, SINGLE):
        return Chosen(chosen, is_single=chosen == SINGLE)
    if chosen != OWN:
        return Chosen(chosen, sources.find(workspace, chosen))
    uploads = st.file_uploader(
        "A video, or pictures in the order of their names", [*FILMS, *PICTURE_FORMATS], accept_multiple_files=True,
        key="live_files", help="They are looked at and not added to the workspace. Pictures come one a second.",
    )  # fmt: skip
    return _uploaded(workspace, uploads) if uploads else Chosen(OWN)


def _name(video: Video, unseen: set[str]) -> str:
    notes = (("held out", video.key in unseen), ("rendered", video.origin == "rendered"),
             ("pictures", video.file is None))  # fmt: skip
    return " · ".join([video.key, *(note for note, holds in notes if holds)])


def _uploaded(workspace: Workspace, uploads: Sequence[UploadedFile]) -> Chosen:
    """Write uploads to a folder that is gone with the visitor, and return them as a source."""
    key = " ".join(upload.file_id for upload in uploads)
    if st.session_state.get("live_upload", ("", None))[0] != key:
        kept = tempfile.TemporaryDirectory(prefix="seamlens-live-")
        for upload in uploads:
            (Path(kept.name) / Path(upload.name).name).write_bytes(upload.getbuffer())
        st.session_state["live_upload"] = (key, kept)
    folder = Path(st.session_state["live_upload"][1].name)
    films = [upload.name for upload in uploads if Path(upload.name).suffix.lower() in FILMS]
    if films and len(uploads) > 1:
        st.warning(
            f"One video is played at a time: {films[0]}. To play another one, remove this one from the list."
        )
    path = folder / Path(films[0]).name if films else folder
    source = sources.find(workspace, path)
    source.name = films[0] if films else f"{len(uploads)} pictures"
    return Chosen(key, source, file=path)


def single(run: Run, look: Look) -> None:
    """Write a camera that takes single pictures, and what the network says of the one that was taken."""
    place = st.container()
    taken = st.camera_input(
        "Hold the seam before the camera, then take a picture.", key="live_single", width=SINGLE_WIDTH
    )
    if taken is None:
        return
    inspector, problem = run_choice.live_inspector(run)
    run_choice.warn(problem)
    picture = decode_picture(taken.getvalue(), Path(taken.name))
    seen = inspector.inspect(picture, look.region)
    place.image(draw(fitted(picture), run.attributes, seen, look), channels="BGR", width="stretch")


def address() -> str:
    """Return under which address this visitor opened the app."""
    return st.context.url or ""


def advise_on_camera() -> None:
    """Say why a camera cannot work here, where that is known, and else what to do if it does not start."""
    parts = urlsplit(address())
    if parts.scheme == "http" and not is_this_machine(parts.hostname or ""):
        st.warning(
            "**No browser gives its camera to this address**: it is plain HTTP from another machine. Open the app on the "
            "machine it runs on (`http://localhost…`), or let it speak HTTPS (`server.sslCertFile` and "
            "`server.sslKeyFile`). Until then choose a video or a file as the source.",
            icon=":material/no_photography:",
        )
        return
    camera_help.explained()
    with st.expander("The camera does not start", icon=":material/help:"):
        st.markdown(
            f"- {camera_help.REFUSED}\n- {camera_help.ABSENT}\n- {camera_help.BUSY}\n"
            "- There are several cameras: *Choose camera* below the picture.\n"
            f"- It starts and no picture comes: a firewall keeps browser and server apart. Choose *{SINGLE}*, a video or a "
            "file as the source."
        )
