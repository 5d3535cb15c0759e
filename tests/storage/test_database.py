"""The labels database: versions, several writers at once, and plain words where it cannot be used."""

import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tomlkit
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from core import workspace
from core.attributes import named
from core.errors import WorkspaceError
from core.files import files_version
from core.labels.assignments import assign, assigned, remove
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, record
from core.maintenance.check import check_workspace
from core.media.library import remove_video
from core.storage import database as db
from core.storage.database import data_version, tables_version
from core.workspace import Workspace
from tests.helpers import bare_frames

SAVES = 30


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    return bare_frames.make(tmp_path / "workspace", {"seam_1": SAVES})


def label_all(folder: Path, annotator: str) -> None:
    opened = workspace.open_workspace(folder)
    for index in range(SAVES):
        record(opened, annotator, "seam_1", index, index, {"good": True, "error": False})


def events(seams: Workspace) -> int:
    with db.reading(seams) as connection:
        return connection.scalar(select(func.count()).select_from(db.events)) or 0


def test_a_new_database_has_the_tables_that_the_code_describes(seams: Workspace) -> None:
    with db.reading(seams) as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_a_block_that_fails_leaves_nothing_behind(seams: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), db.writing(seams) as connection:
        connection.execute(db.annotators.insert().values(name="Ann"))
        raise ZeroDivisionError
    assert annotators(seams) == []


