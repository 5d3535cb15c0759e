"""Splits: which frames train, which validate, and which test.

Neighbouring frames of a video are nearly the same picture, so the default keeps each video in one part.

Labels are tables as `core.labels.consensus.consensus` returns them; frames without a label are left out. ``shares`` are those
of the frames for train, valid and test. The same seed gives the same split.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.access.rights import Right, needs
from core.errors import SplitError
from core.files import Progress, natural, replacing
from core.json_files import Count, DamagedError, checked, read_record, readable, why
from core.labels.consensus import consensus
from core.labels.label_table import attributes_of, from_file, to_file
from core.lookup_tables.cells import read_cells
from core.lookup_tables.lookup_table import stem
from core.media.library import frame_table
from core.media.transaction import recover
from core.splits.stratify import ENOUGH, assign_groups, sizes_of
from core.text import count, listed
from core.workspace import Workspace

PARTS = ("train", "valid", "test")
PART_NAMES = {"train": "training", "valid": "validation", "test": "test"}
"""What the parts are called, everywhere that people read of them."""

BY_VIDEO = (0.6, 0.2, 0.2)
PUBLISHED = (0.78, 0.20, 0.02)

By = Literal["video", "blocks", "random", "file"]
BYS: tuple[By, ...] = ("video", "blocks", "random")
"""The ways to make one."""

GAP = 0.5
"""Seconds without a frame between two blocks of different parts: closer frames are near-duplicates."""
RATE = 30
"""Frames per second of pictures without times."""
BLOCK_SECONDS = 4 * GAP
"""A block is at least this long: gaps take at most a quarter of it."""
MOST_BLOCKS = 10
"""Of a video."""


@dataclass(frozen=True)
class Split:
    """Which frame belongs to which part."""

    table: pd.DataFrame  # ``name``, ``video``, ``part`` (one of `PARTS`), in the order of the labels
    by: By  # how it was made
    seed: int | None = None  # with which it was made; none where it was read from a file
    notes: tuple[str, ...] = ()  # what the user should know, one sentence each

    @property
    def divides_videos(self) -> bool:
        """Whether some video has frames in several parts."""
        return len(self.table.drop_duplicates(["video", "part"])) > self.table["video"].nunique()

    def counts(self, labels: pd.DataFrame) -> dict[str, dict[str, Any]]:
        """Return per part ``frames``, ``videos``, and per attribute how many of ``labels`` are true and false.

        Frames that ``labels`` do not name, those of removed videos, are not counted.
        """
        joined = self.table.merge(labels.drop(columns="video"), on="name")
        return {part: _counts(joined[joined["part"] == part], attributes_of(labels)) for part in PARTS}


def make_split(
    workspace: Workspace, labels: pd.DataFrame, by: By, seed: int = 0, progress: Progress | None = None
) -> Split:
    """Make a split by one of the ways `BYS`.

    Raises:
        SplitError: it cannot be made of these labels.
    """
    if by == "blocks":
        return split_by_blocks(labels, frame_table(workspace).set_index("name")["time"], seed, progress)
    return split_random(labels, seed) if by == "random" else split_by_video(labels, seed, progress)


def split_by_video(labels: pd.DataFrame, seed: int = 0, progress: Progress | None = None) -> Split:
    """Give every group to one part, so that all parts resemble the whole and hold both answers of each attribute.

    Raises:
        SplitError: no labels, or fewer than three groups with labels.
    """
    table, groups, keys = _grouped(labels)
    if len(keys) < len(PARTS):
        raise SplitError(
            f"Only {count(len(keys), 'labelled video')} ({listed(keys)}); an honest test needs {len(PARTS)}.",
            "Label another video, or split by blocks, which tests on parts of the same videos.",
        )
    sizes = sizes_of(groups, answers_of(table))
    parts = assign_groups(sizes, np.array(BY_VIDEO), seed, progress=progress)
    return split_of(table, parts[groups], "video", seed)


def split_by_blocks(
    labels: pd.DataFrame, times: pd.Series, seed: int = 0, progress: Progress | None = None
) -> Split:
    """Cut every video into blocks and give every block to one part; frames at the borders of parts are left out.

    For fewer than three videos: the test part is of seams that also trained, but no test frame has its neighbours in
    training.

    ``times`` are the seconds of each frame, by name; NaN for pictures.

    Raises:
        SplitError: no labels, or too short a video to cut it into three blocks with gaps.
    """
    table = labelled_frames(labels)
    seconds = table["name"].map(times).fillna(table["index"] / RATE).to_numpy(float)
    groups = pd.factorize(table["video"])[0]
    blocks, borders = _cut(groups, seconds)
    parts = assign_groups(sizes_of(blocks, answers_of(table)), np.array(BY_VIDEO), seed, progress=progress)
    used = ~_in_gaps(blocks, borders, parts, seconds)
    made = split_of(table[used], parts[blocks][used], "blocks", seed)
    if len(borders) < len(PARTS) or set(made.table["part"]) != set(PARTS):
        labelled = sum(np.ptp(seconds[groups == group]) for group in range(groups.max() + 1))
        raise SplitError(
            f"Only {labelled:.1f} s are labelled; {3 * BLOCK_SECONDS:.0f} s are needed.",
            "Label more of the video, or add another one.",
        )
    notes = ["The test frames are from videos that also train: expect less on a new seam."]
    if not used.all():
        notes.append(f"{count(int((~used).sum()), 'frame')} in the gaps between the parts, not used.")
    return replace(made, notes=tuple(notes))


def split_random(
    labels: pd.DataFrame, seed: int = 0, shares: tuple[float, float, float] = PUBLISHED
) -> Split:
    """Shuffle the labelled frames over the parts, as the class published it: near copies fall into every part.

    Raises:
        SplitError: fewer than three labelled frames.
    """
    table = labelled_frames(labels)
    if len(table) < len(PARTS):
        problem = f"Only {count(len(table), 'labelled frame')}; a split needs {len(PARTS)}."
        raise SplitError(problem, "Label some more.")
    valid, test = (max(1, round(share * len(table))) for share in shares[1:])
    order = np.random.default_rng(seed).permutation(len(table))
    parts = np.zeros(len(table), np.int64)
    parts[order[:valid]], parts[order[valid : valid + test]] = 1, 2
    return split_of(table, parts, "random", seed)


def extend(split: Split, labels: pd.DataFrame, progress: Progress | None = None) -> Split:
    """Give the groups that came since to parts, so that the whole comes near to `BY_VIDEO`; what has a part keeps it.

    Raises:
        SplitError: no labels, or a split that divides a group.
    """
    part = split.table.drop_duplicates("video").set_index("video")["part"]
    if split.divides_videos:
        raise SplitError("The split divides videos, so it cannot be extended.", "Split again, by video.")
    table, groups, keys = _grouped(labels)
    fixed = np.array([PARTS.index(part[key]) if key in part.index else -1 for key in keys], np.int64)
    sizes = sizes_of(groups, answers_of(table))
    parts = assign_groups(sizes, np.array(BY_VIDEO), split.seed or 0, fixed, progress)
    made = split_of(table, parts[groups], split.by, split.seed)
    new = [f"{key}: {PARTS[parts[i]]}" for i, key in enumerate(keys) if fixed[i] < 0]
    return replace(made, notes=(f"New: {', '.join(new)}.",) if new else ("There is no new video.",))


def newer_than(split: Split, labels: pd.DataFrame) -> tuple[list[str], int]:
    """Return what ``split`` lacks: the labelled videos that are not in it, and how many labelled frames of its other videos.

    Frames beside the border of two parts are left out on purpose and do not count; of a split by video none do, since
    they follow their video.
    """
    table = labelled_frames(labels)
    videos = sorted(set(table["video"]) - set(split.table["video"]), key=natural)
    if split.by == "video":
        return videos, 0
    rest = table[~table["video"].isin(videos)]
    part = rest["name"].map(split.table.set_index("name")["part"])
    is_new = part.isna()
    if split.by == "blocks":
        is_new &= ~_is_border(rest.assign(part=part.map(PARTS.index, na_action="ignore")))
    return videos, int(is_new.sum())


def _is_border(frames: pd.DataFrame) -> pd.Series:
    """Return which rows without a ``part`` (its number) lie in the gap between two parts of their video."""
    index = frames["index"].astype(float).where(frames["part"].notna())
    by_video = pd.DataFrame({"part": frames["part"], "index": index}).groupby(frames["video"])
    before, after = by_video.ffill(), by_video.bfill()
    is_near = after["index"] - before["index"] <= RATE
    return is_near & (before["part"] != after["part"])


def with_newer(
    workspace: Workspace, split: Split, labels: pd.DataFrame, progress: Progress | None = None
) -> Split:
    """Return ``split`` with what was labelled since, see `newer_than`.

    One that divides no video is extended: what has a part keeps it. Another is made anew, see `way_anew`.

    Raises:
        SplitError: it cannot be made of these labels.
    """
    by = way_anew(split, labels)
    seed = split.seed or 0
    return make_split(workspace, labels, by, seed, progress) if by else extend(split, labels, progress)


def way_anew(split: Split, labels: pd.DataFrame) -> By | None:
    """Return how a split that divides videos is made anew: by video where there are enough; none: it can be extended."""
    if not split.divides_videos:
        return None
    if split.by == "random":
        return "random"
    return "video" if labelled_frames(labels)["video"].nunique() >= len(PARTS) else "blocks"


def folds(labels: pd.DataFrame, k: int, seed: int = 0) -> list[Split]:
    """Make ``k`` splits by video, such that each group is tested on in exactly one of them.

    In fold i the i-th of k like parts tests, the one after it validates and the others train.

    Raises:
        SplitError: no labels, fewer than three folds, or fewer groups with labels than folds.
    """
    table, groups, keys = _grouped(labels)
    if not len(PARTS) <= k <= len(keys):
        raise SplitError(
            f"{k} folds of {count(len(keys), 'video')} are not possible.",
            f"Choose from {len(PARTS)} to as many folds as there are labelled videos.",
        )
    fold = assign_groups(sizes_of(groups, answers_of(table)), np.full(k, 1 / k), seed)[groups]
    ahead = [(fold - test) % k for test in range(k)]  # 0 tests, 1 validates
    return [split_of(table, np.where(a == 0, 2, np.where(a == 1, 1, 0)), "video", seed) for a in ahead]


def split_from_table(labels: pd.DataFrame, path: Path) -> Split:
    """Take the split from a CSV file with the columns ``name`` and ``part``; other columns are not looked at.

    Raises:
        SplitError: a column is missing, a name is not in the workspace, a part is none of `PARTS` or stays empty,
            a name stands in two parts. The message names file and line.
        LabelError: the file cannot be read.
    """
    cells, lines, _ = read_cells(path)
    for column in ("name", "part"):
        if column not in cells.columns:
            raise SplitError(f"{path} has no column “{column}”.", "Add it.")
    parts = cells["part"].str.strip().str.lower()
    rows = pd.DataFrame({"name": cells["name"].map(stem), "part": parts, "line": lines})
    _refuse(~rows["part"].isin(PARTS), rows, path, "part", f"is not one of the parts {', '.join(PARTS)}")
    _refuse(~rows["name"].isin(labels["name"]), rows, path, "name", "is not a frame of this workspace")
    once = rows.drop_duplicates(["name", "part"])
    _refuse(once["name"].duplicated(), once, path, "name", "is in another part, too")
    table = labelled_frames(labels)
    part = table["name"].map(once.set_index("name")["part"])
    split = split_of(table[part.notna()], part.dropna().map(PARTS.index).to_numpy(np.int64), "file", None)
    if empty := [name for name in PARTS if name not in set(split.table["part"])]:
        raise SplitError(f"{path} names no labelled frames for {listed(empty)}.", "Name some.")
    return replace(split, notes=tuple(_file_notes(split.table, len(once), len(table))))


@needs(Right.SPLIT)
def store(workspace: Workspace, split: Split) -> None:
    """Make ``split`` the current one of the workspace: split.csv, and how it was made in split.json.

    Raises:
        SplitError: a folder is in the way.
    """
    if workspace.split_file.is_dir():
        raise _in_the_way(workspace)
    recover(workspace)  # else what a killed process was adding could bring the split of before back later
    content = to_file(split.table).to_csv(index=False, lineterminator="\n").encode()
    before = _origin(workspace, _content(workspace)) if workspace.split_file.is_file() else None
    origin = _Origins(split.by, hashlib.sha256(content).hexdigest(), split.seed, before)
    # First the origins of both tables: wherever the power fails, the table that is there has its own.
    with replacing(_origin_file(workspace)) as json_file:
        json_file.write_text(json.dumps(asdict(origin), indent=2) + "\n", encoding="utf-8")
    with replacing(workspace.split_file) as csv:
        csv.write_bytes(content)


@needs(Right.SPLIT)
def renew(workspace: Workspace, by: By | None, seed: int = 0, progress: Progress | None = None) -> str:
    """Make a split of the labels as they are, and make it the current one; return what was done, in words.

    Args:
        workspace: whose split.
        by: how it is made. None: the current one takes in what was labelled since, see `with_newer`.
        seed: of a new one.
        progress: as of `assign_groups`.

    Raises:
        SplitError: it cannot be made of these labels, or a folder is in the way.
    """
    labels = consensus(workspace)
    if by is None and (current := load(workspace)):
        made = with_newer(workspace, current, labels, progress)
        words = " ".join(made.notes)
    else:
        made, words = make_split(workspace, labels, by or "video", seed, progress), ""
    store(workspace, made)
    return words or "The split is saved."


def load(workspace: Workspace) -> Split | None:
    """Return the current split, or None where there is none. One that was edited counts as a file's.

    Raises:
        SplitError: split.csv is no split, or a folder.
    """
    try:
        content = _content(workspace)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise _in_the_way(workspace) from error
    except OSError as error:
        raise SplitError(
            f"{workspace.split_file} cannot be read ({why(error)}).", "Remove it, then split again."
        ) from error
    cells = read_cells(workspace.split_file).table
    has_columns = {"name", "group", "part"} <= set(cells.columns)
    if not has_columns or not cells["part"].isin(PARTS).all() or not cells["name"].is_unique:
        raise SplitError(
            f"{workspace.split_file} is not a split: it needs the columns name (each once), group and part "
            f"({listed(PARTS, word='or')}).",
            "Split again.",
        )
    table = from_file(cells[["name", "group", "part"]]).astype(str)
    origin = _origin(workspace, content)
    return Split(table, origin.by, origin.seed) if origin else Split(table, "file")


def _content(workspace: Workspace) -> bytes:
    return readable(workspace.split_file).read_bytes()


@dataclass(frozen=True)
class _Origin:
    """How a split.csv was made, which is known by its hash."""

    by: By
    sha256: str
    seed: Count | None


@dataclass(frozen=True)
class _Origins(_Origin):
    """What split.json says: of the split that is stored, and of the one before it."""

    before: _Origin | None = None


def _origin(workspace: Workspace, content: bytes) -> _Origin | None:
    """Return how the table of this content was made; none where it was edited or nobody knows."""
    digest = hashlib.sha256(content).hexdigest()
    with suppress(FileNotFoundError, DamagedError):
        latest = read_record(_origin_file(workspace), partial(checked, _Origins))
        for origin in (latest, latest.before):
            if origin and origin.sha256 == digest:
                return _Origin(origin.by, origin.sha256, origin.seed)
    return None


def labelled_frames(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a label.

    Raises:
        SplitError: there are none.
    """
    table = labels[labels[attributes_of(labels)].notna().any(axis=1)]
    if table.empty:
        advice = "Label some frames, or import a lookup table."
        raise SplitError("There are no labelled frames to split.", advice)
    return table


