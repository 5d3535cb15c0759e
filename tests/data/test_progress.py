from core.data.labels import record
from core.data.progress import progress
from tests.pages.small import VIDEO, small_workspace


def test_a_frame_counts_once_however_many_attributes_are_answered(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True, "error": False})
    [found] = progress(workspace, "Ada")
    assert (found.video.key, found.labelled) == (VIDEO, 3)


def test_others_labels_do_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ben", VIDEO, 0, 2, {"good": True})
    assert progress(workspace, "Ada")[0].labelled == 0


def test_an_erased_answer_does_not_count(tmp_path):
    workspace = small_workspace(tmp_path / "workspace", labelled=False)
    record(workspace, "Ada", VIDEO, 0, 2, {"good": True})
    record(workspace, "Ada", VIDEO, 1, 1, {"good": None})
    assert progress(workspace, "Ada")[0].labelled == 2
