"""Charts. Colours of attributes are the workspace's; everything else follows the theme, light or dark."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.attributes import AttributeSet
from core.review.agreement import RELIABLE, TENTATIVE, AttributeAgreement

UNSET = "rgba(128,128,128,0.22)"
QUIET = "rgba(128,128,128,0.75)"
LINES = ("#1b8088", "#d98324", "#7b5ea7", "#c2445b", "#4f8f3a", "#4d7fc4", "#9a7b4f", "#7d868c")
"""Colours of runs side by side: none of them stands for an attribute."""
DASHES = ("solid", "dot", "dash")
ROW = 30  # pixels of a row in a bar chart: 1 row and 60 rows both look right
COMBINATIONS = 14  # for which there is room beside one another


def show(figure: go.Figure, key: str, height: int, clicked: Callable[[], None] | None = None) -> None:
    """Draw a figure without the tool bar; the page's theme gives its fonts and background.

    ``clicked`` is called when a point of it was clicked, or clicked again.
    """
    figure.update_layout(height=height, margin={"l": 8, "r": 30, "t": 34, "b": 8}, dragmode=False,
                         legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "title": None})  # fmt: skip
    figure.update_traces(unselected={"marker": {"opacity": 0.5}}, selector={"type": "bar"})  # still readable
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(tickfont_color=ink(), title_font_color=ink())
    figure.update_layout(legend_font_color=ink())
    figure.update_annotations(font_color=ink())
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, theme="streamlit",
                    on_select=clicked or "ignore", selection_mode="points")  # fmt: skip


def ink() -> str:
    """Return the colour of text beside a bar and on a pale one: Streamlit’s is too pale to read, and plotly takes what shines
    through for white.
    """
    return "#e8e6e1" if st.context.theme.type == "dark" else "#3b4245"


def faded(colour: str, strength: float = 0.35) -> str:
    """Return ``#rrggbb`` as a half transparent colour, which suits light and dark."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def on_bar(colour: str) -> str:
    """Return the colour of text on a bar of full ``#rrggbb``: dark or white, whichever is told from it better."""
    red, green, blue = ((int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # as WCAG 2 defines contrast
    return "#15191b" if light > 0.18 else "#ffffff"


def whole_ticks(most: int) -> dict[str, Any]:
    """Return the ticks of an axis that counts up to ``most``: whole numbers, written as beside the chart."""
    return {"tickformat": ",d", "dtick": 1 if most < 5 else None}


def answers(attributes: AttributeSet, counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Bars of true, false and unset, one row per attribute."""
    names, colours = list(attributes.names), [a.colour for a in attributes]
    paints = {"true": colours, "false": list(map(faded, colours)), "unset": UNSET}
    figure = go.Figure()
    for word, paint in paints.items():
        figure.add_bar(
            y=names, x=[counts[name][word] for name in names], name=word, orientation="h",
            marker={"color": paint, "line": {"width": 0}}, showlegend=False,
            text=[f"{counts[name][word]:,}" if counts[name][word] else "" for name in names],
            textposition="inside", insidetextanchor="middle",
            insidetextfont={"color": list(map(on_bar, colours)) if word == "true" else ink()},
            hovertemplate=f"%{{y}}: %{{x:,}} frames {word}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.35, xaxis_title="frames")
    figure.update_xaxes(**whole_ticks(max(sum(count.values()) for count in counts.values())))
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    return figure


def per_video(colour: str, counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Bars of one attribute's answers as shares, one row per video; ``counts`` maps videos to answers."""
    videos = list(counts)
    figure = go.Figure()
    for word, paint in {"true": colour, "false": faded(colour), "unset": UNSET}.items():
        numbers = [counts[video][word] for video in videos]
        shares = [100 * n / max(1, sum(counts[v].values())) for n, v in zip(numbers, videos, strict=True)]
        figure.add_bar(
            y=videos, x=shares, name=word, orientation="h", marker={"color": paint, "line": {"width": 0}},
            customdata=numbers, hovertemplate=f"%{{y}}: %{{customdata:,}} frames {word} (%{{x:.0f}} %)<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.3, legend_traceorder="normal")
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", title=None)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False, type="category")
    return figure


def most_frequent(table: pd.DataFrame) -> pd.DataFrame:
    """Return the combinations that there is room for, the most frequent first."""
    ordered = table.sort_values("frames", ascending=False, kind="stable")
    return ordered.head(COMBINATIONS).reset_index(drop=True)


def combinations(attributes: AttributeSet, table: pd.DataFrame) -> go.Figure:
    """Frames per combination above, and below which attributes are true (filled), false (hollow) or unset (none).

    ``table`` has the combinations from left to right.
    """
    columns = list(range(len(table)))
    heights = [200, 26 * len(attributes)]
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.04, row_heights=heights)
    figure.add_bar(x=columns, y=table["frames"], marker={"color": QUIET}, row=1, col=1, showlegend=False,
                   text=[f"{n:,}" for n in table["frames"]], textposition="outside", cliponaxis=False,
                   hovertemplate="%{y:,} frames<extra></extra>")  # fmt: skip
    for attribute in attributes:
        given = table[attribute.name].astype(object)
        for value, fill in ((True, attribute.colour), (False, "rgba(0,0,0,0)")):
            at = [c for c in columns if not pd.isna(given[c]) and bool(given[c]) is value]
            figure.add_scatter(
                x=at, y=[attribute.name] * len(at), mode="markers", row=2, col=1, showlegend=False,
                marker={"size": 15, "color": fill, "line": {"width": 2, "color": attribute.colour if value else QUIET}},
                hovertemplate=f"{attribute.name}: {str(value).lower()}<extra></extra>",
            )  # fmt: skip
    room = [-0.6, max(5.5, len(table) - 0.4)]
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, range=room)
    figure.update_yaxes(title="frames", **whole_ticks(int(table["frames"].max())), row=1, col=1)
    figure.update_yaxes(categoryorder="array", categoryarray=list(attributes.names), autorange="reversed",
                        ticksuffix="  ", showgrid=False, row=2, col=1)  # fmt: skip
    figure.update_layout(bargap=0.45)
    return figure


def square_row(attributes: int) -> int:
    """Return the pixels of a row of `together`."""
    return 46 if attributes <= 6 else 32


def together(attributes: AttributeSet, table: pd.DataFrame) -> go.Figure:
    """How many frames have both attributes true, as a square of numbers."""
    names = list(attributes.names)
    true = {name: table[name].fillna(False).astype(bool) for name in names}
    square = [[int(table["frames"][true[a] & true[b]].sum()) for b in names] for a in names]
    figure = go.Figure(
        go.Heatmap(
            z=square, x=names, y=names, colorscale=[[0, "rgba(15,108,116,0.04)"], [1, "rgba(27,128,136,0.6)"]],
            showscale=False, texttemplate="%{z:,}", textfont={"color": ink(), "size": 12}, xgap=3, ygap=3, hoverinfo="skip",
        )
    )  # fmt: skip
    # A heat map cannot be clicked; marks that nobody sees lie on its numbers.
    figure.add_scatter(
        x=names * len(names), y=[a for a in names for _ in names], mode="markers", showlegend=False,
        marker={"symbol": "square", "size": square_row(len(names)) - 2, "opacity": 0}, unselected={"marker": {"opacity": 0}},
        selected={"marker": {"opacity": 0.25, "color": QUIET}}, customdata=[n for row in square for n in row],
        hovertemplate="%{y} and %{x}: %{customdata:,} frames<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(side="top", showgrid=False)
    return figure


def dot(figure: go.Figure, name: str, value: float, ends: Sequence[float], colour: str, hover: str) -> None:
    """Add the row ``name``: a dot at ``value`` on the line of its interval, with the words of ``hover``."""
    figure.add_scatter(x=list(ends), y=[name] * len(ends), mode="lines", showlegend=False, hoverinfo="skip",
                       line={"color": faded(colour, 0.5), "width": 9})  # fmt: skip
    figure.add_scatter(x=[value], y=[name], mode="markers", showlegend=False, cliponaxis=False,
                       marker={"size": 15, "color": colour}, hovertemplate=f"{escape(name)}: {hover}<extra></extra>")  # fmt: skip


def agreement(attributes: AttributeSet, found: Mapping[str, AttributeAgreement]) -> go.Figure:
    """Krippendorff's alpha as a dot with its 95 % interval, one row per attribute in the order of ``found``; none where it is not
    defined.
    """
    names = list(found)
    figure = go.Figure()
    lowest = -0.2
    for name in names:
        alpha = found[name].alpha
        if alpha.value is None:
            continue
        low, high = alpha.interval or (alpha.value, alpha.value)
        lowest = min(lowest, low - 0.05)
        between = f"<br>95 % interval {low:.3f} to {high:.3f}" if alpha.interval else ""
        dot(figure, name, alpha.value, (low, high), attributes[name].colour, f"{alpha.value:.3f}{between}")
    # Away from each other: in a narrow window they would lie on one another.
    for limit, words, side in ((TENTATIVE, "tentative", "right"), (RELIABLE, "reliable", "left")):
        figure.add_vline(limit, line={"width": 1, "dash": "dash", "color": QUIET}, annotation={
            "text": f"{words} ›", "yref": "paper", "y": 1.0, "yanchor": "bottom", "xanchor": side,
            "showarrow": False, "font": {"size": 12},
        })  # fmt: skip
    figure.update_xaxes(range=[lowest, 1.04], title="alpha", zeroline=False)
    # With its own range: a row without a dot stays a row.
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, range=[len(names) - 0.5, -0.5],
                        tickvals=list(range(len(names))), ticktext=names, ticksuffix="  ", showgrid=False)  # fmt: skip
    return figure


def curves(
    history: pd.DataFrame, columns: Mapping[str, tuple[str, str, str]], title: str, best: int | None = None
) -> go.Figure:
    """Lines over epochs, the ``best`` one marked. ``columns`` maps a column of ``history`` to (name, colour, dash)."""
    figure = go.Figure()
    for column, (name, colour, dash) in columns.items():
        if column in history:
            figure.add_scatter(
                x=history["epoch"], y=history[column], name=name, mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2.5}, marker={"size": 5},
                hovertemplate=f"epoch %{{x}}: {name} %{{y:.3f}}<extra></extra>",
            )  # fmt: skip
    if best is not None:
        figure.add_vline(best, line={"width": 1, "dash": "dash", "color": QUIET}, annotation={
            "text": "best", "yref": "paper", "y": 0.0, "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
        })  # fmt: skip
    return _over_epochs(figure, title)


def several(
    histories: Mapping[str, pd.DataFrame], column: str, best: Mapping[str, int | None], title: str
) -> go.Figure:
    """One column of several histories over epochs, a line per run, its best epoch as a larger dot."""
    figure = go.Figure()
    for number, (name, history) in enumerate(histories.items()):
        if column in history:
            figure.add_scatter(
                x=history["epoch"], y=history[column], name=name, mode="lines+markers",
                line={"color": LINES[number % len(LINES)], "dash": DASHES[number // len(LINES) % len(DASHES)], "width": 2.5},
                marker={"size": [13 if epoch == best[name] else 5 for epoch in history["epoch"]]},
                hovertemplate=f"{name}<br>epoch %{{x}}: %{{y:.3f}}<extra></extra>",
            )  # fmt: skip
    figure.update_layout(showlegend=True)
    return _over_epochs(figure, title)


def _over_epochs(figure: go.Figure, title: str) -> go.Figure:
    last = max((line.x.max() for line in figure.data if len(line.x)), default=0)
    figure.update_yaxes(title=title)
    figure.update_xaxes(title="epoch", tickformat="d", rangemode="tozero", dtick=1 if last <= 10 else None)
    return figure


def height(rows: int, row: int = ROW) -> int:
    """Return the pixels that a bar chart of so many rows needs."""
    return 96 + row * max(1, rows)


def upwards_in_percent(figure: go.Figure) -> None:
    """Turn the shares (0 to 1) that a figure of lines draws upwards into percent."""
    for line in figure.data:
        line.y = [100 * share for share in line.y]
        line.hovertemplate = line.hovertemplate.replace("%{y:.3f}", "%{y:.1f} %")
    figure.update_yaxes(ticksuffix=" %")
