"""Series whose networks were never trained: a test writes down what they say."""

from collections.abc import Mapping
from unittest.mock import patch

import numpy as np
import pandas as pd

from core.model import series, testing
from core.model.run import Run
from core.model.runs import create_run
from core.model.series import Kind, Plan, Series
from core.workspace import Workspace

SURE = 0.9


def make(
    workspace: Workspace, kind: Kind, plan: Plan, doubts: Mapping[tuple[str, str], float] | None = None
) -> Series:
    """Make a finished series: its networks give every label 0.9, but the named (frame, attribute) these probabilities."""
    for mark, (settings, split) in zip(series._marks(kind, len(plan)), plan, strict=True):
        foretell(create_run(workspace, settings, split=split, series=mark), doubts or {})
    return series.find(workspace, kind)[0]


def foretell(run: Run, doubts: Mapping[tuple[str, str], float]) -> None:
    """Write the test of a run that was not trained."""
    table = run.frames[run.frames["part"] != "train"].reset_index(drop=True)
    for name in run.attributes.names:
        likely = np.where(table[name].fillna(False), SURE, 1 - SURE)
        doubted = table["name"].map({frame: p for (frame, of), p in doubts.items() if of == name})
        table[f"{name}_probability"] = doubted.fillna(pd.Series(likely))
    with patch.object(testing, "predict", lambda *_: table):
        testing.test(run)
    run.write_status(state="done")
