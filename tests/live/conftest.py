from tests.model.conftest import tiny_network, trained  # noqa: F401  (the fixtures are shared)
