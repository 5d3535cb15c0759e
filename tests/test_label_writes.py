"""Many who label at once, on SQLite and on PostgreSQL, with the benchmark in small."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from benchmarks import label_writes
from core.storage import database as db
from core.workspace import open_workspace
from tests.helpers.postgres import Server


def test_a_class_at_once_loses_and_doubles_nothing_on_either(postgresql: Server) -> None:
    figures = label_writes.measure(annotators=8, labels=20, url=postgresql.new_database())
    assert figures["lost"] == figures["doubled"] == {"sqlite": 0, "postgresql": 0}
    assert all(value > 0 for value in figures["p95_ms"].values())


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_processes_at_once_lose_and_double_nothing_on_either(postgresql: Server) -> None:
    figures = label_writes.measure(annotators=30, labels=40, processes=2, url=postgresql.new_database())
    assert figures["lost"] == figures["doubled"] == {"sqlite": 0, "postgresql": 0}


def test_what_is_lost_or_too_much_is_counted(tmp_path: Path) -> None:
    label_writes.one_round(tmp_path / "w", None, 1, 5, 1)
    made = open_workspace(tmp_path / "w")
    with db.writing(made) as connection:
        connection.execute(delete(db.current).where(db.current.c.index == 0))
        connection.execute(update(db.events).where(db.events.c.first == 1).values(id="never sent"))
    assert label_writes.losses(replace(made), ["annotator 0"], 5) == (2, 1)
