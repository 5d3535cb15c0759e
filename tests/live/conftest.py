from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
