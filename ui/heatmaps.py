"""Frames with what spoke for an attribute, as JPEGs that are made once."""

import streamlit as st

from core.live import overlay
from core.model.run import Run
from ui import models, stretches
from ui.pictures import jpeg


def heatmap(run: Run, name: str, attribute: str, width: int) -> bytes:
    """Return a frame, at most ``width`` pixels wide, under the heatmap of an attribute.

    Raises:
        MediaError: its picture is gone.
        RunError: the run has no network.
    """
    return _heatmap(str(run.path), run, name, attribute, width, models.stamp(run))


@st.cache_data(max_entries=800, show_spinner="Looking at what the network saw …")
def _heatmap(
    path: str, _run: Run, name: str, attribute: str, width: int, changed: tuple[float, ...]
) -> bytes:
    picture = stretches.picture(_run.workspace, name)
    inspection = models.inspector(_run).inspect(picture)
    return jpeg(overlay.draw(picture, inspection, _run.attributes, 0.55, (attribute,)), width)
