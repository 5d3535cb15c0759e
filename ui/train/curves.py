"""What a run has learned so far: its curves, its worst mistakes, and its log."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.attributes import Attribute
from core.runs import run_parts
from core.runs.run import Run
from core.text import percent
from ui.elements import charts
from ui.elements.charts import upwards_in_percent
from ui.elements.markdown import md
from ui.elements.widgets import choice
from ui.shell import cache, chart_frames, frames
from ui.shell.frames import thumbnail

ALL = "All"
TRAIN, VALIDATE = "#8a949b", "#1b8088"
WORST = 6  # pictures in the row of worst frames
Lines = dict[str, tuple[str, str, str]]
"""What a chart of curves shows: name, colour and dash by column of the history."""


def section(run: Run) -> None:
    """Write curves, worst frames and log of a run."""
    history = run.history
    if history.empty:
        st.caption("The curves start after the first epoch.")
    else:
        _curves(run, history)
        _worst(run)
    if run.last_words:
        with st.expander("Log", icon=":material/article:"):
            st.code(run.last_words, language=None, wrap_lines=True)


def _curves(run: Run, history: pd.DataFrame) -> None:
    names = run.attributes.names
    chosen = choice(st, "Attribute", [ALL, *names], f"curves_{run.id}")
    one = None if chosen == ALL else run.attributes[chosen]
    best = run.best_epoch
    left, right = st.columns(2, gap="medium")
    with left:
        title, lines = _losses(one, history)
        charts.show(charts.curves(history, lines, title, best), f"loss_{run.id}", 300)
    with right:
        title, lines = _accuracies(run, history, one)
        figure = charts.curves(history, lines, title, best)
        upwards_in_percent(figure)
        charts.show(figure, f"accuracy_{run.id}", 300)
    st.caption(
        f"Validated on {md(run_parts.frames_counted(run, 'valid'))}. “best”: the epoch with the lowest validation loss. Its network is kept."
    )


def _losses(one: Attribute | None, history: pd.DataFrame) -> tuple[str, Lines]:
    """Return title and lines of the loss; runs of earlier versions kept only that of all attributes."""
    if one and f"val_{one.name}_loss" in history:
        return f"loss of {one.name}", _both(f"{one.name}_loss", one.colour)
    return "loss", _both("loss")


def _accuracies(run: Run, history: pd.DataFrame, one: Attribute | None) -> tuple[str, Lines]:
    """Return title and lines of the accuracy; of classes, the share of frames in their right class."""
    if one:
        title = f"{one.name} or not, accuracy" if run.attributes.exclusive else f"accuracy of {one.name}"
        return title, _both(f"{one.name}_accuracy", one.colour)
    if "val_accuracy" in history:
        return "frames in their right class", _both("accuracy")
    lines = {f"val_{a.name}_accuracy": (a.name, a.colour, "solid") for a in run.attributes}
    return "accuracy on validation frames", lines


def _both(column: str, colour: str = VALIDATE) -> Lines:
    return {column: ("train", TRAIN, "dot"), f"val_{column}": ("validate", colour, "solid")}


def _worst(run: Run) -> None:
    # Of videos that are labelled blind nothing is shown yet.
    videos = run.worst["name"].map(run.frames.set_index("name")["video"])
    worst = run.worst[~videos.isin(cache.blind(run.workspace))].head(WORST)
    if worst.empty:
        return
    with st.expander("Its worst mistakes so far", icon=":material/imagesmode:"):
        known = frames.frames(run.workspace)
        for column, row in zip(st.columns(WORST, gap="small"), worst.to_dict("records"), strict=False):
            with column:
                _wrong(run, row, known)
        st.page_link("pages/3_Balance.py", label="Are these labels right? Find label issues under Balance.")


def _wrong(run: Run, row: Mapping[Hashable, Any], known: pd.DataFrame) -> None:
    name = row["name"]
    if name in known.index:  # else it was removed since
        frame = known.loc[name]
        st.image(thumbnail(run.workspace.path / frame["file"], 240), alt=str(name))
        chart_frames.label_link(str(frame["video"]), int(frame["index"]))
    else:
        st.caption(f"**{md(name)}**")
    label = str(bool(row["label"])).lower()
    st.caption(f"{md(row['attribute'])}: labelled {md(label)}, network {percent(row['probability'])} true")
