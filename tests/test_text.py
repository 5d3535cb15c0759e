import pytest

from core.text import between, count, duration, listed, percent, points, share_of


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [(0.7512, 1, "75.1 %"), (1, 0, "100 %"), (0, 0, "0 %"), (0.005, 1, "0.5 %"), (-0.1234, 1, "−12.3 %")],
)
def test_a_share_has_a_space_before_the_sign(share: float, digits: int, text: str) -> None:
    assert percent(share, digits) == text


def test_a_difference_has_its_sign() -> None:
    assert percent(0.1, signed=True) == "+10 %"
    assert (points(0.1), points(-0.05)) == ("+10.0", "−5.0")


def test_where_there_is_none_it_is_said() -> None:
    assert (percent(None), points(None), between(None)) == ("–", "–", "–")
    assert percent(None, unknown="no labels") == between(None, unknown="no labels") == "no labels"


def test_an_interval_is_in_percent_or_of_a_difference_in_points() -> None:
    assert between((0.7, 0.8512)) == "70.0 to 85.1 %"
    assert between((-0.01, 0.02), signed=True) == "−1.0 to +2.0"


@pytest.mark.parametrize(("few", "text"), [(1, "under 1 %"), (10, "1 %"), (666, "67 %")])
def test_a_small_share_is_not_called_none(few: int, text: str) -> None:
    assert share_of(few, 1000) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames"), (12_380, "12,380 frames")]
)
def test_a_count_has_its_plural_and_commas(number: int, text: str) -> None:
    assert count(number, "frame") == text


def test_a_plural_may_be_irregular_and_none_may_have_a_word() -> None:
    assert count(2, "class", "classes") == "2 classes"


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_ends_with_and(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_a_long_list_says_how_many_more_there_are() -> None:
    assert listed("abcde", most=3) == "a, b, c and 2 more"
    assert listed(["a", "b"], quoted=True) == "“a” and “b”"


@pytest.mark.parametrize(
    ("seconds", "exact", "rough"),
    [
        (40, "40 s", "40 s"),
        (130, "2 min 10 s", "2 min"),
        (3600, "1 h 0 min", "1 h"),
        (3900, "1 h 5 min", "1 h 5 min"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, exact: str, rough: str) -> None:
    assert (duration(seconds), duration(seconds, roughly=True)) == (exact, rough)
