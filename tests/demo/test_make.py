from pathlib import Path

import pytest

from core import workspace as workspaces
from core.demo.make import ANNOTATOR, add_practice, make_demo
from core.errors import WorkspaceError
from core.labels.consensus import consensus, labels_of
from core.media.library import drawn, videos
from core.splits.leaks import leak_of
from core.splits.make_split import split_by_video, split_random
from tests.helpers.page_workspace import small_workspace


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Eight small videos; only read them."""
    return make_demo(tmp_path_factory.mktemp("demo") / "class", seed=3, videos=8, frames=12)


def test_all_videos_are_called_rendered(demo):
    assert {video.origin for video in videos(demo.workspace)} == {"rendered"}
    assert drawn(videos(demo.workspace)) == "All 8 videos are practice videos, drawn by SeamLens."


def test_a_class_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        if done == 5:  # three are drawn, two lie on the stage
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(tmp_path / "class", videos=3, frames=12, progress=stop)
    assert not videos(workspaces.open_workspace(tmp_path / "class"))
    assert not [path.name for path in (tmp_path / "class").glob(".*") if path.is_dir()]
    assert not any((tmp_path / "class" / "frames").iterdir())


def test_one_video_in_eight_is_left_to_the_user(demo):
    table = consensus(demo.workspace).set_index("video")[list(demo.workspace.attributes.names)]
    bare = table.isna().all(axis=1).groupby(level=0).all()
    assert tuple(bare[bare].index) == demo.unlabelled == ("seam_08",)


def test_labels_are_the_truth_that_lies_beside_them(demo):
    truth = (demo.workspace.path / "truth" / "seam_01_truth.csv").read_text().splitlines()
    stored = labels_of(demo.workspace, ANNOTATOR, "seam_01")
    column = truth[0].split(",").index("length")
    words = {True: "True", False: "False"}
    assert [row.split(",")[column] for row in truth[1:]] == [
        words.get(v, "") for v in stored["length"].astype(object)
    ]


def test_a_second_call_adds_nothing(demo):
    again = make_demo(demo.workspace.path, seed=3, videos=8, frames=12)
    assert len(videos(again.workspace)) == 8


def test_another_class_is_kept_apart(demo):
    with pytest.raises(WorkspaceError, match="another folder"):
        make_demo(demo.workspace.path, seed=4, videos=8, frames=12)


def test_rendered_videos_are_never_mixed_with_own_ones(tmp_path):
    from tests.helpers import bare_frames

    bare_frames.make(tmp_path / "class", {"mine": 3})
    with pytest.raises(WorkspaceError, match="without videos"):
        make_demo(tmp_path / "class", seed=3, videos=4, frames=12)


def test_other_attributes_are_refused(tmp_path):
    from core.attributes import named

    workspaces.create(tmp_path, named(["open", "short"]))
    with pytest.raises(WorkspaceError, match="open, short"):
        make_demo(tmp_path, seed=3, videos=4, frames=12)


@pytest.mark.parametrize(("way", "least", "most"), [(split_by_video, 0, 0), (split_random, 90, 100)])
def test_a_random_split_leaks_and_one_by_video_does_not(demo, way, least, most):
    made = way(consensus(demo.workspace))
    assert least <= leak_of(demo.workspace, made.table).meter <= most


@pytest.mark.long
def test_practice_videos_come_beside_ones_own_and_only_once(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path / "class")
    for _ in range(2):
        assert add_practice(workspace, videos=2, frames=20) == 2
    assert [video.key for video in videos(workspace)] == ["practice_01", "practice_02", "seam_a"]
    assert workspace.note == "" and {video.origin for video in videos(workspace)} == {"rendered", "video"}
    answered = consensus(workspace).set_index("video").loc["practice_01"]
    assert len(answered) == 20 and answered["length"].notna().all()
