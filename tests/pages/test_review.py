"""The tabs of the Balance page on which the instructor looks labels over."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import tomlkit
from streamlit.testing.v1 import AppTest

from core.attributes import named
from core.jobs.background import BACKGROUND
from core.labels.assignments import assign
from core.labels.consensus import consensus, labels_of
from core.labels.labels import record
from core.splits import stored_split
from core.splits.make_split import split_random
from core.storage import database as db
from core.workspace import Workspace, open_workspace, set_scale
from tests.helpers import jobs_here
from tests.helpers.page_workspace import FRAMES, VIDEO, small_workspace
from tests.pages.conftest import words

Visit = Callable[..., AppTest]
Review = Callable[..., AppTest]


@pytest.fixture
def review(visit: Visit) -> Review:
    """Return a function that opens a tab of the Balance page as an annotator."""

    def opened(tab: str, annotator: str = "Eva") -> AppTest:
        app = visit("3_Balance.py", annotator)
        app.session_state["review"] = tab
        return app.run()

    return opened


@pytest.fixture
def quarrel(place: Path) -> Workspace:
    """Of six frames Ada calls 1 to 4 broken, Ben none: nobody else has said anything."""
    workspace = small_workspace(place, labelled=False)
    for name, first, last in (("Ada", 1, 4), ("Ben", 0, -1)):
        record(workspace, name, VIDEO, 0, FRAMES - 1, {"break": False})
        if first <= last:
            record(workspace, name, VIDEO, first, last, {"break": True})
    return workspace


@pytest.fixture
def contradicting(place: Path) -> Workspace:
    """Ada calls the frames 2 and 3 both good and broken."""
    workspace = small_workspace(place, labelled=False)
    record(workspace, "Ada", VIDEO, 2, 3, {"good": True, "break": True})
    return workspace


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def broken(workspace: Workspace) -> list[object]:
    return consensus(workspace)["break"].tolist()


def name_instructor(workspace: Workspace, name: str) -> None:
    file = workspace.path / "workspace.toml"
    settings = tomlkit.parse(file.read_text("utf-8"))
    settings["instructors"] = [name]
    file.write_text(tomlkit.dumps(settings), "utf-8")


@pytest.mark.parametrize(
    ("tab", "sentence"),
    {
        "Agreement": "No frame has labels of two annotators yet",
        "Disputes": "No frame has labels of two annotators yet",
        "Leaks": "There is no split yet",
        "Stitches": "No video can be compared yet",
    }.items(),
)
def test_an_empty_tab_says_what_is_missing(review: Review, place: Path, tab: str, sentence: str) -> None:
    small_workspace(place)
    assert sentence in words(review(tab))


def test_without_a_broken_rule_there_is_no_contradiction(review: Review, place: Path) -> None:
    record(small_workspace(place, labelled=False), "Ada", VIDEO, 0, 5, {"good": True, "break": False})
    assert "No labels contradict each other" in words(review("Contradictions"))


@pytest.fixture
def apart(place: Path) -> Workspace:
    """Of six frames Ada calls the first five broken, Ben none; frame 2 of another attribute is in dispute as well."""
    workspace = small_workspace(place, labelled=False)
    record(workspace, "Ada", VIDEO, 0, 5, {"break": False})
    record(workspace, "Ada", VIDEO, 0, 4, {"break": True})
    record(workspace, "Ben", VIDEO, 0, 5, {"break": False})
    for name, error in (("Ada", True), ("Ben", False)):
        record(workspace, name, VIDEO, 2, 2, {"error": error})
    return workspace


def test_class_says_whom_to_talk_to_and_shows_exactly_these_frames(review: Review, apart: Workspace) -> None:
    app = review("Class")
    said = words(app)
    assert "Ada says yes to “break” where Ben says no: 5 frames of seam_a." in said
    assert (
        "No network was tested yet. Too few frames were labelled by two people to say whether they agree"
        in said
    )
    people = app.dataframe[0].value.set_index("Annotator")
    assert people.loc["Ada", ["Labelled frames", "Like most others"]].tolist() == [
        6,
        "14.3 %",
    ]  # 1 answer of 7
    assert [metric.value for metric in app.metric] == ["6", "none assigned", "0"]
    shown = words(press(app, "Show"))
    assert "Only where **Ada** says **break: true** and most of the others do not." in shown
    assert "5 frames in 1 stretch to decide: 5 real disputes" in shown


def test_all_disputes_come_back(review: Review, apart: Workspace) -> None:
    app = press(press(review("Class"), "Show"), "Show all disputes")
    assert "Only where" not in words(app) and "1 frame to decide" in words(app)  # about error


def test_when_the_last_of_the_shown_frames_is_decided_the_others_come_back(
    review: Review, apart: Workspace
) -> None:
    app = press(press(review("Class"), "Show"), "break: false")
    assert "Only where" not in words(app) and "1 frame to decide" in words(app)


def test_class_shows_nothing_of_what_one_labels_blind(review: Review, apart: Workspace) -> None:
    assign(apart, [VIDEO], ["Eva"], 1)
    said = words(review("Class"))
    assert "Differences in videos that you label without seeing the others are not shown." in said
    assert "where Ben" not in said


def test_class_of_one_person_says_what_is_missing(review: Review, place: Path) -> None:
    small_workspace(place)
    app = review("Class")
    said = words(app)
    assert "Only Ada has labelled so far. Have somebody else label some of the same videos." in said
    assert "There is no split yet" in said and "No network was trained yet." in said
    assert "Who labels what" in words(press(app, "Assign videos"))


def test_class_is_for_instructors(review: Review, apart: Workspace) -> None:
    name_instructor(apart, "Eva")
    assert "Whom to talk to?" in words(review("Class", "eva"))
    said = words(review("Class", "Ben"))
    assert "Only instructors see this tab" in said and "Ada says" not in said


def test_agreement_says_what_to_look_at_where_nearly_all_answers_are_alike(
    review: Review, place: Path
) -> None:
    workspace = small_workspace(place, videos=4, labelled=False)
    for video in "abcd":
        for name in ("Ada", "Ben"):
            record(workspace, name, f"seam_{video}", 0, 5, {"break": False})
    record(workspace, "Ada", "seam_a", 2, 2, {"break": True})
    said = words(review("Agreement"))
    assert "97.9 % of the answers are false." in said  # 1 of 48 is true
    assert "another says true too in 0.0 %." in said


def test_agreement_opens_on_the_worst_attribute(review: Review, apart: Workspace) -> None:
    """Of error alpha is 0, of break −0.57; the others nobody has labelled twice."""
    order = review("Agreement").dataframe[0].value["Attribute"].tolist()
    assert order == ["break", "error", "good", "length"]


def test_only_the_open_tab_is_drawn(review: Review, quarrel: Workspace) -> None:
    assert "Answers per attribute" not in words(review("Disputes"))


def test_without_a_split_leaks_lead_to_training(review: Review, place: Path) -> None:
    small_workspace(place)
    assert press(review("Leaks"), "Make a split").title[0].value == "Train"


def test_over_time_counts_every_label_and_who_is_apart(review: Review, quarrel: Workspace) -> None:
    app = review("Over time")
    assert "12 answers by day (UTC)" in words(app)
    apart = app.dataframe[1].value.set_index("annotator")["apart"]
    assert apart.round(1).to_dict() == {"Ada": 66.7, "Ben": -66.7}


def test_over_time_says_how_fast_each_annotator_labels(review: Review, quarrel: Workspace) -> None:
    with db.writing(quarrel) as connection:  # Ada's two events come a minute apart
        connection.exec_driver_sql("UPDATE events SET at = '2026-11-23T10:0' || seq || ':00+00:00'")
    found = review("Over time").dataframe[0].value.set_index("annotator")
    assert found.loc["Ada", ["minutes", "per_minute"]].tolist() == [1.0, 6.0]  # six frames


def test_imported_labels_have_no_pace(review: Review, place: Path) -> None:
    small_workspace(place)
    assert "Nobody has labelled on the Label page yet" in words(review("Over time"))


def test_where_all_agree_nothing_is_in_dispute(review: Review, place: Path) -> None:
    workspace = small_workspace(place)
    record(workspace, "Ben", VIDEO, 0, 0, {"good": True})
    assert "No disputes: where two" in words(review("Disputes"))


def test_disputes_in_videos_that_are_labelled_blind_are_not_denied(
    review: Review, quarrel: Workspace
) -> None:
    assign(quarrel, [VIDEO], ["Eva"], 1)
    said = words(review("Disputes"))
    assert "The disputes are in videos that you label without seeing the others" in said
    assert "No disputes" not in said


def test_agreement_says_that_always_differing_is_not_reliable(review: Review, quarrel: Workspace) -> None:
    assert "**break** :red[:material/error: not reliable]" in words(review("Agreement"))


def test_agreement_says_why_an_attribute_has_no_number(review: Review, quarrel: Workspace) -> None:
    said = words(review("Agreement"))
    assert "error (alpha, kappa, Fleiss): Nobody has labelled “error” yet." in said


def test_who_agrees_least_with_the_others_comes_first(review: Review, quarrel: Workspace) -> None:
    record(quarrel, "Cem", VIDEO, 0, FRAMES - 1, {"break": False})
    record(quarrel, "Cem", VIDEO, 1, 4, {"break": True})  # as Ada
    kappas = review("Agreement").dataframe[1].value.set_index("Annotator")["kappa"]
    assert kappas.to_dict() == {"Ben": 0.0, "Ada": 0.5, "Cem": 0.5}


def test_disputes_count_what_waits(review: Review, quarrel: Workspace) -> None:
    assert "4 frames in 1 stretch to decide: 4 real disputes, 0 only about where a defect" in words(
        review("Disputes")
    )


def test_a_dispute_that_is_decided_becomes_the_consensus(review: Review, quarrel: Workspace) -> None:
    press(review("Disputes"), "break: true")
    assert broken(quarrel) == [False, True, True, True, True, False]


def test_one_frame_of_a_stretch_can_be_decided_alone(review: Review, quarrel: Workspace) -> None:
    app = review("Disputes")
    app.toggle(key="whole_stretch").set_value(False)
    app.select_slider[0].set_value(4)
    press(app, "break: true")
    assert broken(quarrel) == [False, pd.NA, pd.NA, pd.NA, True, False]


def test_a_decision_can_be_taken_back(review: Review, quarrel: Workspace) -> None:
    press(press(review("Disputes"), "break: true"), "Take back")
    assert broken(quarrel) == [False, pd.NA, pd.NA, pd.NA, pd.NA, False]


def test_skipping_leads_to_the_next_stretch(review: Review, quarrel: Workspace) -> None:
    record(quarrel, "Ben", VIDEO, 2, 2, {"break": True})  # now 1, and 3 to 4
    assert "2 of 2 · seam_a, frames 3 to 4" in words(press(review("Disputes"), "Skip"))


def test_who_has_not_answered_divides_no_stretch(review: Review, quarrel: Workspace) -> None:
    record(quarrel, "Cem", VIDEO, 1, 2, {"break": True})  # of the frames 1 to 4 that the others dispute
    assert "Stretch 1 of 2 · seam_a, frames 1 to 2" in words(review("Disputes"))


def test_who_has_no_name_decides_nothing(review: Review, quarrel: Workspace) -> None:
    assert "break: true" not in buttons(review("Disputes", ""))


def test_where_instructors_are_named_nobody_else_decides(review: Review, quarrel: Workspace) -> None:
    name_instructor(quarrel, "Eva")
    assert "break: true" not in buttons(review("Disputes", "Ada"))


def test_a_named_instructor_decides(review: Review, quarrel: Workspace) -> None:
    name_instructor(quarrel, "Eva")
    assert "break: true" in buttons(review("Disputes", "Eva"))


def test_a_contradiction_is_put_right_for_all_its_frames(review: Review, contradicting: Workspace) -> None:
    press(review("Contradictions", "Ada"), "good is false")
    said = labels_of(contradicting, "Ada", VIDEO)
    assert said.loc[[2, 3], "good"].tolist() == [False, False]


def test_a_contradiction_of_the_consensus_is_put_right_by_a_decision(
    review: Review, contradicting: Workspace
) -> None:
    press(review("Contradictions", "Eva"), "good is false")
    assert consensus(contradicting).loc[2, ["good", "break"]].tolist() == [False, True]
    assert labels_of(contradicting, "Ada", VIDEO).loc[2, "good"]  # what she answered stays


def test_a_contradiction_of_the_consensus_waits_for_the_instructor(
    review: Review, contradicting: Workspace
) -> None:
    name_instructor(contradicting, "Eva")
    assert "good is false" not in buttons(review("Contradictions", "Ben"))


def test_of_classes_one_is_to_be_chosen(review: Review, place: Path) -> None:
    workspace = small_workspace(place, labelled=False, attributes=named(["plain", "dark"], exclusive=True))
    record(workspace, "Ada", VIDEO, 0, 1, {"plain": False, "dark": False})
    text = words(review("Contradictions", "Ada"))
    assert "2 frames. Choose one class on the Label page." in text


def test_labels_of_others_have_no_buttons(review: Review, contradicting: Workspace) -> None:
    app = review("Contradictions", "Ben")
    app.selectbox[0].set_value("Ada").run()
    assert "good is false" not in buttons(app)


def test_the_leak_meter_of_a_random_split_says_over_90_percent(review: Review, place: Path) -> None:
    workspace = small_workspace(place, videos=3)
    stored_split.store(workspace, split_random(consensus(workspace)))
    meter = next(m for m in review("Leaks").metric if m.label == "Leak meter")
    assert float(meter.value.removesuffix(" %")) > 90


def test_a_search_for_leaks_that_takes_long_is_a_job(
    review: Review, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(place, videos=3)
    stored_split.store(workspace, split_random(consensus(workspace)))
    jobs_here.take_long(monkeypatch)
    jobs_here.go_on(monkeypatch)
    app = review("Leaks")
    assert "The leak meter comes when" in words(app)
    assert "The test frames are being compared with the training frames." in words(review("Class"))
    [job] = BACKGROUND.running(workspace)
    job.cancel()
    assert job.wait(60) and "Look for leaks" in buttons(app.run())
    jobs_here.end_at_once(monkeypatch)
    jobs_here.take_long(monkeypatch)
    app = press(app, "Look for leaks")
    assert [meter.label for meter in app.metric][:1] == ["Leak meter"]


def test_a_leaking_split_leads_to_another(review: Review, place: Path) -> None:
    workspace = small_workspace(place, videos=3)
    stored_split.store(workspace, split_random(consensus(workspace)))
    links = [link.proto.label for link in review("Leaks").get("page_link")]
    assert "Make another split" in links


def test_near_duplicates_show_how_far_apart_they_are(review: Review, place: Path) -> None:
    workspace = small_workspace(place, videos=3)  # ten frames a second
    stored_split.store(workspace, split_random(consensus(workspace)))
    assert "0.100 s apart in one video" in words(review("Leaks"))


def test_videos_that_look_like_one_are_named(review: Review, place: Path) -> None:
    small_workspace(place, videos=2)  # the same dash, on cloth of two colours
    assert "seam_a and seam_b look like the same video" in words(review("Leaks"))


def test_a_video_labelled_with_the_other_length_is_one_to_look_at(
    review: Review, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(small_workspace(place, labelled=False), "Ada", VIDEO, 0, FRAMES - 1, {"length": True})
    pitches = pd.DataFrame({"video": [VIDEO], "pitch": [39.0], "frames": [12]})
    monkeypatch.setattr("core.review.stitch_lengths.video_pitches", lambda workspace, progress=None: pitches)
    set_scale(open_workspace(place), 0.1)
    assert f"{VIDEO}**: labelled 2 mm, measured 3.9: look" in words(review("Stitches"))
