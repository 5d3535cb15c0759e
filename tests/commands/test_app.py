"""Bad input is one line on standard error and exit code 2; help and completion do not wait for TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.commands import cli
from core.commands.app import commands_of, main, program
from core.commands.reference import reference

ROOT = Path(__file__).parents[2]


def refused(capsys, *arguments):
    """Run a command that cannot be taken; return its error."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


REFUSED = {
    ("demo", "--videos", "0"): "--videos must be a whole number of at least 1, not 0.",
    ("demo", "--videos", "many"): "--videos must be a whole number of at least 1, not many.",
    ("demo", "--seed", "x"): "--seed must be a whole number from 0 to 4294967295, not x.",
    ("report", "latest"): "--out is missing.",
    ("report",): "RUN is missing.",
    ("gold", "add", "seam_1", "-1", "3", "--author", "Eva"): "No such option: -1.",
    ("gold", "add", "seam_1", "one", "3", "--author", "Eva"): (
        "FIRST must be a whole number of at least 0, not one."
    ),
    ("mistakes", "latest", "--side", "left"): "--side: 'left' is not one of 'missed', 'false-alarm'.",
    ("test", "latest", "--jsn"): "No such option: --jsn (Possible options: --json).",
    ("test", "a", "b", "c"): "Got unexpected extra argument(s) (c).",
    ("thresholds", "a", "--reset", "--cost", "2"): "Use --cost or --reset, not both.",
    ("report", "latest", "--out"): "Option '--out' requires an argument.",
    ("explain", "a", "b", "--l", "x"): "No such option: --l (Possible options: --help, --layer).",
    ("videos", "--no-json"): "No such option: --no-json (Possible options: --json).",
    ("balanse",): "No such command 'balanse'. Did you mean 'balance'?",
    (): "Missing command.",
    ("labels",): "Missing command.",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_bad_input_is_one_line_that_says_what_is_wrong(capsys, arguments):
    error = refused(capsys, *arguments)
    assert error.startswith(f"seamlens: {REFUSED[arguments]}") and error.count("\n") == 1


def test_it_names_the_help_of_the_command(capsys):
    assert refused(capsys, "demo", "--videos", "0").endswith("See “python -m core demo --help”.\n")


def test_help_is_printed(capsys):
    assert main(["explain", "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: python -m core explain")


def test_tables_have_thousands_true_minus_signs_and_a_dash_for_none(capsys):
    """What frames are called by stays as commands take it."""
    cli.print_table(("name", "index", "frames", "by"), [("a", 2385, 2385, None), ("b", 7, -5, "x")])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["name", "index", "frames", "by"],
        ["a", "2385", "2,385", "–"],
        ["b", "7", "−5", "x"],
    ]


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("SeamLens 0.")


def test_every_command_and_option_has_a_sentence_of_help():
    for name, command in commands_of(program()):
        assert command.help.partition("\n")[0].endswith("."), name
        for parameter in command.params:
            assert parameter.hidden or parameter.help.endswith("."), (name, parameter.name)


def test_the_page_of_the_docs_is_what_the_program_prints():
    """After a change: ``python -m core.commands.reference > docs/command-line.md``."""
    assert (ROOT / "docs" / "command-line.md").read_text("utf-8") == reference()


def test_the_help_names_the_defaults_of_the_program():
    from core.assist.label_issues import FOLDS
    from core.demo.plan import FRAMES, VIDEOS
    from core.networks.registry import DEFAULT_NETWORK

    page = reference()
    assert (
        f"Number of videos. Default: {VIDEOS}." in page
        and f"Frames of each video. Default: {FRAMES}." in page
    )
    assert f"Default: {DEFAULT_NETWORK}." in page and f"Default: {FOLDS}, or one per video." in page


def test_the_list_of_commands_cuts_no_sentence(capsys):
    main(["--help"])
    assert "..." not in capsys.readouterr().out.partition("Commands:")[2]


@pytest.mark.parametrize("number", ["0", "-3", "nan", "inf", "white"])
def test_white_is_a_number_above_zero(capsys, number):
    error = refused(capsys, "explain", "net.keras", "a.png", "--out", "maps", "--white", number)
    assert f"--white must be a number above 0, not {number}." in error


@pytest.mark.parametrize(
    "options",
    [
        ("explain", "net.keras", "a.png", "--out", "maps", "--opacity", "nan"),
        ("audit", "latest", "--band", "nan,0,1,1"),
        ("audit", "latest", "--band", "left"),
        ("audit", "latest", "--band", ".7,0,.3,1"),
        ("thresholds", "latest", "--cost", "nan"),
        ("thresholds", "latest", "--cost", "-2"),
        ("mistakes", "latest", "--limit", "nan"),
    ],
)
def test_no_option_takes_what_is_no_number_of_its_range(capsys, options):
    error = refused(capsys, *options)
    assert f"{options[-2]} must be " in error and f", not {options[-1]}." in error


@pytest.mark.parametrize(
    ("arguments", "modules"),
    [
        (["--help"], ("tensorflow", "pandas", "cv2", "sqlalchemy", "scipy")),
        (["train", "--help"], ("tensorflow", "pandas", "cv2", "sqlalchemy", "scipy")),
        (["balance"], ("tensorflow", "keras", "cleanlab")),
    ],
)
def test_start_up_waits_for_nothing_that_is_not_needed(tmp_path, arguments, modules):
    code = (
        "import sys\nfrom core.__main__ import main\n"
        f"main(['--workspace', {str(tmp_path / 'w')!r}, 'init'])\n"
        f"code = main(['--workspace', {str(tmp_path / 'w')!r}, *{arguments!r}])\n"
        f"sys.exit(code or ', '.join(set(sys.modules) & set({modules!r})) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def completed(workspace: Path, line: str) -> list[str]:
    """Return what a shell offers after ``line``."""
    words = line.split(" ")
    environment = os.environ | {
        "_SEAMLENS_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "SEAMLENS_WORKSPACE": str(workspace),
    }
    code = "import sys; sys.argv[0] = 'seamlens'; from core.__main__ import main; main([])"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return ended.stdout.split()


def test_shells_complete_commands_options_choices_and_names(tmp_path, capsys):
    main(["--workspace", str(tmp_path), "init"])
    for run in ("run_1", "run_2"):
        (tmp_path / "runs" / run).mkdir()
        (tmp_path / "runs" / run / "config.json").write_text("{}")
    (tmp_path / "frames" / "seam_1").mkdir()
    assert completed(tmp_path, "seamlens con") == ["contradictions"]
    assert completed(tmp_path, "seamlens train --l") == ["--leaking", "--like"]
    assert completed(tmp_path, "seamlens split --by ") == ["video", "blocks", "random"]
    assert completed(tmp_path, "seamlens test ") == ["latest", "run_2", "run_1"]
    assert completed(tmp_path, "seamlens labels set s") == ["seam_1"]
    assert completed(tmp_path, "seamlens disputes --attribute ") == ["good", "error", "break", "length"]


def test_the_completion_script_is_of_the_installed_command(capsys, monkeypatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    with pytest.raises(SystemExit) as ended:
        main(["--show-completion", "bash"])
    assert ended.value.code == 0
    assert "complete -o default -F _seamlens_completion seamlens" in capsys.readouterr().out
