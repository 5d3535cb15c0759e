"""Frames with what spoke for an attribute, as JPEGs that are made once."""

from typing import NamedTuple

import streamlit as st

from core.data.images import small_jpeg
from core.live import overlay
from core.model.run import Run
from ui import models, stretches


class Heatmap(NamedTuple):
    """A JPEG, and what is to be said of it: that there was nothing to draw; else empty."""

    picture: bytes
    words: str


def heatmap(run: Run, name: str, attribute: str, width: int) -> Heatmap:
    """Return a frame, at most ``width`` pixels wide, under the heatmap of an attribute.

    Raises:
        MediaError: its picture is gone.
        RunError: the run has no network.
    """
    return _heatmap(str(run.path), run, name, attribute, width, models.stamp(run))


@st.cache_data(max_entries=800, show_spinner="Looking at what the network saw …")
def _heatmap(
    path: str, _run: Run, name: str, attribute: str, width: int, changed: tuple[float, ...]
) -> Heatmap:
    picture = stretches.picture(_run.workspace, name)
    inspection = models.inspector(_run).inspect(picture)
    drawn = overlay.draw(picture, inspection, _run.attributes, 0.55, (attribute,))
    is_empty = overlay.is_empty(inspection, _run.attributes, attribute)
    return Heatmap(small_jpeg(drawn, width), "no evidence: the heatmap is empty" if is_empty else "")
