"""Fixtures of tests that use a network. TensorFlow is imported by the first test that asks for one."""

import pytest


@pytest.fixture(scope="session")
def tiny_network():
    """Offer the network of the tests beside the real ones."""
    from core.networks import architectures
    from core.networks import registry as networks
    from tests.helpers import tiny_class

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(networks.NETWORKS, "tiny", tiny_class.TINY)
        patch.setitem(architectures.BODIES, "tiny", tiny_class.tiny_body)
        yield


@pytest.fixture(scope="session")
def trained(tmp_path_factory, tiny_network):
    """A run that has learned; only read it."""
    from core.jobs import worker
    from core.training.create_run import create_run
    from tests.helpers import tiny_class

    workspace = tiny_class.make(tmp_path_factory.mktemp("trained") / "class")
    run = create_run(workspace, tiny_class.quick())
    worker.train(run)
    return run


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory, worker_id):
    """The default network, trained on the demo class of seed 1 as it is: some five minutes. Whoever changes it takes a copy.

    Of the processes that share the tests the first one that asks trains it, and the others wait.
    """
    from filelock import FileLock

    from core.runs.run_store import list_runs
    from core.workspace import open_workspace

    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "demo"
    with FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            _train_demo(folder / "class")
    return list_runs(open_workspace(folder / "class"))[0]


def _train_demo(folder):
    from core.demo.make import make_demo
    from core.jobs import worker
    from core.runs.settings import TrainSettings
    from core.training.create_run import create_run

    worker.train(create_run(make_demo(folder, 1).workspace, TrainSettings()))
