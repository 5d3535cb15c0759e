import pytest

from ui.elements import numbers


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (numbers.number(2900), "2,900"),
        (numbers.number(None), "–"),
        (numbers.number(-5, 1), "−5.0"),
        (numbers.number(0.5, 1, signed=True, unit="s"), "+0.5 s"),
    ],
)
def test_pages_write_numbers_in_one_way(shown, text):
    assert shown == text
