"""Calibration on the Test page: how often probabilities come true, before and after, and the button that calibrates them."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.evaluation import calibration
from core.evaluation.calibration import HOW, Binning
from core.runs.run import Run
from core.splits.split import PART_NAMES
from core.workspace import Workspace
from ui.elements import charts, metric_tables, widgets
from ui.elements.markdown import md
from ui.shell import roles
from ui.shell.page import annotator, errors_shown, flash
from ui.test import result_cache, thresholds

NEUTRAL = "#1b8088"
BOTH = "Where the network is 80 % sure of its decision, is it right in 80 of 100 frames?", "", "right"
EITHER = (
    "Where the network says 80 % for true, is it true in 80 of 100 frames?",
    ": thresholds move with them",
    "true",
)


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write how often the probabilities of ``run`` come true, and the button that calibrates them."""
    question, moved, so = BOTH if run.attributes.exclusive else EITHER
    st.markdown(
        f"**Is 80 % really 80 %?** {md(question)} A **temperature**, fitted on the validation part, calibrates the probabilities. "
        f"Decisions stay as they are{md(moved)}."
    )
    if thresholds.validation(run) is None:
        return
    parts = ["valid", "test"] if run.test is not None else ["valid"]
    names = calibration.statements(run)
    place, row = widgets.choice_places(len(names))
    name = names[0]
    if len(names) > 1:
        name = widgets.choice(place, "Attribute", names, f"reliability_of_{run.id}")
    by: Binning = widgets.choice(row, "Bins", list(HOW), f"reliability_by_{run.id}", HOW.__getitem__)
    left, right = st.columns([5, 4], gap="large")
    with left:
        diagrams = {part: result_cache.diagram(run, part, name, by) for part in parts}
        colour = run.attributes[name].colour if name in run.attributes.names else NEUTRAL
        figure = _figure(diagrams, colour, calibration.is_calibrated(run, name), so)
        charts.show(figure, f"reliability_{name}", 380)
        st.caption(
            "On the diagonal 80 % really is 80 %. Hollow dots: as the network gives them; filled: calibrated. Larger dots stand "
            "for more frames."
        )
    with right:
        _errors(run, parts, by)
        _fit(run)


def _errors(run: Run, parts: list[str], by: Binning) -> None:
    found = {part: result_cache.calibration_errors(run, part) for part in parts}
    rows = [
        {"Of": name, "Part": PART_NAMES[part], "Frames": of[name].frames}
        | metric_tables.percents({"Before": of[name].before[by],
                            "After": of[name].after[by] if calibration.is_calibrated(run, name) else None})
        for name in calibration.statements(run) for part, of in found.items()
    ]  # fmt: skip
    percent = st.column_config.NumberColumn(format="%.2f %%")
    st.dataframe(pd.DataFrame(rows).astype({"After": float}), hide_index=True, placeholder="–",
                 column_config={"Before": percent, "After": percent})  # fmt: skip
    videos = ", ".join(f"{PART_NAMES[part]} {next(iter(of.values())).videos}" for part, of in found.items())
    st.caption(f"Expected calibration error, in at most {calibration.BINS} {HOW[by]}. Videos: {md(videos)}.")


def _fit(run: Run) -> None:
    temperatures = dict(zip(run.attributes.names, run.temperatures.tolist(), strict=True))
    words = [f"{name} {value:.2f}" for name, value in temperatures.items() if value != 1]
    if run.attributes.exclusive and words:
        words = [f"{next(iter(temperatures.values())):.2f} for all classes"]
    if not roles.may_change(run):
        st.caption("Only who trained this network, and instructors, calibrate it.")
    elif st.button("Calibrate", icon=":material/thermostat:"):
        calibration.calibrate(run, annotator())
        thresholds.forget(run)  # they have moved along
        flash("The probabilities are calibrated.")
        st.rerun()
    st.caption(f"Temperatures: {md(', '.join(words))}; above 1 is less sure than the network was." if words
               else "Not calibrated: probabilities are shown as the network gives them.")  # fmt: skip
    if any(change.what == "calibration" for change in run.tuning.log):
        thresholds.warn(result_cache.cautions(run))


def _figure(
    diagrams: dict[str, dict[str, pd.DataFrame]], colour: str, calibrated: bool, so: str
) -> go.Figure:
    """A reliability diagram per part: before calibration as hollow, after as filled dots; ``so`` is what they are about."""
    titles = [f"{PART_NAMES[part]} part" for part in diagrams]
    figure = make_subplots(1, len(diagrams), subplot_titles=titles, horizontal_spacing=0.16)
    for column, tables in enumerate(diagrams.values(), 1):
        figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line={"color": charts.QUIET, "width": 1, "dash": "dash"},
                           hoverinfo="skip", showlegend=False, row=1, col=column)  # fmt: skip
        for when, table in tables.items():
            filled = when == "after"
            if filled and not calibrated:
                continue
            most = max(1, table["frames"].max()) if len(table) else 1
            figure.add_scatter(
                x=100 * table["probability"], y=100 * table["share"], mode="markers", name=when, showlegend=False,
                row=1, col=column, customdata=table["frames"], cliponaxis=False,
                marker={"size": 7 + 15 * (table["frames"] / most) ** 0.5, "opacity": 1,
                        "color": colour if filled else "rgba(0,0,0,0)", "line": {"width": 2, "color": colour if filled else charts.QUIET}},
                hovertemplate="predicted %{x:.1f} %, true %{y:.1f} %: %{customdata:,} frames<extra></extra>",
            )  # fmt: skip
    shares = {"range": [-3, 103], "ticksuffix": " %", "zeroline": False}
    figure.update_xaxes(title="predicted probability", showgrid=False, **shares)
    figure.update_yaxes(**shares)
    figure.update_yaxes(title=f"share {so}", col=1)
    return figure
