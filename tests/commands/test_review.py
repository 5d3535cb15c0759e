import json
import re

import pytest

from core.labels.labels import record
from core.workspace import open_workspace
from tests.helpers import bare_frames
from tests.helpers.written_answers import say, spoken


@pytest.fixture
def twice(tmp_path):
    """Two annotators of five videos: of each, the frames 1 and 6 differ at an edge, and frame 4 really."""
    made = spoken(tmp_path, *[{"Ann": "ftttttff", "Ben": "ffttfttf"}] * 5)
    return made.path


@pytest.fixture
def run(seamlens, twice):
    return lambda *arguments: seamlens(*arguments, workspace=twice)


def test_agreement_json_has_its_keys_per_attribute(run):
    found = json.loads(run("agreement", "--json")[1])
    assert list(found) == ["good", "error", "break", "length"]
    assert {"alpha", "kappa", "interval", "items", "annotators"} <= set(found["good"])


def test_agreement_counts_items_and_annotators(run):
    found = json.loads(run("agreement", "--attribute", "good", "--json")[1])["good"]
    assert (found["items"], found["annotators"], found["disputed"], found["edges"]) == (40, 2, 15, 10)


def test_what_nobody_labelled_twice_has_a_reason_instead_of_a_number(run):
    found = json.loads(run("agreement", "--json")[1])["error"]
    assert (found["alpha"], found["interval"]) == (None, None)
    assert found["reasons"]["alpha"] == "Nobody has labelled “error” yet."


def test_agreement_says_what_alpha_means_and_what_was_drawn(run):
    output = run("agreement")[1]
    assert "From 0.8 on labels are\nreliable" in output
    assert "Interval of good: 1000 draws of whole videos." in output


def test_agreement_says_how_pairs_are_weighted(run):
    assert (
        "the mean over the pairs where it is defined, each weighted by its\ncommon frames."
        in run("agreement")[1]
    )


def test_agreement_says_why_a_number_is_missing(run):
    assert "error (alpha, kappa, Fleiss): Nobody has labelled “error” yet.\n" in run("agreement")[1]


def test_agreement_of_one_attribute_shows_every_pair(run):
    """5 of 8 alike; Ann says true 5 times, Ben 4 times: (0.625 − 0.5) / 0.5."""
    assert "Ann, Ben  0.250             40\n" in run("agreement", "--attribute", "good")[1]


def test_of_three_annotators_each_is_compared_with_the_others(run, twice):
    say(open_workspace(twice), "Cem", "seam_1", "ftttttff")  # as Ann: kappa 1 of 8 frames
    out = run("agreement", "--attribute", "good")[1]
    assert out.index("\nBen  ") < out.index("\nAnn  ") < out.index("\nCem  ")


def test_agreement_says_where_the_consensus_comes_from(run):
    found = json.loads(run("agreement", "--json")[1])["good"]["consensus"]
    assert found == {"adjudicated": 0, "all": 25, "majority": 0, "one": 0, "tied": 15}


def test_agreement_says_what_to_look_at_where_nearly_all_answers_are_alike(seamlens, tmp_path):
    made = spoken(tmp_path, {"Ann": "tf" + "f" * 18, "Ben": "ff" + "f" * 18})
    out = seamlens("agreement", workspace=made.path)[1]
    assert "\ngood: 97.5 % of the answers are false. Alpha and kappa are then low" in out


def test_the_class_at_a_glance(run):
    """Of 8 frames of a video 5 are alike; frames 4 of the five videos are one real dispute each."""
    code, out, _ = run("class")
    assert code == 0
    assert re.search(r"\nAnn +40 +– +62.5 % +– +–\n", out)
    assert "\nWhom to talk to?\nAnn says yes to “good” where Ben says no: 5 frames of 5 videos.\n" in out
    assert "\nIs the balance right? No. " in out  # nobody has labelled error
    assert (
        "\nIs the split honest? Not known yet. There is no split yet: the first training makes one.\n" in out
    )
    assert "\nCan you trust the numbers? No. Annotators do not agree about “good” (alpha" in out
    assert "\nOpen: 5 disputes and 10 at an edge; no assignments; 0 gold frames.\n" in out
    assert out.endswith("\nWhose networks?\nNo network was trained yet.\n")


def test_the_class_as_json(run):
    found = json.loads(run("class", "--json")[1])
    assert [person["name"] for person in found["people"]] == ["Ann", "Ben"]
    assert found["people"][0]["talk"] == found["talk"][0]
    assert (found["balance"]["state"], found["disputes"], found["edges"]) == ("bad", 5, 10)


def test_the_class_without_labels(seamlens, tmp_path):
    code, out, _ = seamlens("class", workspace=spoken(tmp_path, {"Ann": "...."}).path)
    assert (code, out.count("Nobody has labelled yet.")) == (0, 2)


