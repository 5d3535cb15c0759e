"""The part of each picture that a network looks at, chosen by two sliders."""

import streamlit as st

from core.model.pictures import Region

WHOLE: Region = (0, 0, 1, 1)


def sliders(key: str, own: Region | None, empty: str) -> Region | None:
    """Write the sliders, which begin at ``own``; return what was chosen, none where that is ``own`` or ``empty``."""
    left, top, right, bottom = (round(100 * side) for side in own or WHOLE)
    first, second = st.columns(2, gap="medium")
    across = first.slider("From left to right, %", 0, 100, (left, right), key=f"{key}_across")
    down = second.slider("From top to bottom, %", 0, 100, (top, bottom), key=f"{key}_down")
    if across[0] == across[1] or down[0] == down[1]:
        st.caption(f":material/error: The region is empty: {empty}")
        return None
    if (*across, *down) == (left, right, top, bottom):
        return None
    return across[0] / 100, down[0] / 100, across[1] / 100, down[1] / 100
