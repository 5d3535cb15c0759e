"""The parts of a run in words: how many frames of how many videos, and whether the network can have learned from their like."""

from core.media.library import videos
from core.runs.run import Run
from core.splits.split import PARTS
from core.text import count


def frames_counted(run: Run, part: str, adjective: str = "") -> str:
    """Return such as "600 frames of 3 videos"; of pictures, of groups."""
    frames = run.frames[run.frames["part"] == part]
    return f"{count(len(frames), 'frame')} of {groups(run, frames['video'].nunique(), adjective)}"


def unseen(run: Run, part: str) -> str:
    """Return such as "600 frames of 3 unseen videos", or as `frames_counted` where the network can have learned from their like."""
    return frames_counted(run, part, "unseen " if is_unseen(run, part) else "")


def kind(run: Run) -> str:
    """Return what the groups of ``run`` are called: video, or group where its workspace has nothing but pictures."""
    return "group" if all(video.origin == "pictures" for video in videos(run.workspace)) else "video"


def groups(run: Run, number: int, adjective: str = "") -> str:
    """Return such as "3 videos"; of pictures "3 groups"."""
    return count(number, adjective + kind(run))


def is_unseen(run: Run, part: str) -> bool:
    """Return whether the network has learned from no video of ``part``; nor has the validation part, for the test part."""
    groups = run.frames.groupby("part")["video"].agg(set)
    mine = groups.get(part, set())
    return not run.leak and all(
        mine.isdisjoint(groups.get(other, set())) for other in PARTS[: PARTS.index(part)]
    )


def held_out(run: Run) -> set[str]:
    """Return the videos, or groups, none of whose frames trained or validated ``run``."""
    found = run.frames.groupby("video")["part"].agg(set)
    return {str(group) for group, parts in found.items() if parts == {"test"}}
