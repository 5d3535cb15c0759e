"""The recipe of CONTRIBUTING.md for a new network, followed from its code to a trained and tested run."""

import re
from pathlib import Path

import pytest

from core.__main__ import main
from core.networks import architectures, registry
from core.runs.run_store import get_run
from tests.helpers import tiny_class

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"


@pytest.fixture
def seam_tiny(monkeypatch):
    """Put the two pieces of code where the page says."""
    monkeypatch.setattr(architectures, "BODIES", dict(architectures.BODIES))
    monkeypatch.setattr(registry, "NETWORKS", dict(registry.NETWORKS))
    for module in (architectures, registry):
        file = module.__name__.replace(".", "/")
        (code,) = re.findall(rf"```python\n# {file}.py\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        exec(code, dict(vars(module)))


def test_a_network_of_the_recipe_is_trained_and_tested(seam_tiny, tmp_path, capsys):
    workspace = tiny_class.make(tmp_path / "class")
    command = ["--workspace", str(workspace.path)]
    for words in (["train", "--network", "seam_tiny", "--epochs", "1"], ["test", "latest"]):
        assert main([*command, *words]) in (0, None), capsys.readouterr().err
    run = get_run(workspace, "latest")
    assert run.network.name == "seam_tiny"
    assert run.test is not None
