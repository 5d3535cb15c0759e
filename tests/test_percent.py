import pytest

from core.percent import percent


@pytest.mark.parametrize(
    ("share", "digits", "text"), [(0.7512, 1, "75.1 %"), (1, 0, "100 %"), (0, 0, "0 %"), (0.005, 1, "0.5 %")]
)
def test_a_share_has_a_space_before_the_sign(share: float, digits: int, text: str) -> None:
    assert percent(share, digits) == text


def test_a_difference_has_its_sign() -> None:
    assert percent(0.1, signed=True) == "+10 %"
