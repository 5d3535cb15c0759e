"""What the stitch ruler suggests: stitches of 16 pixels are of 2 mm, those of 32 of 4 mm, at a scale of 1/8 mm per pixel."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.assist import ruler_suggestions
from core.assist.ruler_suggestions import LengthRuler, decisions, frame_pitches, length_ruler, suggest
from core.assist.suggestions import accept
from core.attributes import named
from core.errors import LabelError
from core.labels.consensus import labels_of
from core.media.library import frame_table, get_video
from core.review.stitch_lengths import LengthAttribute
from core.workspace import Workspace, create, set_scale
from tests.helpers import sewn_class
from tests.helpers.written_answers import say

SCALE = 1 / 8
RULER = LengthRuler(LengthAttribute("length", 2.0, 4.0), SCALE, is_calibrated=True)


@pytest.fixture
def sewn(tmp_path: Path) -> Workspace:
    return sewn_class.make(tmp_path, short=[16] * 4, mixed=[16, 32, 0, 32])


def decided(workspace: Workspace, video: str) -> list[bool | None]:
    suggested = suggest(length_ruler(workspace), workspace, get_video(workspace, video))
    return [None if pd.isna(value) else bool(value) for value in decisions(RULER, suggested)["length"]]


def test_a_stitch_is_placed_between_the_two_lengths() -> None:
    pitches = np.array([16, 32, 16 * 2**0.5, np.nan])
    assert RULER.probabilities(pitches) == pytest.approx([1, 0, 0.5, np.nan], nan_ok=True)


def test_a_little_beyond_a_length_is_that_length_and_far_beyond_is_none() -> None:
    assert RULER.probabilities(np.array([14, 37, 8, 64])) == pytest.approx(
        [1, 0, np.nan, np.nan], nan_ok=True
    )


def test_with_the_scale_of_the_workspace_each_frame_has_its_own_length(sewn: Workspace) -> None:
    assert decided(set_scale(sewn, SCALE), "mixed") == [True, False, None, False]


def test_without_a_scale_the_labels_of_a_video_give_one(sewn: Workspace) -> None:
    say(sewn, "Ada", "short", "tttt", "length")
    ruler = length_ruler(sewn)
    assert (ruler.mm_per_pixel, ruler.is_calibrated) == (pytest.approx(SCALE, rel=0.03), False)
    assert decided(sewn, "mixed") == [True, False, None, False]


def test_without_scale_and_labels_it_says_what_it_needs(sewn: Workspace) -> None:
    with pytest.raises(LabelError, match="does not know how long a pixel is"):
        length_ruler(sewn)


def test_without_an_attribute_of_a_length_there_is_nothing_to_suggest(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="No attribute says how long stitches are"):
        length_ruler(create(tmp_path / "class", named(["apple", "orange"])))


def test_frames_are_measured_once(sewn: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = frame_pitches(sewn, get_video(sewn, "mixed"))
    monkeypatch.setattr(ruler_suggestions, "measure", None)  # which would be called
    again = frame_pitches(sewn, get_video(sewn, "mixed"))
    pd.testing.assert_frame_equal(again, first, atol=0.001)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe"])
def test_a_damaged_store_is_measured_anew(sewn: Workspace, content: bytes) -> None:
    frame_pitches(sewn, get_video(sewn, "mixed"))
    (stored,) = (sewn.path / "cache" / "stitches").iterdir()
    stored.write_bytes(content)
    assert frame_pitches(sewn, get_video(sewn, "mixed"))["pitch"].round().tolist()[:2] == [16, 32]


def test_a_picture_that_is_gone_has_no_length(sewn: Workspace) -> None:
    (sewn.path / frame_table(sewn, "mixed")["file"][1]).unlink()
    assert decided(set_scale(sewn, SCALE), "mixed") == [True, None, None, False]


def test_accepted_lengths_are_labels_and_given_ones_stay(sewn: Workspace) -> None:
    say(sewn, "Ada", "mixed", "f", "length")
    calibrated, video = set_scale(sewn, SCALE), get_video(sewn, "mixed")
    table = decisions(RULER, suggest(RULER, calibrated, video))
    assert accept(calibrated, video, table, "Ada") == 2
    labels = labels_of(calibrated, "Ada", "mixed")["length"]
    assert [None if pd.isna(value) else bool(value) for value in labels] == [False, False, None, False]
