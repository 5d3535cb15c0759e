from tests.helpers.model_fixtures import run, tiny_network, trained, workspace  # noqa: F401  (the fixtures are shared)
