"""What the report says of probabilities and heatmaps: only what was computed before, and in words where it was not."""

import json

import pandas as pd
import pytest

from core.evaluation import calibration
from core.explain import heatmap_audit
from core.report import contents, html_report
from core.training.create_run import create_run
from tests.evaluation.test_calibration import run as sure  # noqa: F401
from tests.helpers import tiny_class
from tests.helpers.copies import copy_run
from tests.report.test_html_report import words


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the trained run, to write into."""
    return copy_run(trained, tmp_path)


def test_a_dot_lies_where_it_was_said_and_is_so_and_its_area_grows_with_the_frames():
    bins = pd.DataFrame({"probability": [0.1, 0.9], "share": [0.0, 0.75], "frames": [16, 4]})
    assert contents.dots(bins) == [{"x": 10, "y": 0, "r": contents.LARGEST}, {"x": 90, "y": 75, "r": 3.5}]


def test_no_bins_have_no_dots():
    assert contents.dots(pd.DataFrame({"probability": [], "share": [], "frames": []})) == []


def test_before_anything_is_predicted_nothing_is_known(workspace):
    made = create_run(workspace, tiny_class.quick())
    assert contents.calibrated(made) is None
    assert "Not known yet: the validation part has no predictions." in words(html_report.render(made))


def test_both_parts_are_shown_before_and_after_calibration(sure):  # noqa: F811
    calibration.calibrate(sure)
    of_spot = contents.calibrated(sure)["statements"]["spot"]
    assert [(row["part"], row["frames"], row["videos"]) for row in of_spot] == [
        ("validation", 12, 1),
        ("test", 12, 1),
    ]
    assert all(row["after"] < row["before"] and list(row["dots"]) == ["before", "after"] for row in of_spot)


def test_what_is_not_calibrated_has_nothing_after(sure):  # noqa: F811
    calibration.calibrate(sure)  # of "clean" no decision is wrong, so its temperature stays 1
    row = contents.calibrated(sure)["statements"]["clean"][0]
    assert (row["after"], list(row["dots"])) == (None, ["before"])


def test_the_test_part_is_left_out_until_it_was_seen(sure):  # noqa: F811
    (sure.path / "test.json").unlink()
    assert [row["part"] for row in contents.calibrated(sure)["statements"]["spot"]] == ["validation"]


def test_each_dot_is_drawn(sure):  # noqa: F811
    calibration.calibrate(sure)
    statements = contents.calibrated(sure)["statements"].values()
    dots = sum(len(some) for rows in statements for row in rows for some in row["dots"].values())
    assert html_report.render(sure).count("<circle") == dots > 0


def test_a_mistake_for_which_nothing_speaks_says_so(sure):  # noqa: F811
    tiny_class.say_always(sure, 0.4)
    assert "No evidence: the heatmap is empty." in words(html_report.render(sure))


def test_heatmaps_that_nobody_checked_are_said_to_be_unchecked(run):
    assert heatmap_audit.stored(run) is None
    assert "Check the heatmaps on the Test page, or with the command “audit”." in words(
        html_report.render(run)
    )


def test_evidence_outside_the_seam_is_red_but_of_what_says_that_nothing_is_wrong(run):
    file = run.path / "audit.json"
    heatmap_audit.audit(run)
    kept = json.loads(file.read_text("utf-8"))
    kept["outside"] = [
        {"video": "v", "attribute": name, "frames": 1, "share": 0.9, "area": 0.5}
        for name in ("clean", "spot")
    ]
    file.write_text(json.dumps(kept), "utf-8")
    found = html_report.render(run)
    assert found.count('class="over"') == 1
    assert "such shares are red, except for clean, which says that nothing is wrong anywhere." in words(found)


def test_classes_are_not_asked_about_a_seam_in_the_report(tmp_path):
    made = create_run(tiny_class.make_classes(tmp_path / "fruit"), tiny_class.quick())
    made.network.build(2, True, made.size).save(made.model_file)
    heatmap_audit.audit(made)
    found = words(html_report.render(made))
    assert "Checked on 12 test frames" in found and "seam?" not in found


def test_heatmaps_that_were_checked_have_a_row_per_video(run):
    found = heatmap_audit.audit(run)
    said = words(html_report.render(run))
    assert f"Checked on 12 test frames of 1 group, at the layer {found.layer}." in said
    assert found.band in said
    assert [row.video for row in heatmap_audit.stored(run).outside_by_video()] == [found.outside[0].video]
