"""A workspace that an earlier version made opens as it was: fixtures/workspace_0_6/README.md says what is in it."""

import json
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.attributes import SEAM
from core.labels.corrections import accepted_labels, doubt
from core.labels.sync import Undone, store
from core.runs.run_store import get_run
from core.workspace import open_workspace

FIXTURE = Path(__file__).parent / "fixtures" / "workspace_0_6"
OUTPUTS = json.loads((FIXTURE / "outputs.json").read_text(encoding="utf-8"))
"""What commands with ``--json`` printed of the workspace, by command; FOLDER stands for its path."""

RUN = min(run["run"] for run in OUTPUTS["runs --json"])
NEEDS_NETWORK = ("audit", "suggest")
EVENTS = "SELECT * FROM events ORDER BY seq"


@pytest.fixture
def folder(tmp_path):
    """A copy of the workspace."""
    with zipfile.ZipFile(FIXTURE / "workspace.zip") as file:
        file.extractall(tmp_path)
    return tmp_path / "workspace"


@pytest.fixture
def seamlens(folder, capsys):
    """Run a command on the copy and return what it printed."""

    def run(*arguments: object):
        code = main(["--workspace", str(folder), *map(str, arguments)])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return captured.out

    return run


@pytest.fixture
def printed(seamlens, folder):
    """Run a recorded command and return the JSON that it prints."""
    return lambda command: json.loads(seamlens(*command.split()).replace(str(folder), "FOLDER"))


def close(value, **tolerance):
    """Return ``value`` so that it equals what differs from it by rounding only, however deep."""
    if isinstance(value, dict):
        return {key: close(one, **tolerance) for key, one in value.items()}
    if isinstance(value, list):
        return [close(one, **tolerance) for one in value]
    return pytest.approx(value, **tolerance) if isinstance(value, float) else value


def known(now, before):
    """Return ``now`` without the keys that ``before`` lacks, however deep: more may be said, but nothing less."""
    if isinstance(now, dict) and isinstance(before, dict):
        return {key: known(one, before[key]) for key, one in now.items() if key in before}
    if isinstance(now, list) and isinstance(before, list) and len(now) == len(before):
        return [known(one, other) for one, other in zip(now, before, strict=True)]
    return now


def events(folder):
    """The rows of the log of labels; each begins with what was there before any later column."""
    with sqlite3.connect(folder / "labels.db") as database:
        return pd.read_sql(EVENTS, database)


@pytest.mark.parametrize("command", [one for one in OUTPUTS if not one.startswith(NEEDS_NETWORK)])
def test_a_command_prints_the_same_json(printed, command):
    assert known(printed(command), OUTPUTS[command]) == close(OUTPUTS[command])


@pytest.mark.parametrize(
    ("tables", "of"), [("tables", ()), ("tables_of_Ada", ("Ada",)), ("tables_of_Ben", ("Ben",))]
)
def test_labels_are_exported_as_before(seamlens, tmp_path, tables, of):
    seamlens("labels", "export", tmp_path / "out", "--tables-only", *(["--annotator", *of] if of else []))
    before = {path.name: path.read_text() for path in (FIXTURE / tables).iterdir()}
    assert {path.name: path.read_text() for path in (tmp_path / "out").glob("*.csv")} == before


def test_a_lookup_table_of_before_says_nothing_new(seamlens, folder):
    seamlens("videos")  # a database that is opened for the first time may be brought up to date
    before = events(folder)
    seamlens("labels", "import", FIXTURE / "tables_of_Ada", "--annotator", "Ada")
    pd.testing.assert_frame_equal(events(folder), before)


def test_the_log_only_grows(seamlens, folder):
    before = events(folder)
    seamlens("labels", "set", "seam_10", "good=true", "--annotator", "Ada")
    after = events(folder)
    assert len(after) > len(before)
    pd.testing.assert_frame_equal(after.loc[: len(before) - 1, before.columns], before, check_dtype=False)


