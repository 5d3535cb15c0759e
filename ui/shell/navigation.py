"""The one way to another page."""

from collections.abc import Mapping

import streamlit as st

GOING = "going_to"
"""Key of the session: the page that is opened next, and its query parameters."""


def go(page: str, parameters: Mapping[str, str] | None = None) -> None:
    """Open another page.

    The whole page runs anew first, and then goes there: a section that runs every few seconds may just have asked for its own turn
    on the page that is left.
    """
    st.session_state[GOING] = page, parameters
    st.rerun()


def follow() -> None:
    """Go where `go` wants to; at the top of every page."""
    if going := st.session_state.pop(GOING, None):
        page, parameters = going
        st.switch_page(page, query_params=parameters)
