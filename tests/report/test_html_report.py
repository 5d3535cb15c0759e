"""The report about a run: what it says, and that it needs nothing from outside."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import update

from core import __version__
from core import workspace as workspaces
from core.errors import WorkspaceError
from core.evaluation import evaluate, thresholds
from core.events.clips import Evidence
from core.events.detector import Event, EventRule
from core.events.writer import SessionWriter
from core.labels.labels import record
from core.report import contents, html_report
from core.storage import database as db
from core.training.create_run import create_run
from tests.events.test_send_to_labelling import PICTURE, reading
from tests.helpers import tiny_class
from tests.helpers.copies import copy_run


@pytest.fixture(scope="module")
def run(trained, tmp_path_factory):
    """A tested run in a workspace of its own."""
    copied = copy_run(trained, tmp_path_factory.mktemp("reported"))
    evaluate.test(copied)
    return copied


@pytest.fixture(scope="module")
def html(run):
    return html_report.render(run)


def words(html):
    """What is read of a page, without tags and with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.S)))


def test_it_needs_nothing_from_outside(html):
    assert "<script" not in html and "<link" not in html and "@import" not in html
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:)", html)
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize(("folder", "name"), [("workspace", ""), ("summer class", "summer class")])
def test_the_usual_folder_is_no_name(tmp_path, folder, name):
    assert contents.workspace_name(workspaces.create(tmp_path / folder)) == name


def test_its_head_names_the_version_of_now_and_the_foot_that_of_the_training(run, html):
    head = words(html[html.index("<h1>") : html.index('<section class="first">')])
    assert f"by SeamLens {__version__}." in head
    assert f"SeamLens, when it was trained {run.config.versions['seamlens']}" in words(html)


def test_it_has_its_chapters(html):
    chapters = re.findall(r"<h2>(.*?)</h2>", html)
    assert chapters == ["Accuracy", "Worst mistakes", "Are the heatmaps right?", "Thresholds", "Calibration", "Data",
                        "Split and leak meter", "Agreement between annotators", "To repeat it"]  # fmt: skip


def test_it_says_on_which_frames_of_how_many_videos(html):
    assert "Tested on 12 frames of 1 group that the network has never seen." in words(html)


def test_the_first_page_says_it_in_sentences_and_bars(run, html):
    first = words(html[html.index('<section class="first">') : html.index("</section>")])
    assert "Run 1 was tested on 12 frames of 1 group that it has never seen. Cannot be said yet: " in first
    assert "spot: cannot be said yet, only 4 of 12 test frames are true." in first
    assert html.count('<div class="track"') == html.count('<div class="guess"') == 3
    assert html.count("<figure>") == 6


def test_it_says_why_there_is_no_interval(html):
    assert "Too few test videos (1 of 6) to say how exact this is." in words(html)


def test_one_annotator_alone_is_said(html):
    assert (
        "Not known. Only teacher has labelled “clean”: somebody else has to label the same frames."
        in words(html)
    )


def test_it_says_how_to_repeat_the_run(run, html):
    assert f"python -m core train --like {run.id}" in html
    assert run.config.hashes["frames.csv"] in html
    assert run.config.versions["tensorflow"] in html


def test_it_has_rules_for_print(html):
    assert "@media print" in html and "@page" in html


def test_names_that_users_wrote_cannot_become_html(run, tmp_path):
    copied = copy_run(run, tmp_path)
    copied.frames["video"] = "<script>alert(1)</script>"
    with db.writing(copied.workspace) as connection:
        connection.execute(update(db.annotators).values(name="<script>alert(2)</script>"))
    evaluate.measure(copied)
    found = html_report.render(copied)
    assert "<script" not in found
    assert "&lt;script&gt;alert(1)" in found and "&lt;script&gt;alert(2)" in found


def test_a_run_that_was_not_tested_says_so(workspace):
    run = create_run(workspace, tiny_class.quick())
    found = words(html_report.render(run))
    assert "This run has not been tested, and has no trained network yet" in found
    assert "Not tested yet, so there are none to show." in found


