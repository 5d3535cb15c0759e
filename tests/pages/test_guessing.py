"""A network that guesses, and one that is right, on every surface: only what beats guessing is green."""

import json
import re
from html import unescape
from pathlib import Path
from unittest.mock import patch

import pytest

from core.__main__ import main
from core.report import html_report
from core.report.trust import trust
from core.runs.run import Run
from core.runs.run_names import short
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)
from tests.helpers.fake_predictions import foretell
from tests.pages.conftest import words
from ui.shell import verdicts

ALWAYS = {"clean": 0.9, "spot": 0.1, "narrow": 0.1}
"""What the guesser says of every frame: the more frequent answer."""


def judged(place: Path, guesses: bool, leaks: bool = True) -> Run:
    run = create_run(tiny_class.make(place, frames=36), tiny_class.quick(leaking=True))
    if not leaks:
        config = json.loads((run.path / "config.json").read_text("utf-8"))
        (run.path / "config.json").write_text(json.dumps(config | {"leak": None}), "utf-8")
        run = Run(run.workspace, run.id)
    names = run.frames["name"]
    foretell(run, {(name, of): said for name in names for of, said in ALWAYS.items()} if guesses else {})
    run.model_file.write_text("a network", "utf-8")
    return run


@pytest.fixture
def guesser(place: Path) -> Run:
    return judged(place, guesses=True)


def home_steps(app) -> dict[str, str]:
    """The mark of each step of Home by its title."""
    labels = [link.proto.label for link in app.get("page_link")]
    return {match[2]: match[1] for label in labels if (match := re.match(r":(\w+)\[.*\d\. (\w+)\*\*", label))}


def test_home(visit, guesser):
    app = visit()
    marks = home_steps(app)
    assert (marks["Train"], marks["Test"]) == ("red", "red")
    text = words(app)
    assert "Run 1: hardly better than guessing: clean, spot and narrow." in text
    # Two thirds of the frames are clean, one third has a spot, and 20 of 36 are narrow or are not.
    assert re.search(
        r"Run 1 is hardly better than guessing \([0-9.]+ % right, where guessing gets 63.0 %\)", text
    )


@pytest.mark.parametrize(("leaks", "mark"), [(False, "green"), (True, "orange")])
def test_home_of_a_network_that_is_right(visit, place, leaks, mark):
    judged(place, guesses=False, leaks=leaks)
    marks = home_steps(visit())
    assert (marks["Train"], marks["Test"]) == ("green", mark)


@pytest.mark.parametrize(("guesses", "leaks"), [(True, True), (False, True), (False, False)])
def test_every_surface_says_in_the_same_sentence_how_far_the_numbers_can_be_trusted(
    visit, place, capsys, guesses, leaks
):
    run = judged(place, guesses, leaks)
    with patch.object(Run, "has_model", False):  # nothing can draw its heatmaps
        report = html_report.render(run)
    found = trust(run, run.test)
    assert found.state == ("bad" if leaks else "partly")
    assert found.sentence.startswith("Measured on 36 frames of 1 test group, the numbers of Run 1 ")
    home, test_page, balance = visit(), visit("5_Test.py"), visit("3_Balance.py", "Ada")
    balance.session_state["review"] = "Class"
    for app in (home, test_page, balance.run()):
        assert found.sentence in words(app)
    assert found.sentence in unescape(report)
    assert main(["--workspace", str(place), "class"]) == 0
    assert found.sentence in capsys.readouterr().out
    # No tick without its reason beside it.
    limited = found.limited("spot")
    assert limited and limited in unescape(report)
    lines = [str(element.value) for element in test_page.markdown]
    ticks = [line for line in lines if verdicts.MARKS["clearly"] in line and ": right in" in line]
    assert all("Limited: " in line for line in ticks) and len(ticks) == (0 if leaks else 3)
    assert ("✓" in report) is not leaks


@pytest.mark.parametrize("tab", ["Result", "Mistakes", "More"])
def test_the_test_page(test_page, guesser, tab):
    guesser.model_file.unlink()  # nothing can draw its heatmaps
    app = test_page(tab)
    assert not app.exception and not app.success
    assert ":green" not in words(app)
    assert (tab != "Result") or "**spot**: no better than guessing (66.7 against 66.7 %)." in words(app)


def test_the_reasons_to_trust_it(test_page, guesser):
    guesser.model_file.unlink()  # nothing can draw its heatmaps
    app = test_page("Trust")
    assert not app.exception and not app.success
    assert ":green" not in words(app)


def test_the_table_of_the_train_page(visit, guesser):
    app = visit("4_Train.py")
    (runs,) = [table.value for table in app.dataframe if "Beats guessing" in table.value]
    assert runs["Beats guessing"].tolist() == ["hardly"]
    assert verdicts.MARKS["clearly"] not in words(app)


def test_the_report(guesser):
    guesser.model_file.unlink()
    page = html_report.render(guesser)
    assert "spot: no better than guessing (66.7 against 66.7 %)." in page
    assert (
        "✓" not in page
        and 'class="verdict clearly"' not in page
        and page.count('class="verdict hardly"') == 3
    )


def test_the_command_line(guesser, capsys):
    assert main(["--workspace", str(guesser.workspace.path), "runs"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"{guesser.id} .* {short(guesser)} +hardly", out)
    assert "✓" not in out and "clearly" not in out


def test_the_worst_video_is_open_and_own_videos_come_first(test_page, guesser):
    text = words(test_page())
    assert text.index("Your own videos · 36 frames of 1 group") < text.index("**Right and wrong, counted**")


def test_class(visit, guesser):
    app = visit("3_Balance.py", "Ada")
    app.session_state["review"] = "Class"
    line = next(e.value for e in app.run().markdown if "**Run 1**" in str(e.value))
    assert line.startswith(verdicts.MARKS["hardly"])
    assert "Hardly better than guessing: clean, spot and narrow." in line
