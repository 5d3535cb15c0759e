"""Adjudication: what waits for a decision, the decision, and where the consensus comes from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attributes import named
from core.errors import LabelError
from core.labels.consensus import consensus
from core.labels.labels import record
from core.labels.progress import progress
from core.review import disputes as disputes_module
from core.review.disputes import (
    EDGE,
    adjudicate,
    adjudications,
    annotator_columns,
    at_edges,
    consensus_counts,
    disputed,
    disputes,
)
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers.written_answers import say, spoken

SAID = st.text("tf.", min_size=8, max_size=8)
STRETCH = st.tuples(st.integers(0, 7), st.integers(0, 7)).map(sorted)
AUTHORS = st.sampled_from(["Ann", "Teacher"])
DECISIONS = st.lists(st.tuples(AUTHORS, STRETCH, st.sampled_from([True, False, None])), max_size=4)


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Frames 1 and 2 are disputed only at an edge; frame 5 really."""
    return spoken(tmp_path, {"Ann": "ffftttt", "Ben": "ftttt.t", "Cem": ".....f."})


def frames(table: pd.DataFrame) -> list[int]:
    return table["index"].tolist()


def test_real_disputes_come_first(seams: Workspace) -> None:
    found = disputes(seams)
    assert frames(found) == [5, 1, 2]
    assert found["edge"].tolist() == [False, True, True]


def test_a_dispute_says_who_said_what(seams: Workspace) -> None:
    found = disputes(seams)
    assert annotator_columns(found) == ["Ann", "Ben", "Cem"]
    assert found.loc[0].tolist() == ["seam_1_5", "seam_1", 5, "good", False, True, pd.NA, False]


def test_videos_are_in_natural_order_and_attributes_in_that_of_the_workspace(tmp_path: Path) -> None:
    seams = spoken(tmp_path, *[{"Ann": "t", "Ben": "f"}] * 10)
    say(seams, "Ann", "seam_2", "t", "error")
    say(seams, "Ben", "seam_2", "f", "error")
    found = disputes(seams)
    assert found["name"].tolist()[:4] == ["seam_1_0", "seam_2_0", "seam_2_0", "seam_3_0"]
    assert found["attribute"].tolist()[:4] == ["good", "good", "error", "good"]
    assert found["name"].iloc[-1] == "seam_10_0"


def test_the_disputes_of_one_attribute_can_be_asked_for(seams: Workspace) -> None:
    assert disputes(seams, "error").empty
    assert len(disputes(seams, "good")) == 3


def test_an_annotator_may_be_called_like_a_column(tmp_path: Path) -> None:
    found = disputes(spoken(tmp_path, {"index": "t", "Ben": "f"}))
    assert annotator_columns(found) == ["Ben", "index (annotator)"]


def test_an_attribute_that_is_not_there_is_refused(seams: Workspace) -> None:
    with pytest.raises(LabelError, match="'nice'"):
        disputes(seams, "nice")


def test_what_was_adjudicated_waits_no_longer(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 2, 5, "good", False)
    assert frames(disputes(seams)) == [1]


def test_an_adjudication_that_was_withdrawn_waits_again_with_the_answer_from_before(seams: Workspace) -> None:
    adjudicate(seams, "Cem", "seam_1", 5, 5, "good", True)
    adjudicate(seams, "Cem", "seam_1", 5, 5, "good", None)
    assert frames(disputes(seams)) == [5, 1, 2]
    assert not disputes(seams).loc[0, "Cem"]


def test_who_decides_is_no_annotator(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 5, 5, "good", False)
    assert annotator_columns(disputes(seams)) == ["Ann", "Ben", "Cem"]


def test_who_decides_has_labelled_nothing(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 5, 5, "good", False)
    assert [labelled for _, labelled in progress(seams, "Teacher")] == [0]


def test_an_adjudication_that_was_withdrawn_is_counted_nowhere(tmp_path: Path) -> None:
    seams = spoken(tmp_path, {"Ann": "t", "Ben": "f", "Cem": "t"})
    for author in ("Ann", "Teacher"):
        for value in (False, None):
            adjudicate(seams, author, "seam_1", 0, 0, "good", value)
    assert consensus_counts(seams)["good"] == {"adjudicated": 0, "all": 0, "majority": 1, "one": 0, "tied": 0}


def test_an_adjudication_is_the_consensus(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 0, 1, "good", True)
    assert consensus(seams)["good"].tolist()[:3] == [True, True, pd.NA]


def test_adjudications_that_stand_are_the_latest(seams: Workspace) -> None:
    adjudicate(seams, "Teacher", "seam_1", 0, 2, "good", True)
    adjudicate(seams, "Head", "seam_1", 1, 1, "good", False)
    adjudicate(seams, "Teacher", "seam_1", 2, 2, "good", None)
    rows = [("seam_1", 0, "good", True), ("seam_1", 1, "good", False)]
    assert sorted(adjudications(seams).itertuples(index=False, name=None)) == rows


def test_nothing_is_stored_of_frames_that_are_not_there(seams: Workspace) -> None:
    with pytest.raises(LabelError, match="no frame 99"):
        adjudicate(seams, "Teacher", "seam_1", 99, 99, "good", True)
    assert adjudications(seams).empty


