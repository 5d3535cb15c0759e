"""Teach from the camera: in a fresh workspace, on a rendered seam, until the instant network has learned from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Frame, Page, TimeoutError, expect

from core import workspace as workspaces
from core.assist import instant_network
from core.assist.instant_network import InstantNetwork
from core.demo.render import render_frames
from core.demo.sample_plan import video_plan
from core.inspection.inspector import Inspector
from core.labels.consensus import labels_of
from core.media.library import frame_table, read_frame, videos
from core.workspace import Workspace
from tests.browser.conftest import PATIENCE
from tests.browser.fake_camera import write_y4m
from tests.helpers.waiting import until

STEP = 150
"""Pictures of the film, six seconds, that show the same: taught breaks, taught good seam, other breaks, other good seam."""

SIZE = (320, 240)
TOP = 10
"""Rows at the upper edge in which a white dot says where the film is. A network of peaks cannot see where it is."""

WHERE = """() => {
    const video = document.querySelector("video");
    if (!video || !video.videoWidth) return -1;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const width = canvas.width, rows = Math.round(canvas.height / 40);
    const pixels = context.getImageData(0, 0, width, rows).data, sums = new Array(width).fill(0);
    for (let i = 0; i < pixels.length; i += 4) sums[i / 4 % width] += pixels[i + 1];
    return sums.indexOf(Math.max(...sums)) / width;
}"""
"""The place of the dot in the picture that the page shows, 0 to 1."""


def seam() -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Return breaks and good seam of the first half of a rendered video, and of its second half."""
    frames = [(cv2.resize(picture, SIZE), true) for picture, true in render_frames(video_plan(1, 6, 200)[5])]
    halves = frames[:100], frames[100:]
    return tuple(  # type: ignore[return-value]
        [picture for picture, true in half if true.answers[name]]
        for half in halves
        for name in ("break", "good")
    )


def film(parts: tuple[list[np.ndarray], ...]) -> Iterator[np.ndarray]:
    for number in range(STEP * len(parts)):
        part = parts[number // STEP]
        picture = cv2.cvtColor(
            cv2.cvtColor(part[number % STEP % len(part)], cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR
        )
        picture[:TOP] = 0
        x = round((SIZE[0] - 8) * number / (STEP * len(parts))) + 4
        picture[1 : TOP - 2, x - 3 : x + 3] = 255
        yield picture


def wait_for(stream: Frame, first: float, last: float) -> None:
    """Wait until the picture is of the film between ``first`` and ``last``, of the four parts."""
    stream.wait_for_function(
        f"([first, last]) => {{ const at = 4 * ({WHERE})(); return first <= at && at < last; }}",
        arg=[first, last],
        polling=50,
    )


def hold(page: Page, stream: Frame, key: str, part: int) -> None:
    """Hold a key over some two seconds of a part of the film."""
    wait_for(stream, part + 0.1, part + 0.2)
    for each in key.split("+"):
        page.keyboard.down(each)
    wait_for(stream, part + 0.45, part + 1)
    for each in key.split("+"):
        page.keyboard.up(each)


def start(page: Page) -> Frame:
    """Start the camera; a start in some forty fails in streamlit-webrtc, and is tried once more."""
    inside = page.frame_locator("iframe").first
    inside.get_by_role("button", name="Start", exact=True).click()
    stream = next(frame for frame in page.frames if "streamlit_webrtc" in frame.url)
    try:
        stream.wait_for_function(f"() => ({WHERE})() >= 0", timeout=40_000)
    except TimeoutError:
        inside.get_by_role("button", name="Stop", exact=True).click()
        inside.get_by_role("button", name="Start", exact=True).click()
    return stream


def has_learned_all(page: Page, workspace: Workspace) -> bool:
    """Return whether the page says that all frames of the one group are learned."""
    frames = sum(video.frames for video in videos(workspace))
    said = f"Learned. Instant network: {frames} labelled pictures of 1 video, not tested"
    return page.get_by_text(said).is_visible()


def decisions(network: InstantNetwork, workspace: Workspace, names: pd.Series) -> pd.Series:
    """Return whether ``network`` decides that there is a break in each of the frames, by the index of ``names``."""
    inspector = Inspector.of_instant(network)
    return names.map(lambda name: inspector.inspect(read_frame(workspace, name)).decisions["break"])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspaces.create(tmp_path / "workspace")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_is_held_is_labelled_in_one_group_learned_found_elsewhere_and_taken_back(
    workspace: Workspace, serve: Callable[[Path], str], open_page: Callable[..., Page], tmp_path: Path
) -> None:
    parts = seam()
    camera = write_y4m(tmp_path / "seam.y4m", film(parts))
    page = open_page(f"{serve(workspace.path)}/Live?annotator=Ada", camera=camera)
    expect(page.get_by_text("learned from seams drawn by SeamLens")).to_be_visible()
    stream = start(page)
    expect(page.get_by_role("button", name="break")).to_be_enabled(timeout=PATIENCE)

    page.get_by_label("Frames per second").select_option("8")
    hold(page, stream, "b", 0)
    hold(page, stream, "g", 1)
    until(lambda: has_learned_all(page, workspace))

    (group,) = videos(workspace)
    assert group.origin == "live"
    table = labels_of(workspace, "Ada", group.key)
    taught = int(table["break"].fillna(False).sum())
    assert taught >= instant_network.LEAST
    assert (table["break"] != table["good"]).all()
    network = instant_network.learn(workspace)
    assert network is not None

    hold(page, stream, "l", 2)  # an answer of its own, by which the test knows these pictures again
    hold(page, stream, "Shift+L", 3)
    expect(page.get_by_role("button", name="4 mm")).to_contain_text("frames")
    until(lambda: labels_of(workspace, "Ada", group.key)["length"].eq(False).sum() >= 5)
    table = labels_of(workspace, "Ada", group.key)
    names = frame_table(workspace, group.key).set_index("index")["name"]
    decided = decisions(network, workspace, names[table.dropna(subset=["length"]).index])
    print(decided.groupby(table["length"]).agg(["mean", "size"]))
    assert decided[table["length"].eq(True)].mean() >= 0.6  # half of a break is in some of the pictures
    assert decided[table["length"].eq(False)].mean() <= 0.25
    frames = len(table)
    for _ in range(3):
        page.keyboard.press("z")
    until(lambda: not labels_of(workspace, "Ada", group.key)["good"].fillna(False).any())
    assert int(labels_of(workspace, "Ada", group.key)["break"].fillna(False).sum()) == taught
    assert videos(workspace)[0].frames >= frames  # they stay; the last one may have come since
