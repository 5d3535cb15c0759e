"""Networks that were loaded once and are kept for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

from core.runs import decision_settings
from core.runs import registry as runs
from core.runs.run import Run
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.inspection.inspector import Inspector


@st.cache_resource(max_entries=6, show_spinner="Loading the network, a few seconds the first time …")
def _inspector(path: str, _run: Run, changed: tuple[float, ...]) -> "Inspector":
    from core.inspection.inspector import Inspector  # brings TensorFlow

    return Inspector.load(_run).warm_up()


def inspector(run: Run) -> "Inspector":
    """Return the inspector of a run; loaded again only when its `stamp` has changed."""
    return _inspector(str(run.path), run, stamp(run))


def live_inspector(run: Run) -> "tuple[Inspector, str]":
    """Return the same, which also measures which pictures are unfamiliar; and, where it cannot, why."""
    return _live_inspector(str(run.path), run, stamp(run))


@st.cache_resource(
    max_entries=6, show_spinner="Learning what the network knows, a few seconds the first time …"
)
def _live_inspector(path: str, _run: Run, changed: tuple[float, ...]) -> "tuple[Inspector, str]":
    return inspector(_run).measuring(_run)


def warn(problem: str) -> None:
    """Say that unfamiliar pictures are not noticed, where there is a ``problem`` with that."""
    if problem:
        st.warning(
            f"The network cannot tell seams that are new to it: it judges everything, even a hand. {problem}",
            icon=":material/warning:",
        )


def stamp(run: Run) -> tuple[float, ...]:
    """Return what changes with the network of a run, and with what was chosen for it."""
    files = (run.model_file, run.path / decision_settings.FILE)
    return tuple(file.stat().st_mtime for file in files if file.exists())


def usable(workspace: Workspace) -> list[Run]:
    """Return the runs that have a trained network, newest first; those of a series are left out."""
    return [run for run in runs.list_runs(workspace) if run.has_model and not run.series]


def testable(workspace: Workspace) -> list[Run]:
    """Return the runs that were tested or can be, newest first: one that was stays when its network is gone."""
    return [
        run for run in runs.list_runs(workspace) if (run.has_model or run.test is not None) and not run.series
    ]


def choose(found: list[Run], key: str) -> Run:
    """Write the choice of a run and return it."""
    names = [run.id for run in found]
    return found[names.index(st.selectbox("Run", names, key=key))]
