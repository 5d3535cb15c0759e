"""Labels on a PostgreSQL server: each class has its own, writers take turns, and what goes wrong is one sentence."""

import json
import multiprocessing
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from core import workspace
from core.commands.app import main
from core.database_urls import VARIABLE
from core.errors import WorkspaceError
from core.labels import sync
from core.labels.assignments import assign, assigned
from core.labels.consensus import consensus, labels_of
from core.labels.labels import annotators, record
from core.maintenance.check import check_workspace
from core.storage import current_view
from core.storage import database as db
from core.storage import postgresql as servers
from core.storage.upgrade import schema
from core.workspace import Workspace, open_workspace
from tests.helpers import bare_frames, waiting
from tests.helpers.postgres import PASSWORD, Server

FRAMES = 12


@pytest.fixture
def school(shared_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server, which the environment names."""
    monkeypatch.setenv(VARIABLE, shared_database)
    return shared_database


@pytest.fixture
def seams(tmp_path: Path, school: str) -> Workspace:
    return bare_frames.make(tmp_path / "w", {"seam_1": FRAMES})


def label(index: int, value: bool = True, attribute: str = "good", **other: str) -> sync.Labelled:
    ids = {"id": str(uuid4()), "action": str(uuid4()), **other}
    return sync.Labelled(
        **ids, video=1, attribute=attribute, first=index, last=index, value=value, source="key"
    )


def in_threads(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def events(seams: Workspace) -> int:
    with db.reading(seams) as connection:
        return connection.scalar(select(func.count()).select_from(db.events)) or 0


def schema_of(seams: Workspace) -> str:
    with db.reading(seams) as connection:
        return servers.current_schema(connection)


def test_a_new_class_begins_on_the_server_and_its_folder_says_so(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 2, {"good": True})
    assert not (seams.path / "labels.db").exists()
    settings = (seams.path / "workspace.toml").read_text()
    assert "127.0.0.1" in settings and PASSWORD not in settings


def test_classes_on_one_server_do_not_see_each_other(seams: Workspace, tmp_path: Path) -> None:
    other = bare_frames.make(tmp_path / "other", {"seam_1": 3})
    record(other, "Ben", "seam_1", 0, 0, {"good": True})
    assert annotators(seams) == [] and annotators(other) == ["Ben"]
    assert schema_of(seams) != schema_of(other)


def test_settings_that_began_another_class_share_no_labels(seams: Workspace, tmp_path: Path) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "workspace.toml").write_text((seams.path / "workspace.toml").read_text())
    assert annotators(open_workspace(tmp_path / "next")) == []


def _open(folder: Path) -> None:
    assert annotators(workspace.open_workspace(folder)) == []


def test_processes_that_open_a_new_class_at_once_make_one_schema(
    tmp_path: Path, school: str, postgresql: Server
) -> None:
    made = workspace.create(tmp_path / "w")
    count = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'seamlens%'"
    name = school.rsplit("/", 1)[1]
    [[before]] = postgresql.run(count, name)
    context = multiprocessing.get_context("spawn")
    openers = [context.Process(target=_open, args=(made.path,)) for _ in range(2)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0, 0]
    assert postgresql.run(count, name) == [(before + 1,)]


def test_two_annotators_save_one_frame_at_once(seams: Workspace) -> None:
    def save(name: str, value: bool) -> None:
        for index in range(FRAMES):
            sync.store(seams, name, [label(index, value), label(index, value, "error")])

    in_threads(lambda: save("Ann", True), lambda: save("Ben", False))
    assert events(seams) == 4 * FRAMES
    assert labels_of(seams, "Ann", "seam_1")["good"].tolist() == [True] * FRAMES
    assert labels_of(seams, "Ben", "seam_1")["good"].tolist() == [False] * FRAMES


def test_who_saves_labels_does_not_wait_for_another_annotator(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    with db.writing(seams, shared=True):
        in_threads(lambda: sync.store(seams, "Ben", [label(1)]))
    assert labels_of(seams, "Ben", "seam_1")["good"].notna().sum() == 1


def test_who_saves_labels_waits_for_whoever_changes_the_class(seams: Workspace) -> None:
    saving = threading.Thread(target=lambda: sync.store(seams, "Ben", [label(1)]))
    with db.writing(seams):
        saving.start()
        waits = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        with db.reading(seams) as other:
            waiting.until(lambda: other.scalar(waits), "the turn")
        assert events(seams) == 0
    saving.join()
    assert events(seams) == 1


def test_events_that_arrive_twice_at_once_are_stored_once(seams: Workspace) -> None:
    batch = [label(index) for index in range(FRAMES)]
    in_threads(*[lambda: sync.store(seams, "Ann", batch)] * 4)
    assert events(seams) == FRAMES


def test_an_undo_in_two_tabs_at_once_takes_back_once(seams: Workspace) -> None:
    first = label(0)
    sync.store(seams, "Ann", [first])
    undos = [sync.Undone(str(uuid4()), str(uuid4()), first.action) for _ in range(2)]
    in_threads(*[lambda undo=undo: sync.store(seams, "Ann", [undo]) for undo in undos])
    assert check_view(seams) == 0


def check_view(seams: Workspace) -> int:
    with db.reading(seams) as connection:
        return len(current_view.differences(connection))


def test_assignments_drawn_at_once_give_each_video_its_number(seams: Workspace) -> None:
    names = ["Ann", "Ben", "Cem", "Dora"]
    in_threads(*[lambda seed=seed: assign(seams, ["seam_1"], names, 2, seed) for seed in range(4)])
    assert len(assigned(seams)) == 2


def test_a_class_of_an_earlier_version_opens(tmp_path: Path, postgresql: Server) -> None:
    url = postgresql.new_database()
    made = bare_frames.make(tmp_path / "w", {"seam_1": 3})
    record(made, "Ann", "seam_1", 0, 2, {"good": True})
    before = consensus(made)
    old = as_before(made, url)
    assert consensus(old).equals(before)
    assert schema_of(old) == "public"
    record(old, "Ann", "seam_1", 1, 1, {"error": True})
    assert annotators(open_workspace(workspace.create(tmp_path / "other").path)) == []


def as_before(made: Workspace, url: str) -> Workspace:
    """Bring the labels to a server as 0.12 kept them: in the schema that it gives, with the tables of the revision before."""
    engine = create_engine(servers.normal(make_url(url)))
    with engine.begin() as server, db.reading(made) as connection:
        db.metadata.create_all(server)
        for table in db.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            servers.copy_rows(server, table, rows)
        for table in (db.annotators, db.videos, db.attributes, db.events):
            servers.set_next_number(server, table)
        server.execute(text("ALTER TABLE events DROP COLUMN role"))
        server.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        server.execute(text("INSERT INTO alembic_version VALUES ('0007')"))
    engine.dispose()
    return replace(made, database=url)


def test_a_class_of_an_earlier_version_is_copied_before_the_upgrade(
    tmp_path: Path, postgresql: Server
) -> None:
    made = bare_frames.make(tmp_path / "w", {"seam_1": 3})
    record(made, "Ann", "seam_1", 0, 2, {"good": True})
    assert annotators(as_before(made, postgresql.new_database())) == ["Ann"]
    assert (made.path / "backups" / f"labels-before-{schema()[0]}.db").is_file()


def test_a_newer_database_is_refused(seams: Workspace) -> None:
    with db.writing(seams) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db._databases.clear()
    with pytest.raises(WorkspaceError, match=r"newer version of SeamLens.*'9999'"):
        annotators(seams)


def test_a_server_without_the_labels_of_a_used_class_is_refused(seams: Workspace, postgresql: Server) -> None:
    elsewhere = replace(seams, database=postgresql.new_database())
    with pytest.raises(
        WorkspaceError, match=r"has been used, but 127\.0\.0\.1:\d+/class_\d+ has no labels of it"
    ):
        annotators(elsewhere)


def test_a_folder_made_anew_gets_labels_of_its_own(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    (seams.path / "database.json").unlink()
    assert annotators(seams) == []


def test_an_open_class_whose_schema_is_gone_says_so(
    seams: Workspace, postgresql: Server, school: str
) -> None:
    postgresql.run(f"DROP SCHEMA {schema_of(seams)} CASCADE", school.rsplit("/", 1)[1])
    with pytest.raises(WorkspaceError, match="no longer in the database"):
        record(seams, "Ann", "seam_1", 0, 0, {"good": True})


def test_a_database_without_unicode_is_refused(tmp_path: Path, postgresql: Server) -> None:
    url = postgresql.new_database("ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    made = replace(workspace.create(tmp_path / "w"), database=url)
    with pytest.raises(WorkspaceError, match="keeps texts as SQL_ASCII"):
        annotators(made)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("{user}:wrong@{host}/postgres", "refuses the user or the password"),
        ("{user}@{host}/postgres", "refuses the user or the password"),
        ("nobody:{password}@{host}/postgres", "refuses the user or the password"),
        ("{user}:{password}@{host}/nowhere", r"There is no database 127\.0\.0\.1:\d+/nowhere"),
        ("{user}:{password}@127.0.0.1:1/postgres", r"cannot be reached \(.*refused"),
        ("{user}:{password}@no.such.host.invalid/postgres", "cannot be reached"),
    ],
)
def test_an_address_that_does_not_work_is_one_line_without_the_password(
    address: str,
    problem: str,
    tmp_path: Path,
    postgresql: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = f"127.0.0.1:{postgresql.port}"
    workspace.create(tmp_path / "w")
    values = {"user": "seamlens", "password": PASSWORD, "host": host}
    monkeypatch.setenv(VARIABLE, f"postgresql://{address.format(**values)}")
    assert main(["--workspace", str(tmp_path / "w"), "videos"]) == 2
    said = capsys.readouterr().err
    assert re.search(problem, said) and said.count("\n") == 1
    assert PASSWORD not in said and "wrong" not in said


def test_a_user_who_may_not_write_is_told(tmp_path: Path, postgresql: Server) -> None:
    url = postgresql.new_database()
    postgresql.run("CREATE ROLE reader LOGIN PASSWORD 's3cret'")
    made = replace(workspace.create(tmp_path / "w"), database=url.replace("//seamlens:", "//reader:"))
    with pytest.raises(WorkspaceError, match=r"The user may not write.*GRANT CREATE"):
        annotators(made)


def test_a_connection_that_was_cut_is_made_again(seams: Workspace, postgresql: Server) -> None:
    record(seams, "Ann", "seam_1", 0, 0, {"good": True})
    postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert annotators(seams) == ["Ann"]


def test_a_check_of_a_class_on_a_server_finds_it_whole(seams: Workspace) -> None:
    record(seams, "Ann", "seam_1", 0, 2, {"good": True})
    assert {finding.kind for finding in check_workspace(seams).findings} == {
        "picture"
    }  # the frames have no files


def test_the_id_of_a_class_that_has_begun_counts_as_new(tmp_path: Path, school: str) -> None:
    made = workspace.create(tmp_path / "w")
    assert annotators(made) == []
    assert json.loads((made.path / "database.json").read_text())["new"]
    bare_frames.add(made, {"seam_1": 1})
    assert "new" not in json.loads((made.path / "database.json").read_text())
