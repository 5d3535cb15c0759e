"""Intervals in charts and tables."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.evaluation.intervals import FEWEST
from core.text import between


def with_intervals(figure: go.Figure, rows: Mapping[str, Mapping[str, Any]]) -> go.Figure:
    """Add the intervals to a chart of accuracies, as lines in its bars."""
    for name, row in rows.items():
        if row.get("interval"):
            low, high = (100 * end for end in row["interval"])
            for colour, width in (
                ("#fcfbf8", 5),
                ("#23292b", 2),
            ):  # light under dark, as the marks of the baseline
                figure.add_scatter(
                    x=[low, high], y=[name, name], mode="lines", line={"color": colour, "width": width}, showlegend=False,
                    hovertemplate=f"{name}: 95 % interval {between(row['interval'])}<extra></extra>",
                )  # fmt: skip
    return figure


FORMAT = "%.1f %%"


def percent(shares: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return shares in percent, for columns of the format `FORMAT`."""
    return {name: None if share is None else 100 * share for name, share in shares.items()}


def meaning() -> str:
    """Explain an interval."""
    return (
        "In 95 of 100 such tests the accuracy on all videos like these lies within the interval. "
        f"It is over videos, not frames, and needs {FEWEST} test videos."
    )
