"""Commands that follow a test: thresholds, calibration, and the mistakes one by one."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.commands import cli
from core.text import UNKNOWN, percent

if TYPE_CHECKING:
    from core.runs.run import Run

SHOWN = 20
"""Mistakes that are printed; JSON has all."""

app = typer.Typer()


@app.command()
def thresholds(
    ctx: typer.Context,
    name: cli.RunName,
    attribute: Annotated[str | None, cli.attribute("Only this attribute; needed by --cost.")] = None,
    cost: Annotated[float | None, cli.number("Store the cheapest, if a miss costs N false alarms.")] = None,
    settings: Annotated[
        list[str] | None,
        cli.option("Store threshold P of attribute A; may be repeated.", "--set", metavar="A=P"),
    ] = None,
    reset: Annotated[bool, cli.flag("Back to 0.5, without calibration.")] = False,
    calibrate: Annotated[bool, cli.flag("Fit the temperatures; changes no decision.")] = False,
    user: Annotated[str, cli.who("Who changes it, for the log.")] = "",
    as_json: cli.Json = False,
) -> None:
    """Print or set the thresholds of a run.

    An attribute counts as true above its threshold. All numbers are of the validation frames.
    """
    from core.evaluation import calibration
    from core.evaluation import thresholds as stored
    from core.evaluation.threshold_costs import choose

    cli.only_one(cost=cost, set=settings or None, reset=reset)
    chosen = dict(map(_setting, settings or ()))
    run = cli.get_run(ctx, name)
    if attribute:
        stored.check_is_learned(run, attribute)
    elif cost:
        raise typer.BadParameter("--cost needs --attribute: say which threshold to choose")
    with cli.progress_bar("Predicting", "frames") as progress:
        validation = stored.validation(run, progress=progress)
    # All of it is stored, or nothing.
    stored.check(run, chosen)
    if cost and attribute:
        stored.check_has_thresholds(run)
        choose(validation, attribute, cost)
    if reset:
        stored.reset(run, user)
    notes = calibration.cautions(run, calibration.calibrate(run, user)) if calibrate else []
    if chosen:
        stored.store(run, chosen, user)
    if cost and attribute:
        cheapest = choose(stored.validation(run), attribute, cost)
        stored.store(run, {attribute: cheapest.effect.threshold}, user, cost)
        notes += cheapest.words
    found = stored.to_json(run, [attribute] if attribute else None)
    errors = {"calibration": calibration.to_json(run)} if calibrate else {}
    cli.print_json_if(as_json, found | {"notes": notes} | errors)
    _print_thresholds(run, found, notes)
    if calibrate:
        _print_calibration(errors["calibration"])
    if times := run.tuning.changed_after_test:
        print(stored.sentence(times))


def _setting(text: str) -> tuple[str, float]:
    """Read an attribute and its threshold, ``break=0.4``."""
    name, _, value = text.rpartition("=")
    try:
        return name, float(value if name else "")
    except ValueError:
        needed = "an attribute and its threshold, such as break=0.4"
        raise typer.BadParameter(f"--set needs {needed}, not {text}") from None


def _print_thresholds(run: "Run", found: dict[str, Any], notes: list[str]) -> None:
    from core.runs.run_parts import groups

    print(f"{run.id}: on its {found['frames']:,} validation frames of {groups(run, found['videos'])}")
    if found["exclusive"]:
        temperature = next(iter(found["attributes"].values()))["temperature"]
        print("Classes have no thresholds: the most probable one counts.")
        print(f"Temperature of all: {temperature:g}")
    else:
        counts = ("frames", "positives", "missed", "false_alarms")
        rows = [
            (name, f"{row['threshold']:.4g}", f"{row['temperature']:.4g}", *(row[count] for count in counts),
             percent(row["balanced_accuracy"], 1))
            for name, row in found["attributes"].items()
        ]  # fmt: skip
        heads = ("threshold", "temperature", "frames", "positives", "missed", "false alarms")
        cli.print_table(("attribute", *heads, "balanced accuracy"), rows)
    cli.print_lines(*notes)


def _print_calibration(errors: dict[str, Any]) -> None:
    from core.evaluation import calibration

    rows = []
    for part, measured in errors.items():
        for name, row in measured.items():
            each = [row[when][by] for by in calibration.HOW for when in ("before", "after")]
            shown = [UNKNOWN if error is None else f"{100 * error:.2f}" for error in each]
            rows.append((f"{name}, {part}", row["frames"], row["videos"], *shown))
    print(
        f"\nExpected calibration error in %, {calibration.BINS} bins: before and after, with equally many answers in each; "
        "before and after, equally wide"
    )
    cli.print_table(("of", "frames", "videos", "before", "after", "before", "after"), rows)


@app.command()
def mistakes(
    ctx: typer.Context,
    name: cli.RunName,
    attribute: cli.AttributeName = None,
    side: Annotated[Literal["missed", "false-alarm"] | None, cli.option("Only this kind.")] = None,
    video: Annotated[str | None, cli.video("Only this video.")] = None,
    limit: Annotated[int | None, cli.count(f"List this many. Default: {SHOWN}; JSON: all.")] = None,
    as_json: cli.Json = False,
) -> None:
    """List wrong decisions on test frames, surest first."""
    from core.evaluation.mistakes import find_mistakes, mistakes_as_json, mistakes_counted

    run = cli.get_run(ctx, name)
    found = find_mistakes(run, attribute or "", (side or "").replace("-", " "), video or "")
    cli.print_json_if(as_json, mistakes_as_json(found.head(limit or len(found))))
    print(f"{run.id}: {mistakes_counted(run, found)}")
    rows = cli.records(found.head(limit or SHOWN))
    for row in rows:
        row["probability"] = percent(row["probability"], 1)
    if rows:
        keys = ("attribute", "label", "probability", "side", "decided")
        cli.print_records(rows, ("name", *keys), ("frame", *keys))
