"""The choice of a run, and its network, loaded once for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

from core.runs import decision_settings
from core.runs.run import Run
from core.runs.run_store import DamagedRun, damaged_runs, list_runs
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.inspection.inspector import Inspector


def stamp(run: Run) -> tuple[float | str, ...]:
    """Return what changes with the network of a run, with its decision settings, and with the colours of attributes."""
    files = (run.model_file, run.path / decision_settings.FILE)
    colours = (attribute.colour for attribute in run.workspace.attributes)
    return str(run.path), *colours, *(file.stat().st_mtime for file in files if file.exists())


BY_STAMP = {Run: stamp}
"""How caches tell runs apart: what is computed from one is computed anew when its stamp has changed."""


@st.cache_resource(max_entries=6, show_spinner="Loading the network …", hash_funcs=BY_STAMP)
def inspector(run: Run) -> "Inspector":
    """Return the inspector of a run."""
    from core.inspection.inspector import Inspector  # brings TensorFlow

    return Inspector.load(run).warm_up()


@st.cache_resource(max_entries=6, show_spinner="Learning what a seam looks like …", hash_funcs=BY_STAMP)
def live_inspector(run: Run) -> "tuple[Inspector, str]":
    """Return the same, which also measures which pictures are unfamiliar; and, where it cannot, why."""
    return inspector(run).measuring(run)


def warn(problem: str) -> None:
    """Warn that unfamiliar pictures are not recognised, where there is a ``problem`` with that."""
    if problem:
        st.warning(f"The network cannot recognise seams that are new to it: it judges everything, even a hand. {problem}",
                   icon=":material/warning:")  # fmt: skip


def usable(workspace: Workspace) -> list[Run]:
    """Return the runs that have a trained network, newest first; those of a series are left out."""
    return [run for run in list_runs(workspace) if run.has_model and not run.series]


def testable(workspace: Workspace) -> list[Run]:
    """Return the runs that were tested or can be, newest first; a tested one stays when its network is gone."""
    return [run for run in list_runs(workspace) if (run.has_model or run.test is not None) and not run.series]


def choose(workspace: Workspace, runs: list[Run], key: str) -> Run:
    """Write the choice of a run, the damaged ones last, and return it.

    Raises:
        RunError: it is damaged.
    """
    offered: dict[str, Run | DamagedRun] = {run.id: run for run in (*runs, *damaged_runs(workspace))}
    return whole(
        offered[st.selectbox("Run", list(offered), key=key, format_func=lambda id: named(offered[id]))]
    )


def named(run: Run | DamagedRun) -> str:
    """Return what a run is called in a list."""
    return f"{run.id} · damaged" if isinstance(run, DamagedRun) else run.id


def whole(run: Run | DamagedRun) -> Run:
    """Return a run that was chosen, or raise what is damaged of it."""
    if isinstance(run, DamagedRun):
        raise run.error
    return run
