import pandas as pd
import pytest

from core.attributes import SEAM, named
from core.demo.make import make_demo
from core.review.stitch_lengths import (
    LengthAttribute,
    compare,
    labelled,
    length_attribute,
    said,
    video_pitches,
)

LENGTH = LengthAttribute("length", 2.0, 4.0)


def pitches(**of: float) -> pd.DataFrame:
    return pd.DataFrame({"video": list(of), "pitch": list(of.values()), "frames": 12})


def of(**values: bool) -> pd.Series:
    return pd.Series(values)


def test_the_length_of_the_default_attributes_is_two_or_four_millimetres() -> None:
    assert length_attribute(SEAM) == LENGTH


def test_attributes_without_lengths_have_none() -> None:
    assert length_attribute(named(["apple", "orange"])) is None


def test_a_video_measured_nearer_to_the_other_length_is_one_to_look_at() -> None:
    check = compare(pitches(a=20, b=39, c=40), of(a=True, b=True, c=False), LENGTH, 0.1)
    assert check is not None
    assert list(check.off["video"]) == ["b"]
    assert check.off["measured"].item() == pytest.approx(3.9)


def test_without_a_calibration_the_scale_fits_most_videos() -> None:
    check = compare(pitches(a=20, b=39, c=40), of(a=True, b=True, c=False), LENGTH, None)
    assert check is not None
    assert check.mm_per_pixel == pytest.approx(0.1)
    assert not check.is_calibrated
    assert list(check.off["video"]) == ["b"]


def test_videos_that_nobody_labelled_or_nobody_could_measure_are_not_compared() -> None:
    assert compare(pitches(a=20), of(b=True), LENGTH, 0.1) is None


def test_a_video_of_two_lengths_says_nothing() -> None:
    video = pd.Series(["a"] * 10 + ["b"] * 10)
    values = pd.Series([True] * 5 + [False] * 5 + [True] * 9 + [pd.NA], dtype="boolean")
    assert said(video, values).to_dict() == {"b": True}


@pytest.mark.long
def test_each_video_of_the_demo_is_as_long_as_its_labels_say(tmp_path) -> None:
    workspace = make_demo(tmp_path / "class", 1, 8, 60).workspace
    of_one_length = labelled(workspace, "length")
    check = compare(video_pitches(workspace), of_one_length, LENGTH, None)
    assert check is not None
    assert list(check.table["video"]) == list(of_one_length.index) == ["seam_02", "seam_04", "seam_06"]
    assert check.off.empty
