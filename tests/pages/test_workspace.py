"""The Workspace page: check, repair, backup, and who may."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.database_urls import VARIABLE, shown
from tests.helpers.page_workspace import small_workspace
from tests.helpers.postgres import PASSWORD, USER, Server
from tests.pages.conftest import words
from tests.pages.test_pages import press

Visit = Callable[..., AppTest]


def labels(app: AppTest) -> list[str]:
    """Return the labels of the page's own buttons: above them stands what a job tells, below them what comes next."""
    return [button.label for button in app.button if button.key != "next_go" and button.label != "Close"]


@pytest.fixture
def open_page(visit: Visit, place: Path) -> Callable[..., AppTest]:
    small_workspace(place, videos=2)
    return lambda annotator="": visit("7_Workspace.py", annotator)


def test_a_whole_workspace_is_called_whole(open_page: Callable[..., AppTest]) -> None:
    app = press(open_page(), "Check the workspace")
    assert words(app).count("The workspace is whole.") == 1
    closed = press(app, "Close")
    assert words(closed).count("The workspace is whole. Checked at") == 1


def test_what_is_wrong_is_told_and_repaired(open_page: Callable[..., AppTest], place: Path) -> None:
    (place / "frames" / "seam_a" / "seam_a_0.jpg").unlink()
    app = press(open_page(), "Check the workspace")
    assert "1 picture of seam_a is missing: seam_a_0." in words(app)
    app = press(app, "Repair 1 finding")
    assert "1 finding repaired." in words(app)
    assert "The workspace is whole." in words(app)


def test_a_backup_is_made_and_the_command_that_restores_it_shown(
    open_page: Callable[..., AppTest], place: Path
) -> None:
    app = press(open_page(), "Make a backup")
    (file,) = (place / "backups").glob("*.zip")
    assert f"{file.name} is made" in words(app)
    assert zipfile.is_zipfile(file)
    app.run()
    assert app.code[0].value == f"python -m core --workspace NEW_FOLDER restore {file.resolve()}"


def test_only_instructors_repair_and_back_up(open_page: Callable[..., AppTest], place: Path) -> None:
    toml = place / "workspace.toml"
    toml.write_text('instructors = ["Zoe"]\n' + toml.read_text())
    (place / "frames" / "seam_a" / "seam_a_0.jpg").unlink()
    app = press(open_page("Ada"), "Check the workspace")
    assert labels(app) == ["Check the workspace"]
    assert "Only instructors can repair." in words(app)
    app = press(open_page("Zoe"), "Check the workspace")
    assert labels(app) == ["Check the workspace", "Repair 1 finding", "Make a backup"]


def test_instructors_read_where_the_labels_are_and_how_to_move_them(
    open_page: Callable[..., AppTest], place: Path
) -> None:
    app = open_page()
    folder = place.resolve()
    assert f"In the file {folder / 'labels.db'}." in words(app).replace("`", "")
    assert commands(app) == [
        f"python -m core --workspace {folder} labels move --to postgresql://USER@HOST/DATABASE"
    ]
    toml = place / "workspace.toml"
    toml.write_text('instructors = ["Zoe"]\n' + toml.read_text())
    assert commands(open_page("Ada")) == []


def commands(app: AppTest) -> list[str]:
    """Return the commands that move labels."""
    return [each.value for each in app.code if "labels move" in each.value]


def test_of_a_server_the_place_is_shown_without_user_and_password(
    visit: Visit, place: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database()
    monkeypatch.setenv(VARIABLE, url)
    small_workspace(place)
    app = visit("7_Workspace.py")
    assert f"In the PostgreSQL database {shown(url)}." in words(app).replace("`", "")
    assert commands(app) == [f"python -m core --workspace {place.resolve()} labels move --to sqlite"]
    assert PASSWORD not in words(app) and f"{USER}@" not in words(app)


def test_a_database_that_is_gone_is_told_here_and_on_home(
    open_page: Callable[..., AppTest], visit: Visit, place: Path
) -> None:
    for file in place.glob("labels.db*"):
        file.unlink()
    assert "labels.db is gone" in words(visit())
    assert "labels.db is gone" in words(press(open_page(), "Check the workspace"))