@pytest.mark.parametrize("option", [(), ("--attribute", "good")])
def test_where_nothing_was_labelled_by_two_agreement_is_refused(seamlens, tmp_path, option):
    made = spoken(tmp_path, {"Ann": "ft"})
    code, _, error = seamlens("agreement", *option, workspace=made.path)
    assert (code, error.count("\n")) == (2, 1)
    assert "Let two annotators label the same video first (so far: Ann)." in error


@pytest.mark.parametrize("command", ["agreement", "disputes"])
def test_an_unknown_attribute_is_refused(run, command):
    code, _, error = run(command, "--attribute", "colour")
    assert (code, error.count("\n")) == (2, 1)
    assert "'colour'" in error


def test_disputes_json_says_who_said_what(run):
    found = json.loads(run("disputes", "--json")[1])
    assert len(found) == 15
    assert found[0] == {
        "name": "seam_1_4",
        "video": "seam_1",
        "index": 4,
        "attribute": "good",
        "edge": False,
        "answers": {"Ann": True, "Ben": False},
    }


def test_an_annotator_without_an_answer_is_null_in_json(run, twice):
    say(open_workspace(twice), "Cem", "seam_5", "f")
    assert json.loads(run("disputes", "--json")[1])[0]["answers"]["Cem"] is None


def test_disputes_are_printed_by_stretches(run):
    lines = run("disputes")[1].splitlines()
    assert lines[0] == "15 labels wait for an adjudication, 10 of them at an edge."
    assert lines[2].split() == ["seam_1", "4", "good", "real", "Ann=true,", "Ben=false"]


def test_an_adjudication_ends_a_dispute(run):
    code, output, _ = run(
        "labels", "adjudicate", "seam_1", "good=true", "--first", 4, "--last", 4, "--author", "Eva"
    )
    assert (code, output) == (0, "Adjudicated seam_1, frames 4 to 4: good is true.\n")
    assert json.loads(run("disputes", "--json")[1])[0]["name"] == "seam_2_4"
    assert json.loads(run("agreement", "--json")[1])["good"]["consensus"]["adjudicated"] == 1


def test_without_frames_the_whole_video_is_adjudicated(run):
    run("labels", "adjudicate", "seam_1", "good=false", "--author", "Eva")
    assert json.loads(run("agreement", "--json")[1])["good"]["consensus"]["adjudicated"] == 8


def test_unset_withdraws_an_adjudication(run):
    for answer in ("good=true", "good=unset"):
        run("labels", "adjudicate", "seam_1", answer, "--author", "Eva")
    assert len(json.loads(run("disputes", "--json")[1])) == 15


@pytest.mark.parametrize(
    "arguments",
    [
        ("seam_9", "good=true"),
        ("seam_1", "good"),
        ("seam_1", "nice=true"),
        ("seam_1", "good=true", "--first", 99),
        ("seam_1", "good=true", "--first", 2**64),
    ],
)
def test_an_adjudication_that_makes_no_sense_is_refused(run, arguments):
    code, _, error = run("labels", "adjudicate", *arguments, "--author", "Eva")
    assert (code, error.count("\n")) == (2, 1)


@pytest.mark.parametrize("option", ["--first", "--last"])
def test_a_frame_before_the_first_is_refused(run, option):
    code, _, error = run("labels", "adjudicate", "seam_1", "good=true", f"{option}=-1", "--author", "Eva")
    assert code == 2
    assert f"{option} must be a whole number of at least 0, not -1." in error


def test_an_adjudication_beyond_the_end_is_of_the_frames_that_are_there(run):
    said = run("labels", "adjudicate", "seam_1", "good=true", "--last", 2**64, "--author", "Eva")[1]
    assert said == "Adjudicated seam_1, frames 0 to 7: good is true.\n"


def test_where_instructors_are_named_nobody_else_adjudicates(run, twice):
    file = twice / "workspace.toml"
    file.write_text('instructors = ["Eva"]\n' + file.read_text("utf-8"), "utf-8")
    code, _, error = run("labels", "adjudicate", "seam_1", "good=true", "--author", "Ann")
    assert (code, "Ann is not an instructor of this workspace. Ask Eva" in error) == (2, True)


def test_contradictions_are_told_by_stretches(seamlens, tmp_path):
    made = spoken(tmp_path, {"Ann": "tttt"})
    record(made, "Ann", "seam_1", 1, 2, {"break": True})
    lines = seamlens("contradictions", workspace=made.path)[1].splitlines()
    assert lines[0] == "Rules of the attributes are broken 4 times."
    assert lines[2].split(maxsplit=5) == [
        "seam_1", "1", "to", "2", "consensus", "“good” and “break” are both true"
    ]  # fmt: skip


def test_contradictions_json_names_frame_rule_and_annotator(seamlens, tmp_path):
    made = spoken(tmp_path, {"Ann": "t"})
    record(made, "Ann", "seam_1", 0, 0, {"error": True})
    found = json.loads(seamlens("contradictions", "--json", workspace=made.path)[1])
    assert found[1] == {
        "name": "seam_1_0",
        "video": "seam_1",
        "index": 0,
        "rule": "“good” and “error” are both true",
        "annotator": "Ann",
    }


