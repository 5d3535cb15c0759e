"""Would a random split have claimed more? The split gap, measured and shown on the Test page."""

from typing import Literal

import plotly.graph_objects as go
import streamlit as st

from core.assist import split_gap
from core.assist.split_gap import SplitGap
from core.jobs import series
from core.jobs.series import Series
from core.runs import run_names
from core.runs.run import Run
from core.workspace import Workspace
from ui.elements import charts
from ui.elements.markdown import md
from ui.shell import series_progress
from ui.shell.page import errors_shown

RANDOM, VIDEO = "#d98324", "#1b8088"


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write both accuracies side by side, or the button that trains two runs like ``run`` to measure them."""
    st.header("Would a random split have claimed more?", anchor=False)
    newest = next(iter(series.find(workspace, "gap")), None)
    if newest and newest.is_going:
        series_progress.wait(workspace, "gap", newest.id)
    elif newest and newest.broken:
        series_progress.broken(newest)
    elif newest and newest.is_done:
        if series_progress.tested(workspace, newest, "Measuring the split gap", "Test"):
            _show(newest)
        _button(workspace, run, "Measure again", "tertiary")
    else:
        _explain(workspace, run)


def _explain(workspace: Workspace, run: Run) -> None:
    left, right = st.columns([3, 1], gap="large", vertical_alignment="center")
    left.markdown(
        "Neighbouring frames are nearly the same picture. If frames are shuffled, near copies of the test frames train the "
        "network, and the test promises too much. SeamLens trains twice with the same settings, once split by video and once "
        "shuffled, and shows the difference."
    )
    with right:
        _button(workspace, run, "Measure the gap", "secondary")
        st.caption(series_progress.how_long(workspace, run.network.name, 2 * run.recipe.epochs) or "")


def _button(workspace: Workspace, run: Run, label: str, kind: Literal["secondary", "tertiary"]) -> None:
    help = f"Trains twice, with the settings of {run_names.short(run)}."
    if st.button(label, icon=":material/compare_arrows:", type=kind, help=help):
        series_progress.begin(workspace, "gap", split_gap.plan(workspace, split_gap.settings_of(run)), "Test")


def _show(measured: Series) -> None:
    gap = _gap(str(measured.runs[0].path), measured)
    st.markdown(f"**{md(gap.sentence)}**")
    if gap.note:
        st.warning(md(gap.note), icon=":material/warning:")
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left:
        charts.show(_figure(gap), "gap", charts.height(len(gap.attributes), 46))
    with right:
        heads = {"random": "Random", "video": "By video", "video_baseline": "Baseline", "gap": "Gap, points"}
        rows = [
            {"Attribute": name} | {head: 100 * getattr(row, key) for key, head in heads.items()}
            for name, row in gap.attributes.items()
        ]
        shares = dict.fromkeys(heads.values(), st.column_config.NumberColumn(format="%.1f %%"))
        points = {heads["gap"]: st.column_config.NumberColumn(format="%.1f")}
        st.dataframe(rows, hide_index=True, column_config=shares | points)
        st.caption(
            f"{gap.random.meter:.1f} % of the shuffled test frames have a near-duplicate in training, and "
            f"{gap.video.meter:.1f} % of those split by video. Both runs have the same settings, seed and number of frames."
        )


def _figure(gap: SplitGap) -> go.Figure:
    """Two dots per attribute with a line between them: the accuracy on shuffled frames and on unseen videos."""
    names, rows = list(gap.attributes), gap.attributes.values()
    sides = {"random": [100 * row.random for row in rows], "video": [100 * row.video for row in rows]}
    figure = go.Figure()
    for name, random, video in zip(names, sides["random"], sides["video"], strict=True):
        figure.add_scatter(
            x=[video, random], y=[name, name], mode="lines", showlegend=False, hoverinfo="skip",
            line={"color": charts.QUIET, "width": 4},
        )  # fmt: skip
    for side, words, colour in (("random", "random split", RANDOM), ("video", "unseen videos", VIDEO)):
        figure.add_scatter(
            x=sides[side], y=names, mode="markers", name=words, cliponaxis=False,
            marker={"size": 15, "color": colour}, hovertemplate=f"%{{y}}, {words}: %{{x:.1f}} %<extra></extra>",
        )  # fmt: skip
    lowest = min(*sides["random"], *sides["video"])
    figure.update_xaxes(range=[max(0, lowest - 5), 101], ticksuffix=" %", title="accuracy on the test part")
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, autorange="reversed",
                        ticksuffix="  ", showgrid=False)  # fmt: skip
    return figure


@st.cache_data(max_entries=8, show_spinner=False)
def _gap(path: str, _measured: Series) -> SplitGap:
    return split_gap.measure_gap(_measured)
