"""Fixtures of tests about labels on PostgreSQL, and the option that runs other tests there: ``pytest --labels-on postgresql``."""

import importlib.util
import os
from collections.abc import Iterator

import pytest

from core.database_urls import VARIABLE
from tests.helpers import postgres

MISSING = "needs PostgreSQL (Debian: apt install postgresql)"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--labels-on",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="where workspaces of the tests keep labels",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the SQLite file, where there is none."""
    if config.getoption("--labels-on") == "postgresql":
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="about the SQLite file"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A server with a cluster of its own."""
    missing = MISSING if postgres.binaries() is None else ""
    if importlib.util.find_spec("psycopg") is None:
        missing = "needs psycopg (pip install -r requirements-postgres.txt)"
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def shared_database(postgresql: postgres.Server) -> str:
    """The address of the database that all workspaces of `--labels-on postgresql` share, as classes of a school do."""
    return postgresql.new_database()


@pytest.fixture(autouse=True, scope="session")
def labels_where_they_belong(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let new workspaces keep their labels where the option says, whatever the environment says; those of the session, too."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(VARIABLE, raising=False)
        if request.config.getoption("--labels-on") == "postgresql":
            environment.setenv(VARIABLE, request.getfixturevalue("shared_database"))
        yield
