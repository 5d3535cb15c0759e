"""Advice: sentences whose numbers can be counted."""

from pathlib import Path

import pytest

from core.labels.consensus import consensus
from core.labels.labels import record
from core.review.advice import advice, advise, missing
from core.review.balance import Balance, balance
from core.splits.make_split import make_split
from core.splits.stored_split import store
from core.workspace import Workspace
from tests.helpers import bare_frames
from tests.helpers.reference_balance import balance_of


def said(true: int, false: int, unset: int = 0) -> Balance:
    """One video with so many answers of ``break``."""
    answers = [True] * true + [False] * false + [None] * unset
    rows = [("seam_1", i, answer) for i, answer in enumerate(answers)]
    return balance_of(bare_frames.labels(*rows, attributes=("break",)))


@pytest.fixture
def seams(tmp_path: Path) -> Workspace:
    """Three videos; in each of 40 frames half are good, and none has another label."""
    made = bare_frames.make(tmp_path / "w", {"seam_1": 40, "seam_2": 40, "seam_3": 40})
    for video in ("seam_1", "seam_2", "seam_3"):
        record(made, "Ann", video, 0, 19, {"good": True})
        record(made, "Ann", video, 20, 39, {"good": False})
    return made


@pytest.mark.parametrize(
    ("true", "false", "more"),
    [
        (12, 588, 38),
        (50, 5000, 0),
        (49, 5000, 1),
        (3, 27, 0),
        (2, 28, 1),
        (28, 2, 1),
        (5, 46, 0),
        (3, 0, 1),
        (0, 0, 0),
    ],
)
def test_the_rarer_answer_should_have_a_tenth_of_the_labels_or_50(true: int, false: int, more: int) -> None:
    assert missing({"true": true, "false": false, "unset": 0}) == more


@pytest.mark.parametrize(
    ("true", "false", "sentence"),
    [
        (12, 588, "Label about 40 more frames with “break” true: 12 of 600 labelled frames (2 %) have it."),
        (1, 19, "Label 1 more frame with “break” true: 1 of 20 labelled frames (5 %) has it."),
        (30, 0, "Label 3 more frames with “break” false: none of 30 labelled frames has it."),
        (
            1,
            999,
            "Label about 50 more frames with “break” true: 1 of 1,000 labelled frames (under 1 %) has it.",
        ),
    ],
)
def test_the_sentence_says_how_many_and_why(true: int, false: int, sentence: str) -> None:
    assert advice(said(true, false)) == [sentence]


def test_enough_of_everything_needs_no_word() -> None:
    assert advice(said(50, 50)) == []


def test_an_attribute_without_an_answer_comes_first() -> None:
    rows = [("seam_1", i, True, None) for i in range(20)]
    first, second = advice(balance_of(bare_frames.labels(*rows)))
    assert first.startswith("“error” has no answer in any frame")
    assert second.startswith("Label 2 more frames with “good” false")


def test_what_is_farthest_from_its_target_comes_first() -> None:
    rows = [("seam_1", i, i < 8, i < 1) for i in range(100)]
    assert ["“error”" in sentence for sentence in advice(balance_of(bare_frames.labels(*rows)))] == [
        True,
        False,
    ]


def test_a_confounder_is_advice() -> None:
    rows = [(video, i, video == "seam_1") for video in ("seam_1", "seam_2") for i in range(50)]
    [sentence] = advice(balance_of(bare_frames.labels(*rows, attributes=("length",))))
    assert sentence.startswith("“length” has only one answer in 2 of 2 videos")


def test_each_attribute_has_one_sentence_at_most() -> None:
    assert advice(said(1, 19), {"break": "Few frames."}) == advice(said(1, 19))


def test_videos_without_a_label_are_named_up_to_three() -> None:
    rows = [(f"seam_{v}", i, None if v else i < 5) for v in range(5) for i in range(10)]
    found = balance_of(bare_frames.labels(*rows, attributes=("good",)))
    assert advice(found) == ["Not labelled at all: seam_1, seam_2, seam_3 and 1 more."]


def test_videos_with_the_most_unlabelled_frames_are_named_with_them() -> None:
    rows = [(f"seam_{v}", i, i % 2 == 0 if i < 4 else None) for v, n in ((1, 6), (2, 9)) for i in range(n)]
    found = balance_of(bare_frames.labels(*rows, attributes=("good",)))
    assert advice(found) == ["Most unlabelled frames: seam_2 (5 of 9), seam_1 (2 of 6)."]


@pytest.mark.parametrize(("frames", "sentences"), [(0, 0), (3, 1)])
def test_without_a_label_there_is_one_sentence_and_without_a_frame_none(frames: int, sentences: int) -> None:
    assert len(advice(said(0, 0, frames))) == sentences


def test_what_the_split_has_too_little_of_is_said(seams: Workspace) -> None:
    store(seams, make_split(seams, consensus(seams), "video", 0))
    record(seams, "Ann", "seam_2", 0, 19, {"good": None})
    sentences = advise(seams, balance(seams))
    assert any(sentence.startswith("“good” is true in too few frames") for sentence in sentences)


def test_without_a_split_nothing_is_said_of_it(seams: Workspace) -> None:
    assert advise(seams, balance(seams)) == advice(balance(seams))


def test_a_split_that_cannot_be_read_does_not_keep_the_balance_from_its_advice(seams: Workspace) -> None:
    seams.split_file.write_text("no split")
    assert advise(seams, balance(seams)) == advice(balance(seams))
