"""What a run has learned so far: its curves, its worst mistakes, and its log."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.attributes import Attribute
from core.runs import describe
from core.runs.run import Run
from core.splits.split import PARTS
from core.text import percent
from ui.shell import cache, chart_frames, charts, frames
from ui.shell.charts import upwards_in_percent
from ui.shell.frames import thumbnail

ALL = "All"
TRAIN, VALIDATE = "#8a949b", "#1b8088"
WORST = 6
"""Pictures in the row of worst frames."""


def section(run: Run) -> None:
    """Write curves, worst frames and log of a run."""
    history = run.history
    if history.empty:
        st.caption("The curves start after the first epoch.")
    else:
        _curves(run, history)
        _worst(run)
    _log(run)


def _curves(run: Run, history: pd.DataFrame) -> None:
    """Write loss and accuracy over epochs, of all attributes or of one."""
    names = run.attributes.names
    chosen = st.segmented_control("Attribute", [ALL, *names], default=ALL, required=True, key=f"curves_{run.id}",
                                  label_visibility="collapsed")  # fmt: skip
    one = None if chosen == ALL else run.attributes[chosen]
    best = run.best_epoch
    left, right = st.columns(2, gap="medium")
    with left:
        lines = _losses(one, history)
        title = f"loss of {one.name}" if one and f"val_{one.name}_loss" in history else "loss"
        charts.show(charts.curves(history, lines, title, best), f"loss_{run.id}", 300)
    with right:
        figure = charts.curves(history, _accuracies(run, history, one), _title(run, history, one), best)
        upwards_in_percent(figure)
        charts.show(figure, f"accuracy_{run.id}", 300)
    st.caption(
        f"Validated on {describe.counted(run, 'valid')}. “best”: the epoch with the lowest validation loss. Its network is kept."
    )


def _losses(one: Attribute | None, history: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return the lines of the loss; runs of earlier versions kept only that of all attributes."""
    if one and f"val_{one.name}_loss" in history:
        return _both(one, "loss")
    return {"loss": ("train", TRAIN, "dot"), "val_loss": ("validate", VALIDATE, "solid")}


def _accuracies(run: Run, history: pd.DataFrame, one: Attribute | None) -> dict[str, tuple[str, str, str]]:
    """Return the lines of the accuracy; of classes, the share of frames in their right class."""
    if one:
        return _both(one, "accuracy")
    if "val_accuracy" in history:
        return {"accuracy": ("train", TRAIN, "dot"), "val_accuracy": ("validate", VALIDATE, "solid")}
    return {f"val_{a.name}_accuracy": (a.name, a.colour, "solid") for a in run.attributes}


def _title(run: Run, history: pd.DataFrame, one: Attribute | None) -> str:
    if one:
        return f"{one.name} or not, accuracy" if run.attributes.exclusive else f"accuracy of {one.name}"
    return "frames in their right class" if "val_accuracy" in history else "accuracy on validation frames"


def _both(one: Attribute, what: str) -> dict[str, tuple[str, str, str]]:
    return {
        f"{one.name}_{what}": ("train", TRAIN, "dot"),
        f"val_{one.name}_{what}": ("validate", one.colour, "solid"),
    }


def measured_on(run: Run) -> str:
    """Return what a run learns from and is measured on."""
    trains, validates, tests = (describe.counted(run, part) for part in PARTS)
    return f"Trains on {trains}, validates on {validates}, tests on {tests}."


def _worst(run: Run) -> None:
    """Write the validation frames that the last epoch was most wrong about."""
    worst = _visible(run, run.worst).head(WORST)
    if worst.empty:
        return
    with st.expander("Its worst mistakes so far", icon=":material/imagesmode:"):
        known = frames.frames(run.workspace)
        for column, row in zip(st.columns(WORST, gap="small"), worst.to_dict("records"), strict=False):
            with column:
                _wrong(run, row, known)
        st.page_link(
            "pages/3_Balance.py", label="Are these labels right? Find label issues on the Balance page."
        )


def _wrong(run: Run, row: Mapping[Hashable, Any], known: pd.DataFrame) -> None:
    """Write one of the worst frames: its picture, the link that opens it on the Label page, and what is wrong."""
    name = row["name"]
    if name in known.index:  # else it was removed since
        frame = known.loc[name]
        st.image(thumbnail(cache.picture_path(run.workspace, frame["file"]), 240))
        chart_frames.label_link(str(frame["video"]), int(frame["index"]))
    else:
        st.caption(f"**{name}**")
    st.caption(
        f"{row['attribute']}: labelled {str(bool(row['label'])).lower()}, network {percent(row['probability'])} true"
    )


def _visible(run: Run, worst: pd.DataFrame) -> pd.DataFrame:
    """Leave out the videos whose labels this annotator must not see yet."""
    groups = run.frames.set_index("name")["video"]
    return worst[~worst["name"].map(groups).isin(cache.blind(run.workspace))]


def _log(run: Run) -> None:
    if run.last_words:
        with st.expander("Log", icon=":material/article:"):
            st.code(run.last_words, language=None, wrap_lines=True)
