"""The ways in on the Videos page."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.small import small_workspace


def test_no_camera_is_drawn_before_its_tab_is_opened(visit: Callable[..., AppTest], place: Path) -> None:
    small_workspace(place, labelled=False)
    assert not visit("1_Videos.py").get("component_instance")
