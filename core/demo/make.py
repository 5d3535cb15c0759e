"""Adds the rendered demo class to a workspace: videos, labels, and the truth beside them."""

import re
import shutil
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
from core.labels.labels import record_rows
from core.media.add_video import stage_video
from core.media.library import videos
from core.media.transaction import adding
from core.scratch import temporary_folder
from core.workspace import Workspace

NOTE = "Rendered by SeamLens: {videos} videos of {frames} frames, seed {seed}. None is a recording of a real seam."
ANNOTATOR = "renderer"
PRACTICE_SEED = 3
"""Of practice videos beside one's own: others than those of a demo class, unless somebody chose the same seed."""
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

    with temporary_folder(path, "demo") as folder:
        rendered = render_class(folder, seed, videos, frames, lambda done, total: report(done))
        for done, video in enumerate(rendered, 1):
            _add(workspace, video)
            report(videos + done)
        store_seam_lines(workspace)
    unlabelled = tuple(video.name for video in rendered if not video.labelled)
    return Demo(workspace, len(rendered), sum(len(video.truth) for video in rendered), unlabelled)


def add_practice(
    workspace: Workspace, progress: Progress | None = None, videos: int = 6, frames: int = 100
) -> int:
    """Add rendered videos with their labels beside what a workspace has; return how many. Again, it adds none twice.

    They come without the truth about where a defect is, and the note of the workspace stays as it is.

    Raises:
        WorkspaceError: the workspace has other attributes.
    """
    _check_attributes(workspace)

    def report(done: int) -> None:
        if progress:
            progress(done, 2 * videos)

    with temporary_folder(workspace.path, "demo") as folder:
        rendered = render_class(folder, PRACTICE_SEED, videos, frames, lambda done, total: report(done))
        for done, video in enumerate(rendered, 1):
            path = video.path.rename(video.path.with_name(video.path.name.replace("seam", "practice")))
            with adding(workspace, path.name) as stage:
                staged = stage_video(workspace, stage, path, origin="rendered")
                rows = pd.DataFrame([{"index": frame.index, **frame.answers} for frame in video.truth])
                with stage.landing() as connection:
                    staged.write(connection)
                    record_rows(connection, workspace, ANNOTATOR, rows.assign(video=staged.key))
            report(videos + done)
    return len(rendered)


def _check_attributes(workspace: Workspace) -> None:
    if set(workspace.attributes.names) != set(SEAM.names):
        raise WorkspaceError(
            f"The demo class has the attributes {', '.join(SEAM.names)}, but this workspace has "
            f"{', '.join(workspace.attributes.names)}.",
            "Choose another folder for the demo class.",
        )


def _check_free(workspace: Workspace, note: str) -> None:
    _check_attributes(workspace)
    present = videos(workspace)
    if present and workspace.note != note:
        raise WorkspaceError(
            f"The demo class needs a workspace without videos, but this one has {len(present)}.",
            "Choose another folder for the demo class.",
        )


def _add(workspace: Workspace, video: RenderedVideo) -> None:
    """Add a video with its truth and its labels, all or nothing."""
    with adding(workspace, video.path.name) as stage:
        staged = stage_video(workspace, stage, video.path, origin="rendered")
        stored = _truth_file(workspace, video.name, "truth")
        shutil.copyfile(video.path.with_name(stored.name), stage.folder(stored.parent) / stored.name)
        is_labelled = not staged.is_new and labels_of(workspace, ANNOTATOR, staged.key).notna().any(axis=None)
        with stage.landing() as connection:
            staged.write(connection)
            if video.labelled and not is_labelled:
                rows = pd.DataFrame([{"index": frame.index, **frame.answers} for frame in video.truth])
                record_rows(connection, workspace, ANNOTATOR, rows.assign(video=staged.key))


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
