"""Leaks: test frames that have a near-duplicate in training, so that a test promises too much.

Near-duplicates are frames of one video within half a second, and frames that look the same (`core.media.near_duplicates`).
Pictures have no times; of those, neighbours in their group are compared too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from typing_extensions import TypedDict  # of typing only from Python 3.12 on, for pydantic

from core.files import Progress, counted, part_of
from core.media.images import hash_distances, hash_numbers
from core.media.library import frame_table
from core.media.near_duplicates import ALIKE, correlation, near_pairs, read_small
from core.splits.split import Split
from core.splits.stored_split import load
from core.videos.duplicate_videos import SameVideos, same_videos
from core.workspace import Workspace

SECONDS = 0.5
"""Frames of one video that are no further apart are near-duplicates: a seam moves little in that time."""
NEIGHBOUR = 15
"""Pictures of one group whose indexes are no further apart are neighbours: half a second of a usual camera."""
BOUND = 1.0
"""Percent of test frames with a near-duplicate above which a split leaks. They can lift the accuracy by no more than that,
which is less than chance moves it in a test of a few hundred frames."""

_MOST_COMPARED = 20  # candidates per frame, the nearest hashes first
_CACHED = 1024  # reduced pictures, 48 KiB each

Why = Literal["time", "look"]
ACROSS = (("test", "train"), ("valid", "train"), ("test", "valid"))


class LeakRecord(TypedDict):
    """How far the split of a run leaks: percent of its test frames, and how many these are."""

    meter: float
    test_frames: int
    leaking_test_frames: int


@dataclass(frozen=True)
class LeakingPair:
    """Two near-duplicates in two parts of a split."""

    frame: str  # its name
    part: str  # where it is
    twin: str  # name of the other one
    twin_part: str  # where that is
    why: Why  # ``time`` or ``look``
    seconds: float | None = None  # between them, where ``why`` is ``time``
    correlation: float | None = None  # of their pictures, where ``why`` is ``look``


@dataclass(frozen=True)
class Leaks:
    """What leaks in a split.

    Args:
        pairs: a near-duplicate of each frame of the test and of the validation part that has one.
        test_frames: how many the test part has.
        leaking_test_frames: how many of them have a near-duplicate in training.
        same_videos: which videos look like the same video, whatever their part.
    """

    pairs: tuple[LeakingPair, ...]
    test_frames: int
    leaking_test_frames: int
    same_videos: tuple[SameVideos, ...] = ()

    @property
    def meter(self) -> float:
        """Percent of the test frames that have a near-duplicate in training, 0 to 100."""
        return 100 * self.leaking_test_frames / self.test_frames if self.test_frames else 0.0

    @property
    def is_leaking(self) -> bool:
        return self.meter > BOUND

    @property
    def sentence(self) -> str:
        """What a test on the split is worth, in a sentence."""
        if not self.test_frames:
            return "The split has no test frames."
        if not self.leaking_test_frames:
            return (
                f"Honest split: none of the {self.test_frames:,} test pictures resembles a training picture."
            )
        many = (
            f"{self.leaking_test_frames:,} of {self.test_frames:,} test pictures resemble a training picture"
        )
        if self.is_leaking:
            return f"{many}, so a test on this split looks better than the network is. Split by video to know how good it is on a new seam."
        return f"{many}: too few to raise the accuracy by more than {BOUND:.0f} %."

    def mark(self) -> LeakRecord:
        """Return what a run stores of it."""
        return {
            "meter": round(self.meter, 2),
            "test_frames": self.test_frames,
            "leaking_test_frames": self.leaking_test_frames,
        }

    def to_json(self) -> dict[str, Any]:
        """Return what ``leaks --json`` prints."""
        pairs = [{k: v for k, v in asdict(pair).items() if v is not None} for pair in self.pairs]
        return {"pairs": pairs, **self.mark(), "same_videos": [asdict(same) for same in self.same_videos]}


def leaks(workspace: Workspace, split: Split, progress: Progress | None = None) -> Leaks:
    """Look for near-duplicates across the parts of ``split``, and for videos of the workspace that look the same."""
    found = _leaks(workspace, split.table, ACROSS, part_of(progress, 0, 2))
    return replace(found, same_videos=tuple(same_videos(workspace, part_of(progress, 1, 2))))


def current_leaks(workspace: Workspace, progress: Progress | None = None) -> Leaks:
    """Look for the `leaks` of the current split; where there is none, for videos that look the same.

    Raises:
        SplitError: split.csv is no split.
    """
    if split := load(workspace):
        return leaks(workspace, split, progress)
    return Leaks((), 0, 0, tuple(same_videos(workspace, progress)))


def leak_of(workspace: Workspace, parts: pd.DataFrame, progress: Progress | None = None) -> Leaks:
    """Look for test frames with a near-duplicate in training only, by ``parts`` (``name`` and ``part``); each training asks."""
    return _leaks(workspace, parts, ACROSS[:1], progress)


def sentence(mark: Mapping[str, Any] | None, is_tested: bool = True) -> str:
    """Return the warning for a run whose split has this mark (see `Leaks.mark`); empty where it does not leak."""
    if not mark or mark["meter"] <= BOUND:
        return ""
    leak = f"leaking split: {mark['meter']:.1f} % of the test frames have a near-duplicate in training."
    if is_tested:
        return f"Tested on a {leak} Expect less on a new seam."
    return f"Trained on a {leak} A test will look better than the network is."


def _leaks(
    workspace: Workspace, parts: pd.DataFrame, across: tuple[tuple[str, str], ...], progress: Progress | None
) -> Leaks:
    """Look across pairs of parts. Frames of removed videos do not count."""
    if progress:
        progress(0, 1)  # at once: all hashes are compared before there is more to tell
    frames = frame_table(workspace).merge(parts[["name", "part"]], on="name")
    search = _Search(workspace, frames)
    pairs = tuple(
        pair
        for number, (part, other) in enumerate(across)
        for pair in search.pairs(part, other, part_of(progress, number, len(across)))
    )
    leaking = sum(pair.part == "test" and pair.twin_part == "train" for pair in pairs)
    return Leaks(pairs, int((frames["part"] == "test").sum()), leaking)


class _Search:
    """Looks for near-duplicates across the parts of ``frames`` (`frame_table` and ``part``); pictures are read at most once."""

    def __init__(self, workspace: Workspace, frames: pd.DataFrame) -> None:
        self.frames = frames
        self.names, self.parts = frames["name"].to_numpy(), frames["part"].to_numpy()
        files = [workspace.path / file for file in frames["file"]]
        self.picture = lru_cache(_CACHED)(lambda place: read_small(files[place]))

    def pairs(self, part: str, other: str, progress: Progress | None) -> Iterator[LeakingPair]:
        """Yield one near-duplicate in ``other`` of each frame of ``part`` that has one."""
        timed = self._by_time(part, other)
        for place, (twin, seconds) in timed.items():
            yield LeakingPair(*self._named(place, twin), "time", seconds=round(seconds, 3))
        for place, candidates in counted(self._candidates(part, other, timed).items(), progress):
            for twin in candidates[:_MOST_COMPARED]:
                if (alike := self._correlation(place, twin)) >= ALIKE:
                    yield LeakingPair(*self._named(place, twin), "look", correlation=round(alike, 3))
                    break

    def _named(self, place: int, twin: int) -> tuple[str, str, str, str]:
        names, parts = self.names, self.parts
        return str(names[place]), str(parts[place]), str(names[twin]), str(parts[twin])

    def _correlation(self, place: int, twin: int) -> float:
        ours, theirs = self.picture(place), self.picture(twin)
        return -1.0 if ours is None or theirs is None else correlation(ours, theirs)

    def _by_time(self, part: str, other: str) -> dict[int, tuple[int, float]]:
        """Return for frames of ``part`` the nearest of ``other`` in the same video, and the seconds between."""
        timed = self.frames[["video", "time"]].dropna().rename_axis("place").reset_index().sort_values("time")
        parts = self.parts[timed["place"]]
        ours, theirs = timed[parts == part], timed[parts == other].rename(columns={"place": "twin"})
        if ours.empty or theirs.empty:
            return {}
        theirs = theirs.assign(at=theirs["time"])
        both = pd.merge_asof(ours, theirs, on="time", by="video", direction="nearest")
        both["apart"] = (both["time"] - both["at"]).abs()
        both = both[both["apart"] <= SECONDS + 1e-6].sort_values("place")  # times are fractions of a clock
        near = zip(both["twin"].astype(int).tolist(), both["apart"].tolist(), strict=True)
        return dict(zip(both["place"].tolist(), near, strict=True))

    def _candidates(self, part: str, other: str, done: Mapping[int, Any]) -> dict[int, list[int]]:
        """Return for frames of ``part`` those of ``other`` to compare them with, the most promising first."""
        ours = [place for place in np.flatnonzero(self.parts == part).tolist() if place not in done]
        theirs = np.flatnonzero(self.parts == other)
        if not ours:
            return {}
        candidates = self._neighbours(ours, theirs)
        for place, twin in self._near_hashes(ours, theirs):
            candidates.setdefault(place, []).append(twin)
        return candidates

    def _neighbours(self, ours: list[int], theirs: np.ndarray) -> dict[int, list[int]]:
        """Return for pictures without a time the next of ``theirs`` in their group, before and after."""
        pictures = self.frames["time"].isna().to_numpy()
        videos, index = self.frames["video"].to_numpy(), self.frames["index"].to_numpy()
        neighbours: dict[int, list[int]] = {}
        for place in (place for place in ours if pictures[place]):
            after = int(np.searchsorted(theirs, place))  # frames stand by video and index
            neighbours[place] = [
                int(near)
                for near in theirs[max(0, after - 1) : after + 1]
                if videos[near] == videos[place] and abs(index[near] - index[place]) <= NEIGHBOUR
            ]
        return neighbours

    def _near_hashes(self, ours: list[int], theirs: np.ndarray) -> Iterator[tuple[int, int]]:
        """Yield pairs of places whose hashes are near, for each of ``ours`` the nearest first, and not very many."""
        hashes = hash_numbers(self.frames["phash"].tolist())
        our_hashes, which = np.unique(hashes[ours], return_inverse=True)
        their_hashes, of = np.unique(hashes[theirs], return_inverse=True)
        # Of equal hashes a few are compared: a video that stands still has thousands.
        members: dict[int, list[int]] = {}
        for place, number in zip(theirs.tolist(), of.tolist(), strict=True):
            if len(same := members.setdefault(number, [])) < _MOST_COMPARED:
                same.append(place)
        near = _by_distance(our_hashes, their_hashes)
        for place, number in zip(ours, which.tolist(), strict=True):
            for other in near.get(number, ()):
                yield from ((place, twin) for twin in members[other])


def _by_distance(ours: np.ndarray, theirs: np.ndarray) -> dict[int, list[int]]:
    """Return for places in ``ours`` (N,) uint64 the places in ``theirs`` of near hashes, the nearest first."""
    pairs = near_pairs(ours, theirs)
    distances = hash_distances(ours[pairs[:, 0]], theirs[pairs[:, 1]])
    nearest: dict[int, list[int]] = {}
    for place, other in pairs[distances.argsort(kind="stable")].tolist():
        nearest.setdefault(place, []).append(other)
    return nearest
