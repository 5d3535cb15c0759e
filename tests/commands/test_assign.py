import json

import pytest

from core.labels.labels import record
from tests.helpers import bare_frames


@pytest.fixture
def opened(tmp_path):
    return bare_frames.make(tmp_path / "w", {f"seam_{i}": 4 for i in range(1, 7)})


@pytest.fixture
def run(seamlens, opened):
    return lambda *arguments: seamlens(*arguments, workspace=opened.path)


def test_named_videos_are_given_to_as_many_annotators_as_asked(run):
    code, output, _ = run(
        "assign", "--videos", "seam_1,seam_2", "--annotators", "Ann,Ben", "--each", 2, "--json"
    )
    rows = json.loads(output)
    assert code == 0
    assert [(row["video"], row["annotator"]) for row in rows] == [
        ("seam_1", "Ann"), ("seam_1", "Ben"), ("seam_2", "Ann"), ("seam_2", "Ben"),
    ]  # fmt: skip
    assert list(rows[0]) == ["video", "annotator", "answered", "frames", "finished"]


def test_without_videos_a_share_of_them_is_proposed(run):
    rows = json.loads(run("assign", "--annotators", "Ann,Ben,Cem", "--share", "1", "--json")[1])
    assert len(rows) == 2 * 6


def test_the_list_says_how_far_everyone_is(run, opened):
    run("assign", "--videos", "seam_1", "--annotators", "Ann", "--each", 1)
    record(opened, "Ann", "seam_1", 0, 2, {"good": True, "error": False, "break": False, "length": True})
    assert run("assign", "--list")[1].splitlines()[1].split() == ["seam_1", "Ann", "3", "4"]


def test_assignments_are_taken_back(run):
    run("assign", "--videos", "seam_1", "--annotators", "Ann", "--each", 1)
    code, output, _ = run("assign", "--remove", "--annotators", "Ann")
    assert (code, output) == (0, "Removed 1 assignment. Labels stay.\nNo video is assigned.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("assign",),
        ("assign", "--annotators", "Ann"),
        ("assign", "--annotators", "Ann,Ben", "--videos", "seam_9"),
        ("assign", "--annotators", "Ann,Ben", "--share", "2"),
        ("assign", "--remove"),
        ("assign", "--remove", "--annotators", "Nobody"),
        ("gold", "add", "seam_1", 0, 3, "--author", "Eva"),
        ("gold", "add", "seam_9", 0, 3, "--author", "Eva"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, arguments):
    code, output, error = run(*arguments)
    assert (code, output) == (2, "")
    assert error.startswith("seamlens: ") and error.count("\n") == 1


def test_gold_frames_are_made_listed_and_taken_back(run, opened):
    record(opened, "Eva", "seam_1", 0, 3, {"break": True})
    assert run("gold", "add", "seam_1", 1, 3, "--author", "Eva")[1] == "3 frames of seam_1 are gold now.\n"
    assert [row["index"] for row in json.loads(run("gold", "list", "--json")[1])] == [1, 2, 3]
    assert run("gold", "list")[1].splitlines()[2].split() == [
        "seam_1",
        "1",
        "to",
        "3",
        "break",
        "true",
        "Eva",
    ]
    run("gold", "remove", "seam_1", 2, 3, "--author", "Eva")
    assert [row["index"] for row in json.loads(run("gold", "list", "--json")[1])] == [1]


def test_where_no_gold_frame_is_left_the_list_says_so(run, opened):
    record(opened, "Eva", "seam_1", 0, 3, {"break": True})
    run("gold", "add", "seam_1", 0, 3, "--author", "Eva")
    run("gold", "remove", "seam_1", 0, 3, "--author", "Eva")
    assert run("gold", "list") == (0, "Gold frames: 0, of 0 videos.\n", "")


def test_coaching_counts_what_was_missed(run, opened):
    record(opened, "Eva", "seam_1", 0, 3, {"break": True})
    run("gold", "add", "seam_1", 0, 3, "--author", "Eva")
    assert "Nothing to compare" in run("coaching")[1]
    record(opened, "Ann", "seam_1", 0, 2, {"break": False})
    found = json.loads(run("coaching", "--annotator", "Ann", "--json")[1])
    assert found["scores"] == [
        {"annotator": "Ann", "attribute": "break", "answered": 3, "right": 0, "gold": 4, "videos": 1}
    ]
    assert [row["index"] for row in found["missed"]] == [0, 1, 2]
    assert run("coaching", "--annotator", "Ann")[1].splitlines()[-1].split() == [
        "seam_1", "0", "to", "2", "break", "false", "true",
    ]  # fmt: skip


def test_coaching_of_a_name_that_nobody_labels_under_is_refused(run):
    code, _, error = run("coaching", "--annotator", "Nobody")
    assert (code, error.count("\n")) == (2, 1)