def test_classes_are_decided_and_withdrawn_at_once(tmp_path: Path) -> None:
    fruit = spoken(
        tmp_path, {"Ann": "t"}, attributes=named(["apple", "orange"], exclusive=True), attribute="apple"
    )
    adjudicate(fruit, "Teacher", "seam_1", 0, 0, "orange", True)
    assert len(adjudications(fruit)) == 2
    adjudicate(fruit, "Teacher", "seam_1", 0, 0, "orange", None)
    assert adjudications(fruit).empty


def test_the_consensus_is_counted_by_where_it_comes_from(tmp_path: Path) -> None:
    seams = spoken(tmp_path, {"Ann": "tttt..", "Ben": "ttff..", "Cem": "tf...."})
    adjudicate(seams, "Teacher", "seam_1", 3, 3, "good", True)
    record(seams, "Ann", "seam_1", 4, 4, {"good": False})
    assert consensus_counts(seams)["good"] == {"adjudicated": 1, "all": 1, "majority": 1, "one": 1, "tied": 1}


def test_a_decision_about_a_frame_that_is_gone_counts_nowhere(tmp_path: Path) -> None:
    seams = spoken(tmp_path, {"Ann": "tttt", "Ben": "tttt"})
    adjudicate(seams, "Teacher", "seam_1", 0, 0, "good", True)
    with db.writing(seams) as connection:
        connection.exec_driver_sql('DELETE FROM frames WHERE "index" = 0')
    assert consensus_counts(seams)["good"] == {"adjudicated": 0, "all": 3, "majority": 0, "one": 0, "tied": 0}


def test_without_labels_every_count_is_nought(seams: Workspace) -> None:
    assert set(consensus_counts(seams)["length"].values()) == {0}


@settings(max_examples=20, deadline=None)
@given(st.lists(SAID, min_size=1, max_size=4), DECISIONS)
def test_the_counts_add_up_to_the_consensus(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[str],
    decisions: list[tuple[str, list[int], bool | None]],
) -> None:
    names = ["Ann", "Ben", "Cem", "Dan"]
    seams = spoken(tmp_path_factory.mktemp("counts"), dict(zip(names, said, strict=False)))
    for author, (first, last), value in decisions:
        adjudicate(seams, author, "seam_1", first, last, "good", value)
    counts = consensus_counts(seams)["good"]
    assert counts.pop("tied") + sum(counts.values()) <= 8
    assert sum(counts.values()) == consensus(seams)["good"].notna().sum()
    assert counts["adjudicated"] == len(adjudications(seams))


VALUE = {"t": 1, "f": 0, ".": -1}


def said(*annotators: str) -> np.ndarray:
    return np.array([[VALUE[letter] for letter in text] for text in annotators], np.int8).T


def edges(*annotators: str, places: list[int] | None = None, videos: list[int] | None = None) -> str:
    """Return ``e`` for a disputed frame at an edge, ``r`` for a real one, ``.`` for none."""
    answers = said(*annotators)
    number = len(answers)
    edge = at_edges(np.array(places or range(number)), np.array(videos or [0] * number), answers)
    return "".join(
        "." if not differ else "e" if at else "r" for differ, at in zip(disputed(answers), edge, strict=True)
    )


def test_a_frame_is_disputed_where_one_says_true_and_one_false() -> None:
    assert disputed(said("tt.t", "tf.f", "t.tt")).tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("fffttt", "fttttt", ".ee..."),  # one starts two frames later
        ("ttffff", "ttttff", "..ee.."),  # one ends two frames earlier
        ("ffffff", "ffttff", "..rr.."),  # only one sees the stretch at all
        ("ttffff", "ffffff", "rr...."),  # nothing is agreed before
        ("ffffff", "fffftt", "....rr"),  # nothing is agreed after
        ("fttfft", "fftfff", ".e...r"),
        ("f" + "t" * EDGE + "t", "f" + "f" * EDGE + "t", "." + "e" * EDGE + "."),
        ("f" + "t" * EDGE + "tt", "f" + "f" * EDGE + "ft", "." + "r" * EDGE + "r."),  # one frame too many
        ("f.t", "f.t", "..."),
    ],
)
def test_an_edge_lies_between_two_frames_that_both_answer_alike_and_differently(
    one: str, other: str, found: str
) -> None:
    assert edges(one, other) == found


def test_a_frame_that_only_one_has_answered_is_between_and_counts() -> None:
    assert edges("f.tt", "ftft") == "..e."


def test_frames_that_were_answered_far_apart_are_no_edge() -> None:
    assert edges("ftt", "fft", places=[0, 50, 100]) == ".r."


def test_an_edge_does_not_reach_into_the_next_video() -> None:
    assert edges("ftt", "fft", videos=[0, 0, 1]) == ".r."


def test_one_real_dispute_among_several_annotators_is_real() -> None:
    """The first two differ at an edge, the third says false throughout."""
    assert edges("fftt", "fttt", "ffff") == ".rrr"


def test_edges_of_every_pair_are_an_edge() -> None:
    assert edges("ffftt", "ffttt", "ftttt") == ".ee.."


def test_where_not_every_two_annotators_are_compared_a_frame_is_no_edge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(disputes_module, "MOST_PAIRS", 1)
    assert edges("ffftt", "ffttt", "ftttt") == ".rr.."


def test_of_many_annotators_those_with_the_most_common_frames_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = np.array([[True, True, True], [True, False, True]])
    monkeypatch.setattr(disputes_module, "MOST_PAIRS", 1)
    assert disputes_module.most_met(answered) == [(0, 2)]
