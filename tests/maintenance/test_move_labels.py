"""Labels go to a server and come back, all of them, or stay where they are."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.commands.app import main
from core.database_urls import VARIABLE, own_file
from core.errors import WorkspaceError
from core.labels import sync
from core.labels.assignments import assign
from core.labels.consensus import consensus
from core.labels.labels import annotators, record
from core.maintenance import move_labels as moves
from core.maintenance.backup import backup
from core.maintenance.check import check_workspace
from core.maintenance.move_labels import move_labels
from core.maintenance.restore import restore
from core.storage import database as db
from core.storage import postgresql as servers
from core.workspace import Workspace, create, open_workspace
from tests.helpers import bare_frames
from tests.helpers.page_workspace import small_workspace
from tests.helpers.postgres import PASSWORD, Server


@pytest.fixture(autouse=True)
def classes_begin_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let classes begin in a file, also with ``--labels-on postgresql``: they move to a database of their own."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Labels of two people, an undo, a decision, an assignment, a name with an accent: in the file of the workspace."""
    made = bare_frames.make(tmp_path / "w", {"seam_1": 20, "seam_2": 5})
    record(made, "Ann", "seam_1", 0, 9, {"good": True, "error": False})
    record(made, "Åsa", "seam_1", 4, 12, {"good": False})
    done = sync.Labelled(str(uuid4()), str(uuid4()), 1, "break", 3, 3, True, "key")
    sync.store(made, "Ann", [done, sync.Undone(str(uuid4()), str(uuid4()), done.action)])
    record(made, "Ann", "seam_1", 5, 5, {"good": None}, source="adjudication")
    assign(made, ["seam_2"], ["Ann", "Åsa"])
    return made


@pytest.fixture
def url(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty database without its password, which the driver finds by itself."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    return postgresql.new_database().replace(f":{PASSWORD}", "")


def content(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with db.reading(workspace) as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in db.metadata.sorted_tables
        }


def test_labels_go_to_the_server_and_back_with_all_their_history(seams: Workspace, url: str) -> None:
    before, agreed = content(seams), consensus(seams)
    moved = move_labels(seams.path, url)
    there = open_workspace(seams.path)
    assert there.database == url
    assert content(there) == before
    assert consensus(there).equals(agreed)
    assert moved.events == len(before["events"]) and moved.rows == sum(map(len, before.values()))
    move_labels(seams.path, "sqlite")
    back = open_workspace(seams.path)
    assert back.database == own_file(seams.path)
    assert content(back) == before
    assert "picture" in {finding.kind for finding in check_workspace(back).findings}
    with sqlite3.connect(back.path / "labels.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_next_rows_get_the_next_numbers(seams: Workspace, url: str) -> None:
    last = max(row[0] for row in content(seams)["events"])
    move_labels(seams.path, url)
    there = open_workspace(seams.path)
    record(there, "Cem", "seam_2", 0, 0, {"good": True})
    assert max(row[0] for row in content(there)["events"]) == last + 1
    assert annotators(there) == ["Ann", "Cem", "Åsa"]


def test_the_file_is_kept_as_it_was_and_takes_no_more_labels(seams: Workspace, url: str) -> None:
    before = content(seams)
    move_labels(seams.path, url)
    assert not list(seams.path.glob("labels.db*"))
    kept = replace(seams, database=f"sqlite:///{seams.path / 'backups' / 'labels-before-move.db'}")
    assert content(kept) == before
    with pytest.raises(WorkspaceError, match=r"labels\.db is gone"):  # a page that is still open
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})


