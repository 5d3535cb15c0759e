from tests.model.conftest import tiny_network, trained, workspace  # noqa: F401
