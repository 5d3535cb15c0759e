"""Commands about what follows a test: thresholds, calibration, and the mistakes one by one."""

import argparse
from typing import Any

from core import workspace
from core.commands.options import add_json, over_zero, positive, print_json, print_table, progress_bar
from core.errors import RunError
from core.evaluation import calibration, mistakes, threshold_costs, thresholds
from core.runs import describe
from core.runs import registry as runs
from core.runs.run import Run
from core.text import UNKNOWN, percent

SHOWN = 20
"""Mistakes that are printed; JSON has all."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_thresholds(commands)
    _add_mistakes(commands)


def _add_thresholds(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "thresholds",
        help="from which probability on an attribute is decided true, chosen on the validation part",
    )
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("--attribute", metavar="A", help="only this one; with --cost, the one to choose for")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--cost", type=over_zero, metavar="N", help="store what costs least where a missed one costs as much "
                      "as N false alarms")  # fmt: skip
    what.add_argument(
        "--set", type=_setting, action="append", metavar="A=P", help="store this threshold; may be repeated"
    )
    what.add_argument("--reset", action="store_true", help="back to 0.5, without calibration")
    command.add_argument("--calibrate", action="store_true", help="fit the temperatures on the validation part; changes no "
                         "decision")  # fmt: skip
    command.add_argument("--user", default="", metavar="NAME", help="who wants it, for the log")
    add_json(command)
    command.set_defaults(run=show_thresholds)


def _add_mistakes(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "mistakes", help="frames of the test part that were decided wrongly, the surest first"
    )
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("--attribute", metavar="A", help="only this one")
    command.add_argument("--side", choices=("missed", "false-alarm"), help="only these")
    command.add_argument("--video", metavar="V", help="only of this video")
    command.add_argument(
        "--limit", type=positive, metavar="N", help=f"how many (default: {SHOWN}; JSON: all)"
    )
    add_json(command)
    command.set_defaults(run=show_mistakes)


def show_thresholds(choice: argparse.Namespace) -> None:
    """Print the thresholds and what they do on the validation part, after storing those that are asked for."""
    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    if choice.attribute:
        thresholds.check_attribute(run, choice.attribute)
    with progress_bar("Predicting", "frames") as progress:
        thresholds.validation(run, progress=progress)
    words = _changed(run, choice)
    found = thresholds.to_json(run, [choice.attribute] if choice.attribute else None)
    if choice.json:
        print_json(
            found | {"notes": words} | ({"calibration": calibration.to_json(run)} if choice.calibrate else {})
        )
        return
    _print_thresholds(run, found, words)
    if choice.calibrate:
        _print_surety(run)
    if times := run.tuning.changed_after_test:
        print(thresholds.sentence(times))


def _changed(run: Run, choice: argparse.Namespace) -> list[str]:
    """Store what is asked for, all of it or nothing; return what is to be said of it."""
    settings = dict(choice.set or ())
    thresholds.check(run, settings)
    if choice.cost:
        _cheapest(run, choice)
    if choice.reset:
        thresholds.reset(run, choice.user)
    words = []
    if choice.calibrate:
        words += calibration.cautions(run, calibration.calibrate(run, choice.user))
    if settings:
        thresholds.store(run, settings, choice.user)
    if choice.cost:
        chosen = _cheapest(run, choice)
        thresholds.store(run, {choice.attribute: chosen.effect.threshold}, choice.user, choice.cost)
        words += chosen.words
    return words


def _cheapest(run: Run, choice: argparse.Namespace) -> threshold_costs.Chosen:
    if not choice.attribute:
        raise RunError(
            "an attribute",
            "a cost without one",
            "Say with “--attribute” which threshold shall be chosen by it.",
        )
    thresholds.check_has_thresholds(run)
    return threshold_costs.choose(thresholds.validation(run), choice.attribute, choice.cost)


def _print_thresholds(run: Run, found: dict[str, Any], words: list[str]) -> None:
    print(
        f"{run.id}: on its {found['frames']:,} validation frames of {describe.groups(run, found['videos'])}"
    )
    if found["exclusive"]:
        print("Classes have no thresholds: the most probable one is decided.")
        temperature = next(iter(found["attributes"].values()))["temperature"]
        print(f"Temperature of all: {temperature:g}")
    else:
        heads = (
            "threshold",
            "temperature",
            "frames",
            "positives",
            "missed",
            "false_alarms",
            "balanced_accuracy",
        )
        rows = [
            (name, *(_cell(head, row[head]) for head in heads)) for name, row in found["attributes"].items()
        ]
        print_table(("attribute", *(head.replace("_", " ") for head in heads)), rows)
    for line in words:
        print(line)


def _cell(head: str, value: Any) -> str:
    if head == "balanced_accuracy":
        return percent(value, 1)
    return f"{value:.4g}" if head in ("threshold", "temperature") else str(value)


def _print_surety(run: Run) -> None:
    """Print the expected calibration errors before and after."""
    print()
    rows = []
    for part, statements in calibration.to_json(run).items():
        for name, row in statements.items():
            errors = [row[when][by] for by in calibration.HOW for when in ("before", "after")]
            shown = [UNKNOWN if error is None else f"{100 * error:.2f}" for error in errors]
            rows.append((f"{name}, {part}", row["frames"], row["videos"], *shown))
    print(f"Expected calibration error in %, {calibration.BINS} bins: before and after, equally many answers in each; before "
          "and after, equally wide")  # fmt: skip
    print_table(("of", "frames", "videos", "before", "after", "before", "after"), rows)


def show_mistakes(choice: argparse.Namespace) -> None:
    """Print the mistakes of a test, the surest first."""
    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    side = choice.side.replace("-", " ") if choice.side else ""
    found = mistakes.find(run, choice.attribute or "", side, choice.video or "")
    if choice.json:
        print_json(mistakes.to_json(found.head(choice.limit or len(found))))
        return
    print(f"{run.id}: {mistakes.counted(run, found)}")
    rows = [
        (*one[:2], str(one[2]).lower(), percent(one[3], 1), *one[4:])
        for one in found[["name", "attribute", "label", "probability", "side", "decided"]]
        .head(choice.limit or SHOWN)
        .to_numpy(object)
    ]
    if rows:
        print_table(("frame", "attribute", "label", "probability", "side", "decided"), rows)


def _setting(text: str) -> tuple[str, float]:
    """Read an attribute and its threshold, ``break=0.4``."""
    name, equals, value = text.rpartition("=")
    try:
        if not equals:
            raise ValueError
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected an attribute and its threshold, such as break=0.4, received {text}"
        ) from None
