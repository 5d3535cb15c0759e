"""Bars of accuracies, each with the mark of guessing: only what is right of it was learned."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from core.attributes import AttributeSet
from core.runs.results import Interval, Value
from core.text import between, percent
from ui.elements.charts import on_bar

CAPTION = "The mark in a bar is guessing: always giving the more frequent answer. Only the part to the right of the mark is learned."


class Bar(NamedTuple):
    """An accuracy or a recall (0 to 1), with a mark and a line where it has a baseline and an interval."""

    name: str
    share: float
    baseline: Value = None
    interval: Interval | None = None


# Light under dark: marks and lines show on every bar and on either ground.
LIGHT, DARK = "#fcfbf8", "#23292b"


def caption(bars: Sequence[Bar]) -> str:
    """Return what the mark stands for, and the line where there is one."""
    return CAPTION + (" The line is the 95 % interval." if any(bar.interval for bar in bars) else "")


def figure(attributes: AttributeSet, bars: Sequence[Bar]) -> go.Figure:
    """Return a bar for each share, in the colour of its attribute."""
    colours = {attribute.name: attribute.colour for attribute in attributes}
    names, drawn = [bar.name for bar in bars], go.Figure()
    drawn.add_bar(
        y=names, x=[100 * bar.share for bar in bars], orientation="h", name="accuracy",
        marker={"color": [colours.get(name, "#7d868c") for name in names]}, showlegend=False,
        text=[percent(bar.share, 1) for bar in bars], textposition="inside", insidetextanchor="start",
        insidetextfont={"color": [on_bar(colours.get(name, "#7d868c")) for name in names]},
        hovertemplate="%{y}: %{x:.1f} % right<extra></extra>",
    )  # fmt: skip
    for colour, width in ((LIGHT, 7), (DARK, 3)):
        drawn.add_scatter(
            y=names, x=[100 * bar.baseline if bar.baseline else None for bar in bars], mode="markers", name="baseline",
            marker={"symbol": "line-ns", "size": 26, "line": {"width": width, "color": colour}}, showlegend=False,
            hovertemplate="%{y}: guessing gets %{x:.1f} %<extra></extra>",
        )  # fmt: skip
    for bar in bars:
        for colour, width in ((LIGHT, 5), (DARK, 2)) if bar.interval else ():
            drawn.add_scatter(
                x=[100 * end for end in bar.interval or ()], y=[bar.name, bar.name], mode="lines", showlegend=False,
                line={"color": colour, "width": width},
                hovertemplate=f"{bar.name}: 95 % interval {between(bar.interval)}<extra></extra>",
            )  # fmt: skip
    drawn.update_xaxes(range=[0, 101], ticksuffix=" %")
    drawn.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    drawn.update_layout(bargap=0.35)
    return drawn
