from tests.helpers.class_fixtures import networks_of_tests, run, workspace  # noqa: F401  (the fixtures are shared)