def test_what_was_undone_can_be_done_again(printed, folder):
    (undo,) = events(folder).query("source == 'undo'").itertuples()
    before = printed("balance --annotator Ben --json")["attributes"]["good"]["true"]
    again = Undone("f" * 8 + "-ffff-4fff-8fff-" + "f" * 12, undo.action, undo.action)
    stored = store(open_workspace(folder), "Ben", [again])
    assert not stored.refused
    assert printed("balance --annotator Ben --json")["attributes"]["good"]["true"] == before + 10


def test_the_split_is_the_same_after_it_was_extended(seamlens, folder):
    before = pd.read_csv(folder / "split.csv").set_index("name")["part"]
    seamlens("split", "--extend")
    after = pd.read_csv(folder / "split.csv").set_index("name")["part"]
    assert after[before.index].equals(before)


def test_an_accepted_label_is_not_asked_about_again(printed, folder):
    accepted = {("seam_02_0", "error"), ("seam_02_1", "error")}
    assert not accepted & {(one["frame"], one["attribute"]) for one in printed("suspects --json")}
    (folder / "accepted.csv").unlink()  # it was read once, when the database was brought up to date
    assert not accepted & {(one["frame"], one["attribute"]) for one in printed("suspects --json")}
    opened = open_workspace(folder)
    (label,) = accepted_labels(opened)["value"].unique()
    doubt(opened, ["seam_02_0", "seam_02_1"], "error", bool(label))
    assert accepted < {(one["frame"], one["attribute"]) for one in printed("suspects --json")}


def test_a_session_of_before_has_its_pictures_and_is_written_on(seamlens, folder, tmp_path):
    (session,) = (folder / "runs" / RUN / "events").iterdir()
    seamlens("sessions", RUN, "latest", "--real", 1, "--by", "Zoë")
    seamlens("sessions", RUN, "latest", "--summary", tmp_path / "summary.csv")
    found = json.loads(seamlens("sessions", RUN, "latest", "--json"))["events"]
    assert not any(event["false_alarm"] for event in found)
    assert all((session / event[kind]).stat().st_size for event in found for kind in ("picture", "heatmap"))
    after, before = (pd.read_csv(file) for file in (tmp_path / "summary.csv", session / "summary.csv"))
    assert after["events"].tolist() == before["events"].tolist()


def test_the_network_decides_as_before(printed, seamlens, folder, tmp_path):
    run = folder / "runs" / RUN
    for command in (one for one in OUTPUTS if one.startswith(NEEDS_NETWORK)):
        # It was plain Grad-CAM that was checked then.
        now = command.replace("--json", "--method gradcam --json") if command.startswith("audit") else command
        assert known(printed(now), OUTPUTS[command]) == close(OUTPUTS[command], abs=0.02)
    seamlens("report", RUN, "--out", tmp_path / "report.html")
    assert RUN in (tmp_path / "report.html").read_text(encoding="utf-8")

    before = pd.read_csv(run / "predictions.csv").set_index("name")
    for name in ("predictions.csv", "test.json"):
        (run / name).unlink()
    seamlens("test", RUN)
    after = pd.read_csv(run / "predictions.csv").set_index("name")
    probabilities = [name for name in before.columns if name.endswith("_probability")]
    assert len(probabilities) == 4
    assert np.abs(after.loc[before.index, probabilities] - before[probabilities]).to_numpy().max() < 1e-3


def test_a_run_of_before_is_trained_on(seamlens, folder):
    history = folder / "runs" / RUN / "history.csv"
    before = pd.read_csv(history)
    seamlens("resume", RUN, "--epochs", len(before) + 1)
    after = pd.read_csv(history)
    assert after["epoch"].tolist() == [*before["epoch"], len(before) + 1]
    pd.testing.assert_frame_equal(after.loc[: len(before) - 1, before.columns], before)


def test_one_line_changes_the_colours_of_its_old_run(folder):
    settings = folder / "workspace.toml"
    settings.write_text('colours = "by meaning"\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    workspace = open_workspace(folder)
    colours = {attribute.name: attribute.colour for attribute in get_run(workspace, RUN).attributes}
    assert colours == {a.name: a.colour for a in SEAM.coloured_by_meaning() if a.name in colours}
