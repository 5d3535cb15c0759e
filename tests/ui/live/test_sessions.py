"""The section about sessions: what is shown of them, marks, the way back to labelling, deleting."""

import shutil

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.events.clips import Evidence
from core.events.detector import UNFAMILIAR, Event, EventRule
from core.events.session_store import sessions
from core.events.writer import SessionWriter
from core.inspection.inspector import Reading
from core.media.library import videos
from core.runs.run import Run
from core.workspace import open_workspace
from tests.events.test_send_to_labelling import PICTURE
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.pages.conftest import words

RULES = {"spot": EventRule(0.5, 0.3), UNFAMILIAR: EventRule(1.0, 0.9)}


def script():
    from ui.live import sessions
    from ui.shell.page import page

    with page("Live", "For tests.") as workspace:
        sessions.section(workspace)


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    shutil.copytree(trained.workspace.path, tmp_path / "class")
    monkeypatch.setenv("SEAMLENS_WORKSPACE", str(tmp_path / "class"))
    monkeypatch.setattr(
        "ui.shell.chart_frames.label_link",
        lambda video, index, suggest: st.markdown(f"link to {video} {index}"),
    )
    st.cache_data.clear()
    return Run(open_workspace(tmp_path / "class"), trained.id)


def watched(run, source="camera 0", events=2):
    writer = SessionWriter(run, source, RULES, None)
    for index, spot in enumerate((0.5, 0.01, 0.01)):
        writer.add(PICTURE, Reading(index, float(index), {"clean": 0.99, "spot": spot, "narrow": 0.01}))
    for number in range(1, events + 1):
        name = UNFAMILIAR if number == 2 else "spot"
        writer.write(
            Event(number, name, number, number + 0.5, 0.9, number, 10 * number), Evidence(PICTURE, ())
        )
    writer.finish()
    return writer.session


def opened():
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["annotator"], app.session_state["sessions_open"] = "Ada", True
    app.run()
    assert not app.exception
    return app


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def choose(app, session, *rows):
    """Choose lines of the table of events."""
    events = session.events()
    key = f"events_{session.path}_{events[0]['number']}_{len(events)}"
    app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def test_before_anything_was_watched_it_says_how_to_begin(run):
    assert "No sessions yet" in words(opened())


def test_sessions_are_in_a_table_the_newest_first_and_the_newest_is_shown(run):
    watched(run, "video_0", events=0)
    watched(run, "camera 0")
    app = opened()
    table = app.dataframe[0].value
    assert table["Source"].tolist() == ["camera 0", "video_0"]
    assert table.loc[0, ["Seam", "spot", UNFAMILIAR, "False alarms"]].tolist() == ["0:02", 1, 1, 0]
    assert "### camera 0" in words(app)


def test_events_are_filtered_by_attribute(run):
    watched(run)
    app = opened()
    assert app.dataframe[1].value["No."].tolist() == [1, 2]
    app.segmented_control[0].set_value(UNFAMILIAR).run()
    assert app.dataframe[1].value["No."].tolist() == [2]


def test_a_false_alarm_is_marked_by_the_annotator_and_taken_back(run):
    session = watched(run)
    app = press(choose(opened(), session, 1), "False alarm")
    assert [e["marked_by"] for e in session.events() if e["false_alarm"]] == ["Ada"]
    assert app.dataframe[1].value["False alarm"].tolist() == ["", "Ada"]
    press(app, "No false alarm")
    assert not any(e["false_alarm"] for e in session.events())


def test_the_uncertain_frames_go_to_labelling_and_are_linked_to(run):
    watched(run)
    app = press(opened(), "Send 1 uncertain frame")
    (group,) = [video for video in videos(run.workspace) if video.origin == "live"]
    assert f"link to {group.key} 0" in words(app)


def test_the_frame_of_an_event_goes_to_labelling(run):
    session = watched(run)
    app = press(choose(opened(), session, 0), "Send to labelling")
    (group,) = [video for video in videos(run.workspace) if video.origin == "live"]
    assert f"link to {group.key} 10" in words(app)


def test_who_sends_a_frame_of_a_test_video_is_told(run):
    tested = run.frames.loc[run.frames["part"] == "test", "video"].iloc[0]
    watched(run, tested)
    assert "in the test part: no network trains on it" in words(press(opened(), "Send 1 uncertain frame"))


def test_the_feed_gives_events_per_metre_and_is_kept(run):
    session = watched(run)
    app = opened()
    next(one for one in app.number_input if one.label.startswith("Feed")).set_value(500.0).run()
    assert app.dataframe[2].value["per_metre"].tolist() == [1.0, 1.0]  # in 2 s at 500 mm per second
    assert sessions(run)[0].path == session.path and sessions(run)[0].feed == 500


def test_a_session_that_was_cut_off_is_shown_without_its_seam_time(run):
    SessionWriter(run, "camera 0", RULES, None)
    app = opened()
    assert "was cut off" in words(app)
    assert app.dataframe[0].value["Seam"].tolist() == ["–"]


def test_a_session_is_deleted_after_a_second_click(run):
    watched(run)
    assert "No sessions yet" in words(press(opened(), "Delete"))
    assert sessions(run) == []
