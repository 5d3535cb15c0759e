"""Frames on a page: their small pictures, stretches of neighbours shown as one, and pages of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import MediaError
from core.labels import frame_stretches
from core.media.images import data_address, read_picture, small_jpeg
from core.media.library import frame_table, videos
from core.workspace import Workspace
from ui.shell import cache

CARD = 480  # pixels across a picture of which a page shows several
PER_PAGE = 6  # cards


def frames_version(workspace: Workspace) -> tuple[tuple[Any, ...], ...]:
    """Return what changes whenever frames come or go; a label leaves it as it is."""
    return tuple((video.id, video.key, video.frames) for video in videos(workspace))


@cache.until_changed(frames_version)
def frames(workspace: Workspace) -> pd.DataFrame:
    """Return ``video``, ``index``, ``file`` and ``place`` of every frame, by its name.

    Neighbours in a video have neighbouring places.
    """
    table = frame_table(workspace)
    return table.assign(place=range(len(table))).set_index("name")[["video", "index", "file", "place"]]


def numbered(workspace: Workspace, table: pd.DataFrame, same: Sequence[str]) -> pd.Series:
    """Return the number of each row's stretch, from 0, in a table of frames (``name`` and ``video``).

    Neighbouring frames of one stretch have the columns ``same`` in common.
    """
    return frame_stretches.numbered(table, same, frames(workspace)["place"])


def where(part: pd.DataFrame) -> str:
    """Return the name of a stretch: ``seam_02, frame 7`` or ``seam_02, frames 7 to 12``."""
    video, first, last = span(part)
    return f"{video}, frame {first}" if first == last else f"{video}, frames {first} to {last}"


def span(part: pd.DataFrame) -> tuple[str, int, int]:
    """Return the video of a stretch, and its first and last index there."""
    return part["video"].iloc[0], int(part["index"].iloc[0]), int(part["index"].iloc[-1])


def picture(workspace: Workspace, name: str) -> np.ndarray:
    """Return a frame: (H, W, 3) uint8, BGR.

    Raises:
        MediaError: its file is gone.
    """
    return read_picture(workspace.path / frames(workspace).at[name, "file"])


def card(workspace: Workspace, name: str) -> bytes:
    """Return a frame as a small JPEG, for a card."""
    return small_jpeg(picture(workspace, name), CARD)


def turned(total: int, per_page: int, key: str) -> range:
    """Write the choice of a page where ``total`` things need several; return the places of those on it."""
    pages = max(1, -(-total // per_page))
    st.session_state[key] = min(st.session_state.get(key, 1), pages)  # there may be fewer now
    page = 1
    if pages > 1:
        row = st.container(horizontal=True, vertical_alignment="center")
        page = row.number_input("Page", 1, pages, key=key, width=130, label_visibility="collapsed")
        row.markdown(f":gray[of {pages:,} pages]")
    return range((page - 1) * per_page, min(total, page * per_page))


def cards(total: int, key: str, across: int = 3) -> list[tuple[int, DeltaGenerator]]:
    """Write the choice of a page; return the places of the things on it, each with the column for its card."""
    places = turned(total, PER_PAGE, key)
    columns = st.columns(across, gap="medium")
    return [(place, columns[place % across]) for place in places]


def move_buttons(key: str, place: int, total: int) -> None:
    """Write the buttons to the things before and after ``place``, which the session holds under ``key``."""

    def go(by: int) -> None:
        st.session_state[key] = (place + by) % total

    row = st.container(horizontal=True)
    for words, icon, by, shortcut in (("Back", "back", -1, "P"), ("Skip", "forward", 1, "N")):
        row.button(words, icon=f":material/arrow_{icon}:", on_click=go, args=(by,), shortcut=shortcut,
                   disabled=total == 1)  # fmt: skip


def small(file: Path, width: int | Literal["stretch"], alt: str) -> None:
    """Write a small copy of a picture file, or that it is gone."""
    try:
        st.image(thumbnail(file), width=width, alt=alt)
    except MediaError:
        st.caption(":material/broken_image: no picture")


@st.cache_data(max_entries=2000, show_spinner=False)
def thumbnail(file: Path, width: int = 160) -> str:
    """Return a small copy of a picture file as a data address."""
    return data_address(small_jpeg(read_picture(file), width, 80))
