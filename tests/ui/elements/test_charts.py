import pandas as pd
import pytest

from core.attributes import named
from ui.elements import charts
from ui.elements.charts import upwards_in_percent


@pytest.mark.parametrize(
    ("colour", "text"), {"#f2a900": "#15191b", "#2f6fde": "#ffffff", "#e377c2": "#15191b"}.items()
)
def test_numbers_on_a_bar_are_told_from_its_colour(colour, text):
    assert charts.on_bar(colour) == text


@pytest.mark.parametrize(("most", "step"), {1: 1, 4: 1, 5: None, 1_440: None}.items())
def test_few_frames_are_counted_one_by_one(most, step):
    assert charts.whole_ticks(most)["dtick"] == step


def test_the_numbers_of_true_have_a_colour_for_each_attribute(monkeypatch):
    monkeypatch.setattr(charts, "ink", lambda: "#000000")
    count = {"true": 1, "false": 2, "unset": 3}
    figure = charts.answers(named(["good", "error"]), {"good": count, "error": count})
    assert figure.data[0].insidetextfont.color == ("#15191b", "#ffffff")


def test_shares_become_percent_with_a_space_before_the_sign() -> None:
    history = pd.DataFrame({"epoch": [1, 2], "accuracy": [0.5, 0.75]})
    figure = charts.curves(history, {"accuracy": ("train", "#123456", "solid")}, "accuracy")
    upwards_in_percent(figure)
    assert (list(figure.data[0].y), figure.layout.yaxis.ticksuffix) == ([50, 75], " %")
    assert "%{y:.1f} %" in figure.data[0].hovertemplate
