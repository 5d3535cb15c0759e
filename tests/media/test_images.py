"""Pictures on their way to a page or a report."""

from pathlib import Path

import numpy as np
import pytest

from core.media.images import decode_picture, small_jpeg


@pytest.mark.parametrize(("width", "shape"), [(50, (20, 50, 3)), (100, (40, 100, 3)), (200, (40, 100, 3))])
def test_a_small_jpeg_is_shrunk_and_never_enlarged(width: int, shape: tuple[int, ...]) -> None:
    content = small_jpeg(np.full((40, 100, 3), 128, np.uint8), width)
    assert decode_picture(content, Path("small.jpg")).shape == shape