def test_no_contradictions_are_an_empty_list(run):
    assert json.loads(run("contradictions", "--json")[1]) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("disputes", "0 labels wait for an adjudication, 0 of them at an edge.\n"),
        ("contradictions", "Rules of the attributes are broken 0 times.\n"),
    ],
)
def test_where_there_is_nothing_to_list_a_line_says_so(seamlens, tmp_path, command, said):
    made = spoken(tmp_path, {"Ann": "ft"})
    assert seamlens(command, workspace=made.path) == (0, said, "")


@pytest.fixture
def bare(tmp_path):
    return bare_frames.make(tmp_path / "w", {f"seam_{i}": 4 for i in range(1, 7)})


@pytest.fixture
def on_bare(seamlens, bare):
    return lambda *arguments: seamlens(*arguments, workspace=bare.path)


def test_named_videos_are_given_to_as_many_annotators_as_asked(on_bare):
    code, output, _ = on_bare(
        "assign", "--videos", "seam_1,seam_2", "--annotators", "Ann,Ben", "--each", 2, "--json"
    )
    rows = json.loads(output)
    assert code == 0
    assert [(row["video"], row["annotator"]) for row in rows] == [
        ("seam_1", "Ann"), ("seam_1", "Ben"), ("seam_2", "Ann"), ("seam_2", "Ben"),
    ]  # fmt: skip
    assert list(rows[0]) == ["video", "annotator", "answered", "frames", "finished"]


def test_without_videos_a_share_of_them_is_proposed(on_bare):
    rows = json.loads(on_bare("assign", "--annotators", "Ann,Ben,Cem", "--share", "1", "--json")[1])
    assert len(rows) == 2 * 6


def test_the_list_says_how_far_everyone_is(on_bare, bare):
    on_bare("assign", "--videos", "seam_1", "--annotators", "Ann", "--each", 1)
    record(bare, "Ann", "seam_1", 0, 2, {"good": True, "error": False, "break": False, "length": True})
    assert on_bare("assign", "--list")[1].splitlines()[1].split() == ["seam_1", "Ann", "3", "4"]


def test_assignments_are_taken_back(on_bare):
    on_bare("assign", "--videos", "seam_1", "--annotators", "Ann", "--each", 1)
    code, output, _ = on_bare("assign", "--remove", "--annotators", "Ann")
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
def test_what_cannot_be_done_is_said_in_a_line(on_bare, arguments):
    code, output, error = on_bare(*arguments)
    assert (code, output) == (2, "")
    assert error.startswith("seamlens: ") and error.count("\n") == 1


def test_gold_frames_are_made_listed_and_taken_back(on_bare, bare):
    record(bare, "Eva", "seam_1", 0, 3, {"break": True})
    assert (
        on_bare("gold", "add", "seam_1", 1, 3, "--author", "Eva")[1] == "3 frames of seam_1 are gold now.\n"
    )
    assert [row["index"] for row in json.loads(on_bare("gold", "list", "--json")[1])] == [1, 2, 3]
    assert on_bare("gold", "list")[1].splitlines()[2].split() == [
        "seam_1",
        "1",
        "to",
        "3",
        "break",
        "true",
        "Eva",
    ]
    on_bare("gold", "remove", "seam_1", 2, 3, "--author", "Eva")
    assert [row["index"] for row in json.loads(on_bare("gold", "list", "--json")[1])] == [1]


def test_where_no_gold_frame_is_left_the_list_says_so(on_bare, bare):
    record(bare, "Eva", "seam_1", 0, 3, {"break": True})
    on_bare("gold", "add", "seam_1", 0, 3, "--author", "Eva")
    on_bare("gold", "remove", "seam_1", 0, 3, "--author", "Eva")
    assert on_bare("gold", "list") == (0, "Gold frames: 0, of 0 videos.\n", "")


def test_coaching_counts_what_was_missed(on_bare, bare):
    record(bare, "Eva", "seam_1", 0, 3, {"break": True})
    on_bare("gold", "add", "seam_1", 0, 3, "--author", "Eva")
    assert "Nothing to compare" in on_bare("coaching")[1]
    record(bare, "Ann", "seam_1", 0, 2, {"break": False})
    found = json.loads(on_bare("coaching", "--annotator", "Ann", "--json")[1])
    assert found["scores"] == [
        {"annotator": "Ann", "attribute": "break", "answered": 3, "right": 0, "gold": 4, "videos": 1}
    ]
    assert [row["index"] for row in found["missed"]] == [0, 1, 2]
    assert on_bare("coaching", "--annotator", "Ann")[1].splitlines()[-1].split() == [
        "seam_1", "0", "to", "2", "break", "false", "true",
    ]  # fmt: skip


def test_coaching_of_a_name_that_nobody_labels_under_is_refused(on_bare):
    code, _, error = on_bare("coaching", "--annotator", "Nobody")
    assert (code, error.count("\n")) == (2, 1)
