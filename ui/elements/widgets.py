"""Small widgets: the region of interest, progress bars, room for choices, tabs that are drawn when they are open."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.networks.preprocessing import Region
from ui.elements.markdown import md


def sliders(key: str, own: Region | None, empty: str) -> Region | None:
    """Write the sliders, which begin at ``own``; return the region, None where it is ``own`` or empty (which they say)."""
    left, top, right, bottom = (round(100 * side) for side in own or (0, 0, 1, 1))
    first, second = st.columns(2, gap="medium")
    across = first.slider("From left to right, %", 0, 100, (left, right), key=f"{key}_across")
    down = second.slider("From top to bottom, %", 0, 100, (top, bottom), key=f"{key}_down")
    if across[0] == across[1] or down[0] == down[1]:
        st.caption(f":material/error: The region is empty: {md(empty)}")
        return None
    if (*across, *down) == (left, right, top, bottom):
        return None
    return across[0] / 100, down[0] / 100, across[1] / 100, down[1] / 100


def progress_bar(text: str) -> Callable[[int, int | None], None]:
    """Write a progress bar and return the function that moves it."""
    bar = st.progress(0.0, f"{md(text)} …")

    def show(done: int, total: int | None) -> None:
        words = f"{text}: {done:,}" + (f" of {total:,}" if total else "")
        bar.progress(min(1.0, done / total) if total else 0.0, words)

    return show


BESIDE = 6  # names that fit beside other choices; more must wrap, which Streamlit does only outside a row


def choice_places(names: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where to write the choice among ``names`` names, and the other choices."""
    above, row = st.container(), st.container(horizontal=True, vertical_alignment="center")
    return (row if names <= BESIDE else above), row


def choice(
    place: Any,
    label: str,
    options: Sequence[str],
    key: str,
    words: Callable[[str], str] = str,
    at_first: str = "",
) -> Any:
    """Write the choice of one of ``options``, the first of them unless ``at_first`` is another, at a place or on ``st``; return it."""
    return place.segmented_control(label, options, default=at_first or options[0], required=True, format_func=words,
                                   label_visibility="collapsed", key=key)  # fmt: skip


def gallery(items: Sequence[Any], across: int, card: Callable[[Any], None], border: bool = True) -> None:
    """Write a ``card`` of each item, so many in a row."""
    for first in range(0, len(items), across):
        columns = st.columns(across, gap="medium" if border else "small")
        for column, item in zip(columns, items[first : first + across], strict=False):
            with column.container(border=True, height="stretch") if border else column:
                card(item)


def tabs(sections: Mapping[str, Callable[..., None]], key: str, *given: Any) -> None:
    """Write a tab per section and draw the open one with ``given``; the others may be slow."""
    for tab, draw in zip(st.tabs(list(sections), key=key, on_change="rerun"), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw(*given)
