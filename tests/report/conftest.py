from tests.helpers.model_fixtures import tiny_network, trained, workspace  # noqa: F401
