"""Axes of shares in percent: Plotly's own format leaves no space before the sign, which the rest of the app does."""

import plotly.graph_objects as go


def upwards_in_percent(figure: go.Figure) -> None:
    """Turn the shares (0 to 1) that a figure of lines draws upwards into percent."""
    for line in figure.data:
        line.y = [100 * share for share in line.y]
        line.hovertemplate = line.hovertemplate.replace("%{y:.3f}", "%{y:.1f} %")
    figure.update_yaxes(ticksuffix=" %")
