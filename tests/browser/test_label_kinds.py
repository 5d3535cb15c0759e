"""The labelling page with what is not a plain seam video: classes, pictures, every k-th frame."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from core import workspace as workspaces
from core.attributes import named
from core.exchange.add_pictures import add_paths
from core.labels.consensus import labels_of
from core.videos.add_video import add_video
from core.workspace import Workspace
from tests.browser.label_page import Desk, film

Shown = Callable[[Workspace], Desk]


@pytest.fixture
def shown(serve: Callable[[Path], str], open_page: Callable[..., object]) -> Shown:
    """Return a function that opens the Label page of a workspace, as Ada."""

    def opened(workspace: Workspace) -> Desk:
        return Desk(open_page(f"{serve(workspace.path)}/Label?annotator=Ada"), workspace, "Ada")

    return opened


def test_of_classes_one_is_true_and_the_others_are_false(tmp_path: Path, shown: Shown) -> None:
    workspace = workspaces.create(
        tmp_path / "workspace", named(["apple", "orange", "tomato"], exclusive=True)
    )
    add_video(workspace, film(tmp_path / "fruit.mp4", frames=4))
    desk = shown(workspace)
    desk.press("o", "a", "s", "n", "o", "s", "z", "y")
    desk.saved()
    desk.video = "fruit"
    assert desk.frame(0) == {"apple": True, "orange": False, "tomato": False}
    assert desk.frame(1) == {"apple": False, "orange": True, "tomato": False}
    assert set(desk.frame(2).values()) == {None}


@pytest.mark.long  # 8 s
def test_next_leads_from_a_group_of_one_picture_to_the_next_group_and_no_key_is_lost(
    tmp_path: Path, shown: Shown
) -> None:
    workspace = workspaces.create(tmp_path / "workspace", named(["apple", "orange"], exclusive=True))
    for number in range(3):
        add_video(workspace, film(tmp_path / f"fruit_{number}.mp4", number, frames=1))
    desk = shown(workspace)
    desk.press("p", "p", "a", "s", "n", "o", "s", "n", "a", "s", "n")
    desk.shows("fruit_2")
    desk.saved()
    assert [desk.stored("apple", f"fruit_{number}") for number in range(3)] == [[True], [False], [True]]


def test_painting_a_class_paints_the_others_false(tmp_path: Path, shown: Shown) -> None:
    workspace = workspaces.create(tmp_path / "workspace", named(["apple", "orange"], exclusive=True))
    add_video(workspace, film(tmp_path / "fruit.mp4", frames=4))
    desk = shown(workspace)
    desk.page.keyboard.down("a")
    desk.press("n", "n")
    desk.page.keyboard.up("a")
    desk.saved()
    desk.video = "fruit"
    assert desk.stored("apple") == [True, True, True, None]
    assert desk.stored("orange") == [False, False, False, None]


def test_a_class_that_changes_while_all_are_painted_is_one_in_every_frame(
    tmp_path: Path, shown: Shown
) -> None:
    workspace = workspaces.create(tmp_path / "workspace", named(["apple", "orange"], exclusive=True))
    add_video(workspace, film(tmp_path / "fruit.mp4", frames=8))
    desk = shown(workspace)
    desk.press("a", "Shift+A", "Shift+O", "n", "n", "n", "o", "Shift+O", "Escape")
    desk.saved()
    desk.video = "fruit"
    assert desk.stored("apple")[:4] == [True, True, True, False]
    assert desk.stored("orange")[:4] == [False, False, False, True]


def test_pictures_without_a_video_are_labelled_the_same_way(tmp_path: Path, shown: Shown) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    for number in range(3):
        picture = np.full((60, 80, 3), 40 + 60 * number, np.uint8)
        cv2.imwrite(
            str(folder / f"sewn_{number}.png"),
            cv2.circle(picture, (20 + 20 * number, 30), 12, (0, 0, 255), -1),
        )
    (folder / "sewn_data.csv").write_text(
        ",name,good,error,break,length\n0,sewn_0,True,,,\n1,sewn_1,,,,\n2,sewn_2,,,,\n"
    )
    workspace = workspaces.create(tmp_path / "workspace")
    list(add_paths(workspace.path, [folder]))
    desk = shown(workspace)
    desk.video = "sewn"
    desk.everything_changes()
    desk.press("End", "b", "s")
    desk.saved()
    assert desk.stored("break") == [None, None, True]
    expect(desk.page.locator(".time")).to_have_text("3 of 3")


def test_every_kth_frame_keeps_its_index(tmp_path: Path, shown: Shown) -> None:
    workspace = workspaces.create(tmp_path / "workspace")
    add_video(workspace, film(tmp_path / "long.mp4", frames=20), every=5)
    desk = shown(workspace)
    desk.press("n", "n")
    desk.at_frame(10)
    desk.page.keyboard.down("e")
    desk.press("n")
    desk.page.keyboard.up("e")
    desk.saved()
    error = labels_of(workspace, "Ada", "long")["error"]
    assert error.dropna().index.tolist() == [10, 15]
