"""Thresholds on the Test page: what a miss costs, what a threshold does on the validation part, and storing it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.access.rights import shown_name
from core.attributes import Attribute
from core.evaluation import threshold_costs, thresholds
from core.evaluation.threshold_costs import CheapestThreshold, Effect
from core.jobs.background import Task
from core.runs import decision_settings, run_names, run_parts
from core.runs.run import Run
from core.text import count, percent
from core.workspace import Workspace
from ui.elements import charts, widgets
from ui.elements.markdown import md
from ui.shell import background_jobs, roles
from ui.shell.page import annotator, errors_shown, flash
from ui.test import result_cache

COSTS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
STEP = 0.001
GRID = np.linspace(0, 1, 1001)


@st.fragment
@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write the choice of the thresholds of ``run``, which has no classes, and their changes after its test part was seen."""
    table = validation(run)
    if table is None:
        return
    stored = dict(zip(run.attributes.names, run.thresholds.tolist(), strict=True))
    unseen = ", none of which it was trained on" if run_parts.is_unseen(run, "valid") else ""
    after = " The test part is measured again once you use it." if run.test else ""
    st.markdown(
        "The probability above which an attribute counts as true. Choose it by what a mistake costs you, on the validation "
        f"part ({md(run_parts.frames_counted(run, 'valid'))}{md(unseen)}).{md(after)}"
    )
    words = {name: f"{name} {threshold:.3g}" for name, threshold in stored.items()}
    name = widgets.choice(st, "Attribute", list(stored), f"threshold_of_{run.id}", words.__getitem__)
    _one(run, run.attributes[name], table)
    _changes(run)


def validation(run: Run) -> pd.DataFrame | None:
    """Return the validation frames with labels and probabilities; none, and say so, while they are predicted for the first time."""
    if not any(file.exists() for file in result_cache.prediction_files(run)):
        name = run_names.short(run)

        def tell(table: pd.DataFrame) -> list[str]:
            return [f"The validation part of {name} is predicted: {count(len(table), 'frame')}."]

        title = f"Predicting the validation part of {name}"
        task = Task(f"validation {run.id}", title, ("Test",), thresholds.validation, (run,), tell)
        if background_jobs.begin_by_itself(run.workspace, task, "Predict the validation part"):
            st.caption("The network looks at the validation part. This takes about as long as a test.")
        return None
    return result_cache.validation(run)


def _one(run: Run, attribute: Attribute, table: pd.DataFrame) -> None:
    name = attribute.name
    stored = float(run.thresholds[run.attributes.names.index(name)])
    labels, probabilities = threshold_costs.labels_and_probabilities(table, name)
    left, right = st.columns([3, 2], gap="large")
    with right:
        cost = st.select_slider(f"One missed {name} counts as … false alarms", COSTS, 1, key=f"cost_{run.id}_{name}",
                                format_func=lambda number: f"{number:g}")  # fmt: skip
        chosen = threshold_costs.choose(table, name, cost) if labels.any() and not labels.all() else None
        value = _value(run, name, stored, chosen)
        row = st.container(horizontal=True)
        with row:
            _cheapest(run, name, value, chosen)
            _store(run, name, value, stored, cost if chosen and value == chosen.effect.threshold else None)
        _effect(threshold_costs.effect(table, name, value), threshold_costs.effect(table, name, stored), cost)
    with left:
        if len(labels):
            curve = threshold_costs.curve(labels, probabilities, cost)
            charts.show(_figure(attribute, curve, cost, value, stored), f"cost_curve_{name}", 400)
            st.caption("What the mistakes on the validation part cost at each threshold, in false alarms.")
        warn(chosen.words if chosen else threshold_costs.cautions(table, name))


def _value(run: Run, name: str, stored: float, chosen: CheapestThreshold | None) -> float:
    """Write the slider of the threshold; return what is chosen, with all its digits where it is the cheapest or stored."""
    key = _key(run, name)
    st.session_state.setdefault(key, _on_slider(stored))
    slid = st.slider("Threshold", STEP, 1 - STEP, step=STEP, key=key, format="%.3f")
    exact = {_on_slider(stored): stored}
    if chosen:
        exact |= {_on_slider(chosen.effect.threshold): chosen.effect.threshold}
    return exact.get(_on_slider(slid), slid)


def _cheapest(run: Run, name: str, value: float, chosen: CheapestThreshold | None) -> None:
    if chosen:
        cheapest = chosen.effect.threshold
        st.button(f"Cheapest: {cheapest:.3f}", icon=":material/savings:", disabled=cheapest == value,
                  on_click=st.session_state.update, args=({_key(run, name): _on_slider(cheapest)},), key=f"cheapest_{name}",
                  help=f"Every threshold above {chosen.low:.3f} up to {chosen.high:.3f} decides the same.")  # fmt: skip


def _key(run: Run, name: str) -> str:
    return f"threshold_{run.id}_{name}"


def forget(run: Run) -> None:
    """Set the sliders back to the stored thresholds."""
    for name in run.attributes.names:
        st.session_state.pop(_key(run, name), None)


def _on_slider(threshold: float) -> float:
    return float(np.clip(round(threshold, 3), STEP, 1 - STEP))


