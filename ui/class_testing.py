"""The parts of the Test page for classes: accuracy over all, what was taken for what, and the mistakes."""

from typing import Any

import streamlit as st

from core.model.intervals import too_few
from core.model.run import Run
from core.percent import percent
from ui import charts, intervals

ALL = "All classes"


def accuracy(run: Run, found: dict[str, Any]) -> None:
    """Write how many frames were decided right, of each class and in all, and the confusion matrix."""
    if found["accuracy"] is None:
        st.info("No frame of the test part has a class.", icon=":material/info:")
        return
    known = {name: share for name, share in found["recall"].items() if share is not None}
    rows = {name: {"accuracy": share, "baseline": None} for name, share in known.items()}
    whole = {name: found[name] for name in ("accuracy", "baseline", "interval")}
    rows = {ALL: whole} | rows
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Decided right**")
        figure = intervals.with_intervals(charts.accuracies(run.attributes, list(rows), rows), rows)
        charts.show(figure, "recalls", charts.height(len(rows), 52))
        st.caption(
            f"Of each class: the share of its frames that was found. The mark in “{ALL}” is the baseline: always saying "
            f"“{found['most_frequent']}”, the most frequent class, is right in {percent(found['baseline'], 1)} of the frames. {_interval(found)}"
        )
    with right:
        st.markdown("**What was taken for what**")
        charts.show(charts.confusion(found["confusion"]), "confusion", charts.height(len(rows), 52))
        st.caption(
            "A row is a class as it is labelled, a column what the network decided; numbers are frames."
        )


def _interval(found: dict[str, Any]) -> str:
    """Say the 95 % interval of the accuracy over all, or why there is none."""
    if found["interval"]:
        return f"95 % interval of all: {intervals.between(found['interval'])}."
    return f"No interval: {reason}." if (reason := too_few(found["videos"])) else ""
