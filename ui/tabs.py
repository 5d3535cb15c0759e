"""Tabs of which only the open one is computed."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

Sections = Mapping[str, Callable[..., None]]
"""What is written under each tab."""


def tabs(sections: Sections, key: str, *given: Any) -> None:
    """Write a tab per section and, in the open one, what its function writes of ``given``; the others may be slow."""
    for tab, draw in zip(st.tabs(list(sections), key=key, on_change="rerun"), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw(*given)
