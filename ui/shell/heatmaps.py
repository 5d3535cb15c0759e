"""Frames under the heatmap of an attribute, as JPEGs that are made once."""

from typing import NamedTuple

import streamlit as st

from core.inspection import overlay
from core.media.images import small_jpeg
from core.runs.run import Run
from ui.shell import frames, run_choice


class HeatmapPicture(NamedTuple):
    """A JPEG, and words that say so where the heatmap is empty."""

    picture: bytes
    words: str


@st.cache_data(max_entries=800, show_spinner="Drawing heatmaps …", hash_funcs=run_choice.BY_STAMP)
def heatmap(run: Run, name: str, attribute: str, width: int) -> HeatmapPicture:
    """Return a frame, at most ``width`` pixels wide, under the heatmap of an attribute.

    Raises:
        MediaError: its picture is gone.
        RunError: the run has no network.
    """
    picture = frames.picture(run.workspace, name)
    inspection = run_choice.inspector(run).inspect(picture)
    drawn = overlay.draw(picture, inspection, run.attributes, 0.55, (attribute,))
    is_empty = overlay.is_empty(inspection, run.attributes, attribute)
    return HeatmapPicture(small_jpeg(drawn, width), "no evidence: the heatmap is empty" if is_empty else "")
