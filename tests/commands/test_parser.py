"""Arguments that cannot be taken: one line on standard error, exit code 2."""

import pytest

from core.__main__ import main


def refused(capsys, *arguments):
    """Run a command that argparse refuses; return what it says."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


REFUSED = {
    ("demo", "--videos", "0"): "a whole number from 1 upwards for --videos, but received 0.",
    ("demo", "--videos", "many"): "a whole number from 1 upwards for --videos, but received many.",
    ("demo", "--seed", "x"): "a whole number from 0 upwards for --seed, but received x.",
    ("report", "latest"): "--out, but received nothing.",
    (
        "mistakes",
        "latest",
        "--side",
        "left",
    ): "one of 'missed', 'false-alarm' for --side, but received 'left'.",
    ("test", "latest", "--jsn"): "nothing more, but received --jsn.",
    ("test", "a", "b", "c"): "nothing more, but received c.",
    ("thresholds", "a", "--reset", "--cost", "2"): "--reset or --cost, but received both.",
    ("report", "latest", "--out"): "one argument for --out, but received none, or too many.",
    ("explain", "a", "b", "--l", "x"): "one of --layer, --legend, but received --l.",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_it_is_one_line_of_what_was_expected_and_received(capsys, arguments):
    said = refused(capsys, *arguments)
    assert said.startswith(f"seamlens: Expected {REFUSED[arguments]} See “") and said.count("\n") == 1


def test_it_names_the_help_of_the_command(capsys):
    assert refused(capsys, "demo", "--videos", "0").endswith("See “python -m core demo --help”.\n")


def test_the_help_stays_the_help(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["explain", "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m core explain")


@pytest.mark.parametrize("number", ["0", "-3", "nan", "inf", "white"])
def test_white_is_a_number_over_zero(capsys, number):
    said = refused(capsys, "explain", "net.keras", "a.png", "--out", "maps", "--white", number)
    assert f"Expected a number over 0 for --white, but received {number}." in said


@pytest.mark.parametrize(
    "options",
    [
        ("explain", "net.keras", "a.png", "--out", "maps", "--opacity", "nan"),
        ("audit", "latest", "--band", "nan,0,1,1"),
        ("audit", "latest", "--band", "left"),
        ("thresholds", "latest", "--cost", "nan"),
        ("thresholds", "latest", "--cost", "-2"),
        ("mistakes", "latest", "--limit", "nan"),
    ],
)
def test_no_option_takes_what_is_no_number_of_its_range(capsys, options):
    assert f"{options[-2]}, but received {options[-1]}." in refused(capsys, *options)