def test_a_writer_who_waited_for_its_turn_writes_nothing_into_the_old_file(
    seams: Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = sqlite3.connect(seams.path / "labels.db")
    monkeypatch.setattr(moves, "_remove_file", lambda source: None)  # the moment before
    move_labels(seams.path, url)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        late.execute("INSERT INTO events (id) VALUES ('x')")
    late.close()


def test_the_schema_is_kept_as_it_was_and_takes_no_more_labels(seams: Workspace, url: str) -> None:
    move_labels(seams.path, url)
    there = open_workspace(seams.path)
    assert annotators(there) == ["Ann", "Åsa"]
    assert "_moved" in move_labels(seams.path, "sqlite").aside
    with pytest.raises(WorkspaceError, match=r"has no labels of it|no longer"):
        record(there, "Ann", "seam_1", 0, 0, {"good": True})


@pytest.mark.parametrize("at", ["_digest", "set_database"])
@pytest.mark.parametrize("back", [False, True])
def test_a_move_that_breaks_leaves_the_labels_where_they_were(
    seams: Workspace, url: str, at: str, back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if back:
        move_labels(seams.path, url)
    before, source = content(open_workspace(seams.path)), open_workspace(seams.path)

    def fail(*_: object) -> None:
        raise WorkspaceError("Broken.", "")

    with monkeypatch.context() as broken:
        broken.setattr(moves, at, fail)
        with pytest.raises(WorkspaceError, match="Broken"):
            move_labels(seams.path, "sqlite" if back else url)
    assert open_workspace(seams.path).database == source.database
    assert content(open_workspace(seams.path)) == before
    assert (seams.path / "labels.db").exists() is not back
    move_labels(seams.path, "sqlite" if back else url)  # nothing is in its way


def test_a_copy_that_differs_is_not_used(seams: Workspace, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = servers.copy_rows
    monkeypatch.setattr(
        servers,
        "copy_rows",
        lambda new, table, rows: copy(new, table, rows[:-1] if table is db.events else rows),
    )
    with pytest.raises(WorkspaceError, match=r"cannot be copied|differs from them"):
        move_labels(seams.path, url)
    assert annotators(open_workspace(seams.path)) == ["Ann", "Åsa"]


def test_a_damaged_file_stays_and_the_reason_is_one_line(
    seams: Workspace, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(seams.path / "labels.db") as labels:  # which keeps no rule
        labels.execute("INSERT INTO assignments VALUES (99, 1)")
    assert main(["--workspace", str(seams.path), "labels", "move", "--to", url]) == 2
    said = capsys.readouterr().err
    assert "cannot be copied" in said and "check" in said and said.count("\n") == 1
    assert annotators(open_workspace(seams.path)) == ["Ann", "Åsa"]


def test_labels_that_are_there_are_put_aside_only_when_asked_to(seams: Workspace, url: str) -> None:
    backup(seams, seams.path.parent / "class.zip")
    move_labels(seams.path, url)
    restored = restore(seams.path.parent / "class.zip", seams.path.parent / "new").workspace
    with pytest.raises(WorkspaceError, match=r"has labels of this workspace already.*--replace"):
        move_labels(restored.path, url)
    record(restored, "Zoë", "seam_2", 0, 0, {"good": True})
    move_labels(restored.path, url, replace=True)
    assert "Zoë" in annotators(open_workspace(restored.path))


def test_labels_do_not_move_to_where_they_are(seams: Workspace, url: str) -> None:
    move_labels(seams.path, url)
    with pytest.raises(WorkspaceError, match="already"):
        move_labels(
            seams.path, url.replace("postgresql://", "postgres://other@").replace("other@seamlens", "other")
        )


@pytest.mark.parametrize(
    "place", ["postgresql://ann:s3cret@school/seams", "postgresql://school/seams?password=s3cret"]
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    seams: Workspace, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--workspace", str(seams.path), "labels", "move", "--to", place]) == 2
    said = capsys.readouterr().err
    assert "~/.pgpass" in said and "s3cret" not in said and said.count("\n") == 1


@pytest.mark.parametrize("place", ["mysql://school/seams", "school", "postgresql://school:port/seams"])
def test_what_is_no_address_of_a_server_is_refused(seams: Workspace, place: str) -> None:
    with pytest.raises(WorkspaceError, match="is not the address of a PostgreSQL database"):
        move_labels(seams.path, place)


def test_the_environment_takes_no_labels_away_from_a_file(
    seams: Workspace,
    postgresql: Server,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(VARIABLE, url.replace("@", f":{PASSWORD}@"))
    monkeypatch.delenv("PGPASSWORD")
    assert main(["--workspace", str(seams.path), "videos"]) == 2
    said = capsys.readouterr().err
    assert f"labels move --to {url}" in said and PASSWORD not in said
    assert (
        main(["--workspace", str(seams.path), "labels", "move", "--to", url]) == 0
    )  # its password is in the environment
    said = capsys.readouterr().out
    assert "Moved 6 events" in said and PASSWORD not in said
    assert annotators(open_workspace(seams.path)) == ["Ann", "Åsa"]
    assert PASSWORD not in (seams.path / "workspace.toml").read_text()


def test_a_move_back_says_that_the_environment_still_names_the_server(
    seams: Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_labels(seams.path, url)
    monkeypatch.setenv(VARIABLE, url)
    assert VARIABLE in move_labels(seams.path, "sqlite").summary()
    with pytest.raises(WorkspaceError, match=f"but {VARIABLE} names"):
        open_workspace(seams.path)


def test_a_class_without_videos_moves(tmp_path: Path, url: str) -> None:
    made = create(tmp_path / "w")
    move_labels(made.path, url)
    bare_frames.add(open_workspace(made.path), {"seam_1": 1})
    with db.reading(open_workspace(made.path)) as connection:
        assert connection.scalar(text("SELECT current_schema()")).startswith("seamlens_")


def test_a_class_that_is_on_a_server_is_backed_up_and_restored_whole(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_workspace(tmp_path / "w", videos=2)
    for file in made.path.glob("*.mp4"):
        file.unlink()
    before = content(made)
    move_labels(made.path, url)
    monkeypatch.setenv(VARIABLE, url)
    assert check_workspace(open_workspace(made.path)).is_whole
    backup(open_workspace(made.path), tmp_path / "class.zip")
    restored = restore(tmp_path / "class.zip", tmp_path / "new").workspace
    assert restored.database == own_file(tmp_path / "new")
    assert content(restored) == before
    assert "database" not in (tmp_path / "new" / "workspace.toml").read_text().split("[[")[0]


def test_a_password_in_the_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    made = create(tmp_path / "w")
    settings = made.path / "workspace.toml"
    settings.write_text('database = "postgresql://ann:s3cret@school/seams"\n' + settings.read_text())
    with pytest.raises(
        WorkspaceError, match=r"school/seams in workspace\.toml holds a password.*SEAMLENS_DATABASE_URL"
    ) as told:
        open_workspace(made.path)
    assert "s3cret" not in str(told.value)


def test_a_workspace_does_not_show_its_password(tmp_path: Path) -> None:
    made = replace(create(tmp_path / "w"), database="postgresql://ann:s3cret@school/seams")
    assert "s3cret" not in repr(made)
