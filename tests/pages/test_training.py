"""The Train page where the split leaks, and where it does not."""

import numpy as np
import pytest

from core.__main__ import main
from core.jobs import pace
from core.labels import labels
from core.labels.consensus import consensus
from core.networks.recipe import PUBLISHED
from core.runs import run_store as runs
from core.splits import stored_split
from core.splits.leaks import leak_of
from core.splits.make_split import split_by_video
from core.training.create_run import create_run
from core.workspace import open_workspace
from tests.helpers import jobs_here, tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.page_files import PAGES
from tests.pages.conftest import words
from ui.train import split as splitting


@pytest.fixture
def taught(place, tiny_network):
    """Five videos of twelve labelled frames, split by video."""
    made = tiny_class.make(place)
    stored_split.store(made, split_by_video(consensus(made)))
    return made


@pytest.fixture
def leaking(taught):
    """The same with a frame that trains and is a copy of one that tests."""
    first = stored_split.load(taught).table.drop_duplicates("part").set_index("part")["name"]
    tiny_class.copy_frame(taught, first["test"], first["train"])
    return taught


def boxes(app):
    return [box.label for box in app.checkbox]


def start(app):
    return press(app, "Start training")


def test_an_honest_split_asks_nothing(visit, taught):
    app = visit("4_Train.py")
    assert "Honest split: none of the" in words(app)
    assert "Train anyway (the test will look better than it is)" not in boxes(app)


def test_a_label_of_a_frame_that_has_its_part_is_no_reason_to_look_for_twins(visit, taught, monkeypatch):
    looked = []
    monkeypatch.setattr(splitting, "leak_of", lambda *about, **more: looked.append(about) or leak_of(*about))
    visit("4_Train.py")
    labels.record(taught, "teacher", "video_0", 0, 0, {"spot": False})
    visit("4_Train.py")
    labels.record(taught, "teacher", "video_0", 0, 0, dict.fromkeys(taught.attributes.names))
    visit("4_Train.py")
    assert len(looked) == 2  # at first, and without the frame that has no label any more


def test_a_leaking_split_shows_its_meter_and_the_box(visit, leaking):
    app = visit("4_Train.py")
    assert "1 of 12 test pictures resemble a training picture" in words(app)
    assert "Train anyway (the test will look better than it is)" in boxes(app)


def test_without_the_tick_no_run_is_made(visit, leaking):
    app = start(visit("4_Train.py"))
    assert "8.3 % (1 of 12)" in words(app)
    assert runs.list_runs(leaking) == []


def test_with_the_tick_the_run_is_asked_for_by_name(visit, leaking, monkeypatch):
    asked = []

    def start_nothing(workspace, settings, user="", **_more):
        asked.append(settings.leaking)
        return create_run(workspace, settings, user=user)

    monkeypatch.setattr("core.jobs.jobs.start", start_nothing)
    app = visit("4_Train.py")
    app.checkbox(key="train_leaking").check()
    start(app)
    assert asked == [True]


def test_recipe_and_region_are_those_that_were_chosen(visit, taught, monkeypatch):
    monkeypatch.setattr("core.jobs.jobs.enqueue", lambda run, on="": None)
    app = visit("4_Train.py")
    app.selectbox(key="recipe_seam_pretrained").set_value("Published")
    app.slider(key="train_across").set_value((20, 80))
    start(app)
    [run] = runs.list_runs(taught)
    assert (run.recipe, run.region) == (PUBLISHED, (0.2, 0, 0.8, 1))


@pytest.fixture
def cluster(monkeypatch):
    """Ray is installed and the environment names a cluster; where trainings are sent is noted."""
    monkeypatch.setattr("core.cluster.address.is_installed", lambda: True)
    monkeypatch.setattr("core.cluster.address.check", lambda address: None)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.5:6379")
    sent = []
    monkeypatch.setattr("core.jobs.jobs.enqueue", lambda run, on="": sent.append(on))
    return sent


