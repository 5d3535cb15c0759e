"""Labels per day, how fast annotators label, and how their answers differ, on the Balance page."""

from datetime import UTC, datetime, timedelta
from html import escape

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.access.rights import Right, may
from core.labels import progress
from core.labels.labels import called
from core.workspace import Workspace
from ui.elements import charts
from ui.shell import cache

PERIODS = {"24 hours": timedelta(days=1), "7 days": timedelta(days=7), "All": None}
PEOPLE = ("#1b8088", "#b08a4a", "#8a6d9c", "#6b7f8f", "#a5626a", "#7f9a5b", "#8fc1c6", "#dcc28f", "#c4afd2", "#b3c1cb",
          "#d9a9ae", "#bccfa3")  # fmt: skip
"""Colours of annotators, one after the other: none is an attribute's."""
FRESH = 60  # seconds for which a pace is shown as it is: it changes with the clock as well


def section(workspace: Workspace) -> None:
    """Write when the labels were given, how fast, then by whom and how they differ."""
    if not may(Right.SEE_OTHERS):
        st.caption("You see your own labels. Only instructors see those of everybody.")
    days, people = _per_day(workspace), _per_annotator(workspace)
    st.header("Labels per day", anchor=False)
    if days.empty:
        st.caption("There are no labels to count.")
        return
    table = days.assign(labels=days["true"] + days["false"])
    table = table.groupby(["day", "annotator"], as_index=False)["labels"].sum()
    charts.show(_bars(table), "per_day", 320)
    st.caption(f"{table['labels'].sum():,} answers by day (UTC); replaced ones are not counted. An answer is for one attribute of "
               "one frame.")  # fmt: skip
    _pace(workspace)
    st.header("Per annotator", anchor=False)
    _people(people)


@st.fragment
def _pace(workspace: Workspace) -> None:
    st.header("Pace", anchor=False)
    period = st.segmented_control("Period", list(PERIODS), default="All", required=True, key="pace_period",
                                  label_visibility="collapsed")  # fmt: skip
    found = _paces(workspace, period)
    if found.empty:
        st.caption("Nobody has labelled on the Label page yet. Imported labels take no time.")
        return
    st.dataframe(found, hide_index=True, width="stretch", height="content", placeholder="–", column_config={
        "annotator": "Annotator",
        "labelled": st.column_config.NumberColumn("Frames labelled in all", format="localized"),
        "answered": st.column_config.NumberColumn("Frames in this time", format="localized"),
        "minutes": st.column_config.NumberColumn("Minutes of labelling", format="%.1f"),
        "per_minute": st.column_config.NumberColumn("Frames per minute", format="%.1f"),
    })  # fmt: skip
    st.caption(f"Counts frames labelled on the Label page. Pauses of more than {progress.LONGEST_PAUSE:.0f} s do not count. Speed is "
               "shown from one minute of labelling on.")  # fmt: skip


def _people(found: pd.DataFrame) -> None:
    shown = found[["annotator", "attribute", "answered", "share_true", "shared", "apart"]].copy()
    shown["annotator"] = shown["annotator"].map(called)
    shown[["share_true", "apart"]] *= 100
    st.dataframe(shown, hide_index=True, width="stretch", placeholder="–", column_config={
        "annotator": "Annotator", "attribute": "Attribute",
        "answered": st.column_config.NumberColumn("Frames labelled", format="localized"),
        "share_true": st.column_config.NumberColumn("True", format="%.1f %%"),
        "shared": st.column_config.NumberColumn("Labelled by others too", format="localized"),
        "apart": st.column_config.NumberColumn("More often true than others", format="%+.1f points"),
    })  # fmt: skip
    st.caption("The last column compares the same frames: does this annotator answer “true” more (+) or less (−) often than the others? "
               "“–”: nobody else has labelled these frames.")  # fmt: skip


def _bars(table: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    for place, (annotator, rows) in enumerate(table.groupby("annotator")):
        figure.add_bar(
            x=rows["day"], y=rows["labels"], name=called(str(annotator)), marker={"color": PEOPLE[place % len(PEOPLE)]},
            hovertemplate=f"%{{x}}, {escape(called(str(annotator)))}: %{{y:,}} labels<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.35, showlegend=True, legend_traceorder="normal")
    # Days are names and not times: a day without labels needs no room, and a single one is a bar, not a wall.
    days = sorted(table["day"].unique())
    room = [-0.5, max(8, len(days)) - 0.5]
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=days, range=room)
    figure.update_yaxes(title="labels", **charts.whole_ticks(int(table.groupby("day")["labels"].sum().max())))
    return figure


_personal = cache.until_changed(cache.data_version, "Counting labels …", personal=True)
_per_day = _personal(progress.per_day)
_per_annotator = _personal(progress.per_annotator)


@cache.until_changed(cache.data_version, seconds=FRESH, personal=True)
def _paces(workspace: Workspace, period: str) -> pd.DataFrame:
    length = PERIODS[period]
    since = datetime.now(UTC) - length if length else datetime.min.replace(tzinfo=UTC)
    return progress.paces(workspace, since)
