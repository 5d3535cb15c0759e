"""The choice of a run, and its network, loaded once for all visitors."""

from typing import TYPE_CHECKING

import streamlit as st

from core.export import engine_record
from core.jobs.background import BACKGROUND, Task
from core.names import LONGEST
from core.runs import decision_settings, run_names
from core.runs.run import Run
from core.runs.run_store import DamagedRun, damaged_runs, list_runs
from core.workspace import Workspace
from ui.elements.markdown import Markdown, code, md
from ui.shell.page import errors_shown

if TYPE_CHECKING:
    from core.inspection.inspector import Inspector


def stamp(run: Run) -> tuple[float | str, ...]:
    """Return what changes with the network of a run, with its decision settings, and with the colours of attributes."""
    files = (run.model_file, run.path / decision_settings.FILE, engine_record.file_of_run(run))
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
    """Return the same in the fastest engine, which also measures which pictures are unfamiliar; and, where it cannot, why.

    Until the engines have been measured, by a job that is begun here, it is Keras.
    """
    from core.export import engines
    from core.inspection.inspector import Inspector

    if engines.may_be_measured(run):
        title = f"Finding the fastest engine for {run_names.short(run)}"
        task = Task(f"engines {run.id}", title, (), engines.measure, (run,), lambda _: [])
        BACKGROUND.start(run.workspace, task)
    engine = engines.chosen(run, engines.default_engine(run))
    if engine == engine_record.KERAS:
        return inspector(run).measuring(run)
    return Inspector.load(run, engine=engine).warm_up().measuring(run)


def warn(problem: str) -> None:
    """Warn that unfamiliar pictures are not recognised, where there is a ``problem`` with that."""
    if problem:
        st.warning(f"The network cannot recognise seams that are new to it: it judges everything, even a hand. {md(problem)}",
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
    chosen = st.selectbox("Network", list(offered), key=key, format_func=lambda id: named(offered[id]),
                          help=folder(st.session_state.get(key) or next(iter(offered), "")))  # fmt: skip
    return whole(offered[chosen])


def named(run: Run | DamagedRun, short: bool = False) -> str:
    """Return what a run is called in a list; ``short`` is the same on every day."""
    if isinstance(run, DamagedRun):
        return f"{run.id} · damaged"
    return run_names.short(run) if short else run_names.title(run)


def folder(id: str) -> str:
    """Return where a run lies, for the tooltip beside its name."""
    return Markdown(f"Its folder: {code('runs/' + id)}")


def rename_form(run: Run, key: str = "") -> None:
    """Write the box for the name of a run; it stays chosen under ``key``."""
    box = f"name_{run.id}"

    def store() -> None:
        with errors_shown():
            run_names.rename(run, st.session_state[box])
            if key:
                st.session_state[key] = run.id

    st.text_input("Name", run.name, key=box, placeholder=run_names.short(run), max_chars=LONGEST, on_change=store,
                  help=f"Empty: its number. {md(folder(run.id))}")  # fmt: skip


def whole(run: Run | DamagedRun) -> Run:
    """Return a run that was chosen, or raise what is damaged of it."""
    if isinstance(run, DamagedRun):
        raise run.error
    return run
