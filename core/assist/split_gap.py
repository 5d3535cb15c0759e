"""The split gap: what a random split would have claimed, beside what the same training reaches on unseen videos.

Two runs of the same settings and seed. One is split by video. The other has as many frames in each part, but shuffled:
neighbours of its test frames have trained it.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.jobs.series import Plan, Series
from core.labels.consensus import consensus
from core.runs.results import AttributeResult, TestResult
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.splits import split, stored_split
from core.splits.make_split import split_by_video, split_random
from core.text import count, percent
from core.workspace import Workspace

LEARNED = 0.02
"""How far above the baseline a network has learned something: less may be chance on a few hundred frames."""


@dataclass(frozen=True)
class Side:
    """One of the two runs: its id, how it was split, its test frames of how many videos, and its leak ``meter``: percent of
    the test frames with a near-duplicate in training.
    """

    run: str
    split: str
    frames: int
    videos: int
    meter: float


@dataclass(frozen=True)
class Accuracies:
    """Accuracies of the shuffled run and of the one by video, 0 to 1, and their difference."""

    random: float
    video: float
    gap: float


@dataclass(frozen=True)
class AttributeGap(Accuracies):
    """The same of one attribute, with the accuracy of always giving the more frequent answer."""

    random_baseline: float
    video_baseline: float


@dataclass(frozen=True)
class SplitGap:
    """Both runs on the attributes that both were tested on; ``dataclasses.asdict`` makes JSON of it.

    Args:
        attributes: by name.
        mean: over the attributes.
        random: the run on shuffled frames.
        video: the run on unseen videos.
        sentence: the gap in one line.
        note: that the gap means nothing yet, as the shuffled run has learned next to nothing; else empty.
    """

    attributes: dict[str, AttributeGap]
    mean: Accuracies
    random: Side
    video: Side
    sentence: str
    note: str


def settings_of(run: Run) -> TrainSettings:
    """Return the settings that train another run like this one."""
    c, recipe = run.config, run.recipe
    return TrainSettings(c.network, recipe.epochs, c.minutes, c.seed, run.size, run.region, recipe)


def plan(workspace: Workspace, settings: TrainSettings) -> Plan:
    """Return the two runs: by video (the split of the workspace where it is one), then at random.

    The random split has the shares of the other, not the published 78, 20 and 2 %: one mistake among 2 % of 1,000 frames
    would be five points, and then only the shuffling differs. The run on shuffled frames stays marked as leaking.

    Raises:
        SplitError: no labels, or fewer than three videos with labels.
    """
    labels = consensus(workspace)
    stored = stored_split.load(workspace)
    by_video = stored if stored and stored.by == "video" else split_by_video(labels, settings.seed)
    random = split_random(labels, settings.seed, shares_of(by_video.table))
    both = replace(settings, leaking=True)  # videos may leak as well; each side shows its meter
    return [(both, by_video), (both, random)]


def shares_of(table: pd.DataFrame) -> tuple[float, float, float]:
    """Return the shares of train, valid and test among the frames of a split's ``table``."""
    train, valid, test = (float((table["part"] == part).mean()) for part in split.PARTS)
    return train, valid, test


def measure_gap(series: Series) -> SplitGap:
    """Return what the two runs of a series reach on their test parts; tests them where that was not done yet.

    Raises:
        RunError: a run has not finished.
    """
    if not series.is_done:
        states = ", ".join(f"{run.id} is {run.state}" for run in series.runs)
        problem = f"The two runs have not both finished: {states or 'there are none'}."
        raise RunError(problem, "Measure the gap again.")
    runs = {run.config.split.by: run for run in series.runs}
    random, video = (evaluate.stored(runs[by]) for by in ("random", "video"))
    shuffled = {name: row for name, row in random.attributes.items() if row.accuracy is not None}
    both = [name for name, row in video.attributes.items() if row.accuracy is not None and name in shuffled]
    rows = {name: _row(shuffled[name], video.attributes[name]) for name in both}
    claimed, reached, baseline = (
        float(np.mean([getattr(row, name) for row in rows.values()]))
        for name in ("random", "video", "random_baseline")
    )
    sentence = (
        f"A random split would have claimed {percent(claimed, 1)} ({random.frames:,} test frames, shuffled); unseen videos give "
        f"{percent(reached, 1)} ({video.frames:,} test frames of {count(video.videos, 'video')})."
    )
    note = (
        f"Always giving the more frequent answer reaches {percent(baseline, 1)} of the shuffled frames: these networks have "
        "learned next to nothing, so the gap means nothing yet. Train longer."
    )
    return SplitGap(
        rows,
        Accuracies(claimed, reached, claimed - reached),
        _side(runs["random"], random),
        _side(runs["video"], video),
        sentence,
        note if claimed <= baseline + LEARNED else "",
    )


def _row(random: AttributeResult, video: AttributeResult) -> AttributeGap:
    claimed, reached = random.accuracy or 0.0, video.accuracy or 0.0
    baselines = random.baseline or 0.0, video.baseline or 0.0
    return AttributeGap(claimed, reached, claimed - reached, *baselines)


def _side(run: Run, test: TestResult) -> Side:
    mark = run.config.leak
    return Side(test.run, test.split, test.frames, test.videos, mark["meter"] if mark else 0.0)
