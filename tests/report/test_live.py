"""What the report says of sessions: a chapter where there are some."""

import pytest

from core.events.clips import Evidence
from core.events.detector import Event, EventRule
from core.events.writer import SessionWriter
from core.report import html_report
from tests.events.test_send_to_labelling import PICTURE, reading
from tests.helpers.copies import copy_run
from tests.report.test_page import words


@pytest.fixture
def run(trained, tmp_path):
    return copy_run(trained, tmp_path)


def test_where_nothing_was_watched_there_is_no_chapter(run):
    assert "Live sessions" not in html_report.render(run)


def test_each_session_has_its_line(run):
    writer = SessionWriter(run, "camera <0>", {"spot": EventRule(0.5, 0.3)}, None)
    for index in range(3):
        writer.add(PICTURE, reading(index))
    for number in (1, 2):
        writer.write(Event(number, "spot", 0.0, 0.5, 0.9, 0.1, 0), Evidence(PICTURE, ()))
    writer.finish()
    writer.session.mark(2)
    writer.session.set_feed(500)
    SessionWriter(run, "cut off", {"spot": EventRule(0.5, 0.3)}, None)
    said = words(html_report.render(run))
    assert "camera <0> 0.0 spot 2, unfamiliar 0 1 1.00" in said  # one of two in a metre
    assert "cut off not over spot 0, unfamiliar 0 0 –" in said
