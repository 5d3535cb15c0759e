from tests.reliability.whole_project import whole  # noqa: F401  (the fixture is shared)
