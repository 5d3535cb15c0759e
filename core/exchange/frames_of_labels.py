"""Which frame of a workspace a file of labels means: by the name of the picture, or by video and index."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import LabelError
from core.label_formats.records import FileAnswers, FileStretch, Labels, PictureLabels, frames_in
from core.lookup_tables.lookup_table import stem
from core.media.library import frame_table, videos
from core.media.video_keys import video_key
from core.names import quoted
from core.text import count, listed
from core.workspace import Workspace

_UPLOADED = re.compile(r"[0-9a-f]{8}-(.+)")
"""Label Studio puts eight digits before the name of a file that it gets."""


@dataclass(frozen=True)
class _Frames:
    """The frames of a video: (n,) arrays, by index."""

    names: np.ndarray
    indexes: np.ndarray
    times: np.ndarray


@dataclass
class Spoken:
    """What a file says of one frame.

    Args:
        path: of its picture, as it is written; empty where the file has none.
        answers: and boxes.
        pictures: whose boxes they are.
    """

    path: str
    answers: FileAnswers
    pictures: list[PictureLabels]


class FramesOfWorkspace:
    """The frames of a workspace, or of none that is there yet, as files of labels call them."""

    def __init__(self, workspace: Workspace | None) -> None:
        self._videos: dict[str, str] = {}
        self._frames: dict[str, _Frames] = {}
        self.names: set[str] = set()
        if workspace is None:
            return
        table = frame_table(workspace)
        self.names = set(table["name"])
        for key, rows in table.groupby("video", sort=False):
            columns = (rows[name].to_numpy() for name in ("name", "index", "time"))
            self._frames[str(key)] = _Frames(*columns)
        for video in videos(workspace):
            for name in (
                video.file.name if video.file else "",
                video.file.stem if video.file else "",
                video.key,
            ):
                self._videos[name.casefold()] = video.key

    def spoken(self, labels: Labels, file: Path, fill_false: bool) -> tuple[dict[str, Spoken], list[str]]:
        """Return what a file says of each frame, by its name, and notes for the user.

        Args:
            labels: of the file.
            file: named in errors.
            fill_false: of the frames that the file speaks of, what it does not say is false.

        Raises:
            LabelError: an unknown video, two pictures of one name, or the file contradicts itself.
        """
        spoken: dict[str, Spoken] = {}
        missing = 0
        for picture in labels.pictures:
            name = self._name(picture, file)
            if name is None:
                missing += bool(picture.answers)
                continue
            frame = self._frame(spoken, name, picture.name, file)
            for attribute, value in picture.answers.items():
                frame.answers.say(attribute, value)
            if picture.boxes:
                frame.pictures.append(picture)
        for name, stretch in self._in_stretches(labels, file, fill_false):
            frame = self._frame(spoken, name, "", file)
            if stretch:
                frame.answers.say(stretch.attribute, stretch.value)
        if fill_false:
            for frame in spoken.values():
                frame.answers.given = dict.fromkeys(labels.attributes, False) | frame.answers.given
        notes = [f"{count(missing, 'frame')} left out that are not in the workspace."] if missing else []
        return spoken, notes

    def _frame(self, spoken: dict[str, Spoken], name: str, path: str, file: Path) -> Spoken:
        frame = spoken.setdefault(name, Spoken(path, FileAnswers(f"{name} in {file.name}"), []))
        if path and frame.path and path != frame.path:
            raise LabelError(
                f"{file.name} has two pictures called {name}: {frame.path} and {path}.", "Rename one of them."
            )
        frame.path = frame.path or path
        return frame

    def _name(self, picture: PictureLabels, file: Path) -> str | None:
        """Return the name of the frame, of a picture that is not here its own; none of a frame of a video that was not stored."""
        name = stem(picture.name)
        index = picture.index
        if name and (name in self.names or index is None):
            uploaded = _UPLOADED.fullmatch(name)
            return uploaded[1] if uploaded and name not in self.names and uploaded[1] in self.names else name
        frames = self._frames[self._video(picture.video, file)]
        place = int(np.searchsorted(frames.indexes, index or 0))
        is_there = place < len(frames.indexes) and frames.indexes[place] == index
        return str(frames.names[place]) if is_there else None

    def _in_stretches(
        self, labels: Labels, file: Path, every: bool
    ) -> Iterator[tuple[str, FileStretch | None]]:
        """Yield each frame that is in a stretch, with the stretch; with ``every`` also all frames of these videos."""
        keys = {stretch.video: self._video(stretch.video, file) for stretch in labels.stretches}
        for stretch in labels.stretches:
            frames = self._frames[keys[stretch.video]]
            for place in frames_in(stretch, frames.indexes, frames.times):
                yield str(frames.names[place]), stretch
        if every:
            for key in set(keys.values()):
                yield from ((str(name), None) for name in self._frames[key].names)

    def _video(self, written: str, file: Path) -> str:
        """Return the key of a video, whose name, file or path is written in a file."""
        name = PurePosixPath(written.replace("\\", "/")).name
        uploaded = _UPLOADED.fullmatch(name)
        for text in (name, *([uploaded[1]] if uploaded else [])):
            for call in (
                text,
                PurePosixPath(text).stem,
                video_key(text, ()),
                video_key(PurePosixPath(text).stem, ()),
            ):
                if key := self._videos.get(call.casefold()):
                    return key
        here = listed(list(self._frames), most=12) or "none"
        raise LabelError(
            f"{file.name} speaks of the video {quoted(written)}, which is not in this workspace; it has {here}.",
            "Add the video first, or rename it in the file.",
        )
