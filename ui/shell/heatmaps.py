"""Frames under the heatmap of an attribute, as JPEGs that are made once."""

from typing import NamedTuple

import streamlit as st

from core.inspection import overlay
from core.media.images import small_jpeg
from core.runs.run import Run
from ui.shell import frames, run_choice


class Heatmap(NamedTuple):
    """A JPEG, and words that say so where the heatmap is empty."""

    picture: bytes
    words: str


def heatmap(run: Run, name: str, attribute: str, width: int) -> Heatmap:
    """Return a frame, at most ``width`` pixels wide, under the heatmap of an attribute.

    Raises:
        MediaError: its picture is gone.
        RunError: the run has no network.
    """
    return _heatmap(str(run.path), run, name, attribute, width, run_choice.stamp(run))


@st.cache_data(max_entries=800, show_spinner="Drawing heatmaps …")
def _heatmap(
    path: str, _run: Run, name: str, attribute: str, width: int, changed: tuple[float, ...]
) -> Heatmap:
    picture = frames.picture(_run.workspace, name)
    inspection = run_choice.inspector(_run).inspect(picture)
    drawn = overlay.draw(picture, inspection, _run.attributes, 0.55, (attribute,))
    is_empty = overlay.is_empty(inspection, _run.attributes, attribute)
    return Heatmap(small_jpeg(drawn, width), "no evidence: the heatmap is empty" if is_empty else "")
