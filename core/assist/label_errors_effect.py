"""What putting labels right has gained: two runs on the same test frames, measured against the same labels."""

from dataclasses import dataclass

import pandas as pd

from core.errors import RunError
from core.evaluation import evaluate
from core.jobs.series import Series
from core.runs.registry import list_runs
from core.runs.run import Run
from core.runs.settings import TrainSettings


@dataclass(frozen=True)
class Gain:
    """The accuracy of a run before and of one after labels were put right.

    Args:
        before: the earlier run.
        after: the later one.
        frames: how many test frames they have in common.
        videos: of how many videos.
        table: by attribute ``before`` and ``after`` (accuracy, 0 to 1; NaN where no frame is labelled) and ``frames`` (int).
    """

    before: Run
    after: Run
    frames: int
    videos: int
    table: pd.DataFrame


def around(series: Series) -> tuple[Run | None, Run | None]:
    """Return the ordinary run that was made last before a series, and the last one since that only labels tell from it.

    Both have ended well. What another network, recipe, picture or seed gains is not what putting labels right has gained.
    """
    made = [run for run in list_runs(series.runs[0].workspace) if not run.series and run.state == "done"]
    begun = series.runs[0].config.created
    before = next((run for run in made if run.config.created < begun), None)
    if before is None:
        return None, None
    since = (run for run in made if run.config.created > begun)
    return before, next((run for run in since if _differs_by_labels(before, run)), None)


def _differs_by_labels(before: Run, after: Run) -> bool:
    """Return whether two runs were trained alike, and some frame of both was labelled otherwise."""
    # Recipes as they are read: a step that an earlier version did not know is one that it did not take.
    one, other = ((run.recipe, run.network, run.size, run.region, run.config.seed) for run in (before, after))
    if one != other:
        return False
    earlier, later = (run.frames.set_index("name")[list(run.attributes.names)] for run in (before, after))
    names, attributes = earlier.index.intersection(later.index), earlier.columns.intersection(later.columns)
    return not earlier.loc[names, attributes].equals(later.loc[names, attributes])


def gain(before: Run, after: Run) -> Gain:
    """Measure both runs on the test frames that they have in common, against the labels that ``after`` was made with.

    Raises:
        RunError: they have no test frame or no attribute in common, or a run has no network.
    """
    earlier, later = evaluate.on_test_part(before), evaluate.on_test_part(after)
    frames = later.index.intersection(earlier.index)
    names = [name for name in after.attributes.names if name in before.attributes.names]
    if frames.empty or not names:
        raise RunError(
            "two runs that are tested on the same frames",
            f"{before.id} and {after.id}, which have none in common",
            "Train again on the same split.",
        )
    labels = later.loc[frames]
    rows = {
        name: {
            "before": _accuracy(_decided(before, earlier.loc[frames], name), labels[name]),
            "after": _accuracy(_decided(after, labels, name), labels[name]),
            "frames": int(labels[name].notna().sum()),
        }
        for name in names
    }
    return Gain(
        before,
        after,
        len(frames),
        int(labels["group"].nunique()),
        pd.DataFrame(rows).T.astype({"frames": int}),
    )


def settings_of(run: Run) -> TrainSettings:
    """Return with what a run like this one is trained again."""
    config = run.config
    return TrainSettings(
        config.network,
        run.recipe.epochs,
        config.minutes,
        config.seed,
        run.size,
        run.region,
        run.recipe,
        leaking=run.leak is not None,
    )


def _decided(run: Run, predicted: pd.DataFrame, name: str) -> pd.Series:
    decided = evaluate.decisions(predicted, run)
    return pd.Series(decided[:, run.attributes.names.index(name)], predicted.index)


def _accuracy(decided: pd.Series, labels: pd.Series) -> float:
    said = labels.dropna()
    return float((decided[said.index] == said.astype(bool)).mean())
