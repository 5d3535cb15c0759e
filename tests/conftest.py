"""What holds for all tests."""

import os
import sys
from collections.abc import Iterator

# Otherwise each run that is live in a test would be written and timed in every engine first: a minute each. Child processes
# inherit it; tests of engines say which they want.
os.environ["SEAMLENS_ENGINE"] = "keras"

# Before TensorFlow, which some tests import early: the other way round its start-up kills the process (ui/shell/page.py).
import pylibsrtp  # noqa: F401
import pytest

pytest_plugins = [
    "tests.helpers.model_fixtures",
    "tests.helpers.package_fixtures",
    "tests.helpers.postgres_fixtures",
]

_config: pytest.Config


def pytest_configure(config: pytest.Config) -> None:
    global _config
    _config = config


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Under CI write at once what failed: a run that is ended from outside writes no summary."""
    reporter = _config.pluginmanager.get_plugin("terminalreporter")
    if report.failed and reporter and os.environ.get("CI"):
        reporter.write_line(f"\n{report.nodeid} failed in {report.when}:\n{report.longreprtext[-3000:]}")


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
