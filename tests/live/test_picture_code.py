import cv2
import numpy as np
import pytest

from core.live.picture_code import BITS, NUMBERS, ROWS, check, coded

PICTURE = np.full((480, 640, 3), 90, np.uint8)


def read(picture: np.ndarray) -> list[int]:
    """Return the bits of a code, as the page reads them: in the middle of each block."""
    width = picture.shape[1]
    return [int(picture[-ROWS // 2, int((bit + 0.5) * width / BITS), 1] > 127) for bit in range(BITS)]


@pytest.mark.parametrize("number", [0, 1, 2730, 4095, 4096])
@pytest.mark.parametrize("width", [640, 360])
def test_the_number_stands_below_the_picture(number: int, width: int) -> None:
    made = coded(PICTURE[:, :width], number)
    assert made.shape == (480 + ROWS, width, 3)
    assert np.array_equal(made[:480], PICTURE[:, :width])
    bits = int("".join(map(str, read(made))), 2)
    assert (bits >> 4, bits & 15) == (number % NUMBERS, check(number % NUMBERS))


def test_the_number_outlasts_a_bad_encoder() -> None:
    made = coded(np.random.default_rng(0).integers(0, 256, (480, 360, 3), dtype=np.uint8), 1365)
    worse = cv2.imdecode(cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, 10])[1], cv2.IMREAD_COLOR)
    assert read(worse) == read(made)


@pytest.mark.parametrize("value", [0, 255])
def test_a_foot_of_one_colour_is_no_code(value: int) -> None:
    number = 4095 * (value > 0)
    assert check(number) != (15 if value else 0)
