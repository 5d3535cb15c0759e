"""Small copies of pictures for tables and rows of pictures."""

from pathlib import Path

import streamlit as st

from core.data.images import data_address, read_picture, small_jpeg


@st.cache_data(max_entries=2000, show_spinner=False)
def thumbnail(file: Path, width: int = 160) -> str:
    """Return a small copy of a picture file as a data address."""
    return data_address(small_jpeg(read_picture(file), width, 80))
