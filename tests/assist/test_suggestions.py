"""What a network suggests for a video, stored until the video or the network changes."""

import shutil

import numpy as np
import pandas as pd
import pytest

from core import workspace as workspaces
from core.assist import suggestions
from core.attributes import Attribute, AttributeSet
from core.errors import LabelError, RunError
from core.labels.assignments import assign
from core.labels.consensus import labels_of
from core.labels.labels import record
from core.media.images import write_jpeg
from core.media.library import get_video
from core.review import gold
from core.runs import run_store as runs
from core.runs.run import Run
from core.training.create_run import create_run
from tests.helpers import tiny_class

CLEAN, SPOT, NARROW = 0.9, 0.2, 0.5


class Fake:
    """A network that predicts the same for every picture, and counts how often it was loaded."""

    def __init__(self, *probabilities: float) -> None:
        self.probabilities, self.loaded = probabilities, 0

    def __call__(self, run: Run):
        self.loaded += 1
        return lambda pictures: np.tile(np.float32(self.probabilities), (len(pictures), 1))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake(CLEAN, SPOT, NARROW)
    monkeypatch.setattr(suggestions, "compiled", made)
    return made


@pytest.fixture
def video(workspace):
    return get_video(workspace, "video_0")


def accept(run: Run, workspace: workspaces.Workspace, video, suggested: pd.DataFrame, annotator: str) -> int:
    """Accept what a run decides."""
    return suggestions.accept(workspace, video, suggestions.decisions(run, workspace, suggested), annotator)


def without(run: Run, name: str) -> workspaces.Workspace:
    """The run's workspace, after an attribute was taken from its settings."""
    others = tuple(a for a in tiny_class.ATTRIBUTES if a.name != name)
    opened = run.workspace
    return workspaces.Workspace(opened.path, AttributeSet(others), opened.database)


def table(*clean: float) -> pd.DataFrame:
    """Suggestions for the first frames of a video."""
    return pd.DataFrame({"index": range(len(clean)), "clean": clean, "spot": SPOT, "narrow": NARROW})


def picture_of(run: Run, index: int):
    return run.workspace.frames / "video_0" / f"video_0_{index}.jpg"


def test_a_trained_network_suggests_the_spots(trained):
    video = get_video(trained.workspace, "video_4")
    found = suggestions.suggest(trained, trained.workspace, video)
    spots = [tiny_class.answers(4, frame)["spot"] for frame in range(12)]
    assert (found["spot"] >= 0.5).tolist() == spots


def test_every_frame_has_a_probability_per_attribute(fake, run, video):
    found = suggestions.suggest(run, run.workspace, video)
    assert found.columns.tolist() == ["index", "clean", "spot", "narrow"]
    assert found["index"].tolist() == list(range(12))
    assert found["clean"].tolist() == [CLEAN] * 12


def test_more_frames_than_a_batch(monkeypatch, fake, run, video):
    monkeypatch.setattr(suggestions, "BATCH", 5)
    steps = []
    suggestions.suggest(run, run.workspace, video, lambda *step: steps.append(step))
    assert steps == [(5, 12), (10, 12), (12, 12)]


def test_pictures_stay_in_the_order_of_the_frames(monkeypatch, run, video):
    for index in range(12):
        write_jpeg(picture_of(run, index), np.full((32, 32, 3), 20 * index, np.uint8))
    grey = lambda run: lambda pictures: pictures.mean(axis=(1, 2)) / 20  # noqa: E731
    monkeypatch.setattr(suggestions, "compiled", grey)
    monkeypatch.setattr(suggestions, "BATCH", 2)
    assert suggestions.suggest(run, run.workspace, video)["spot"].round().tolist() == list(range(12))


def test_what_was_computed_is_read_back_the_same(fake, run, video):
    first = suggestions.suggest(run, run.workspace, video)
    pd.testing.assert_frame_equal(suggestions.suggest(run, run.workspace, video), first)
    assert fake.loaded == 1
    assert [path.name for path in (run.path / "suggestions").iterdir()] == ["video_0.csv"]


def test_a_new_network_suggests_anew(fake, run, video):
    suggestions.suggest(run, run.workspace, video)
    run.model_file.write_text("a better network", "utf-8")
    suggestions.suggest(run, run.workspace, video)
    assert fake.loaded == 2


