import json
import shutil
from pathlib import Path

import pytest

from tests.helpers import bare_frames
from tests.helpers.cases import CASES
from tests.helpers.tiny_videos import film, save, textured


@pytest.fixture
def labelled(tmp_path):
    """Three videos of four frames each."""
    return bare_frames.make(tmp_path / "class", {"one": 4, "two": 4, "three": 4})


def set_all(seamlens, video, *answers):
    return seamlens("labels", "set", video, *answers, "--annotator", "Ada")


def test_init_makes_the_four_seam_attributes(seamlens):
    assert seamlens("init")[1].endswith("with good (g), error (e), break (b), length (l).\n")


def test_init_takes_other_attributes(seamlens):
    assert "open (o), short (h)" in seamlens("init", "--attributes", "open,short")[1]


def test_init_of_a_workspace_that_is_there_is_refused(seamlens):
    seamlens("init")
    code, _, error = seamlens("init")
    assert (code, error.count("\n")) == (2, 1)


def test_a_command_without_a_workspace_says_how_to_make_one(seamlens):
    code, _, error = seamlens("balance")
    assert code == 2
    assert "python -m core init" in error


def test_one_bad_file_keeps_no_other_out(seamlens, tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    film(films / "a.mp4", 3)
    (films / "b.mp4").write_text("no video")
    film(films / "c.mp4", 4)
    cut = CASES / "cut" / "cut1.mp4"
    code, text, error = seamlens("add", films, tmp_path / "nothing", cut)
    assert code == 2
    assert [line.split()[0] for line in text.splitlines()] == ["a", "c"]
    assert [
        name in line
        for name, line in zip(["b.mp4", "nothing", "199 frames"], error.splitlines(), strict=True)
    ] == [True] * 3
    code, text, error = seamlens("add", films / "c.mp4", cut, "--salvage")
    assert (code, error) == (0, "")
    assert "cut1 was added: 199 frames" in text


def test_a_text_file_named_mp4_is_refused_in_one_line(seamlens, tmp_path):
    (tmp_path / "notes.mp4").write_text("not a video")
    code, _, error = seamlens("add", tmp_path / "notes.mp4")
    assert (code, error.count("\n")) == (2, 1)
    assert "notes.mp4" in error
    assert not (tmp_path / "class").exists()


def test_labels_of_a_whole_video_are_counted(seamlens, labelled):
    set_all(seamlens, "one", "length=true", "good=false")
    counts = json.loads(seamlens("balance", "--json")[1])
    assert counts["labelled"] == 4
    assert counts["attributes"]["length"] == {"true": 4, "false": 0, "unset": 8}


def test_balance_json_has_its_five_keys_then_advice_and_traps(seamlens, labelled):
    keys = ["frames", "labelled", "attributes", "videos", "combinations", "advice", "traps"]
    assert list(json.loads(seamlens("balance", "--json")[1])) == keys


def test_balance_prints_below_its_table_how_far_attributes_follow_the_video(seamlens, labelled):
    set_all(seamlens, "one", "length=true")
    set_all(seamlens, "two", "length=false")
    rows = [line.split() for line in seamlens("balance")[1].splitlines()]
    assert ["length", "2", "of", "2", "1.00"] in rows


def test_balance_prints_what_occurs_together(seamlens, labelled):
    set_all(seamlens, "one", "good=false", "length=true")
    lines = [line.split() for line in seamlens("balance")[1].splitlines()]
    at = lines.index(["frames", "with", "good", "error", "break", "length"])
    assert lines[at + 1] == ["4", "false", "–", "–", "true"]


def test_balance_says_what_to_label_next(seamlens, labelled):
    set_all(seamlens, "one", "length=true")
    said = json.loads(seamlens("balance", "--json")[1])["advice"]
    assert "Label 1 more frame with “length” false: none of 4 labelled frames has it." in said
    assert said[-1] == "Not labelled at all: three, two."
    assert seamlens("balance")[1].endswith("\n".join(said) + "\n")


def test_balance_lists_the_frames_behind_a_number(seamlens, labelled):
    seamlens("labels", "set", "one", "error=true", "--first", 1, "--last", 2, "--annotator", "Ada")
    found = json.loads(seamlens("balance", "--frames", "error=true", "--limit", 1, "--json")[1])
    assert (found["frames"], found["videos"], len(found["shown"])) == (2, 1, 1)
    printed = seamlens("balance", "--frames", "error=true")[1].splitlines()
    assert printed[0] == "error=true: 2 frames of 1 video."
    assert [line.split()[0] for line in printed[2:]] == ["one_1", "one_2"]


@pytest.mark.parametrize(
    "asked",
    [("--frames", "colour=true"), ("--frames", "error"), ("--frames", "error=true", "--video", "nine")],
)
def test_frames_that_cannot_be_meant_are_refused_in_one_line(seamlens, labelled, asked):
    code, said, error = seamlens("balance", *asked)
    assert (code, said, error.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    "asked",
    [("--annotator", "Nobody"), ("--by", "day", "--frames", "good=true"), ("--by", "day", "--video", "one")],
)
def test_balance_passes_over_nothing_that_was_asked_for(seamlens, labelled, asked):
    code, _, error = seamlens("balance", *asked)
    assert (code, error.count("\n")) == (2, 1)


def test_the_balance_of_an_empty_workspace_leads_to_videos(seamlens):
    seamlens("init")
    assert seamlens("balance")[1].splitlines()[-1].startswith("Add videos first")


def test_balance_by_annotator_and_by_day_count_the_same_labels(seamlens, labelled):
    set_all(seamlens, "one", "error=true")
    by_annotator, by_day = (
        json.loads(seamlens("balance", "--by", way, "--json")[1]) for way in ("annotator", "day")
    )
    assert [(row["answered"], row["share_true"], row["apart"]) for row in by_annotator] == [(4, 1.0, None)]
    assert [(row["true"], row["false"]) for row in by_day] == [(4, 0)]
    assert seamlens("balance", "--by", "annotator")[1].splitlines()[1].split()[-3:] == ["100", "%", "–"]


def test_a_stretch_is_labelled(seamlens, labelled):
    seamlens("labels", "set", "one", "error=true", "--first", 1, "--last", 2, "--annotator", "Ada")
    assert json.loads(seamlens("balance", "--json")[1])["attributes"]["error"]["true"] == 2


@pytest.mark.parametrize("answer", ["length", "length=maybe", "=true", "colour=true"])
def test_an_answer_that_makes_no_sense_is_refused(seamlens, labelled, answer):
    code, _, error = set_all(seamlens, "one", answer)
    assert (code, error.count("\n")) == (2, 1)


def test_an_unknown_attribute_is_named(seamlens, labelled):
    assert "'colour'" in set_all(seamlens, "one", "colour=true")[2]


def test_split_gives_each_of_three_videos_its_part(seamlens, labelled):
    for video in ("one", "two", "three"):
        set_all(seamlens, video, "good=true")
    counts = json.loads(seamlens("split", "--json")[1])
    assert [counts[part]["videos"] for part in ("train", "valid", "test")] == [1, 1, 1]


def test_splitting_two_videos_leads_to_blocks(seamlens, labelled):
    set_all(seamlens, "one", "good=true")
    set_all(seamlens, "two", "good=true")
    code, _, error = seamlens("split")
    assert code == 2
    assert "split by blocks" in error


def test_a_split_is_read_from_a_table(seamlens, labelled, tmp_path):
    set_all(seamlens, "one", "good=true")
    table = bare_frames.csv(
        tmp_path / "mine.csv", "name,part\none_0,train\none_1,valid\none_2,test\none_3,test\n"
    )
    counts = json.loads(seamlens("split", "--from", table, "--json")[1])
    assert counts["test"]["frames"] == 2


def test_a_lookup_table_with_an_odd_value_is_refused_with_its_line(seamlens, labelled, tmp_path):
    table = bare_frames.csv(tmp_path / "one_data.csv", ",name,good\n0,one_0.png,True\n1,one_1.png,perhaps\n")
    code, _, error = seamlens("labels", "import", table)
    assert code == 2
    assert "line 3" in error


def test_labels_survive_the_way_out_and_in(seamlens, labelled, tmp_path):
    set_all(seamlens, "two", "good=true", "break=false")
    seamlens("labels", "export", tmp_path / "tables", "--tables-only")
    table = (tmp_path / "tables" / "two_data.csv").read_bytes()
    set_all(seamlens, "two", "good=unset", "break=unset")
    seamlens("labels", "import", tmp_path / "tables", "--annotator", "Ada")
    seamlens("labels", "export", tmp_path / "again", "--tables-only")
    assert (tmp_path / "again" / "two_data.csv").read_bytes() == table


def test_videos_are_listed(seamlens, labelled):
    listed = json.loads(seamlens("videos", "--json")[1])
    assert [(video["video"], video["frames"]) for video in listed] == [("one", 4), ("three", 4), ("two", 4)]


def test_annotators_are_counted(seamlens, labelled):
    set_all(seamlens, "one", "good=true")
    (ada,) = json.loads(seamlens("annotators", "--json")[1])
    assert ada == {"annotator": "Ada", "labelled": 4, "answered": 4, "minutes": 0.0, "per_minute": None}


def test_annotators_are_listed(seamlens, labelled):
    set_all(seamlens, "one", "good=true")
    assert seamlens("annotators")[1].splitlines()[1].split() == ["Ada", "4", "4", "0.0", "–"]


def test_of_more_hours_than_there_are_dates_everything_counts(seamlens, labelled):
    set_all(seamlens, "one", "good=true")
    (ada,) = json.loads(seamlens("annotators", "--hours", 99_999_999, "--json")[1])
    assert ada["answered"] == 4


def test_a_dry_run_says_what_would_change_and_changes_nothing(seamlens, labelled, tmp_path):
    table = bare_frames.csv(tmp_path / "t.csv", "name,good\none_0,1\none_1,0\n")
    lines = seamlens("labels", "import", table, "--dry-run")[1].splitlines()
    assert lines[0] == "1 lookup tables with 2 frames; 0 pictures would be added."
    assert lines[2].split() == ["good", "2", "0", "0", "0"]
    assert json.loads(seamlens("balance", "--json")[1])["labelled"] == 0


def folders(path: Path, *files: str) -> Path:
    for number, file in enumerate(files):
        save(path / file, textured(number))
    return path


def test_class_folders_make_classes_and_their_split(seamlens, tmp_path):
    fruit = [
        f"{part}/{name}/{part}{i}.jpg" for i, name in enumerate("ab") for part in ("Train", "Val", "Test")
    ]
    code, out, _ = seamlens("add", folders(tmp_path / "fruit", *fruit))
    assert code == 0
    assert (
        "Classes: a (3), b (3)." in out
        and "The split is that of the folders: 2 train, 2 valid, 2 test." in out
    )
    counted = json.loads(seamlens("balance", "--json")[1])["attributes"]
    assert counted["a"] == {"true": 3, "false": 3, "unset": 0}


def test_unknown_classes_end_with_one_line_that_names_both_lists(seamlens, tmp_path):
    seamlens("init", "--classes", "Apple,Pear")
    code, _, error = seamlens("add", folders(tmp_path / "fruit", "train/Apple/1.jpg", "train/Orange/2.jpg"))
    assert (code, error.count("\n")) == (2, 1)
    assert "Apple and Pear" in error and "Apple and Orange" in error
    assert json.loads(seamlens("videos", "--json")[1]) == []


def test_one_class_only_is_refused_and_nothing_made(seamlens, tmp_path):
    code, _, error = seamlens("add", folders(tmp_path / "fruit", "train/Apple/1.jpg", "valid/Apple/2.jpg"))
    assert code == 2 and "1 class folder (Apple); 2 to 12 are possible" in error
    assert not (tmp_path / "class").exists()


def test_folders_in_doubt_are_asked_about_in_one_line(seamlens, tmp_path):
    films = folders(tmp_path / "films", "naht1/0.png", "naht2/0.png", "naht2/1.png")
    code, _, error = seamlens("add", films)
    assert (code, error.count("\n")) == (2, 1) and "--folders groups" in error
    assert seamlens("add", films, "--folders", "groups")[0] == 0
    assert [v["video"] for v in json.loads(seamlens("videos", "--json")[1])] == ["naht1", "naht2"]


def test_a_dry_run_says_how_a_zip_is_read_and_makes_nothing(seamlens, tmp_path):
    new = folders(tmp_path / "new", "a.png", "b.png")
    (new / "labels.csv").write_text("name;good;Zahl\na.png;Ja;1\nb.png;Nein;0\n")
    packed = shutil.make_archive(str(new), "zip", new)
    lines = seamlens("add", packed, "--dry-run")[1].splitlines()
    assert lines[0] == "new.zip: 2 pictures, 0 videos."
    assert [line.split() for line in lines[2:]] == [
        ["labels.csv", "good", "good", "Ja", "(1)", "Nein", "(1)", "0"], ["labels.csv", "Zahl", "not", "read", "–", "–", "0"],
    ]  # fmt: skip
    assert not (tmp_path / "class").exists()


def test_probabilities_marks_and_named_columns_are_read_as_somebody_says(seamlens, tmp_path):
    new = folders(tmp_path / "new", "a.png", "b.png")
    (new / "labels.csv").write_text("name,tear,dirt\na.png,0.93,x\nb.png,0.1,\n")
    code, _, error = seamlens("add", new, "--attributes", "tear,dirt")
    assert (code, error.count("\n")) == (2, 1) and "--threshold 0.5" in error
    assert seamlens("add", new, "--attributes", "tear,dirt", "--threshold", 0.5, "--empty", "false")[0] == 0
    counts = json.loads(seamlens("balance", "--json")[1])["attributes"]
    assert counts == {name: {"true": 1, "false": 1, "unset": 0} for name in ("tear", "dirt")}


def test_tables_for_spreadsheets_with_a_decimal_comma(seamlens, labelled, tmp_path):
    set_all(seamlens, "two", "good=true", "break=false")
    seamlens("labels", "export", tmp_path / "tables", "--tables-only", "--decimal-comma")
    written = (tmp_path / "tables" / "two_data.csv").read_text()
    assert written.startswith(";name;good;error;break;length\n0;two_0.png;True;;False;\n")
    assert seamlens("labels", "import", tmp_path / "tables", "--annotator", "ADA")[0] == 0
    (ada,) = json.loads(seamlens("annotators", "--json")[1])
    assert ada["annotator"] == "Ada"


def test_an_answer_for_a_whole_video_goes_to_the_frames_that_the_annotator_has_labelled(seamlens, labelled):
    seamlens("labels", "set", "one", "error=true", "--first", 1, "--last", 2, "--annotator", "Ada")
    said = seamlens("labels", "set", "one", "length=false", "--labelled", "--annotator", "Ada")[1]
    assert said == "Labelled one, 2 frames that Ada had labelled.\n"
    assert json.loads(seamlens("balance", "--json")[1])["attributes"]["length"]["false"] == 2
    seamlens("labels", "set", "one", "length=unset", "--labelled", "--annotator", "Ada")
    answers = json.loads(seamlens("balance", "--json")[1])["attributes"]
    assert (answers["length"]["false"], answers["error"]["true"]) == (0, 2)
