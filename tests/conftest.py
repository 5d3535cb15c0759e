"""What holds for all tests."""

# Before TensorFlow, which some tests import early: the other way round its start-up kills the process (ui/shell/page.py).
import pylibsrtp  # noqa: F401

pytest_plugins = ["tests.helpers.model_fixtures", "tests.helpers.package_fixtures"]
