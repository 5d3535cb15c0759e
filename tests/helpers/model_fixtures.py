import pytest

from core.jobs import worker
from core.networks import architectures
from core.networks import registry as networks
from core.training.create_run import create_run
from tests.helpers import tiny_class


@pytest.fixture(scope="session", autouse=True)
def tiny_network():
    """Offer the network of the tests beside the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(networks.NETWORKS, "tiny", tiny_class.TINY)
        patch.setitem(architectures.BODIES, "tiny", tiny_class.tiny_body)
        yield


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


@pytest.fixture(scope="session")
def trained(tmp_path_factory, tiny_network):
    """A run that has learned; only read it."""
    workspace = tiny_class.make(tmp_path_factory.mktemp("trained") / "class")
    run = create_run(workspace, tiny_class.quick())
    worker.train(run)
    return run
