"""Back to labelling: a frame of a session goes to the Label page, where the network's suggestion awaits it.

A frame of a video of the workspace is its own (video, index), and nothing is copied. Any other is copied into a group of
its origin, one per live session, so that a split never divides what shows the same seam.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.access.rights import Right, needs, own_name
from core.errors import MediaError, RunError
from core.events.jsonl import append_lines
from core.events.session import SENT, Session, now
from core.inspection.inspector import Reading
from core.media.add_frames import Origin, Shot, add_shots, video_with
from core.media.images import encode_jpeg
from core.media.library import frame_table
from core.splits import stored_split
from core.workspace import Workspace


@dataclass(frozen=True)
class Sent:
    """A frame that went to labelling.

    Args:
        video: key of its video, or of the group of its session.
        index: in it.
        why: it went.
        new: it had not gone before.
        part: of the current split, that the video has; empty where it has none yet.
        within: the network judged a region of it that a viewer had set. All of the frame went to labelling.
    """

    video: str
    index: int
    why: str
    new: bool = True
    part: str = ""
    within: bool = False


@dataclass(frozen=True)
class SessionFrame:
    """A frame of a session; its picture, or the file of it, is needed where it is not of a video of the workspace.

    ``within`` is as of `Sent`.
    """

    index: int
    time: float
    why: str
    jpeg: bytes | Path = b""
    within: bool = False


@needs(Right.LIVE)
def send_back(
    workspace: Workspace, session: Session, reading: Reading, picture: np.ndarray, by: str = ""
) -> Sent:
    """Send one frame to labelling, while the session goes on or later. The same frame twice goes once.

    ``picture`` is (H, W, 3) uint8 BGR, as it came, without anything drawn on it; ``by`` is who sends it.

    Raises:
        MediaError: its video is not in the workspace any more.
        WorkspaceError: it cannot be stored.
    """
    frame = SessionFrame(reading.index, reading.time, "by hand", encode_jpeg(picture))
    return _send(workspace, session, [frame], by)[0]


@needs(Right.LIVE)
def send_uncertain(workspace: Workspace, session: Session, by: str = "") -> list[Sent]:
    """Send the uncertain frames; see `send_back`."""
    frames = [_frame(session, line, line["index"], line["time"], line["why"]) for line in session.uncertain]
    return _send(workspace, session, frames, by)


@needs(Right.LIVE)
def send_events(workspace: Workspace, session: Session, numbers: Iterable[int], by: str = "") -> list[Sent]:
    """Send the frames at the peaks of events; see `send_back`.

    Raises:
        RunError: there is no such event.
    """
    events = [session.event(number) for number in numbers]
    frames = [_frame(session, e, e["peak_index"], e["peak_time"], e["attribute"]) for e in events]
    return _send(workspace, session, frames, by)


def sent(workspace: Workspace, session: Session) -> list[Sent]:
    """Return what went to labelling from a session, in that order."""
    parts = _parts(workspace)
    lines = {(line["video"], line["index"]): line for line in session.lines(SENT)}
    return [Sent(v, i, line["why"], False, parts.get(v, "")) for (v, i), line in lines.items()]


def _send(workspace: Workspace, session: Session, frames: list[SessionFrame], by: str) -> list[Sent]:
    """Send frames of a session to labelling, all or none."""
    if not frames:
        return []
    before = {(line["video"], line["index"]) for line in session.lines(SENT)}
    parts = _parts(workspace)
    sent: dict[tuple[str, int], Sent] = {}
    for place, frame in zip(_places(workspace, session, frames), frames, strict=True):
        part = parts.get(place[0], "")
        sent.setdefault(place, Sent(*place, frame.why, place not in before, part, frame.within))
    lines = (
        {"video": s.video, "index": s.index, "why": s.why, "by": own_name(by), "at": now()}
        for s in sent.values()
        if s.new
    )
    append_lines(session.path / SENT, lines)
    return list(sent.values())


def _frame(session: Session, line: Mapping[str, Any], index: int, time: float, why: str) -> SessionFrame:
    picture = line.get("picture")
    return SessionFrame(index, time, why, session.path / picture if picture else b"", "region" in line)


def _places(workspace: Workspace, session: Session, frames: list[SessionFrame]) -> list[tuple[str, int]]:
    """Return video and index of each frame; what is not in the workspace is stored there."""
    video, origin = _belonging(workspace, session)
    if video:
        there = frame_table(workspace, video)["index"].to_numpy()
        # Of some videos only every third frame, report, is here.
        return [(video, int(there[abs(there - frame.index).argmin()])) for frame in frames]
    key = add_shots(workspace, origin, [Shot(frame.index, frame.time, _content(frame)) for frame in frames])
    return [(key, frame.index) for frame in frames]


def _content(frame: SessionFrame) -> bytes:
    if isinstance(frame.jpeg, bytes):
        return frame.jpeg
    try:
        return frame.jpeg.read_bytes()
    except OSError as error:
        raise MediaError(
            f"The picture of frame {frame.index} is gone: {frame.jpeg}.", "Send the other events one by one."
        ) from error


def _belonging(workspace: Workspace, session: Session) -> tuple[str, Origin]:
    """Return the video that a session watched, if it is in the workspace, and else where its frames come from."""
    details = session.details
    if video := details.get("video"):
        return video, Origin("", "", "")
    if "origin" not in details:
        raise RunError(f"The session {session.id} does not say what it watched.", "Watch it again.")
    try:
        origin = Origin(**details["origin"])
    except TypeError as error:
        raise RunError(
            f"The session {session.id} does not say what it watched.", "Watch it again."
        ) from error
    kind, _, content = origin.identity.partition(" ")
    return (video_with(workspace, content) if kind == "file" else None) or "", origin


def _parts(workspace: Workspace) -> dict[str, str]:
    """Return the part of each video in the current split, where that keeps videos whole."""
    split = stored_split.load(workspace)
    if split is None or split.by != "video":
        return {}
    table = split.table.drop_duplicates("video")
    return dict(zip(table["video"], table["part"], strict=True))
