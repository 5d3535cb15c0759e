"""A teacher with pictures of its own and a clock that is set: what is stored, under which labels, and when it ends."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.attributes import SEAM, AttributeSet, named
from core.errors import LabelError, WorkspaceError
from core.labels.consensus import labels_of
from core.live import teaching
from core.live.teaching import HeldAnswer, Teacher, answers_of, held_answers
from core.media import add_frames
from core.media.library import frame_table, videos
from core.storage import database as db
from core.workspace import Workspace
from tests.helpers.waiting import until

BREAK, GOOD = HeldAnswer("break"), HeldAnswer("good")
TWELVE = named([f"a{number}" for number in range(12)])


class Camera:
    """25 pictures a second before a teacher, by a clock of its own."""

    def __init__(self, workspace: Workspace, told: Callable[[], None] = lambda: None) -> None:
        self.now, self.index, self.workspace = 100.0, 0, workspace
        self.origin = add_frames.stream_origin()
        self.teacher = Teacher(workspace.path, self.origin, told, lambda: self.now)

    def show(
        self, seconds: float, held: tuple[HeldAnswer, ...] = (), rate: float = 4, by: str = "Ada"
    ) -> None:
        """Show pictures while ``held`` is, with a word from the page before each of them."""
        for _ in range(round(25 * seconds)):
            self.teacher.hold(by, held, rate)
            self.pass_by(1)
        self.teacher.hold(by, ())

    def pass_by(self, pictures: int) -> None:
        for _ in range(pictures):
            picture = np.full((24, 32, 3), self.index % 256, np.uint8)
            self.teacher.offer(picture, self.index, self.index / 25)
            self.index, self.now = self.index + 1, self.now + 0.04

    def labels(self, by: str = "Ada") -> pd.DataFrame:
        """Wait until all is stored; return the labels, by the index of the frame."""
        until(lambda: self.teacher.status().waiting == 0)
        key = self.teacher.status().video
        return labels_of(self.workspace, by, key)


@pytest.fixture(autouse=True)
def gathers_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "GATHER", 0.02)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "workspace")


@pytest.fixture
def camera(workspace: Workspace) -> Camera:
    return Camera(workspace)


def in_workspace(tmp_path: Path, attributes: AttributeSet) -> Camera:
    return Camera(workspaces.create(tmp_path / "other", attributes))


def answers(row: pd.Series) -> dict[str, bool | None]:
    return {name: None if pd.isna(row[name]) else bool(row[name]) for name in SEAM.names}


def test_what_can_be_held_gives_each_attribute_both_answers() -> None:
    assert held_answers(SEAM) == [
        GOOD,
        HeldAnswer("error"),
        BREAK,
        HeldAnswer("length"),
        HeldAnswer("length", False),
    ]
    assert len(held_answers(TWELVE)) == 24
    assert held_answers(named(["apple", "pear"], exclusive=True)) == [HeldAnswer("apple"), HeldAnswer("pear")]


def test_what_excludes_each_other_is_false_and_the_later_of_two_keys_counts() -> None:
    assert answers_of(SEAM, [BREAK]) == {"break": True, "good": False}
    assert answers_of(SEAM, [BREAK, HeldAnswer("length", False)]) == {
        "break": True,
        "good": False,
        "length": False,
    }
    assert answers_of(SEAM, [BREAK, GOOD]) == {"break": False, "good": True, "error": False}


def test_a_second_of_a_held_key_is_four_labelled_frames_of_one_group(camera: Camera) -> None:
    camera.show(1)
    camera.show(1, (BREAK,))
    camera.show(0.5)
    camera.show(1, (GOOD,))
    table = camera.labels()
    assert len(table) == 8
    assert [answers(table.iloc[row]) for row in (0, 7)] == [
        {"good": False, "error": None, "break": True, "length": None},
        {"good": True, "error": False, "break": False, "length": None},
    ]
    (video,) = videos(camera.workspace)
    assert (video.origin, video.frames) == ("live", 8)
    assert camera.teacher.status().counts == {BREAK: 4, GOOD: 4}


def test_the_rate_is_kept(camera: Camera) -> None:
    camera.show(2, (BREAK,), rate=8)
    assert camera.teacher.status().counts == {BREAK: 16}


def test_an_undo_takes_the_last_stretch_back_and_leaves_its_frames(camera: Camera) -> None:
    camera.show(1, (BREAK,))
    camera.show(1, (GOOD,))
    camera.teacher.undo()
    until(lambda: camera.labels()["good"].notna().sum() == 4)
    table = camera.labels()
    assert table["break"].dropna().tolist() == [True] * 4
    assert len(frame_table(camera.workspace)) == 8
    assert camera.teacher.status().counts == {BREAK: 4}

    camera.teacher.close()  # and one can still undo
    camera.teacher.undo()
    until(lambda: camera.labels()["break"].isna().all())
    assert not camera.teacher.status().can_undo


def test_the_same_frame_twice_has_its_later_label(camera: Camera) -> None:
    for held in (BREAK, GOOD):
        camera.index = 7
        camera.show(0.04, (held,))
        camera.labels()
    assert answers(camera.labels().loc[7]) == {"good": True, "error": False, "break": False, "length": None}
    assert len(frame_table(camera.workspace)) == 1


def test_a_page_that_says_nothing_any_more_holds_nothing(camera: Camera) -> None:
    camera.teacher.hold("Ada", (BREAK,))
    camera.pass_by(25 * 10)
    assert len(camera.labels()) in (8, 9)  # of two seconds


def test_a_camera_that_stops_ends_the_stretch_and_what_was_taken_is_stored(camera: Camera) -> None:
    camera.teacher.hold("Ada", (BREAK,))
    camera.pass_by(25)
    camera.teacher.close()
    camera.pass_by(25)
    assert camera.labels()["break"].tolist() == [True] * 4
    assert not camera.teacher.status().gives_pictures
    with pytest.raises(LabelError, match="The camera has stopped"):
        camera.teacher.hold("Ada", (BREAK,))


def test_nobody_teaches_without_a_name(camera: Camera) -> None:
    with pytest.raises(LabelError, match="needs the name"):
        camera.teacher.hold(" ", (BREAK,))
    camera.pass_by(25)
    assert not videos(camera.workspace)


def test_an_attribute_that_was_renamed_meanwhile_is_refused_in_words(camera: Camera) -> None:
    settings = camera.workspace.path / workspaces.SETTINGS_FILE
    camera.teacher.hold("Ada", (BREAK,))
    settings.write_text(settings.read_text().replace('"break"', '"gap"'))
    camera.pass_by(1)
    until(lambda: camera.teacher.status().problem)
    assert "break" in camera.teacher.status().problem
    with pytest.raises(LabelError, match="no attribute 'break' in this workspace any more"):
        camera.teacher.hold("Ada", (BREAK,))


def test_of_classes_one_is_true_and_the_others_are_false(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "GATHER", 60)
    camera = in_workspace(tmp_path, named(["apple", "pear", "plum"], exclusive=True))
    camera.show(1, (HeldAnswer("apple"), HeldAnswer("pear")))
    camera.teacher.close()
    table = camera.labels()
    assert table[["apple", "pear", "plum"]].astype(bool).to_numpy().tolist() == [[False, True, False]] * 4
    with db.reading(camera.workspace) as connection:
        assert connection.exec_driver_sql("select count(*) from events").scalar() == 3


def test_of_twelve_attributes_several_are_held_at_once(tmp_path: Path) -> None:
    camera = in_workspace(tmp_path, TWELVE)
    held = tuple(HeldAnswer(name, number % 2 == 0) for number, name in enumerate(TWELVE.names))
    camera.show(0.04, held)
    assert camera.labels()[list(TWELVE.names)].iloc[0].tolist() == [True, False] * 6


def test_a_full_disk_ends_it_with_a_sentence_until_the_key_is_pressed_anew(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise WorkspaceError("The disk is full (3 MB free).", "Free some space.")

    monkeypatch.setattr(teaching, "add_shots", full)
    camera.teacher.hold("Ada", (BREAK,))
    camera.pass_by(1)
    until(lambda: camera.teacher.status().problem)
    assert camera.teacher.status().problem == "The disk is full (3 MB free). Free some space."
    camera.teacher.hold("Ada", (BREAK,))
    camera.pass_by(25)
    assert camera.teacher.status().waiting == 0
    assert camera.teacher.status().counts == {}

    monkeypatch.undo()
    camera.teacher.hold("Ada", ())
    camera.show(1, (BREAK,))
    assert len(camera.labels()) == 4
    assert not camera.teacher.status().problem


def test_pictures_are_not_taken_while_too_many_wait(camera: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "MOST_WAITING", 3)
    monkeypatch.setattr(teaching, "GATHER", 60)
    camera.show(2, (BREAK,))
    camera.teacher.close()
    assert camera.teacher.status().skipped == 5
    assert len(camera.labels()) == 3


def test_whoever_learns_is_told_of_labels_and_of_their_undoing(workspace: Workspace) -> None:
    told: list[int] = []
    camera = Camera(workspace, lambda: told.append(camera.teacher.status().waiting))
    camera.show(0.04, (BREAK,))
    until(lambda: len(told) == 1)
    camera.teacher.undo()
    until(lambda: len(told) == 2)
