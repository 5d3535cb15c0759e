"""How accurate a run is: its metrics, the confusion matrix, and what has changed of the labels since."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.attributes import AttributeSet
from core.evaluation import evaluate, thresholds
from core.evaluation.intervals import FEWEST
from core.evaluation.metrics import metrics_of
from core.networks import published_accuracy as published
from core.runs import run_parts
from core.runs.results import AttributeResult, ClassesResult, Interval, TestResult, Value
from core.runs.run import Run
from core.text import UNKNOWN, between, percent, points
from core.workspace import Workspace
from ui.shell import charts
from ui.shell.page import errors_shown
from ui.test import cached, columns

CELLS = {
    ("true", "true"): "True positives",
    ("true", "false"): "Missed",
    ("false", "true"): "False alarms",
    ("false", "false"): "True negatives",
}
PUBLISHED = f"Published: {published.WORDS}"
ALL = "All classes"


@errors_shown()
def section(workspace: Workspace, run: Run) -> None:
    """Write the metrics of a tested ``run``, the bars beside the confusion matrix, and what has changed since."""
    result = evaluate.stored(run)
    if result.classes:
        _classes(run, result)
    else:
        _attributes(result)
    _labels_since(run, result)
    if result.threshold_changes:
        st.caption(f":orange[:material/visibility:] {thresholds.sentence(result.threshold_changes)}")
    if not result.classes:
        _bars_and_decisions(run, result)
    _details(run, result)


def _attributes(result: TestResult) -> None:
    then, metrics = published.accuracy(list(result.attributes)), metrics_of("attribute")
    rows = [
        {"attribute": name, "frames": row.frames, "positives": row.positives, "interval": _interval(row),
         **columns.cells(metrics, row.metrics), **columns.percents({"published": then.get(name)})}
        for name, row in result.attributes.items()
    ]  # fmt: skip
    accuracy, baseline, *others = [metric.name for metric in metrics]
    columns.table(
        rows,
        order=["attribute", accuracy, "interval", baseline, *(["published"] if then else []), *others, "frames", "positives"],
        config=columns.of_metrics(metrics) | {
            "attribute": "Attribute",
            "interval": st.column_config.TextColumn("95 % interval", help=(
                "In 95 of 100 such tests this interval holds the accuracy on all videos like these. It is over videos, not over "
                f"frames, and needs {FEWEST} test videos."
            )),
            "published": columns.share_column("Published", PUBLISHED),
            "frames": st.column_config.NumberColumn("Frames", width="small"),
            "positives": st.column_config.NumberColumn("Positives", help="Frames for which it is labelled true", width="small"),
        },
    )  # fmt: skip
    if why := evaluate.no_interval(result):
        st.caption(f":material/info: {why} Frames of one video are nearly the same picture, so each video "
                   "counts like one observation.")  # fmt: skip
    if then:
        st.caption(PUBLISHED)


def _interval(row: AttributeResult) -> str:
    return between(row.interval, unknown="too few videos" if row.frames and row.videos < FEWEST else UNKNOWN)


def _bars_and_decisions(run: Run, result: TestResult) -> None:
    rows = {name: row for name, row in result.attributes.items() if row.decided is not None}
    left, right = st.columns(2, gap="large", vertical_alignment="center")
    with left:
        bars = [Bar(name, row.accuracy or 0.0, row.baseline, row.interval) for name, row in rows.items()]
        charts.show(_bars(run.attributes, bars), "accuracies", charts.height(len(bars), 52))
        st.caption(
            "The mark in each bar is the baseline: always giving the more frequent answer. Only the part to the right of the "
            "mark is learned." + (" The line is the interval." if any(bar.interval for bar in bars) else "")
        )
    with right:
        st.markdown("**Confusion matrix**")
        counts = [
            {"Attribute": name} | {label: (row.decided or {})[said][taken] for (said, taken), label in CELLS.items()}
            for name, row in rows.items()
        ]  # fmt: skip
        columns.table(counts, {
            label: st.column_config.NumberColumn(help=f"Frames labelled {said}, decided {taken}")
            for (said, taken), label in CELLS.items()
        })  # fmt: skip
        if result.exact_match is not None:
            st.caption(f"**Everything right** in {percent(result.exact_match, 1)} of the {result.exact_match_frames:,} "
                       "fully labelled frames.")  # fmt: skip


def _classes(run: Run, result: TestResult) -> None:
    classes = result.classes
    if not classes or not classes.frames:
        st.info("No frame of the test part has a class.", icon=":material/info:")
        return
    overall = [m for m in metrics_of("classes") if m.name not in ("accuracy", "baseline")]
    for metric in overall:
        st.markdown(f"**{metric.label}** {metric.shown(classes.metrics.get(metric.name))}. {metric.meaning}")
    left, right = st.columns(2, gap="large")
    with left:
        recalls = {name: share for name, share in classes.per_class["recall"].items() if share is not None}
        whole = Bar(ALL, classes.metrics["accuracy"] or 0.0, classes.metrics["baseline"], classes.interval)
        bars = [whole, *(Bar(name, share) for name, share in recalls.items())]
        charts.show(_bars(run.attributes, bars), "recalls", charts.height(len(bars), 52))
        interval = evaluate.no_interval(result)
        if classes.interval:
            interval = f"95 % interval of all: {between(classes.interval)}."
        st.caption(
            f"Accuracy over all, and the recall of each class. The mark in “{ALL}” is the baseline: always "
            f"“{classes.most_frequent}”, the most frequent class, is right in {percent(whole.baseline, 1)} of the frames. {interval}"
        )  # fmt: skip
    with right:
        st.markdown("**Confusion matrix**")
        charts.show(_confusion(classes), "confusion", charts.height(len(bars), 52))
        st.caption("A row is the labelled class, a column the decided one; numbers are frames.")
    metrics = metrics_of("class")
    rows = [
        {"Class": name, "Frames": sum(counts.values())}
        | columns.cells(metrics, {metric: shares[name] for metric, shares in classes.per_class.items()})
        for name, counts in classes.confusion.items()
    ]
    columns.table(
        rows, columns.of_metrics(metrics), ["Class", *(metric.name for metric in metrics), "Frames"]
    )


def _details(run: Run, result: TestResult) -> None:
    names, what = () if result.classes else run.attributes.names, run_parts.kind(run)
    with st.expander(f"Per {what} ({result.videos})", icon=":material/movie:"):
        _shares(
            [(row.video, row.frames, {"all right": row.exact_match, **row.attributes}) for row in result.per_video],
            what.capitalize(), ["all right", *names],
        )  # fmt: skip
        st.caption(f"A {what} far below the others shows what the training part lacks.")
    with st.expander(f"Per annotator ({len(result.annotators)})", icon=":material/group:"):
        if not result.annotators:
            st.caption("No annotator has labels of their own on the test frames.")
            return
        rows = [
            (name, row.frames, {"all labels": row.agreement, **{n: each.agreement for n, each in row.attributes.items()}})
            for name, row in result.annotators.items()
        ]  # fmt: skip
        _shares(rows, "Annotator", ["all labels", *names])
        st.caption(
            "The share of each annotator's own labels of the test frames with which the network agrees."
        )


def _shares(rows: Sequence[tuple[str, int, Mapping[str, Value]]], head: str, names: Sequence[str]) -> None:
    table = [{head: name, "Frames": frames} | columns.percents(shares) for name, frames, shares in rows]
    st.dataframe(pd.DataFrame(table), hide_index=True, placeholder="–", column_order=[head, "Frames", *names],
                 column_config={name: columns.share_column(name) for name in names})  # fmt: skip


def _labels_since(run: Run, result: TestResult) -> None:
    """Say what has changed of the labels since the run was made, and what the numbers would be with the current ones."""
    changed, now = cached.current(run)
    if changed and not now:  # the frames were relabelled before the run was made
        st.info(changed, icon=":material/history:")
    if not now:
        return
    rows = []
    for name, row in result.attributes.items():
        then = now.attributes[name].accuracy
        if row.accuracy is not None and then is not None:
            by = then - row.accuracy
            rows.append(f"{name} {percent(then, 1)}" + (f" ({points(by)})" if abs(by) >= 0.0005 else ""))
    sentence = f"{changed} With the current labels the accuracy would be: {', '.join(rows)}."
    st.info(sentence, icon=":material/history:")


class Bar(NamedTuple):
    """An accuracy or a recall (0 to 1), with a mark and a line where it has a baseline and an interval."""

    name: str
    share: float
    baseline: Value = None
    interval: Interval | None = None


# Light under dark: marks and lines show on every bar and on either ground.
LIGHT, DARK = "#fcfbf8", "#23292b"


def _bars(attributes: AttributeSet, bars: Sequence[Bar]) -> go.Figure:
    colours = {attribute.name: attribute.colour for attribute in attributes}
    names, figure = [bar.name for bar in bars], go.Figure()
    figure.add_bar(
        y=names, x=[100 * bar.share for bar in bars], orientation="h", name="accuracy",
        marker={"color": [colours.get(name, "#7d868c") for name in names]}, showlegend=False,
        text=[percent(bar.share, 1) for bar in bars], textposition="inside", insidetextanchor="start",
        hovertemplate="%{y}: %{x:.1f} % right<extra></extra>",
    )  # fmt: skip
    for colour, width in ((LIGHT, 7), (DARK, 3)):
        figure.add_scatter(
            y=names, x=[100 * bar.baseline if bar.baseline else None for bar in bars], mode="markers", name="baseline",
            marker={"symbol": "line-ns", "size": 26, "line": {"width": width, "color": colour}}, showlegend=False,
            hovertemplate="%{y}: baseline %{x:.1f} %<extra></extra>",
        )  # fmt: skip
    for bar in bars:
        for colour, width in ((LIGHT, 5), (DARK, 2)) if bar.interval else ():
            figure.add_scatter(
                x=[100 * end for end in bar.interval or ()], y=[bar.name, bar.name], mode="lines", showlegend=False,
                line={"color": colour, "width": width},
                hovertemplate=f"{bar.name}: 95 % interval {between(bar.interval)}<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(range=[0, 101], ticksuffix=" %")
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_layout(bargap=0.35)
    return figure


def _confusion(classes: ClassesResult) -> go.Figure:
    """Frames per labelled class (row) and decided class (column); the shade is the share of the row."""
    names = list(classes.confusion)
    numbers = [list(row.values()) for row in classes.confusion.values()]
    shares = [[100 * number / max(1, sum(row)) for number in row] for row in numbers]
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=names, y=names, text=numbers, zmin=0, zmax=100, showscale=False, texttemplate="%{text:,}",
            textfont={"size": 14, "color": charts.ink()}, xgap=3, ygap=3,
            colorscale=[[0, "rgba(27,128,136,0.06)"], [1, "rgba(27,128,136,0.6)"]],
            hovertemplate="labelled %{y}, decided %{x}: %{text:,} frames, %{z:.0f} %<extra></extra>",
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False, title="labelled")
    figure.update_xaxes(side="top", showgrid=False, title="decided")
    return figure