def test_the_worst_mistakes_come_with_their_pictures(run, tmp_path):
    copied = copy_run(run, tmp_path)
    file = copied.path / "frames.csv"  # what the network sees as it is, is labelled the other way round
    text = file.read_text("utf-8")
    flip = {"True": "False", "False": "True"}
    rows = [line.split(",") for line in text.splitlines()]
    flipped = [
        ",".join([*row[:4], flip.get(row[4], row[4]), row[5]]) if row[2] == "test" else ",".join(row)
        for row in rows
    ]
    file.write_text("\n".join(flipped) + "\n", "utf-8")
    evaluate.test(copied)
    found = html_report.render(copied)
    first, rest = found.split("<h2>Worst mistakes</h2>")
    assert rest.count('src="data:image/jpeg;base64,') == 24  # 12 mistakes, each with its heatmap
    assert first.count('src="data:image/jpeg;base64,') == 6


def test_changes_of_thresholds_are_listed_with_who_made_them(run, tmp_path):
    copied = copy_run(run, tmp_path)
    thresholds.store(copied, {"spot": 0.3}, "Ada", cost=5)
    said = words(html_report.render(copied))
    assert "Thresholds were changed once after the test part was seen." in said
    assert re.search(r"Ada threshold spot 0\.500 0\.300 5 yes", said)


def test_a_leaking_run_is_marked(run):
    marked = tiny_class.with_config(run, leak={"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97})
    found = words(html_report.render(marked))
    assert "Tested on a leaking split: 97.0 % of the test frames have a near-duplicate in training." in found
    assert "that the network has never seen." not in found


def test_a_leaking_run_that_was_not_tested_is_not_said_to_be(workspace):
    run = tiny_class.with_config(
        create_run(workspace, tiny_class.quick()),
        leak={"meter": 97.0, "test_frames": 100, "leaking_test_frames": 97},
    )
    found = words(html_report.render(run))
    assert "Trained on a leaking split: 97.0 %" in found and "Tested on" not in found


def test_relabelled_frames_are_counted(run, tmp_path):
    copied = copy_run(run, tmp_path)
    video = copied.frames.loc[copied.frames["part"] == "test", "video"].iloc[0]
    record(copied.workspace, "teacher", video, 1, 1, {"spot": True})
    assert "1 test frame was relabelled after a network's mistakes could be seen." in words(
        html_report.render(copied)
    )


def test_annotators_are_counted_on_the_frames_of_the_run(run):
    assert contents.annotators(run) == [{"annotator": "teacher", "labels": 180, "frames": 60}]


def test_only_html_is_written(run, tmp_path):
    with pytest.raises(WorkspaceError, match=r"does not end in \.html"):
        html_report.write_report(run, tmp_path / "report.pdf")
    html_report.write_report(run, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert json.loads((run.path / "test.json").read_text("utf-8"))["run"] == run.id


def test_of_many_groups_the_first_are_listed_and_the_rest_is_counted(run, monkeypatch):
    monkeypatch.setattr(html_report, "LISTED", 3)
    said = words(html_report.render(run))
    assert "And 2 groups more. All are in frames.csv of the run." in said


def test_a_test_of_videos_that_trained_is_not_said_to_be_unseen(run):
    shared = tiny_class.with_config(run, split=replace(run.config.split, by="blocks"))
    trained = shared.frames.loc[shared.frames["part"] == "train", "video"].iloc[0]
    shared.frames.loc[shared.frames["part"] == "test", "video"] = trained
    assert "Tested on 12 frames of 1 group. Blocks of each video:" in words(html_report.render(shared))


@pytest.fixture
def watching_run(trained, tmp_path):
    return copy_run(trained, tmp_path)


def test_where_nothing_was_watched_there_is_no_chapter(watching_run):
    assert "Live sessions" not in html_report.render(watching_run)


def test_each_session_has_its_line(watching_run):
    writer = SessionWriter(watching_run, "camera <0>", {"spot": EventRule(0.5, 0.3)}, None)
    for index in range(3):
        writer.add(PICTURE, reading(index))
    for number in (1, 2):
        writer.write(Event(number, "spot", 0.0, 0.5, 0.9, 0.1, 0), Evidence(PICTURE, ()))
    writer.finish()
    writer.session.mark(2)
    writer.session.set_feed(500)
    SessionWriter(watching_run, "cut off", {"spot": EventRule(0.5, 0.3)}, None)
    said = words(html_report.render(watching_run))
    assert "camera <0> 0.0 spot 2, unfamiliar 0 1 1.00" in said  # one of two in a metre
    assert "cut off not over spot 0, unfamiliar 0 0 –" in said