def test_a_file_with_a_frame_less_is_written_anew(fake, run, video):
    suggestions.suggest(run, run.workspace, video)
    path = run.path / "suggestions" / "video_0.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), "utf-8")
    assert len(suggestions.suggest(run, run.workspace, video)) == 12


def test_another_picture_of_a_frame_is_looked_at(run):
    before = pd.DataFrame({"index": [0], "file": ["a.jpg"], "phash": ["0" * 16]})
    assert suggestions.fingerprint(run, before) != suggestions.fingerprint(run, before.assign(phash="f" * 16))


def test_a_file_that_was_spoilt_is_written_anew(fake, run, video):
    suggestions.suggest(run, run.workspace, video)
    path = run.path / "suggestions" / "video_0.csv"
    path.write_bytes(path.read_bytes()[:200] + b"\xff\xfe,,,,,\n")
    assert suggestions.suggest(run, run.workspace, video)["clean"].tolist() == [CLEAN] * 12


def test_a_missing_picture_is_not_known(fake, run, video):
    picture_of(run, 3).unlink()
    found = suggestions.suggest(run, run.workspace, video)
    assert found[found.isna().any(axis=1)]["index"].tolist() == [3]


def test_a_picture_that_came_back_is_looked_at(fake, run, video):
    content = picture_of(run, 3).read_bytes()
    picture_of(run, 3).unlink()
    suggestions.suggest(run, run.workspace, video)
    picture_of(run, 3).write_bytes(content)
    assert suggestions.suggest(run, run.workspace, video).notna().all(axis=None)


def test_a_picture_that_stays_away_is_not_asked_for_again(fake, run, video):
    picture_of(run, 3).unlink()
    suggestions.suggest(run, run.workspace, video)
    suggestions.suggest(run, run.workspace, video)
    assert fake.loaded == 1


def test_a_run_without_a_network_is_refused(run, video):
    run.model_file.unlink()
    with pytest.raises(RunError, match="has no network yet"):
        suggestions.suggest(run, run.workspace, video)


def test_the_newest_run_with_a_network_suggests(run):
    create_run(run.workspace, tiny_class.quick())
    assert suggestions.suggesting_run(run.workspace) == run


def test_without_a_network_nothing_suggests(workspace):
    create_run(workspace, tiny_class.quick())
    assert suggestions.suggesting_run(workspace) is None


def test_a_run_of_other_attributes_suggests_nothing(run):
    other = workspaces.Workspace(
        run.workspace.path, AttributeSet((Attribute("loose", "o", "#123456"),)), run.workspace.database
    )
    assert suggestions.suggesting_run(other) is None


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_the_part_of_a_video(run, video, part):
    run.frames.loc[run.frames["video"] == "video_0", "part"] = part
    assert suggestions.part_of(run, video) == part


def test_a_video_of_several_parts_counts_as_tested(run, video):
    run.frames["part"] = ["train", "test", "valid"] * 20
    assert suggestions.part_of(run, video) == "test"


def test_a_video_that_the_run_does_not_know_has_no_part(run, video):
    run.frames["video"] = "elsewhere"
    assert suggestions.part_of(run, video) is None


def test_decided_true_from_the_threshold_on(run):
    decided = suggestions.decisions(run, run.workspace, table(0.49, 0.5, np.nan))
    assert decided["clean"].tolist() == [False, True, pd.NA]


def test_of_classes_the_most_probable_is_true(tmp_path):
    workspace = tiny_class.make_classes(tmp_path / "classes")
    run = create_run(workspace, tiny_class.quick())
    found = pd.DataFrame({"index": [0, 1], "plain": [0.4, 0.1], "dark": [0.3, 0.2]})
    decided = suggestions.decisions(run, workspace, found)
    assert decided[["plain", "dark"]].values.tolist() == [[True, False], [False, True]]


def test_the_json_of_a_browser(run):
    assert suggestions.to_json(run, run.workspace, table(0.12345, np.nan)) == {
        "run": run.id,
        "attributes": ["clean", "spot", "narrow"],
        "thresholds": {"clean": 0.5, "spot": 0.5, "narrow": 0.5},
        "probabilities": {"clean": [0.123, None], "spot": [0.2, 0.2], "narrow": [0.5, 0.5]},
    }


