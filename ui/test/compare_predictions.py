"""Two runs on the same test frames: which is better, by how much, and on which frames."""

from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.attributes import AttributeSet
from core.errors import SeamLensError
from core.evaluation import compare_predictions
from core.evaluation.compare_predictions import GAINED, LOST, Comparison
from core.evaluation.intervals import none_of
from core.runs import run_names
from core.runs.run import Run
from core.runs.run_store import damaged_runs
from core.splits import leaks
from core.text import between, percent, points
from core.workspace import Workspace
from ui.elements import charts, metric_tables, widgets
from ui.elements.markdown import md
from ui.shell import cache, frames, run_choice
from ui.shell.page import errors_shown
from ui.test import result_cache, run_header

SIDES = {"": "Both ways", GAINED: "Gained", LOST: "Lost"}
PER_PAGE, ACROSS, WIDTH = 12, 4, 240
ALONE = (
    "There is no other network yet. Train a second one to see here what it does better, and on which frames."
)
SHARED = (
    "Both are compared on the test frames that they share: which is better, by how much, and on which frames."
)


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write what another run does better or worse than ``run`` on the test frames of both.

    With the current labels a run is compared with the one before labels were corrected: both are measured against the labels
    as they are now.
    """
    other = _chosen(workspace, run)
    if other is None:
        return
    if other.test is None:
        with st.container(horizontal=True, vertical_alignment="center"):  # no test part is seen by the way
            st.markdown(f"{md(run_names.short(other))} is not tested yet.")
            run_header.test_button(other, "test_second")
        return
    current = st.toggle("Current labels", key="test_current_labels", help="Measures both runs against the labels as they are "
                        "now, so that a run can be compared with the one before labels were corrected.")  # fmt: skip
    version = (
        result_cache.version(run)
        + result_cache.version(other)
        + (cache.data_version(workspace) if current else ())
    )
    found = _compared(str(run.path), other.id, current, run, other, version)
    st.caption(
        f"First: {md(run_names.title(run))}. Second: {md(run_names.title(other))}. {md(found.sentence())} Above 0 the second is better."
    )
    for compared in (run, other):
        if warning := leaks.sentence(compared.leak):
            st.error(f"{md(run_names.short(compared))}: {md(warning)}", icon=":material/water_drop:")
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left:
        charts.show(_figure(run.attributes, found), "paired", charts.height(len(found.attributes), 46))
    with right:
        _table(found)
    _gallery(run, found)


def _chosen(workspace: Workspace, run: Run) -> Run | None:
    """Write the choice of a second run and return it; none where there is none, or none is chosen."""
    there = (*run_choice.testable(workspace), *damaged_runs(workspace))
    others = {other.id: other for other in there if other.id != run.id}
    if not others:
        st.caption(ALONE)
        return None
    words = "Choose a second network"
    name = st.selectbox("Compare with", list(others), None, key="test_beside", placeholder=words, width=420,
                        format_func=lambda id: run_choice.named(others[id]),
                        help=run_choice.folder(chosen) if (chosen := st.session_state.get("test_beside")) else None)  # fmt: skip
    if name not in others:
        st.caption(SHARED)
        return None
    return run_choice.whole(others[name])


@st.cache_data(max_entries=8, show_spinner=False)
def _compared(
    path: str, other: str, current: bool, _first: Run, _second: Run, version: tuple[Any, ...]
) -> Comparison:
    return compare_predictions.compare_predictions(_first, _second, current_labels=current)


def _figure(attributes: AttributeSet, found: Comparison) -> go.Figure:
    """The difference per attribute in points, a dot with its interval; 0 is no difference."""
    pairs = {name: pair for name, pair in found.attributes.items() if pair.difference is not None}
    colours = {attribute.name: attribute.colour for attribute in attributes}
    figure = go.Figure()
    for name, pair in pairs.items():
        ends, colour = [100 * end for end in pair.interval or ()], colours.get(name, "#7d868c")
        charts.dot(
            figure, name, 100 * (pair.difference or 0), ends, colour, f"%{{x:+.1f}} points, {pair.meaning}"
        )
    ends = [100 * abs(end) for pair in pairs.values() for end in (pair.interval or (pair.difference,))]
    reach = 1.15 * max([1.0, *ends])
    figure.add_vline(0, line={"width": 1, "dash": "dash", "color": charts.QUIET})
    figure.update_xaxes(title="difference of the accuracy in points", range=[-reach, reach], zeroline=False)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    return figure


def _table(found: Comparison) -> None:
    rows = [
        {"attribute": name, **metric_tables.percents({"first": pair.first, "second": pair.second}), "difference": _points(pair),
         "meaning": pair.meaning}
        for name, pair in found.attributes.items()
    ]  # fmt: skip
    ends = "Second minus first in points, and its 95 % interval over videos"
    metric_tables.table(rows, {
        "attribute": "Attribute", "first": metric_tables.share_column("First"), "second": metric_tables.share_column("Second"),
        "difference": st.column_config.TextColumn("Difference", help=ends), "meaning": "On other videos",
    })  # fmt: skip
    if why := none_of({name: pair.videos for name, pair in found.attributes.items()}):
        st.caption(f":material/info: {md(why)}")


def _points(pair: compare_predictions.PairedDifference) -> str | None:
    if pair.difference is None:
        return None
    ends = f" ({between(pair.interval, signed=True)})" if pair.interval else ""
    return points(pair.difference) + ends


def _gallery(run: Run, found: Comparison) -> None:
    st.markdown("**Frames that changed sides**")
    if found.changed.empty:
        st.caption("There are none: both decide the same on every frame.")
        return
    counts = found.changed["side"].value_counts()
    row = st.container(horizontal=True, vertical_alignment="center")
    words = {side: f"{word} ({counts.get(side, 0):,})" if side else word for side, word in SIDES.items()}
    side = widgets.choice(row, "Side", list(SIDES), "paired_side", words.__getitem__)
    chosen = found.changed[(found.changed["side"] == side) | (not side)]
    st.caption("Gained: only the second is right. Lost: only the first was. The surest mistakes come first.")
    places = frames.turned(len(chosen), PER_PAGE, "paired_page")
    shown = list(chosen.iloc[places.start : places.stop].itertuples())
    widgets.gallery(shown, ACROSS, partial(_card, run))


def _card(run: Run, frame: Any) -> None:
    try:
        st.image(result_cache.picture(run.workspace, frame.name, WIDTH), width="stretch", alt=frame.name)
    except SeamLensError as error:
        st.caption(f":material/broken_image: {md(error.problem)}")
    name = "" if run.attributes.exclusive else f"{frame.attribute} "
    st.markdown(f"**{md(frame.side)}** · {md(name)}labelled **{md(frame.label)}**")
    st.caption(f"First: {md(frame.first)} ({percent(frame.first_probability)})  \n"
               f"Second: {md(frame.second)} ({percent(frame.second_probability)})  \n{md(frame.name)}")  # fmt: skip