def _effect(after: Effect, before: Effect, cost: float) -> None:
    negatives = after.frames - after.positives
    gained = 100 * ((after.balanced_accuracy or 0) - (before.balanced_accuracy or 0))
    top, bottom = st.columns(2), st.columns(2)
    top[0].metric("Missed", f"{after.missed:,} of {after.positives:,}", _more(after.missed - before.missed),
                  delta_color="inverse", height="stretch", border=True)  # fmt: skip
    top[1].metric("False alarms", f"{after.false_alarms:,} of {negatives:,}",
                  _more(after.false_alarms - before.false_alarms), delta_color="inverse", height="stretch", border=True)  # fmt: skip
    bottom[0].metric("Balanced accuracy", percent(after.balanced_accuracy, 1), f"{gained:+.1f} points" if abs(gained) >= 0.05 else None,
                     help="The mean of the shares decided right among true and among false frames.",
                     height="stretch", border=True)  # fmt: skip
    bottom[1].metric("Cost", f"{after.total(cost):,.4g}", _more(after.total(cost) - before.total(cost)),
                     delta_color="inverse", help="In false alarms.", height="stretch", border=True)  # fmt: skip


def _more(by: float) -> str | None:
    return f"{by:+.4g}" if by else None


def _store(run: Run, name: str, value: float, stored: float, cost: float | None) -> None:
    if not roles.may_change(run):
        st.caption("Only who trained this network, and instructors, change its thresholds.")
    elif st.button(f"Use {value:.3f} for “{md(name)}”", type="primary", icon=":material/save:", disabled=value == stored,
                 key=f"store_{name}"):  # fmt: skip
        thresholds.store(run, {name: value}, annotator(), cost)
        flash(f"“{md(name)}” counts as true from {value:.3f} on.")
        st.rerun()


def warn(sentences: Sequence[str]) -> None:
    """Write warnings, a line each."""
    for sentence in sentences:
        st.caption(f":orange[:material/warning:] {md(sentence)}")


def _changes(run: Run) -> None:
    """Say how often thresholds were changed after the test part was seen, and by whom what was changed."""
    chosen = run.tuning
    if times := chosen.changed_after_test:
        st.warning(f"{md(thresholds.sentence(times))} The result may be too optimistic for a new seam.",
                   icon=":material/visibility:")  # fmt: skip
    if not chosen.log:
        return
    with st.expander(f"{count(len(chosen.log), 'change')} so far", icon=":material/history:"):
        rows = [
            {"When (UTC)": pd.Timestamp(change.at), "Who": shown_name(change.by) or "–", "What": decision_settings.WORDS[change.what],
             "Attribute": change.attribute or "all",
             "Before": change.before, "After": change.after, "Cost of a miss": change.cost, "Test part seen": change.seen}
            for change in reversed(chosen.log)
        ]  # fmt: skip
        number = st.column_config.NumberColumn(format="%.3f")
        st.dataframe(pd.DataFrame(rows).dropna(axis=1, how="all"), hide_index=True, column_config={
            "When (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"), "Before": number, "After": number,
            "Cost of a miss": st.column_config.NumberColumn(format="%g"),
        })  # fmt: skip
        help = "Every threshold 0.5 and no calibration, as published."
        changed = chosen.thresholds or chosen.temperatures
        if (
            changed
            and roles.may_change(run)
            and st.button("All back to 0.5", icon=":material/undo:", help=help)
        ):
            thresholds.reset(run, annotator())
            forget(run)
            flash("All thresholds are 0.5 again, and nothing is calibrated.")
            st.rerun()


def _figure(attribute: Attribute, curve: pd.DataFrame, cost: float, value: float, stored: float) -> go.Figure:
    """The costs of misses and of false alarms, stacked, over the threshold."""
    rows = curve.iloc[np.searchsorted(curve["high"].to_numpy(), GRID).clip(max=len(curve) - 1)]
    figure = go.Figure()
    parts = {"missed": cost * rows["missed"], "false alarms": rows["false_alarms"]}
    for (words, heights), strength in zip(parts.items(), (0.75, 0.3), strict=True):
        figure.add_scatter(
            x=GRID, y=heights, name=words, stackgroup="cost", mode="lines", line={"width": 0, "shape": "hv"},
            fillcolor=charts.faded(attribute.colour, strength), hovertemplate=f"%{{x:.3f}}: {words} %{{y:,.4g}}<extra></extra>",
        )  # fmt: skip
    _mark(figure, value, f"{value:.3f}", "solid")
    if stored != value:
        _mark(figure, stored, f"in use: {stored:.3f}", "dot")
    figure.update_xaxes(title="threshold", range=[0, 1], showgrid=False)
    figure.update_yaxes(title="cost in false alarms", range=[0, _top(rows["total"].to_numpy())])
    figure.update_layout(hovermode="x", showlegend=True)
    return figure


def _mark(figure: go.Figure, at: float, words: str, dash: str) -> None:
    figure.add_vline(at, line={"width": 2, "dash": dash, "color": charts.QUIET}, annotation={
        "text": words, "yref": "paper", "y": 1.0, "yanchor": "top", "xanchor": "right" if at > 0.8 else "left",
        "showarrow": False,
    })  # fmt: skip


def _top(totals: np.ndarray) -> float:
    """Return how high the chart is: thresholds near 0 and 1 cost so much that the rest would lie flat."""
    return 1.2 * max(5.0, float(np.median(totals)), 2.5 * float(totals.min()), float(totals[200:801].max()))
