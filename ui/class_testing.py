"""The parts of the Test page for classes: accuracy over all, what was taken for what, and the mistakes."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model.run import Run
from ui import charts

ALL, ANY = "All classes", "any"
HEATMAP = "The picture, the heatmap of what spoke for the class that was decided, and both."


def accuracy(run: Run, found: dict[str, Any]) -> None:
    """Write how many frames were decided right, of each class and in all, and the confusion matrix."""
    if found["accuracy"] is None:
        st.info("No frame of the test part has a class.", icon=":material/info:")
        return
    known = {name: share for name, share in found["recall"].items() if share is not None}
    rows = {name: {"accuracy": share, "baseline": None} for name, share in known.items()}
    rows = {ALL: {"accuracy": found["accuracy"], "baseline": found["baseline"]}} | rows
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Decided right**")
        charts.show(
            charts.accuracies(run.attributes, list(rows), rows), "recalls", charts.height(len(rows), 52)
        )
        st.caption(
            f"Of each class: the share of its frames that was found. The mark in “{ALL}” is the baseline: always saying "
            f"“{found['most_frequent']}”, the most frequent class, is right in {found['baseline']:.1%} of the frames."
        )
    with right:
        st.markdown("**What was taken for what**")
        charts.show(charts.confusion(found["confusion"]), "confusion", charts.height(len(rows), 52))
        st.caption(
            "A row is a class as it is labelled, a column what the network decided; numbers are frames."
        )


def choose(row: DeltaGenerator, run: Run, wrong: pd.DataFrame) -> pd.DataFrame:
    """Write the choice among the frames that were taken for another class into ``row``, and return those chosen."""
    chosen = wrong
    for column, title in (("label", "Labelled"), ("decided", "Decided")):
        names = [ANY, *(name for name in run.attributes.names if (wrong[column] == name).any())]
        name = row.segmented_control(title, names, default=ANY, required=True)
        chosen = chosen[(chosen[column] == name) | (name == ANY)]
    return chosen


def caption(mistake: Any) -> str:
    """Say of a mistake what it is and what the network took it for."""
    return f"Labelled **{mistake.label}**, network: **{mistake.decided}** {mistake.probability:.0%}"
