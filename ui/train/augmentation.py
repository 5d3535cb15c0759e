"""What training does to the pictures, on the Train page: frames of this class beside varied versions of them."""

from typing import Any

import cv2
import streamlit as st

from core.inputs import augmentation_preview
from core.networks.recipe import Augmentation
from core.runs.settings import TrainSettings
from core.workspace import Workspace
from ui.shell import cache
from ui.shell.page import errors_shown

SEED = "varying_seed"


def section(workspace: Workspace, settings: TrainSettings) -> None:
    """Write the expander, folded at first."""
    with st.expander("What training does to the pictures", icon=":material/auto_awesome_motion:"):
        _content(workspace, settings)


@st.fragment
@errors_shown()
def _content(workspace: Workspace, settings: TrainSettings) -> None:
    st.markdown(
        f"A network that always sees the same pictures learns them by heart. So **{settings.network}** sees "
        "a different version of each training frame every time:"
    )
    steps = st.container()
    if st.button("Again", icon=":material/casino:", help="Shows other frames and versions."):
        st.session_state[SEED] = st.session_state.get(SEED, 0) + 1
    stamp = cache.split_version(workspace)
    kind, summary, rows = _rows(
        workspace, str(workspace.path), stamp, settings, st.session_state.get(SEED, 0)
    )
    steps.markdown(
        "\n".join(f"- {line}" for line in augmentation_preview.sentences(kind, workspace.attributes.names))
    )
    st.caption(f"{summary}: the original on the left, then six versions.")
    for name, png in rows:
        with st.container(gap="xsmall"):
            st.image(png)
            st.caption(name)


@st.cache_data(max_entries=16, show_spinner=False)
def _rows(
    _workspace: Workspace, path: str, stamp: tuple[Any, ...], settings: TrainSettings, seed: int
) -> tuple[Augmentation, str, list[tuple[str, bytes]]]:
    """Return what was done, what the frames are, and the name and PNG of each row."""
    varied = augmentation_preview.vary(_workspace, settings, seed=seed)
    pngs = [
        cv2.imencode(".png", augmentation_preview.strip(pictures))[1].tobytes()
        for pictures in varied.pictures
    ]
    return varied.kind, varied.summary(), list(zip(varied.frames["name"], pngs, strict=True))
