"""Where a network expects what the labels have too little of: video_0 to video_4 of the small class, 12 frames each."""

import numpy as np
import pandas as pd
import pytest

from core.assist import rare_frames, suggestions
from core.assist.rare_frames import RareAnswer
from core.labels import labels
from core.labels.consensus import labels_of
from core.media.library import videos
from core.review.balance import balance

SPOT = RareAnswer("spot", True, 5)


@pytest.fixture
def training(run) -> str:
    """A video that the run learns from."""
    return run.frames.loc[run.frames["part"] == "train", "video"].iloc[0]


@pytest.fixture
def unlabelled(workspace):
    for video in videos(workspace):
        for annotator in labels.annotators(workspace):
            rows = labels_of(workspace, annotator, video.key).reset_index()[["index"]]
            empty = rows.assign(video=video.key, spot=pd.array([pd.NA] * len(rows), "boolean"))
            labels.record_table(workspace, annotator, empty)


def expects(monkeypatch, spots: list[float]) -> None:
    """Let the network find a spot with these probabilities in the first frames of every video."""

    def network(run):
        whole = np.zeros((12, 3), np.float32)
        whole[: len(spots), 1] = spots
        return lambda pictures: whole[: len(pictures)]

    monkeypatch.setattr(suggestions, "compiled", network)


def test_what_lacks_frames_is_searched_by_its_rarer_answer(workspace):
    found = balance(workspace)
    found.attributes["spot"].update({"true": 1, "false": 59})
    assert rare_frames.rare_answers(found) == [RareAnswer("spot", True, 5)]


def test_a_stretch_is_named_with_its_length_and_how_sure_the_network_is(
    workspace, run, training, unlabelled, monkeypatch
):
    expects(monkeypatch, [0, 0, 0.6, 0.8, 1.0, 0.0, 0.9])
    (found, *_) = [s for s in rare_frames.find_rare_frames(workspace, run, [SPOT]) if s.video == training]
    assert (found.first, found.last, found.frames) == (2, 4, 3)
    assert found.probability == pytest.approx(0.8)


def test_two_frames_are_no_stretch(workspace, run, unlabelled, monkeypatch):
    expects(monkeypatch, [0.9, 0.9])
    assert rare_frames.find_rare_frames(workspace, run, [SPOT]) == []


def test_labelled_frames_are_not_searched(workspace, run, monkeypatch):
    expects(monkeypatch, [0.9] * 12)
    assert rare_frames.find_rare_frames(workspace, run, [SPOT]) == []


def test_videos_that_measure_the_network_are_left_out(workspace, run, unlabelled, monkeypatch):
    expects(monkeypatch, [0.9] * 12)
    measuring = set(run.frames.loc[run.frames["part"] != "train", "video"])
    assert measuring
    assert not {stretch.video for stretch in rare_frames.find_rare_frames(workspace, run, [SPOT])} & measuring


def test_a_rare_false_is_found_too(workspace, run, unlabelled, monkeypatch):
    expects(monkeypatch, [1, 1, 1, 1])
    found = rare_frames.find_rare_frames(workspace, run, [RareAnswer("spot", False, 5)])
    assert {(stretch.first, stretch.last) for stretch in found} == {(4, 11)}
