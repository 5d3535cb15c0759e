"""What pages read from core, cached until the labels or the files have changed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from core.access.person import current
from core.evaluation import evaluate, label_changes
from core.files import files_version
from core.labels import assignments
from core.labels import consensus as labels
from core.media import library
from core.media.library import Video
from core.report import trust
from core.review import advice as advising
from core.review import balance as balances
from core.runs import decision_settings
from core.runs.run import Run
from core.storage import database
from core.workspace import Workspace
from ui.shell.page import annotator

Function = TypeVar("Function", bound=Callable[..., Any])


def data_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever a label, a video or a setting is stored."""
    return (*database.data_version(workspace), *files_version(workspace.path / "workspace.toml"))


def split_version(workspace: Workspace) -> tuple[Any, ...]:
    """Return what changes whenever labels, settings or the current split do."""
    return (*data_version(workspace), *files_version(workspace.split_file))


def until_changed(
    version: Callable[[Any], Any],
    words: str = "",
    max_entries: int = 8,
    seconds: float | None = None,
    personal: bool = False,
) -> Callable[[Function], Function]:
    """Cache a function of a workspace or a run (and more, which must be hashable) until its ``version`` changes.

    ``words`` are shown while it computes; after ``seconds`` it computes anew even so. A ``personal`` one tells people different things.
    """

    def decorate(function: Function) -> Function:
        def compute(_folder: Any, path: str, version: Any, *others: Any) -> Any:
            return function(_folder, *others)

        # Streamlit's key
        compute.__qualname__, compute.__module__ = function.__qualname__, function.__module__
        cached = st.cache_data(compute, max_entries=max_entries, show_spinner=words or False, ttl=seconds)

        @wraps(function)
        def read(folder: Any, *others: Any) -> Any:
            whose = current() if personal else None
            return cached(folder, str(folder.path), (version(folder), whose), *others)

        return read

    return decorate


balance = until_changed(data_version)(balances.balance)
consensus = until_changed(data_version)(labels.consensus)


@until_changed(split_version)
def advice(workspace: Workspace) -> list[str]:
    """Return what to label next, a sentence each."""
    return advising.advise(workspace, balance(workspace), consensus)


def tested_version(run: Run) -> tuple[Any, ...]:
    """Return what changes whenever labels, the test of ``run`` or its thresholds do, or another run is tested."""
    tests = run.workspace.runs.glob(f"[!.]*/{label_changes.FILE}")  # on the same frames
    own = (run.path / name for name in ("test.json", "name.txt", decision_settings.FILE))
    return (*data_version(run.workspace), *files_version(*own, *sorted(tests)))


@until_changed(tested_version)
def trusts(run: Run) -> list[trust.Trust]:
    """Return how far the numbers of a tested run can be trusted, of one's own videos and of practice videos."""
    return trust.by_origin(run, evaluate.stored(run))


@until_changed(lambda workspace: None, max_entries=64)
def frame_table(workspace: Workspace, video: Video) -> pd.DataFrame:
    """Return a video's frames: name, video, index, file, time, phash. Labels do not change them."""
    return library.frame_table(workspace, video.key)


def blind(workspace: Workspace) -> list[str]:
    """Return the videos that this annotator labels blind: the labels of others must not be shown yet."""
    return assignments.blind(workspace, annotator()) if annotator() else []
