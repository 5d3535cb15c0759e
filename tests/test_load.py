"""The benchmark of a class at once, with few students for some seconds."""

from uuid import uuid4

import pytest

from benchmarks import load
from benchmarks.load_labels import Ledger
from core.labels import sync
from core.media import library
from core.workspace import Workspace
from tests.helpers.in_loop import in_thread
from tests.helpers.page_workspace import small_workspace


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_small_class_meets_no_error_and_loses_no_label():
    figures = in_thread(load.measure, sessions=3, minutes=0.7, live=1, videos=3, frames=30, no_training=True)
    assert figures["errors of"] == {}
    assert (figures["errors"], figures["lost_labels"]) == (0, 0)
    assert figures["labels"] > 0 and figures["live video"]["count"] > 0


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return small_workspace(tmp_path / "workspace", labelled=False)


def test_a_label_that_is_not_in_the_database_is_lost(workspace):
    event = {"id": "a", "action": "b", "video": 1, "attribute": "break", "first": 0, "last": 0, "value": True}
    ledger = Ledger()
    ledger.note("Ada", event | {"source": "key"}, {("Ada", 1, 0, "break"): True})
    assert ledger.lost(workspace) == 2  # its event, and what stands


@pytest.mark.parametrize(
    ("memory", "grown"), [([(0, 300), (60, 100), (120, 101), (180, 102)], 2.0), ([(0, 1)], None)]
)
def test_memory_grows_from_when_it_is_warm(memory, grown):
    figures = load.growth(memory, since=60)
    assert figures["memory_growth_mb"] == grown
    assert figures["memory_mb_per_hour"] == (None if grown is None else pytest.approx(60))


def test_what_is_in_the_database_is_not_lost(workspace):
    video = library.videos(workspace)[0]
    event = {
        "id": str(uuid4()), "action": str(uuid4()), "video": video.id, "attribute": "break", "first": 0, "last": 0,
        "value": True, "source": "key",
    }  # fmt: skip
    assert sync.store(workspace, "Ada", sync.read_events([event])).acknowledged == (event["id"],)
    place, ledger = ("Ada", video.id, 0, "break"), Ledger()
    ledger.note("Ada", event, {place: True})
    assert ledger.lost(workspace) == 0
    ledger.note("Ada", event | {"value": False}, {place: False})
    assert ledger.lost(workspace) == 2
