"""Series whose networks were never trained: a test writes down what they say."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.assist import label_issues
from core.evaluation import evaluate
from core.jobs import series
from core.jobs.series import Kind, Plan, Series
from core.runs.run import Run
from core.training.create_run import create_run
from core.workspace import Workspace
from tests.helpers import tiny_class

SURE = 0.9
DOUBTS = {("video_1_3", "spot"): 0.02, ("video_2_4", "spot"): 0.97}
"""The first is labelled a spot, the second none: every third frame has one."""


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory, tiny_network: None) -> Workspace:
    """A workspace of five videos that three networks have judged: they doubt two labels. To be copied, not changed."""
    made = tiny_class.make(tmp_path_factory.mktemp("judged") / "class")
    make(made, "folds", label_issues.plan(made, tiny_class.quick(), 3), DOUBTS)
    return made


def copied(workspace: Workspace, path: Path) -> Workspace:
    """Return a copy that a test may change."""
    shutil.copytree(workspace.path, path)
    return workspaces.open_workspace(path)


def make(
    workspace: Workspace, kind: Kind, plan: Plan, doubts: Mapping[tuple[str, str], float] | None = None
) -> Series:
    """Make a finished series: its networks give every label 0.9, but the named (frame, attribute) these probabilities."""
    for record, (settings, split) in zip(series.series_records(kind, len(plan)), plan, strict=True):
        foretell(create_run(workspace, settings, split=split, series=record), doubts or {})
    return series.find(workspace, kind)[0]


def foretell(run: Run, doubts: Mapping[tuple[str, str], float]) -> None:
    """Write the test of a run that was not trained."""
    table = run.frames[run.frames["part"] != "train"].reset_index(drop=True)
    for name in run.attributes.names:
        likely = np.where(table[name].fillna(False), SURE, 1 - SURE)
        doubted = table["name"].map({frame: p for (frame, of), p in doubts.items() if of == name})
        table[f"{name}_probability"] = doubted.fillna(pd.Series(likely))
    with patch.object(evaluate, "predict", lambda *_: table):
        evaluate.test(run)
    run.write_status(state="done")


def foretell_a_miss(run: Run) -> Run:
    """Write the predictions of a run that was not tested: it says 0.9 of what is true and 0.2 of the rest, but 0.4 of the first spot of each part."""
    table = run.frames[run.frames["part"] != "train"].reset_index(drop=True)
    for name in run.attributes.names:
        table[f"{name}_probability"] = np.where(table[name], 0.9, 0.2)
    table.loc[table[table["spot"]].groupby("part").head(1).index, "spot_probability"] = 0.4
    table.to_csv(run.path / "predictions.csv", index=False)
    return run
