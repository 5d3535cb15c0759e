"""All numbers of a test, for whoever asks: every metric, the decisions counted, and each video and annotator."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.access.rights import Right, may, shown_name
from core.evaluation import evaluate
from core.evaluation.intervals import FEWEST
from core.evaluation.metrics import metrics_of
from core.evaluation.verdict import TITLES
from core.labels.labels import called
from core.networks import published_accuracy as published
from core.runs import run_parts
from core.runs.results import AttributeResult, ClassesResult, OriginResult, TestResult, Value
from core.runs.run import Run
from core.text import UNKNOWN, between, percent
from ui.elements import charts, metric_tables
from ui.elements.markdown import md
from ui.elements.numbers import number

CELLS = {
    ("true", "true"): "Correctly “true”",
    ("true", "false"): "Missed",
    ("false", "true"): "False alarms",
    ("false", "false"): "Correctly “false”",
}
PUBLISHED = f"Published: {published.WORDS}"


def numbers(run: Run, result: TestResult) -> None:
    """Write the metrics of a tested ``run`` and its right and wrong decisions, of each origin of videos apart."""
    for group in result.groups:
        if len(result.groups) > 1:
            st.markdown(f"**{TITLES[group.origin]}**")
        if group.classes:
            _classes(group.classes)
        else:
            _attributes(group)
            _decisions(group)
    if not result.classes and result.exact_match is not None:
        st.caption(f"**Everything right** in {percent(result.exact_match, 1)} of the {result.exact_match_frames:,} "
                   "fully labelled frames.")  # fmt: skip
    if why := evaluate.no_interval(result):
        st.caption(f":material/info: {md(why)} Frames of one video are nearly the same picture, so each video "
                   "counts like one observation.")  # fmt: skip
    _details(run, result)


def _attributes(result: OriginResult) -> None:
    then, metrics = published.accuracy(list(result.attributes)), metrics_of("attribute")
    rows = [
        {"attribute": name, "frames": row.frames, "positives": row.positives, "interval": _interval(row),
         **metric_tables.cells(metrics, row.metrics), **metric_tables.percents({"published": then.get(name)})}
        for name, row in result.attributes.items()
    ]  # fmt: skip
    accuracy, baseline, *others = [metric.name for metric in metrics]
    metric_tables.table(
        rows,
        order=["attribute", accuracy, "interval", baseline, *(["published"] if then else []), *others, "frames", "positives"],
        config=metric_tables.of_metrics(metrics) | {
            "attribute": "Attribute",
            "interval": st.column_config.TextColumn("95 % interval", help=(
                "In 95 of 100 such tests this interval holds the accuracy on all videos like these. It is over videos, not over "
                f"frames, and needs {FEWEST} test videos."
            )),
            "published": metric_tables.share_column("Published", PUBLISHED),
            "frames": st.column_config.NumberColumn("Frames", width="small"),
            "positives": st.column_config.NumberColumn("Positives", help="Frames for which it is labelled true", width="small"),
        },
    )  # fmt: skip
    if then:
        st.caption(PUBLISHED)


def _interval(row: AttributeResult) -> str:
    return between(row.interval, unknown="too few videos" if row.frames and row.videos < FEWEST else UNKNOWN)


def _decisions(group: OriginResult) -> None:
    st.markdown("**Right and wrong, counted**")
    counts = [
        {"Attribute": name} | {label: row.decided[said][taken] for (said, taken), label in CELLS.items()}
        for name, row in group.attributes.items() if row.decided is not None
    ]  # fmt: skip
    metric_tables.table(counts, {
        label: st.column_config.NumberColumn(format="localized", help=f"Frames labelled {said}, decided {taken}")
        for (said, taken), label in CELLS.items()
    })  # fmt: skip


def _classes(classes: ClassesResult) -> None:
    if not classes.frames:
        st.info("No frame of the test part has a class.", icon=":material/info:")
        return
    overall = [m for m in metrics_of("classes") if m.name not in ("accuracy", "baseline")]
    for metric in overall:
        st.markdown(
            f"**{md(metric.label)}** {metric.shown(classes.metrics.get(metric.name))}. {md(metric.meaning)}"
        )
    st.caption(
        f"Guessing always says “{md(classes.most_frequent)}”, the most frequent class, and is right in "
        f"{percent(classes.metrics['baseline'], 1)} of the frames."
        + (f" 95 % interval of all: {between(classes.interval)}." if classes.interval else "")
    )
    st.markdown("**Right and wrong, counted**")
    charts.show(_confusion(classes), "confusion", charts.height(1 + len(classes.confusion), 52))
    st.caption("A row is the labelled class, a column the decided one; numbers are frames.")
    metrics = metrics_of("class")
    rows = [
        {"Class": name, "Frames": sum(counts.values())}
        | metric_tables.cells(metrics, {metric: shares[name] for metric, shares in classes.per_class.items()})
        for name, counts in classes.confusion.items()
    ]
    metric_tables.table(
        rows, metric_tables.of_metrics(metrics), ["Class", *(metric.name for metric in metrics), "Frames"]
    )


def _details(run: Run, result: TestResult) -> None:
    names, what = () if result.classes else run.attributes.names, run_parts.kind(run)
    st.markdown(f"**Each {md(what)}, the worst first** ({number(result.videos)})")
    worst_first = sorted(result.per_video, key=lambda row: 2 if row.exact_match is None else row.exact_match)
    _shares(
        [(row.video, row.frames, {"all right": row.exact_match, **row.attributes}) for row in worst_first],
        what.capitalize(), ["all right", *names],
    )  # fmt: skip
    st.caption(f"A {md(what)} far below the others shows what the training part lacks.")
    people = {name: row for name, row in result.annotators.items() if shown_name(name)}
    st.markdown(f"**Each annotator** ({number(len(people))})" if may(Right.SEE_OTHERS) else "**Your labels**")
    if not people:
        st.caption("No annotator has labels of their own on the test frames.")
        return
    rows = [
        (called(name), row.frames, {"all labels": row.agreement, **{n: each.agreement for n, each in row.attributes.items()}})
        for name, row in people.items()
    ]  # fmt: skip
    _shares(rows, "Annotator", ["all labels", *names])
    st.caption("The share of each annotator's own labels of the test frames with which the network agrees.")


def _shares(rows: Sequence[tuple[str, int, Mapping[str, Value]]], head: str, names: Sequence[str]) -> None:
    table = [{head: name, "Frames": frames} | metric_tables.percents(shares) for name, frames, shares in rows]
    st.dataframe(pd.DataFrame(table), hide_index=True, placeholder="–", column_order=[head, "Frames", *names],
                 column_config={name: metric_tables.share_column(name) for name in names})  # fmt: skip


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
