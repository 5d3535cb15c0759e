"""Bring the rendered demo class into a workspace: videos, labels, and the truth beside them."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import workspace as workspaces
from core.attributes import SEAM
from core.demo.band import store_seam_lines
from core.demo.plan import FRAMES, VIDEOS
from core.demo.render import RenderedVideo, render_class
from core.errors import WorkspaceError
from core.files import Progress
from core.labels.labels import labels_of, record_table
from core.media.add_video import add_video
from core.media.library import videos
from core.workspace import Workspace

NOTE = "Rendered by SeamLens: {videos} videos of {frames} frames, seed {seed}. None is a recording of a real seam."
ANNOTATOR = "renderer"


@dataclass(frozen=True)
class Demo:
    """The demo class in its workspace.

    Args:
        workspace: where it is.
        videos: how many.
        frames: of all videos together.
        unlabelled: keys of the videos that are left for the user to label.
    """

    workspace: Workspace
    videos: int
    frames: int
    unlabelled: tuple[str, ...]


def make_demo(
    path: Path, seed: int = 1, videos: int = VIDEOS, frames: int = FRAMES, progress: Progress | None = None
) -> Demo:
    """Render ``videos`` videos of ``frames`` frames and add them, with labels, to the workspace in ``path``.

    The workspace is made where there is none. A call that was cut short can be repeated: videos that are there
    already are recognised by their content.

    Raises:
        WorkspaceError: the workspace holds other videos or other attributes.
    """
    workspace = workspaces.open_or_create(path)
    note = NOTE.format(videos=videos, frames=frames, seed=seed)
    _check_free(workspace, note)
    workspace = workspaces.set_note(workspace, note)

    def report(done: int) -> None:
        if progress:
            progress(done, 2 * videos)

    scratch = Path(tempfile.mkdtemp(prefix=".demo-", dir=path))
    try:
        rendered = render_class(scratch, seed, videos, frames, lambda done, total: report(done))
        for done, video in enumerate(rendered, 1):
            _bring_in(workspace, video)
            report(videos + done)
        store_seam_lines(workspace)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    unlabelled = tuple(video.name for video in rendered if not video.labelled)
    return Demo(workspace, len(rendered), sum(len(video.truth) for video in rendered), unlabelled)


def _check_free(workspace: Workspace, note: str) -> None:
    if set(workspace.attributes.names) != set(SEAM.names):
        raise WorkspaceError(
            f"a workspace with the attributes {', '.join(SEAM.names)}",
            f"one with {', '.join(workspace.attributes.names)}",
            "Name another folder for the demo class.",
        )
    present = videos(workspace)
    if present and workspace.note != note:
        raise WorkspaceError(
            "a workspace without videos, or with this same demo class cut short",
            f"one with {len(present)} videos",
            "Name another folder for the demo class.",
        )


def _bring_in(workspace: Workspace, video: RenderedVideo) -> None:
    added = add_video(workspace, video.path, origin="rendered")
    truth_folder = workspace.path / "truth"
    truth_folder.mkdir(exist_ok=True)
    truth_table = video.path.with_name(f"{video.name}_truth.csv")
    shutil.copyfile(truth_table, truth_folder / truth_table.name)
    if video.labelled and labels_of(workspace, ANNOTATOR, added.video.key).isna().all(axis=None):
        rows = pd.DataFrame([{"index": frame.index, **frame.answers} for frame in video.truth])
        record_table(workspace, ANNOTATOR, rows.assign(video=added.video.key), source="import")
