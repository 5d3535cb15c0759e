"""Devices that are live by a token."""

import threading

import numpy as np

from core.access.person import Person, Role, acting_as
from core.inspection.panel import LARGEST, DisplayOptions, draw_picture, fitted
from core.live import visits as module
from core.live.camera_feed import CameraFeed
from core.live.viewer import Viewer
from core.live.visits import QUIET, Visit, Visits
from core.live.waiting_line import Places
from tests.helpers.waiting import until
from tests.live.test_viewer import Begun, Told, grey

ADA, BEN = Person("Ada", Role.STUDENT), Person("Ben", Role.STUDENT)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def visit_of(token="a", places=None, **more):
    begun = Begun()
    viewer = Viewer(Told(), DisplayOptions(), begun)
    return Visit(token, CameraFeed(viewer), places or Places(1), **more), viewer, begun


def test_a_single_picture_is_inspected_and_drawn_with_its_own_heatmaps():
    visit, viewer, begun = visit_of()
    for value in (204, 51):
        picture = grey(value)
        drawn, number = visit.feed.look(picture)
        assert viewer.latest.picture is picture
        assert np.array_equal(
            drawn,
            draw_picture(
                fitted(picture), viewer.inspector.attributes, viewer.latest.inspection, viewer.options
            ),
        )
        assert drawn.shape == (LARGEST[1], LARGEST[0], 3)
        assert number == viewer.number
    assert viewer.inspector.seen == [204, 51]
    assert len(begun[0].readings) == 2


def test_single_pictures_need_no_thread():
    visit, *_ = visit_of()
    before = threading.active_count()
    visit.feed.look(grey(10))
    assert threading.active_count() == before


def test_a_visit_ends_when_its_pictures_stop_and_its_place_is_free():
    clock, places = Clock(), Places(1)
    visits, ended = Visits(clock), []
    assert places.ask("a") == 0
    assert places.ask("b") == 1
    visit, viewer, begun = visit_of(places=places, ending=lambda: ended.append(True))
    visits.begin(visit)
    visits.use(visit)
    visit.feed.look(grey(10))
    clock.now += QUIET
    visits.sweep()
    assert visits.find("a") is visit
    clock.now += 1
    visits.sweep()
    assert visits.find("a") is None
    assert (viewer.is_over, begun[0].is_finished.is_set(), ended) == (True, True, [True])
    assert places.ask("b") == 0


def test_pictures_keep_a_visit():
    clock = Clock()
    visits, (visit, *_) = Visits(clock), visit_of()
    visits.begin(visit)
    for _ in range(3):
        clock.now += QUIET
        visits.use(visit)
        visits.sweep()
    assert visits.find("a") is visit


def test_one_thread_looks_after_all_visits_and_ends_with_the_last(monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.01)
    visits = Visits()
    before = threading.active_count()
    for token in ("a", "b", "c"):
        visits.begin(visit_of(token)[0])
    assert threading.active_count() == before + 1
    for token in ("a", "b", "c"):
        visits.end(token)
    until(lambda: threading.active_count() == before)


def test_a_second_visit_of_a_token_ends_the_first():
    visits = Visits()
    (first, viewer, _), (second, *_) = visit_of(), visit_of()
    visits.begin(first)
    visits.begin(second)
    assert viewer.is_over
    assert visits.find("a") is second


def test_nobody_finds_or_ends_the_visit_of_another():
    visits = Visits()
    with acting_as(ADA):
        visits.begin(visit_of()[0])
    with acting_as(BEN):
        assert visits.find("a") is None
        visits.end("a")
    with acting_as(ADA):
        assert visits.find("a") is not None


def test_a_visit_that_cannot_be_ended_well_keeps_no_place_and_no_other_visit():
    clock, places = Clock(), Places(2)
    visits = Visits(clock)
    for token in ("a", "b"):
        assert places.ask(token) == 0
    (broken, first, _), (other, second, _) = visit_of("a", places), visit_of("b", places)
    broken.hang_up = broken.ending = lambda: {}["nothing"]
    visits.begin(broken), visits.begin(other)
    clock.now += QUIET + 1
    visits.sweep()
    assert (first.is_over, second.is_over, len(visits)) == (True, True, 0)
    assert (places.ask("c"), places.ask("d")) == (0, 0)
