"""What holds for all tests."""

import sys
from collections.abc import Iterator

# Before TensorFlow, which some tests import early: the other way round its start-up kills the process (ui/shell/page.py).
import pylibsrtp  # noqa: F401
import pytest

pytest_plugins = ["tests.helpers.model_fixtures", "tests.helpers.package_fixtures"]


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages start no process that measures how fast networks learn: it takes gigabytes, and outlives the test."""
    monkeypatch.setattr("core.jobs.pace.begin", lambda workspace, names: None)


@pytest.fixture(autouse=True)
def main_stays() -> Iterator[None]:
    """Put the main module back, for which Streamlit takes the script of a page: new processes begin by importing it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