@pytest.mark.parametrize(("where", "on"), [("This computer", ""), ("Cluster", "10.0.0.5:6379")])
def test_a_training_goes_where_it_was_chosen_to(visit, taught, cluster, where, on):
    app = visit("4_Train.py")
    app.radio(key="train_on").set_value(where).run()
    start(app)
    assert cluster == [on]


def test_without_a_cluster_none_is_offered(visit, taught, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert "train_on" not in [radio.key for radio in visit("4_Train.py").radio]


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def test_a_video_that_was_labelled_since_extends_the_split(visit, taught):
    drawn = tiny_class.picture(True, False, np.random.default_rng(7))
    tiny_class.add_frames(taught, "late", [drawn])
    labels.record(taught, "teacher", "late", 0, 0, {"spot": True})
    press(visit("4_Train.py"), "Extend the split")
    assert "late" in set(stored_split.load(taught).table["video"])


def test_without_new_videos_there_is_nothing_to_extend(visit, taught):
    assert "Extend the split" not in [button.label for button in visit("4_Train.py").button]


def test_one_video_can_be_split_by_blocks(visit, place, tiny_network):
    made = tiny_class.make(place, videos=1, frames=200)
    app = visit("4_Train.py")
    app.segmented_control(key="split_way").set_value("blocks").run()
    press(app, "Make the split")
    assert stored_split.load(made).by == "blocks"


def test_what_the_pictures_show_is_chosen_for_the_workspace(visit, taught):
    visit("4_Train.py").selectbox(key="material_None").set_value("separate").run()
    assert open_workspace(taught.path).material == "separate"
    app = visit("4_Train.py")
    app.selectbox(key="material_separate").set_value("continuous").run()
    assert not app.exception and open_workspace(taught.path).material == "continuous"


@pytest.fixture
def started(monkeypatch):
    """What the page starts, without training it."""
    runs_made = []

    def start_nothing(workspace, settings, user="", on="", **more):
        runs_made.append(create_run(workspace, settings, user=user, **more))
        return runs_made[-1]

    monkeypatch.setattr("core.jobs.jobs.start", start_nothing)
    return runs_made


def test_a_search_for_leaks_a_split_and_the_start_are_jobs_where_they_take_long(
    visit, taught, started, monkeypatch
):
    jobs_here.take_long(monkeypatch)
    app = visit("4_Train.py")
    assert "Honest split: none of the" in words(app)
    assert "The split is saved." in words(press(app, "Make another split"))
    assert "Run 1 has started." in words(start(app)) and len(started) == 1


def labels_of(app):
    return [button.label for button in app.button]


def test_fast_takes_the_network_for_few_labels_and_says_why(visit, taught, started):
    app = visit("4_Train.py")
    start(app)
    assert started[0].config.network == "seam_pretrained"
    app = visit("4_Train.py")
    app.radio(key="train_card").set_value("As published").run()
    start(app)
    assert started[1].config.network == "seam_resnet"


def test_what_is_unfolded_stays_where_it_is_once_the_computer_is_measured(visit, taught, monkeypatch):
    measured = []
    monkeypatch.setattr(pace, "begin", lambda *_: None)
    monkeypatch.setattr(pace, "pace", lambda *_: measured[0] if measured else None)
    before = visit("4_Train.py")
    assert "Measuring how fast this computer is" in captions(before)
    measured.append(pace.Pace(0.1, 0.1))
    after = visit("4_Train.py")
    assert "on this computer" in captions(after)
    assert positions(before) == positions(after)


def captions(app):
    return " ".join(app.radio(key="train_card").proto.captions)


def positions(app):
    """Return where on the page each expander stands."""
    return {block.label: place for place, block in app.main.children.items() if block.type == "expander"}


def test_a_class_of_one_video_gets_a_way_on(visit, place, tiny_network):
    made = tiny_class.make(place, videos=1, frames=200)
    app = visit("4_Train.py")
    assert "You have 1 labelled video; an honest test needs 3." in words(app)
    assert app.button(key="start_training").disabled and "--" not in words(app)
    press(app, "Split by blocks")
    assert stored_split.load(made).by == "blocks"
    app = visit("4_Train.py")
    assert not app.button(key="start_training").disabled


def test_an_attribute_with_one_answer_is_left_out_or_erased(visit, taught, started):
    rows = consensus(taught).assign(spot=False)[["video", "index", "spot"]]
    labels.record_table(taught, "teacher", rows)
    app = visit("4_Train.py", "teacher")
    assert "“spot” is left out: all 60 answers are “no”." in words(app)
    start(app)
    assert started[0].attributes.names == ("clean", "narrow")
    app = visit("4_Train.py", "teacher")
    app.button(key="erase_spot").click().run()
    assert consensus(taught)["spot"].isna().all() and consensus(taught)["narrow"].notna().all()
    assert "nobody has answered it yet" in words(visit("4_Train.py", "teacher"))


def test_nobody_erases_what_others_have_answered(visit, taught):
    labels.record_table(taught, "teacher", consensus(taught).assign(spot=False)[["video", "index", "spot"]])
    assert "Erase" not in labels_of(visit("4_Train.py", "Ann"))


@pytest.mark.parametrize(
    ("button", "used"), [("Use the new video and start", True), ("Start without", False)]
)
def test_a_new_video_is_offered_when_start_is_pressed(visit, taught, started, button, used):
    tiny_class.add_frames(taught, "x" * 60, [tiny_class.picture(True, False, np.random.default_rng(7))])
    labels.record(taught, "teacher", "x" * 60, 0, 0, {"spot": True})
    app = start(visit("4_Train.py"))
    assert not started and f"1 new video ({'x' * 60})" in words(app)
    press(app, button)
    assert len(started) == 1 and ("x" * 60 in set(started[0].frames["video"])) == used


def test_a_test_that_cannot_beat_guessing_is_said_to_be_so_before(visit, taught):
    test = stored_split.load(taught).table.query("part == 'test'")["video"].unique()
    rows = consensus(taught)
    rows = rows[rows["video"].isin(test)].assign(spot=False)[["video", "index", "spot"]]
    labels.record_table(taught, "teacher", rows)
    assert "cannot show that the network beats guessing: spot (all 12 test frames alike)" in words(
        visit("4_Train.py")
    )


def test_the_one_thing_that_helps_most_leads_to_its_page(visit, place, tiny_network):
    tiny_class.make(place, videos=1)
    app = visit("4_Train.py")
    assert "Add a second video" in [button.label for button in app.button]
    assert "Next: add a second video" in words(visit())


@pytest.mark.long
def test_a_run_of_fewer_attributes_than_the_workspace_works_everywhere(visit, taught, tmp_path):
    labels.record_table(taught, "teacher", consensus(taught).assign(spot=False)[["video", "index", "spot"]])
    folder = ["--workspace", str(taught.path)]
    for words_of in (
        ["train", "--network", "tiny", "--epochs", "1"],
        ["test", "latest"],
        ["report", "latest", "--out", str(tmp_path / "report.html")],
        [
            "explain",
            "latest",
            str(taught.frames / "video_0" / "video_0_0.jpg"),
            "--out",
            str(tmp_path / "out"),
        ],
        ["suggest", "latest", "video_0", "--test-videos"],
        ["balance"],
    ):
        assert main([*folder, *words_of]) == 0, words_of
    run = runs.get_run(taught, "latest")
    assert run.attributes.names == tuple(run.test.attributes) == ("clean", "narrow")
    assert "spot" in (tmp_path / "report.html").read_text("utf-8")  # the note
    for page in PAGES:
        app = visit(page, "teacher")
        assert not app.exception and not app.error, page
