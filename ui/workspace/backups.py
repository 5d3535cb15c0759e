"""Backups: make one, download one, and how one is restored."""

import shlex
from datetime import datetime
from functools import partial
from pathlib import Path

import streamlit as st

from core.jobs.background import Task
from core.maintenance.backup import FOLDER, Backup, backup, default_name
from core.text import count
from core.workspace import Workspace
from ui.elements.markdown import code, md
from ui.server.downloads import download_link
from ui.shell import background_jobs
from ui.shell.page import fragment, is_instructor

KEY = "backup"
"""Of the job."""

RESTORE = "python -m core --workspace NEW_FOLDER restore "


@fragment
def section(workspace: Workspace) -> None:
    """Write the backups that are there, and the button that makes one."""
    st.header("Backups", anchor=False)
    st.markdown(
        "One file with everything: labels, videos, pictures, runs and settings. Everyone can work on meanwhile."
    )
    if not is_instructor(workspace):
        st.caption("Only instructors make and download backups.")
        return
    runs = st.toggle("With runs and sessions", value=True, key="backup_runs")
    if st.button("Make a backup", type="primary", icon=":material/archive:", key="backup",
                 disabled=background_jobs.is_running(workspace, KEY)):  # fmt: skip
        background_jobs.begin_and_rerun(workspace, _task(workspace, runs))
    made = sorted(
        (workspace.path / FOLDER).glob("[!.]*.zip"), key=lambda file: file.stat().st_mtime, reverse=True
    )
    for file in made:
        _file(file)
    if made:
        st.caption(
            f"They are in {code((workspace.path / FOLDER).resolve())}. Download one or copy it to another disk: a broken disk takes both."
        )


def _task(workspace: Workspace, runs: bool) -> Task:
    target = workspace.path / FOLDER / default_name(workspace)
    making = partial(backup, runs=runs)
    return Task(
        KEY, f"Making the backup {target.name}", ("Workspace",), making, (workspace, target), _sentences
    )


def _sentences(made: Backup) -> list[str]:
    files = count(len(made.manifest.files), "file")
    training = [
        f"{run} was training: restored, it goes on after its last finished epoch."
        for run in made.manifest.training
    ]
    lacks = f"It lacks what the workspace lacks: {count(len(made.findings), 'finding')}. Check the workspace."
    findings = [lacks] if made.findings else []
    return [" ".join([f"{made.path.name} is made: {files}, read back and compared.", *training, *findings])]


def _file(file: Path) -> None:
    status = file.stat()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        made = datetime.fromtimestamp(status.st_mtime)
        st.markdown(f"**{md(file.name)}** :gray[{made:%d %b %Y, %H:%M} · {status.st_size / 1e6:,.1f} MB]")
        download_link("Download", file, "application/zip")


def restoring(workspace: Workspace) -> None:
    """Write the command that restores a backup: it needs a new folder, so no button here."""
    st.header("Restore", anchor=False)
    st.markdown(
        "A backup becomes a workspace in a new folder; this one stays as it is. On the server, write:"
    )
    made = sorted((workspace.path / FOLDER).glob("[!.]*.zip"), key=lambda file: file.stat().st_mtime)
    name = shlex.quote(str(made[-1].resolve())) if made else "class.zip"
    st.code(RESTORE + name, language=None, wrap_lines=True)