def test_rounding_for_the_browser_changes_no_decision(run):
    found = suggestions.to_json(run, run.workspace, table(0.4996))
    assert found["probabilities"]["clean"][0] < 0.5


def test_an_attribute_that_was_taken_away_is_not_suggested(run):
    found = suggestions.to_json(run, without(run, "spot"), table(CLEAN))
    assert found["attributes"] == ["clean", "narrow"]
    assert list(found["thresholds"]) == list(found["probabilities"]) == ["clean", "narrow"]


def test_accepted_suggestions_become_labels(run, video):
    stored = accept(run, run.workspace, video, table(0.9, 0.1), "Ann")
    assert stored == 6
    assert labels_of(run.workspace, "Ann", "video_0").loc[0].tolist() == [True, False, True]
    assert labels_of(run.workspace, "Ann", "video_0").loc[1].tolist() == [False, False, True]


def test_accepting_leaves_what_was_said(run, video):
    record(run.workspace, "Ann", "video_0", 0, 0, {"clean": False})
    assert accept(run, run.workspace, video, table(CLEAN), "Ann") == 2
    assert labels_of(run.workspace, "Ann", "video_0").loc[0].tolist() == [False, False, True]


def test_accepting_twice_stores_once(run, video):
    accept(run, run.workspace, video, table(CLEAN), "Ann")
    assert accept(run, run.workspace, video, table(0.1), "Ann") == 0
    assert labels_of(run.workspace, "Ann", "video_0").loc[0, "clean"]


def test_a_frame_without_a_picture_stays_unset(run, video):
    unknown = table(CLEAN).assign(clean=np.nan, spot=np.nan, narrow=np.nan)
    assert accept(run, run.workspace, video, unknown, "Ann") == 0


def test_a_class_that_was_chosen_is_kept(tmp_path):
    workspace = tiny_class.make_classes(tmp_path / "classes")
    run = create_run(workspace, tiny_class.quick())
    record(workspace, "Ann", "group_0", 0, 0, {"plain": True})
    found = pd.DataFrame({"index": [0, 1], "plain": [0.1, 0.1], "dark": [0.9, 0.9]})
    assert accept(run, workspace, get_video(workspace, "group_0"), found, "Ann") == 2
    assert labels_of(workspace, "Ann", "group_0").loc[:1].values.tolist() == [[True, False], [False, True]]


def test_accepting_needs_an_annotator(run, video):
    with pytest.raises(LabelError, match="annotator"):
        accept(run, run.workspace, video, table(CLEAN), " ")


def test_a_moved_run_keeps_its_suggestions(fake, run, video, tmp_path):
    suggestions.suggest(run, run.workspace, video)
    shutil.copytree(run.workspace.path, tmp_path / "moved")
    moved = workspaces.open_workspace(tmp_path / "moved")
    suggestions.suggest(runs.get_run(moved, run.id), moved, video)
    assert fake.loaded == 1


def test_who_labels_a_video_blind_gets_no_suggestions_until_it_is_finished(run, video) -> None:
    assign(run.workspace, ["video_0"], ["Ann"], 1)
    assert suggestions.withheld(run.workspace, "Ann", video) == "blind"
    with pytest.raises(LabelError, match="Ann labels it blind"):
        accept(run, run.workspace, video, table(CLEAN), "Ann")
    assert labels_of(run.workspace, "Ann", "video_0").isna().all(axis=None)
    record(
        run.workspace,
        "Ann",
        "video_0",
        0,
        video.frames - 1,
        dict.fromkeys(("clean", "spot", "narrow"), False),
    )
    assert suggestions.withheld(run.workspace, "Ann", video) == ""


def test_others_get_suggestions_for_it(run, video) -> None:
    assign(run.workspace, ["video_0"], ["Ann"], 1)
    assert suggestions.withheld(run.workspace, "Ben", video) == ""


def test_gold_frames_are_answered_before_suggestions_come(run, video) -> None:
    """Of the whole video there are none: a gap in them would tell which frames are gold."""
    gold.add_gold(run.workspace, "teacher", "video_0", 3, 4, "spot")
    record(run.workspace, "Ann", "video_0", 3, 3, {"spot": False})
    assert suggestions.withheld(run.workspace, "Ann", video) == "gold"
    record(run.workspace, "Ann", "video_0", 4, 4, {"spot": False})
    assert suggestions.withheld(run.workspace, "Ann", video) == ""
