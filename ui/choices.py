"""Where a choice among attributes stands: beside other choices, or above them where there are many."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

BESIDE = 6
"""Names that fit beside other choices; more are wrapped, which Streamlit does only outside of a row."""


def places(names: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where to write the choice among ``names`` names, and the other choices."""
    above, row = st.container(), st.container(horizontal=True, vertical_alignment="center")
    return (row if names <= BESIDE else above), row