def test_four_processes_that_write_at_once_lose_nothing(seams: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    names = ["Ann", "Ben", "Cem", "Dora"]
    writers = [context.Process(target=label_all, args=(seams.path, name)) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert events(seams) == 4 * SAVES * 2
    assert annotators(seams) == names


def test_eight_threads_that_write_at_once_lose_nothing(seams: Workspace) -> None:
    writers = [threading.Thread(target=label_all, args=(seams.path, f"a{i}")) for i in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert events(seams) == 8 * SAVES * 2


def test_several_threads_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "w")
    found: list[list[str]] = []
    readers = [threading.Thread(target=lambda: found.append(annotators(made))) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [[], [], [], []]


def test_who_reads_sees_one_state_while_others_write(seams: Workspace) -> None:
    with db.reading(seams) as connection:
        count = select(func.count()).select_from(db.events)
        before = connection.scalar(count)
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})
        assert connection.scalar(count) == before
    assert events(seams) == 1


def test_a_workspace_that_was_removed_and_made_again_starts_empty(tmp_path: Path) -> None:
    first = bare_frames.make(tmp_path / "w", {"seam_1": 1})
    record(first, "Ann", "seam_1", 0, 0, {"good": True})
    shutil.rmtree(tmp_path / "w")
    again = workspace.create(tmp_path / "w")
    assert consensus(again).empty
    assert annotators(again) == []


def test_a_label_of_a_frame_that_is_not_there_breaks_a_rule_of_the_database(seams: Workspace) -> None:
    with pytest.raises(IntegrityError), db.writing(seams) as connection:
        connection.execute(db.frames.insert().values(video_id=99, index=0, name="x", file="x", phash="0"))


def test_a_database_of_the_first_version_is_brought_up_to_date(seams: Workspace, tmp_path: Path) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    before = consensus(seams)
    with db.writing(seams) as connection:
        for table in ("assignments", "identity", "additions"):
            connection.execute(text(f"DROP TABLE {table}"))
        for column in (
            "videos DROP COLUMN size",
            "frames DROP COLUMN size",
            "frames DROP COLUMN sha256",
            "events DROP COLUMN role",
        ):
            connection.execute(text(f"ALTER TABLE {column}"))
        for index in ("ix_events_action", "ix_events_annotator_video", "ix_events_gold", "ix_events_undoes"):
            connection.execute(text(f"DROP INDEX {index}"))
        connection.execute(text("ALTER TABLE events DROP COLUMN action"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    copy = workspace.open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    with db.reading(copy) as connection:
        assert connection.execute(select(db.events.c.seq, db.events.c.action)).all() == [(1, None)]
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []
    assert consensus(copy).equals(before)


def test_names_of_an_earlier_version_become_the_same_persons_and_attributes(
    seams: Workspace, tmp_path: Path
) -> None:
    for name, answer in (("Ann Lee", True), ("old", False), ("Åsa", True), ("old Åsa", False)):
        record(seams, name, "seam_1", 0, 1, {"good": answer})
    record(seams, "Ann Lee", "seam_1", 1, 1, {"good": None})
    assign(seams, ["seam_1"], ["Ann Lee", "old"])
    with db.writing(seams) as connection:
        for table, new, old in (
            ("annotators", " Ann  Lee", "old"),
            ("annotators", "A\u030asa", "old Åsa"),
            ("annotators", "Bo  Ek", None),
            ("attributes", "error ", "error"),
        ):
            if old:
                connection.execute(
                    text(f"UPDATE {table} SET name = :new WHERE name = :old"), {"new": new, "old": old}
                )
            else:
                connection.execute(
                    text(f"INSERT INTO {table} (name, hidden) VALUES (:new, FALSE)"), {"new": new}
                )
        connection.execute(text("ALTER TABLE events DROP COLUMN role"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    copy = workspace.open_workspace(Path(shutil.copytree(seams.path, tmp_path / "copy")))
    assert annotators(copy) == ["Ann Lee", "Åsa"]
    labels = {
        name: labels_of(copy, name, "seam_1")["good"].astype(object).tolist()[:2]
        for name in ("Ann Lee", "Åsa")
    }
    assert (labels["Ann Lee"][0], labels["Ann Lee"][1] is pd.NA, labels["Åsa"]) == (
        False,
        True,
        [False, False],
    )
    assert assigned(copy, "Ann Lee")["video"].tolist() == ["seam_1"]
    with db.reading(copy) as connection:
        assert "Bo Ek" in connection.scalars(select(db.annotators.c.name)).all()
        assert "error" in connection.scalars(select(db.attributes.c.name)).all()
    assert [finding.kind for finding in check_workspace(copy).findings] == [
        "picture"
    ]  # the frames have no files


def test_a_newer_database_is_refused_in_plain_words(seams: Workspace, tmp_path: Path) -> None:
    with db.writing(seams) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    shutil.copytree(seams.path, tmp_path / "copy")
    with pytest.raises(WorkspaceError, match=r"newer version of SeamLens.*'9999'"):
        annotators(workspace.open_workspace(tmp_path / "copy"))


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "w")
    (made.path / "labels.db").write_text("shopping list: thread, needles " * 50)
    with pytest.raises(WorkspaceError, match=r"labels\.db"):
        annotators(made)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "address", ["no address", "nosuch://host/labels", "sqlite:////no/such/folder/labels.db"]
)
def test_an_address_that_leads_nowhere_is_named(tmp_path: Path, address: str) -> None:
    made = replace(workspace.create(tmp_path / "w"), database=address)
    with pytest.raises(WorkspaceError, match=r"The labels database .* cannot be read or written"):
        annotators(made)


@pytest.mark.sqlite
def test_a_password_is_not_shown(tmp_path: Path) -> None:
    made = replace(workspace.create(tmp_path / "w"), database="nosuch://teacher:secret@school/labels")
    with pytest.raises(WorkspaceError) as caught:
        annotators(made)
    assert "school/labels" in str(caught.value)
    assert "secret" not in str(caught.value)


CHANGES: dict[str, Callable[[Workspace], Any]] = {
    "a label": lambda two_seams: record(two_seams, "Ann", "seam_1", 0, 0, {"good": True}),
    "a label taken away": lambda two_seams: record(two_seams, "Ben", "seam_1", 1, 1, {"good": None}),
    "a new video": lambda two_seams: bare_frames.add(two_seams, {"seam_3": 2}),
    "a removed video": lambda two_seams: remove_video(two_seams, "seam_2"),
    "an assignment": lambda two_seams: assign(two_seams, ["seam_2"], ["Ben"], 1),
    "an assignment taken back": lambda two_seams: remove(two_seams, ["seam_1"]),
}


@pytest.fixture
def two_seams(tmp_path: Path) -> Workspace:
    """Two videos, one label and one assignment, in a database outside of the workspace."""
    made = workspace.create(tmp_path / "w", named(["good", "error"]))
    if made.database.startswith("sqlite"):
        settings = tomlkit.parse((made.path / "workspace.toml").read_text())
        (tmp_path / "elsewhere").mkdir()
        settings["database"] = f"sqlite:///{(tmp_path / 'elsewhere' / 'class.db').as_posix()}"
        (made.path / "workspace.toml").write_text(tomlkit.dumps(settings))
        made = workspace.open_workspace(made.path)
    bare_frames.add(made, {"seam_1": 4, "seam_2": 4})
    record(made, "Ben", "seam_1", 1, 1, {"good": True})
    assign(made, ["seam_1"], ["Ben"], 1)
    return made


def of_tables(two_seams: Workspace) -> tuple[Any, ...]:
    """Return the data version that a server has."""
    with db.reading(two_seams) as connection:
        return tables_version(connection)


def stored(two_seams: Workspace, seq: int) -> None:
    about = {"at": "", "annotator_id": 1, "video_id": 1, "attribute_id": 1, "first": 0, "last": 0}
    with db.writing(two_seams) as connection:
        connection.execute(db.events.insert().values(seq=seq, id=f"{seq}", source="key", value=True, **about))


@pytest.mark.parametrize("of", [data_version, of_tables])
@pytest.mark.parametrize("change", CHANGES)
def test_each_change_changes_it(two_seams: Workspace, change: str, of: Callable[[Workspace], Any]) -> None:
    before = of(two_seams)
    CHANGES[change](two_seams)
    assert of(two_seams) != before


@pytest.mark.parametrize("of", [data_version, of_tables])
def test_reading_does_not_change_it(two_seams: Workspace, of: Callable[[Workspace], Any]) -> None:
    assert of(two_seams) == of(two_seams)


def test_an_event_that_a_server_stores_late_changes_it(two_seams: Workspace) -> None:
    stored(two_seams, 9)
    before = of_tables(two_seams)
    stored(two_seams, 5)
    assert of_tables(two_seams) != before


def test_a_database_without_labels_has_one(tmp_path: Path) -> None:
    assert of_tables(workspace.create(tmp_path / "w")) != of_tables(
        bare_frames.make(tmp_path / "v", {"seam_1": 1})
    )


def test_a_file_that_comes_or_is_written_changes_the_version(tmp_path: Path) -> None:
    file = tmp_path / "predictions.csv"
    missing = files_version(file)
    file.touch()
    there = files_version(file)
    os.utime(file, (1, 1))
    assert len({missing, there, files_version(file)}) == 3


@pytest.mark.sqlite
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts files of Linux")
def test_hundreds_of_workspaces_leave_few_files_open(tmp_path: Path) -> None:
    def open_next(number: int) -> int:
        with db.reading(workspace.create(tmp_path / str(number))):
            return len(list(Path("/proc/self/fd").iterdir()))

    counts = [open_next(number) for number in range(db.MOST_OPEN + 20)]
    assert counts[-1] <= counts[db.MOST_OPEN]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+nodriver://ann:s3cret@localhost/x",
        "postgresql+nodriver://localhost/x?user=ann&password=s3cret",
        "no address s3cret",
        "postgresql+nodriver://ann:s3%2Fcret@localhost/x",
    ],
)
def test_a_message_about_the_database_has_no_password(tmp_path: Path, address: str) -> None:
    made = replace(workspace.create(tmp_path / "w"), database=address)
    with pytest.raises(WorkspaceError) as told, db.reading(made):
        pass
    assert "s3" not in str(told.value)
