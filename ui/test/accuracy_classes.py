"""The parts of the Test page for classes: accuracy over all, what was taken for what, and the mistakes."""

from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.evaluate import no_interval
from core.runs.run import Run
from core.text import between, percent
from ui.shell import charts, charts_test

ALL = "All classes"
SHARES = {
    "recall": ("Found", "Recall: share of the frames of the class that were decided so"),
    "precision": ("Precision", "Share of the frames decided so that are labelled so"),
    "f1": ("F1", "Harmonic mean of the two"),
    "average_precision": ("AP", "Average precision: over all thresholds of the class's probability, the mean precision "
                                "weighted by the gain in recall"),
}  # fmt: skip


def accuracy(run: Run, found: dict[str, Any]) -> None:
    """Write how many frames were decided right, of each class and in all, and the confusion matrix."""
    if found["accuracy"] is None:
        st.info("No frame of the test part has a class.", icon=":material/info:")
        return
    known = {name: share for name, share in found["recall"].items() if share is not None}
    rows = {name: {"accuracy": share, "baseline": None} for name, share in known.items()}
    whole = {name: found[name] for name in ("accuracy", "baseline", "interval")}
    rows = {ALL: whole} | rows
    _whole(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Decided right**")
        figure = charts_test.with_intervals(charts.accuracies(run.attributes, list(rows), rows), rows)
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
    _per_class(found)


def _whole(found: dict[str, Any]) -> None:
    """Write the numbers in which each class counts the same, however many frames it has."""
    st.markdown(
        f"**Balanced accuracy** {percent(found['balanced_accuracy'], 1)}: the mean of the shares found of each class. "
        f"**Macro F1** {percent(found['macro_f1'], 1)}: the mean of their F1."
    )


def _per_class(found: dict[str, Any]) -> None:
    """Write a row per class of the test part."""
    rows = [
        {"class": name, **charts_test.percent({share: found[share][name] for share in SHARES}), "frames": sum(taken.values())}
        for name, taken in found["confusion"].items()
    ]  # fmt: skip
    columns = {
        share: st.column_config.NumberColumn(label, format=charts_test.FORMAT, help=words, width="small")
        for share, (label, words) in SHARES.items()
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="–", height="content", column_config=columns | {
        "class": "Class", "frames": st.column_config.NumberColumn("Frames", width="small"),
    })  # fmt: skip


def _interval(found: dict[str, Any]) -> str:
    """Say the 95 % interval of the accuracy over all, or why there is none."""
    if found["interval"]:
        return f"95 % interval of all: {between(found['interval'])}."
    return no_interval(found)
