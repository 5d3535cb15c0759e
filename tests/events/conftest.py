from tests.helpers.model_fixtures import tiny_network, trained  # noqa: F401  (the fixtures are shared)
