"""What pages read from core, cached until the labels or the files have changed."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.labels import assignments
from core.labels import consensus as labels
from core.media.library import Video
from core.media.library import frame_table as read_frame_table
from core.review import advice as advising
from core.review import balance as balances
from core.storage import version
from core.workspace import Workspace
from ui.shell.page import annotator


def changed(*files: Path) -> tuple[tuple[int, int], ...]:
    """Return what changes whenever one of ``files`` is written."""
    return version.files_version(*files)


def data_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever a label, a video or a setting is stored."""
    return (*version.data_version(workspace), *changed(workspace.path / "workspace.toml"))


def split_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever labels, settings or the current split do."""
    return (*data_version(workspace), *changed(workspace.split_file))


def balance(workspace: Workspace) -> balances.Balance:
    """Count the consensus labels."""
    return _balance(workspace, str(workspace.path), data_version(workspace))


def advice(workspace: Workspace) -> list[str]:
    """Return what to label next, a sentence each."""
    return _advice(workspace, str(workspace.path), split_version(workspace))


def consensus(workspace: Workspace) -> pd.DataFrame:
    """Return the consensus labels: name, group, index, one column per attribute."""
    return _consensus(workspace, str(workspace.path), data_version(workspace))


def frame_table(workspace: Workspace, video: Video) -> pd.DataFrame:
    """Return a video's frames: name, video, index, file, time, phash. Labels do not change them."""
    return _frame_table(workspace, str(workspace.path), video)


def blind(workspace: Workspace) -> list[str]:
    """Return the videos that this annotator labels blind: what others say of them must not be shown yet."""
    return assignments.blind(workspace, annotator()) if annotator() else []


def picture_path(workspace: Workspace, file: Any) -> Path:
    """Return where the picture of a frame lies."""
    return workspace.path / str(file)


@st.cache_data(max_entries=8, show_spinner=False)
def _balance(_workspace: Workspace, path: str, version: tuple[Any, ...]) -> balances.Balance:
    return balances.balance(_workspace)


@st.cache_data(max_entries=8, show_spinner=False)
def _advice(_workspace: Workspace, path: str, version: tuple[Any, ...]) -> list[str]:
    return advising.advise(_workspace, balance(_workspace), consensus)


@st.cache_data(max_entries=8, show_spinner=False)
def _consensus(_workspace: Workspace, path: str, version: tuple[Any, ...]) -> pd.DataFrame:
    return labels.consensus(_workspace)


@st.cache_data(max_entries=64, show_spinner=False)
def _frame_table(_workspace: Workspace, path: str, video: Video) -> pd.DataFrame:
    return read_frame_table(_workspace, video.key)
