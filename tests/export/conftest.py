import pytest

from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture(scope="session")
def exported(tmp_path_factory, trained):
    """Return the export of the trained run in a format, made once."""
    from core.export.export import default_name, export

    made, folder = {}, tmp_path_factory.mktemp("exports")

    def get(format, int8=False):
        if (format, int8) not in made:
            made[format, int8] = export(trained, folder / default_name(trained, format, int8), format, int8)
        return made[format, int8]

    return get
