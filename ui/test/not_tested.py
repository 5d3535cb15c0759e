"""A run that was not tested yet, on the Test page: its test part waits until the thresholds are chosen."""

import streamlit as st

from core.evaluation import evaluate
from core.runs import describe
from core.runs.run import Run
from ui.shell.page import errors_shown
from ui.shell.widgets import progress

WHY = (
    "Choose its thresholds first, on the validation part below: a test part that thresholds are chosen by promises more than a "
    "new seam will keep. What is changed after the test is counted."
)
CLASSES = (
    "Look first at what it learned, on the validation part below: a test part that networks are chosen by promises more than a "
    "new picture will keep."
)
AGAIN = "It has learned on since it was tested. Its test part was seen then, so changes of thresholds are counted."


@errors_shown()
def section(run: Run) -> None:
    """Say why ``run`` is not tested at once, and write the button that tests it."""
    if not (run.frames["part"] == "test").any():
        st.info("It has no frames to test on: the test part is empty. Split again and train anew.",
                icon=":material/info:")  # fmt: skip
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="large"):
        with st.container():
            st.markdown(f"**Not tested yet.** {_why(run)}")
            if run.is_alive:
                st.caption(
                    ":material/hourglass_top: It is still training: a test is of its best epoch so far."
                )
        pressed = st.button(
            f"Test on {describe.unseen(run, 'test')}", type="primary", icon=":material/fact_check:"
        )
    if pressed:
        evaluate.test(run, progress=progress("Testing"))
        st.rerun()


def _why(run: Run) -> str:
    if run.attributes.exclusive:
        return CLASSES
    return AGAIN if run.tuning.seen else WHY
