import pytest

from core.text import between, percent, points, share_of


@pytest.mark.parametrize(
    ("share", "digits", "text"), [(0.7512, 1, "75.1 %"), (1, 0, "100 %"), (0, 0, "0 %"), (0.005, 1, "0.5 %")]
)
def test_a_share_has_a_space_before_the_sign(share: float, digits: int, text: str) -> None:
    assert percent(share, digits) == text


def test_a_difference_has_its_sign() -> None:
    assert percent(0.1, signed=True) == "+10 %"
    assert points(0.1) == "+10.0"


def test_where_there_is_none_it_is_said() -> None:
    assert (percent(None), points(None), between(None)) == ("–", "–", "–")
    assert percent(None, unknown="no labels") == between(None, unknown="no labels") == "no labels"


def test_an_interval_is_in_percent_or_of_a_difference_in_points() -> None:
    assert between((0.7, 0.8512)) == "70.0 to 85.1 %"
    assert between((-0.01, 0.02), signed=True) == "-1.0 to +2.0"


@pytest.mark.parametrize(("few", "text"), [(1, "under 1 %"), (10, "1 %"), (666, "67 %")])
def test_a_small_share_is_not_called_none(few: int, text: str) -> None:
    assert share_of(few, 1000) == text
