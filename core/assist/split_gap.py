"""The split gap: what a random split would have claimed, beside what the same training reaches on unseen videos.

Two runs of the same settings and seed. One is split by video. The other has as many frames in each part, but shuffled:
neighbours of its test frames have trained it.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.jobs.series import Plan, Series
from core.labels.labels import consensus
from core.runs.results import TestResult
from core.runs.run import Run
from core.runs.settings import TrainSettings
from core.splits import split
from core.text import percent
from core.workspace import Workspace

LEARNED = 0.02
"""How far above the baseline a network has learned something: less is as good as chance on a few hundred frames."""


@dataclass(frozen=True)
class Claim:
    """What one of the two runs reaches.

    Args:
        test: of the run.
        meter: percent of its test frames with a near-duplicate in training.
    """

    test: TestResult
    meter: float

    def to_json(self) -> dict[str, Any]:
        """Return which run on which frames, and its leak meter."""
        keys = ("run", "split", "frames", "videos")
        return {key: getattr(self.test, key) for key in keys} | {"meter": self.meter}


@dataclass(frozen=True)
class Gap:
    """Both claims, on the attributes that both runs were tested on.

    Args:
        random: of the run on shuffled frames.
        video: of the run on unseen videos.
        names: of the attributes.
    """

    random: Claim
    video: Claim
    names: tuple[str, ...]

    def mean(self, claim: Claim, metric: str = "accuracy") -> float:
        """Return the mean of a metric of one of the two over the attributes."""
        return float(np.mean([claim.test.attributes[name].metrics[metric] for name in self.names]))

    def sentence(self) -> str:
        """Say the gap in one line."""
        random, video = self.random.test, self.video.test
        return (
            f"A random split would have claimed {percent(self.mean(self.random), 1)} ({random.frames:,} test frames, "
            f"shuffled); unseen videos give {percent(self.mean(self.video), 1)} ({video.frames:,} test frames of "
            f"{video.videos} video{'s' * (video.videos != 1)})."
        )

    def note(self) -> str:
        """Say that the gap means nothing where the shuffled run has learned next to nothing; empty where it has."""
        claimed, baseline = self.mean(self.random), self.mean(self.random, "baseline")
        if claimed > baseline + LEARNED:
            return ""
        return (
            f"Always giving the more frequent answer reaches {percent(baseline, 1)} of the shuffled frames: these networks "
            "have learned next to nothing, so the gap says nothing yet. Train longer."
        )

    @property
    def attributes(self) -> dict[str, "GapRow"]:
        """The gap of each attribute, by name."""
        rows = {}
        for name in self.names:
            random, video = (claim.test.attributes[name] for claim in (self.random, self.video))
            shares = (random.accuracy, video.accuracy, random.baseline, video.baseline)
            rows[name] = GapRow(*(share or 0.0 for share in shares))
        return rows

    def to_json(self) -> dict[str, Any]:
        """Return per attribute ``random``, ``video`` and ``gap`` (accuracies, 0 to 1) with both baselines, and the means."""
        rows = {name: asdict(row) | {"gap": row.gap} for name, row in self.attributes.items()}
        mean = {"random": self.mean(self.random), "video": self.mean(self.video)}
        return {
            "attributes": rows,
            "mean": mean | {"gap": mean["random"] - mean["video"]},
            "random": self.random.to_json(),
            "video": self.video.to_json(),
            "sentence": self.sentence(),
            "note": self.note(),
        }


@dataclass(frozen=True)
class GapRow:
    """The accuracies of both runs on one attribute, 0 to 1, and their baselines."""

    random: float
    video: float
    random_baseline: float
    video_baseline: float

    @property
    def gap(self) -> float:
        return self.random - self.video


def settings_of(run: Run) -> TrainSettings:
    """Return the settings that train another run like this one."""
    config = run.config
    return TrainSettings(
        config.network,
        run.recipe.epochs,
        config.minutes,
        config.seed,
        run.size,
        run.region,
        run.recipe,
    )


def plan(workspace: Workspace, settings: TrainSettings) -> Plan:
    """Return the two runs: by video (the split of the workspace where it is one), then at random.

    The random split has the shares of the other, not the published 78, 20 and 2 %: one mistake among 2 % of 1,000 frames
    would be five points, and then only the shuffling differs.

    Args:
        workspace: with labels.
        settings: of both. The run on shuffled frames keeps the mark that its split leaks.

    Raises:
        SplitError: no labels, or fewer than three videos with labels.
    """
    labels = consensus(workspace)
    stored = split.load(workspace)
    by_video = stored if stored and stored.by == "video" else split.split_by_video(labels, settings.seed)
    random = split.split_random(labels, settings.seed, shares_of(by_video.table))
    both = replace(settings, leaking=True)  # videos may leak as well; the gap says what of either
    return [(both, by_video), (both, random)]


def shares_of(table: pd.DataFrame) -> tuple[float, float, float]:
    """Return the shares of train, valid and test among the frames of a split's ``table``."""
    train, valid, test = (float((table["part"] == part).mean()) for part in split.PARTS)
    return train, valid, test


def gap(series: Series) -> Gap:
    """Return what the two runs of a series reach on their test parts; tests them where that was not done yet.

    Raises:
        RunError: the series has not ended well.
    """
    if not series.is_done:
        states = ", ".join(f"{run.id} is {run.state}" for run in series.runs)
        raise RunError(
            f"The two runs have not both finished: {states or 'there are none'}.", "Measure the gap again."
        )
    claims = {run.config.split.by: _claim(run) for run in series.runs}
    random, video = claims["random"], claims["video"]
    rows = random.test.attributes
    names = [
        name
        for name, row in video.test.attributes.items()
        if row.accuracy is not None and name in rows and rows[name].accuracy is not None
    ]
    return Gap(random, video, tuple(names))


def _claim(run: Run) -> Claim:
    return Claim(evaluate.stored(run), (run.config.leak or {})["meter"])
