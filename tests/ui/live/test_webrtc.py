import av
import numpy as np
import pytest

from ui.live.webrtc import encodable


def picture(height: int, width: int) -> np.ndarray:
    ramp = np.linspace(16, 235, width).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()


def test_a_picture_goes_out_as_the_encoders_take_it() -> None:
    shown = picture(48, 64)

    frame = encodable(shown)

    assert frame.format.name == "yuv420p"
    difference = frame.to_ndarray(format="bgr24").astype(int) - shown
    assert np.abs(difference).max() <= 3


@pytest.mark.parametrize("size", [(47, 64), (48, 63)])
def test_a_picture_of_odd_sides_goes_out_too(size: tuple[int, int]) -> None:
    frame = encodable(picture(*size))

    assert isinstance(frame, av.VideoFrame)
    assert (frame.height, frame.width) == size
