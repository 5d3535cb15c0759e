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
def demo_run(tmp_path_factory):
    """The default network, trained on the demo class of seed 1 as it is: some five minutes. Whoever changes it takes a copy."""
    from core.demo.make import make_demo
    from core.jobs import worker
    from core.runs.settings import TrainSettings
    from core.training.create_run import create_run

    run = create_run(make_demo(tmp_path_factory.mktemp("demo") / "class", 1).workspace, TrainSettings())
    worker.train(run)
    return run
