"""Who asks for a flush together waits for one flush, and never for one that began too early."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import WorkspaceError
from core.labels import sync
from core.labels.labels import record
from core.storage import database as db
from core.storage import shared_flush
from core.storage.shared_flush import SharedFlush
from tests.helpers import bare_frames
from tests.helpers.labels_by import labels_by
from tests.helpers.waiting import until


class Disk:
    """Flushes when it is told to, and remembers how long the file was at the beginning of each flush."""

    def __init__(self) -> None:
        self.may_finish, self.lengths = threading.Semaphore(0), []
        self.error: OSError | None = None

    def sync_file(self, path: Path) -> None:
        self.lengths.append(path.stat().st_size)
        assert self.may_finish.acquire(timeout=60)
        if self.error:
            raise self.error


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    made = Disk()
    monkeypatch.setattr(shared_flush, "sync_file", made.sync_file)
    return made


def asking(flush: SharedFlush, failed: list[OSError] | None = None) -> threading.Thread:
    def ask() -> None:
        try:
            flush.wait()
        except OSError as error:
            assert failed is not None
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_who_asks_during_a_flush_waits_for_one_more_together(tmp_path: Path, slow_disk: Disk) -> None:
    file = tmp_path / "log"
    file.write_bytes(b"a")
    flush = SharedFlush(file)
    first = asking(flush)
    until(lambda: slow_disk.lengths == [1])
    file.write_bytes(b"ab")
    others = [asking(flush) for _ in range(5)]
    until(lambda: flush.waiting == 5)
    slow_disk.may_finish.release()
    first.join(60)
    until(lambda: len(slow_disk.lengths) == 2)
    assert all(thread.is_alive() for thread in others)
    slow_disk.may_finish.release()
    for thread in others:
        thread.join(60)
    assert slow_disk.lengths == [1, 2]


def test_a_flush_that_fails_is_an_error_for_all_who_waited_for_it_and_for_nobody_else(
    tmp_path: Path, slow_disk: Disk
) -> None:
    file = tmp_path / "log"
    file.touch()
    flush, failed = SharedFlush(file), []
    first = asking(flush)
    until(lambda: slow_disk.lengths)
    others = [asking(flush, failed) for _ in range(3)]
    until(lambda: flush.waiting == 3)
    slow_disk.may_finish.release()
    first.join(60)
    slow_disk.error = OSError(5, "Input/output error")
    slow_disk.may_finish.release()
    for thread in others:
        thread.join(60)
    assert len(failed) == 3
    slow_disk.error = None
    slow_disk.may_finish.release()
    flush.wait()


def test_after_a_flush_that_failed_the_content_is_written_again_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may have forgotten it, and then a flush alone would write nothing and succeed."""
    file, is_alone, done = tmp_path / "log", [], []
    file.write_bytes(b"label")

    @contextmanager
    def alone() -> Iterator[None]:
        before = file.stat().st_mtime_ns
        yield
        is_alone.append(file.stat().st_mtime_ns > before)

    def fail(path: Path) -> None:
        raise OSError(5, "Input/output error")

    flush = SharedFlush(file, alone)
    for flushing, count in ((fail, 0), (fail, 1), (done.append, 2), (done.append, 2)):
        monkeypatch.setattr(shared_flush, "sync_file", flushing)
        with suppress(OSError):
            flush.wait()
        assert is_alone == [True] * count
    assert (done, file.read_bytes()) == ([file, file], b"label")


@pytest.mark.sqlite
def test_a_label_sent_again_after_a_failed_flush_counts_when_a_flush_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = bare_frames.make(tmp_path / "class", {"seam_1": 3})
    event = sync.Labelled(str(uuid4()), str(uuid4()), 1, "error", 0, 0, True, "key")

    def fail(path: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(shared_flush, "sync_file", fail)
        for _ in range(2):
            with pytest.raises(WorkspaceError, match="cannot be written"):
                sync.store(workspace, "ada", [event])
    before = (workspace.path / "labels.db-wal").stat().st_mtime_ns
    assert sync.store(workspace, "ada", [event]).acknowledged == (event.id,)
    assert (workspace.path / "labels.db-wal").stat().st_mtime_ns > before  # though there was no new row
    with db.reading(workspace) as connection:
        assert len(labels_by(connection, "ada")) == 1


def test_a_file_that_is_not_there_needs_no_flush(tmp_path: Path) -> None:
    SharedFlush(tmp_path / "gone").wait()


@pytest.mark.sqlite
def test_a_label_is_flushed_before_it_counts_as_stored(tmp_path: Path, slow_disk: Disk) -> None:
    for _ in range(20):
        slow_disk.may_finish.release()
    workspace = bare_frames.make(tmp_path / "class", {"seam_1": 3})
    before = len(slow_disk.lengths)
    record(workspace, "ada", "seam_1", 0, 0, {"error": True})
    assert len(slow_disk.lengths) == before + 1
    slow_disk.error = OSError(5, "Input/output error")
    with pytest.raises(WorkspaceError, match=r"labels\.db-wal cannot be written"):
        record(workspace, "ada", "seam_1", 1, 1, {"error": True})
    with db.reading(
        workspace
    ) as connection:  # in the log: sent again, it is acknowledged without being stored twice
        assert len(labels_by(connection, "ada")) == 2
