import shutil

import pytest

from core.runs.run import Run
from core.workspace import open_workspace
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def own_run(trained, tmp_path):
    """A trained run in a workspace of its own, into whose folder a test may write."""
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    return Run(open_workspace(tmp_path / "class"), trained.id)
