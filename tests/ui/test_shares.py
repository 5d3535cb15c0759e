import pandas as pd

from ui import charts
from ui.shares import upwards_in_percent


def test_shares_become_percent_with_a_space_before_the_sign() -> None:
    history = pd.DataFrame({"epoch": [1, 2], "accuracy": [0.5, 0.75]})
    figure = charts.curves(history, {"accuracy": ("train", "#123456", "solid")}, "accuracy")
    upwards_in_percent(figure)
    assert (list(figure.data[0].y), figure.layout.yaxis.ticksuffix) == ([50, 75], " %")
    assert "%{y:.1f} %" in figure.data[0].hovertemplate
