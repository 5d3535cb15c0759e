"""Disputed frames, and those that lie only at the edge of a stretch."""

import numpy as np
import pytest

from core.data.disputed import EDGE, at_edges, disputed

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
