"""Adds the rendered demo class to a workspace: videos, labels, and the truth beside them."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from core import workspace as workspaces
from core.access.person import OWNER, acting_as
from core.access.rights import Right, needs
from core.attributes import SEAM
from core.demo.plan import FRAMES, VIDEOS, VideoPlan
from core.demo.render import RenderedVideo, render_class
from core.demo.sample_plan import video_plan
from core.demo.truth import seam_lines, truth, truth_table
from core.errors import WorkspaceError
from core.files import Progress, replacing
from core.labels.consensus import labels_of
from core.labels.labels import DRAWN, record_rows
from core.media.library import videos
from core.media.transaction import Stage, adding
from core.scratch import temporary_folder
from core.videos.add_video import stage_video
from core.workspace import Workspace

TRUTH = "truth"
"""Folder of the workspace with what is true of the rendered frames."""
ANNOTATOR = DRAWN
PRACTICE_SEED = 3
"""Of practice videos beside one's own: others than those of a demo class, unless somebody chose the same seed."""
NOTE = re.compile(r"Rendered by SeamLens: (\d+) videos of (\d+) frames, seed (\d+)\.")
"""What earlier versions stored in the settings, whatever was added later. Now `core.media.library.drawn` counts."""


@dataclass(frozen=True)
class Demo:
    """The demo class in its workspace."""

    workspace: Workspace  # where it is
    videos: int  # how many there are
    frames: int  # of all videos together
    unlabelled: tuple[str, ...]  # keys of the videos that the user shall label


@needs(Right.ADD)
def make_demo(
    path: Path, seed: int = 1, videos: int = VIDEOS, frames: int = FRAMES, progress: Progress | None = None
) -> Demo:
    """Render ``videos`` videos of ``frames`` frames and add them, with labels, to the workspace in ``path``.

    The workspace is created where there is none. All videos come together, or none of them. A call can be repeated: videos
    that are there already are recognised by their content.

    Raises:
        WorkspaceError: the workspace holds other videos or other attributes.
    """
    workspace = workspaces.open_or_create(path)
    _check_free(workspace, video_plan(seed, videos, frames))
    report = progress or _silent
    with temporary_folder(path, "demo") as folder:
        rendered = render_class(folder, seed, videos, frames, lambda done, total: report(done, 2 * videos))
        _add(workspace, rendered, "The demo class", lambda done: report(videos + done, 2 * videos))
    unlabelled = tuple(video.name for video in rendered if not video.labelled)
    return Demo(workspace, len(rendered), sum(len(video.truth) for video in rendered), unlabelled)


@needs(Right.ADD)
def add_practice(
    workspace: Workspace, progress: Progress | None = None, videos: int = 6, frames: int = 100
) -> int:
    """Add rendered videos with their labels beside what a workspace has; return how many. Again, it adds none twice.

    All of them come together, or none. They come without the truth about where a defect is.

    Raises:
        WorkspaceError: the workspace has other attributes.
    """
    _check_attributes(workspace)
    report = progress or _silent
    with temporary_folder(workspace.path, "demo") as folder:
        rendered = render_class(
            folder, PRACTICE_SEED, videos, frames, lambda done, total: report(done, 2 * videos)
        )
        practice = [_as_practice(video) for video in rendered]
        _add(workspace, practice, "Practice videos", lambda done: report(videos + done, 2 * videos))
    return len(rendered)


def _as_practice(video: RenderedVideo) -> RenderedVideo:
    """Return a rendered video under the name that it has beside one's own: labelled, and without its truth."""
    path = video.path.rename(video.path.with_name(video.path.name.replace("seam", "practice")))
    for file in _truth_beside(video):
        file.unlink()
    return replace(video, name=path.stem, path=path, labelled=True)


def _silent(done: int, total: int | None) -> None:
    pass


def _check_attributes(workspace: Workspace) -> None:
    if set(workspace.attributes.names) != set(SEAM.names):
        raise WorkspaceError(
            f"The demo class has the attributes {', '.join(SEAM.names)}, but this workspace has "
            f"{', '.join(workspace.attributes.names)}.",
            "Choose another folder for the demo class.",
        )


def _check_free(workspace: Workspace, plans: Sequence[VideoPlan]) -> None:
    _check_attributes(workspace)
    present, planned = videos(workspace), {plan.name: plan for plan in plans}
    if not all(v.key in planned and _is_plan_of(workspace, planned[v.key]) for v in present):
        raise WorkspaceError(
            f"The demo class needs a workspace without videos, but this one has {len(present)}.",
            "Choose another folder for the demo class.",
        )


def _add(
    workspace: Workspace, rendered: Sequence[RenderedVideo], name: str, report: Callable[[int], None]
) -> None:
    """Add videos with their truth and their labels, all or nothing; ``report`` is told how many are ready."""
    with adding(workspace, name) as stage:
        writes = []
        for done, video in enumerate(rendered, 1):
            writes.append(_stage(workspace, stage, video))
            report(done)
        with stage.landing() as connection:
            for write in writes:
                write(connection)


def _stage(workspace: Workspace, stage: Stage, video: RenderedVideo) -> Callable[[Connection], None]:
    """Put the files of a video on the stage; return what writes its rows."""
    staged = stage_video(workspace, stage, video.path, origin="rendered")
    for file in _truth_beside(video):
        shutil.copyfile(file, stage.folder(workspace.path / TRUTH) / file.name)
    with acting_as(OWNER):
        is_labelled = not staged.is_new and labels_of(workspace, ANNOTATOR, staged.key).notna().any(axis=None)

    def write(connection: Connection) -> None:
        staged.write(connection)
        if video.labelled and not is_labelled:
            rows = pd.DataFrame([{"index": frame.index, **frame.answers} for frame in video.truth])
            with acting_as(OWNER):  # they are drawn, and nobody's answers
                record_rows(connection, workspace, ANNOTATOR, rows.assign(video=staged.key))

    return write


def _truth_beside(video: RenderedVideo) -> list[Path]:
    """Return the tables that were rendered with a video: what is true of its frames, and where its seam runs."""
    return sorted(video.path.parent.glob(f"{video.name}_*.csv"))


def store_seam_lines(workspace: Workspace) -> None:
    """Write `truth/<video>_seam.csv` of each video of a demo class whose version did not do that yet."""
    if not (match := NOTE.match(workspace.note)):
        return
    missing = {v.key for v in videos(workspace) if not _truth_file(workspace, v.key, "seam").exists()}
    if not missing:
        return
    for plan in video_plan(int(match[3]), int(match[1]), int(match[2])):
        if plan.name in missing and _is_plan_of(workspace, plan):
            with replacing(_truth_file(workspace, plan.name, "seam")) as partial:
                seam_lines(plan).to_csv(partial, index=False)


def _truth_file(workspace: Workspace, video: str, kind: str) -> Path:
    return workspace.path / TRUTH / f"{video}_{kind}.csv"


def _is_plan_of(workspace: Workspace, plan: VideoPlan) -> bool:
    """Return whether the stored truth follows from ``plan``: another version may have drawn another plan."""
    file = _truth_file(workspace, plan.name, "truth")
    if not file.is_file():
        return False
    stored, planned = pd.read_csv(file), truth_table(plan.name, truth(plan))
    return planned["boxes"].tolist() == stored["boxes"].fillna("").tolist()
