"""Adds the rendered demo class to a workspace: videos, labels, and the truth beside them."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core import workspace as workspaces
from core.attributes import SEAM
from core.demo.plan import FRAMES, VIDEOS, VideoPlan
from core.demo.render import RenderedVideo, render_class
from core.demo.sample_plan import video_plan
from core.demo.truth import seam_lines, truth, truth_table
from core.errors import WorkspaceError
from core.files import Progress, replacing
from core.labels.consensus import labels_of
from core.labels.labels import record_table
from core.media.add_video import add_video
from core.media.library import videos
from core.workspace import Workspace

NOTE = "Rendered by SeamLens: {videos} videos of {frames} frames, seed {seed}. None is a recording of a real seam."
ANNOTATOR = "renderer"
_NOTE = re.compile(r"Rendered by SeamLens: (\d+) videos of (\d+) frames, seed (\d+)\.")


@dataclass(frozen=True)
class Demo:
    """The demo class in its workspace."""

    workspace: Workspace  # where it is
    videos: int  # how many there are
    frames: int  # of all videos together
    unlabelled: tuple[str, ...]  # keys of the videos that the user shall label


def make_demo(
    path: Path, seed: int = 1, videos: int = VIDEOS, frames: int = FRAMES, progress: Progress | None = None
) -> Demo:
    """Render ``videos`` videos of ``frames`` frames and add them, with labels, to the workspace in ``path``.

    The workspace is created where there is none. An interrupted call can be repeated: videos that are there already are
    recognised by their content.

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
            _add(workspace, video)
            report(videos + done)
        store_seam_lines(workspace)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    unlabelled = tuple(video.name for video in rendered if not video.labelled)
    return Demo(workspace, len(rendered), sum(len(video.truth) for video in rendered), unlabelled)


def _check_free(workspace: Workspace, note: str) -> None:
    if set(workspace.attributes.names) != set(SEAM.names):
        raise WorkspaceError(
            f"The demo class has the attributes {', '.join(SEAM.names)}, but this workspace has "
            f"{', '.join(workspace.attributes.names)}.",
            "Choose another folder for the demo class.",
        )
    present = videos(workspace)
    if present and workspace.note != note:
        raise WorkspaceError(
            f"The demo class needs a workspace without videos, but this one has {len(present)}.",
            "Choose another folder for the demo class.",
        )


def _add(workspace: Workspace, video: RenderedVideo) -> None:
    added = add_video(workspace, video.path, origin="rendered")
    stored = _truth_file(workspace, video.name, "truth")
    stored.parent.mkdir(exist_ok=True)
    shutil.copyfile(video.path.with_name(stored.name), stored)
    if video.labelled and labels_of(workspace, ANNOTATOR, added.video.key).isna().all(axis=None):
        rows = pd.DataFrame([{"index": frame.index, **frame.answers} for frame in video.truth])
        record_table(workspace, ANNOTATOR, rows.assign(video=added.video.key), source="import")


def store_seam_lines(workspace: Workspace) -> None:
    """Write `truth/<video>_seam.csv` of each rendered video that has none yet; does nothing in other workspaces."""
    if not (match := _NOTE.match(workspace.note)):
        return
    missing = {v.key for v in videos(workspace) if not _truth_file(workspace, v.key, "seam").exists()}
    if not missing:
        return
    for plan in video_plan(int(match[3]), int(match[1]), int(match[2])):
        if plan.name in missing and _is_plan_of(workspace, plan):
            with replacing(_truth_file(workspace, plan.name, "seam")) as partial:
                seam_lines(plan).to_csv(partial, index=False)


def _truth_file(workspace: Workspace, video: str, kind: str) -> Path:
    return workspace.path / "truth" / f"{video}_{kind}.csv"


def _is_plan_of(workspace: Workspace, plan: VideoPlan) -> bool:
    """Return whether the stored truth follows from ``plan``: another version may have drawn another plan."""
    file = _truth_file(workspace, plan.name, "truth")
    if not file.is_file():
        return False
    stored, planned = pd.read_csv(file), truth_table(plan.name, truth(plan))
    return planned["boxes"].tolist() == stored["boxes"].fillna("").tolist()
