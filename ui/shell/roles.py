"""What pages show to whom: the controls of instructors, in place of which students read a sentence."""

import streamlit as st

from core.access.rights import Right, may, may_own
from core.runs.run import Run
from ui.elements.markdown import md

TAB = "Only instructors see this tab: it compares people."


def only_instructors(right: Right, words: str) -> bool:
    """Return whether who is here may do something; otherwise say in a caption who does: “Only instructors … .”"""
    if may(right):
        return True
    st.caption(f"Only instructors {md(words)}.")
    return False


def compares_people() -> bool:
    """Return whether who is here sees what others answered; otherwise say that this tab is for instructors."""
    if not may(Right.SEE_OTHERS):
        st.info(TAB, icon=":material/school:")
    return may(Right.SEE_OTHERS)


def may_change(run: Run) -> bool:
    """Return whether who is here may change or end a run: it is theirs, or they are an instructor."""
    return may_own(run.config.user)
