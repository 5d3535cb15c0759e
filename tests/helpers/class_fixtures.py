"""Fixtures for the tests of packages that work on runs: each test has a workspace and a run of its own."""

import pytest

from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture(autouse=True)
def networks_of_tests(tiny_network):
    """Let every test of the package use the network of the tests."""


@pytest.fixture
def workspace(tmp_path):
    """A workspace with labelled frames and no run."""
    return tiny_class.make(tmp_path / "class")


@pytest.fixture
def run(workspace):
    """A run whose network is a file that nobody can read: what it says, a test says."""
    made = create_run(workspace, tiny_class.quick())
    made.model_file.write_text("a network", "utf-8")
    return made