def _grouped(labels: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, pd.Index]:
    """Return the labelled frames, the number of each one's group, and the groups."""
    table = labelled_frames(labels)
    return table, *pd.factorize(table["video"])


def split_of(table: pd.DataFrame, parts: np.ndarray, by: By, seed: int | None) -> Split:
    """Name the parts (N,) int64 of the frames of ``table``."""
    named = table[["name", "video"]].reset_index(drop=True)
    return Split(named.assign(part=np.array(PARTS, object)[parts]), by, seed)


def answers_of(table: pd.DataFrame) -> np.ndarray:
    """Return (N, attributes) float32: 1, 0, or NaN for unset."""
    return table[attributes_of(table)].to_numpy(np.float32, na_value=np.nan)


def _counts(part: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {
        "frames": len(part),
        "videos": int(part["video"].nunique()),
        "attributes": {n: {"true": int(part[n].sum()), "false": int((~part[n]).sum())} for n in names},
    }


def _refuse(wrong: pd.Series, rows: pd.DataFrame, path: Path, column: str, problem: str) -> None:
    if wrong.any():
        first = rows[wrong].iloc[0]
        where = f"in {path}, line {first['line']},"
        raise SplitError(f"{first[column]!r} {where} {problem}.", "Correct the line.")


def _file_notes(table: pd.DataFrame, rows: int, labelled: int) -> Iterator[str]:
    if rows > len(table):
        yield f"{count(rows - len(table), 'frame')} of the table without a label, left out."
    if labelled > len(table):
        yield f"{count(labelled - len(table), 'labelled frame')} not in the table, so not used."
    if crossing := int((table.groupby("video")["part"].nunique() > 1).sum()):
        yield f"{count(crossing, 'video')} in more than one part: the test is not on unseen videos."


def _cut(groups: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, list[tuple[int, float]]]:
    """Cut each group into equal blocks: return the block of each frame, (N,) int64, and of each its group and first second."""
    blocks = np.empty(len(groups), np.int64)
    borders: list[tuple[int, float]] = []
    for group in range(groups.max() + 1):
        places = np.flatnonzero(groups == group)
        first, last = seconds[places].min(), seconds[places].max()
        number = int(np.clip((last - first) // BLOCK_SECONDS, 1, MOST_BLOCKS))
        length = (last - first) / number or 1.0
        local = ((seconds[places] - first) // length).clip(0, number - 1).astype(np.int64)
        present, local = np.unique(local, return_inverse=True)  # a block without labels is none
        blocks[places] = len(borders) + local
        borders += [(group, first + length * place) for place in present.tolist()]
    return blocks, borders


def _in_gaps(
    blocks: np.ndarray, borders: list[tuple[int, float]], parts: np.ndarray, seconds: np.ndarray
) -> np.ndarray:
    """Return which frames lie at the border of two blocks of different parts of one video: (N,) bool."""
    in_gap = np.zeros(len(blocks), bool)
    for block, ((before, _), (group, border)) in enumerate(pairwise(borders), 1):
        if before == group and parts[block - 1] != parts[block]:
            beside = (blocks == block) | (blocks == block - 1)
            in_gap |= beside & (np.abs(seconds - border) <= GAP / 2 + 1e-3)
    return in_gap


def _in_the_way(workspace: Workspace) -> SplitError:
    return SplitError(f"{workspace.split_file} is a folder, not a file.", "Move it elsewhere.")


def _origin_file(workspace: Workspace) -> Path:
    return workspace.split_file.with_suffix(".json")


_NAMED = 3  # videos that are named


def shortages(split: Split, labels: pd.DataFrame) -> list[str]:
    """Return a sentence for each answer of which a part has fewer than `ENOUGH` frames, and which videos have it."""
    counts = split.counts(labels)
    return [
        sentence
        for name in attributes_of(labels)
        for answer in (True, False)
        for sentence in _of(labels, name, answer, counts)
    ]


def _of(labels: pd.DataFrame, name: str, answer: bool, counts: dict[str, dict[str, Any]]) -> Iterator[str]:
    word = "true" if answer else "false"
    few = {part: n for part in PARTS if (n := counts[part]["attributes"][name][word]) < ENOUGH}
    videos = labels.loc[(labels[name] == answer).fillna(False).to_numpy(bool), "video"].unique().tolist()
    if few and not videos:
        yield f"“{name}” is {word} in no frame yet. Label at least {ENOUGH} for each part."
    elif few:
        where = listed(f"{number} in {part}" for part, number in few.items())
        yield (
            f"“{name}” is {word} in too few frames: {where}; {ENOUGH} or more make a useful number. "
            f"Add a video with it ({listed(videos, most=_NAMED)} {'has' if len(videos) == 1 else 'have'} it)."
        )
