"""Progress bars of long work that a page waits for."""

from collections.abc import Callable

import streamlit as st


def progress(text: str) -> Callable[[int, int | None], None]:
    """Write a progress bar and return the function that moves it."""
    bar = st.progress(0.0, f"{text} …")

    def show(done: int, total: int | None) -> None:
        words = f"{text}: {done:,}" + (f" of {total:,}" if total else "")
        bar.progress(min(1.0, done / total) if total else 0.0, words)

    return show
