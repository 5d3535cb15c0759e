"""Commands that train, and that list, compare, annotate and delete runs."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands import cli
from core.errors import SeamLensError
from core.text import UNKNOWN, listed, percent
from core.workspace import Workspace

if TYPE_CHECKING:
    from core.runs.run import Run
    from core.training.readiness import Readiness

app = typer.Typer()

HERE = "here"
"""Where a training of the cluster may go on."""


@app.command()
def train(
    ctx: typer.Context,
    network: cli.NetworkName = None,
    size: cli.SizeOption = None,
    region: cli.RegionOption = None,
    recipe: cli.RecipeName = None,
    epochs: cli.Epochs = None,
    minutes: cli.Minutes = None,
    seed: cli.RunSeed = None,
    balance: Annotated[
        float | None, cli.share_option("How strongly rare answers are weighted in the loss.")
    ] = None,
    patience: Annotated[int | None, cli.level("Stop after N epochs without progress; 0: never.")] = None,
    head_only: Annotated[
        bool, cli.flag("Learn only the head of a pretrained network, within seconds.")
    ] = False,
    leaking: Annotated[bool, cli.flag("Train on a split that leaks. The run is marked permanently.")] = False,
    like: Annotated[str | None, cli.run("Repeat this run: same settings, frames and labels.")] = None,
    user: Annotated[str, cli.who("Who trains: users take turns in the queue.")] = "",
    on: cli.On = None,
    detach: cli.Detach = False,
) -> None:
    """Train a network on the labelled frames."""
    from core.jobs import jobs, slots
    from core.networks.registry import get_network
    from core.training.create_run import create_like, create_run

    opened = cli.get_workspace(ctx)
    settings = {
        "network": network, "size": size, "region": region, "recipe": recipe, "epochs": epochs, "minutes": minutes,
        "seed": seed, "balance": balance, "patience": patience, "leaking": leaking or None, "head_only": head_only or None,
    }  # fmt: skip
    own = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is not None]
    if like and own:
        raise typer.BadParameter(f"--like repeats a run as it was. Leave out {', '.join(own)}, or --like")
    where = cli.cluster(on)
    if not detach:
        slots.check_slot(opened, where)
    if like:
        run = create_like(cli.get_run(ctx, like), user)
    else:
        chosen = cli.train_settings(opened, **settings)
        get_network(chosen.network)  # an unknown one is refused before anything else
        ready = checked_readiness(opened)
        run = create_run(opened, chosen, user=user)
        for sentence in (*run.config.notes, *ready.doubts):
            print(sentence, file=sys.stderr)
    if detach:
        jobs.enqueue(run, where)
        print(_started(run))
    else:
        jobs.send(run, where)
        _train_here(run)


def checked_readiness(opened: Workspace) -> "Readiness":
    """Return what a training would learn from, and tell what is labelled and not in the split.

    Raises:
        RunError: there is nothing to learn from, with the commands that help.
        SplitError: no split is possible, with the commands that help.
    """
    from core.labels.consensus import consensus
    from core.training.readiness import readiness

    ready = readiness(opened, consensus(opened))
    commands = listed(ready.hints, quoted=True, word="or")
    if error := ready.missing:
        hint = f" This helps: {commands}." if commands else ""
        raise type(error)(error.problem, error.advice + hint)
    if ready.newer:
        print(f"Not in the split: {ready.newer}. {commands} adds them.", file=sys.stderr)
    return ready


def _train_here(run: "Run") -> None:
    from core.jobs import worker

    with cli.progress_bar("Training", "steps") as progress:
        worker.train(run, progress)
    print(run.summary())
    _measure(run)


def _measure(run: "Run") -> None:
    """Measure what the first view would wait for, unless the time is over."""
    from core.inspection import inspector

    if run.limits.minutes is None:
        with suppress(SeamLensError):
            inspector.measure_training_part(run)


def _started(run: "Run") -> str:
    """Return the id of a run, and its place where it has to queue: scripts take the first word."""
    from core.jobs.queue import ordinal
    from core.jobs.slots import place

    number = place(run)
    return f"{run.id} ({ordinal(number)} in the queue)" if number else run.id


# The detached process itself; `train --detach` and the Train page start it.
@app.command("train-run", hidden=True)
def train_run(ctx: typer.Context, name: cli.RunName) -> None:
    """Train a run that was created before, in this process."""
    from core.evaluation import evaluate
    from core.jobs import worker

    run = cli.get_run(ctx, name)
    worker.train(run)
    if not run.series:
        _measure(run)
    elif run.state == "done":
        evaluate.test(run)  # its test is all that a run of a series is trained for


# The Train page starts it, to say how long a training takes.
@app.command("measure-pace", hidden=True)
def measure_pace(
    ctx: typer.Context, names: Annotated[list[str], typer.Argument(help="Names of the networks.")]
) -> None:
    """Measure how fast networks learn on this computer."""
    from core.jobs import pace

    opened = cli.get_workspace(ctx)
    pace.measure(opened, names, opened.attributes.exclusive)


@app.command()
def stop(
    ctx: typer.Context,
    name: cli.RunName,
    now: Annotated[bool, cli.flag("Stop at once and lose the current epoch.")] = False,
) -> None:
    """Stop a training and keep its best epoch."""
    from core.jobs import jobs

    run = cli.get_run(ctx, name)
    if run.state == "queued":
        jobs.stop(run)
        print(f"{run.id} is no longer in the queue.")
    elif not now:
        jobs.stop(run)
        print(f"{run.id} stops after its current step.")
    else:
        jobs.kill(run)
        stopped = "was stopped. “resume” continues after its last finished epoch."
        print(f"{run.id} {'has just finished.' if run.state == 'done' else stopped}")


@app.command()
def resume(
    ctx: typer.Context,
    name: cli.RunName,
    epochs: cli.Epochs = None,
    minutes: cli.Minutes = None,
    on: Annotated[
        str | None,
        cli.option("Continue on a Ray cluster, or here. Default: where it was.", metavar="ray://…|auto|here"),
    ] = None,
    detach: cli.Detach = False,
) -> None:
    """Continue a training where it stopped.

    A finished run continues to a higher number of epochs, counted from its start, or for more minutes.
    """
    from core.jobs import jobs, slots

    run = cli.get_run(ctx, name)
    where = "" if on == HERE else cli.cluster(run.status.on or None if on is None else on)
    if detach:
        jobs.resume(run, epochs, minutes, where)
        print(_started(run))
        return
    slots.check_slot(run.workspace, where)
    jobs.reopen(run, epochs, minutes, where)
    _train_here(run)


@app.command("runs")
def list_runs(
    ctx: typer.Context,
    names: Annotated[list[str] | None, cli.run_argument("Compare these runs.")] = None,
    note: Annotated[
        tuple[str, str] | None, cli.option("Write a note about a run.", metavar="RUN TEXT")
    ] = None,
    rename: Annotated[
        tuple[str, str] | None,
        cli.option("Name a run; an empty name gives it back its number.", metavar="RUN NAME"),
    ] = None,
    delete: Annotated[str | None, cli.run("Permanently delete a run with all its results.")] = None,
    yes: cli.Yes = False,
    as_json: cli.Json = False,
) -> None:
    """List the runs, or compare some of them."""
    from core.runs import run_store as runs

    if note:
        runs.set_note(cli.get_run(ctx, note[0]), note[1])
    elif rename:
        _rename(cli.get_run(ctx, rename[0]), rename[1])
    elif delete:
        run = cli.get_run(ctx, delete)
        if not yes:
            raise typer.BadParameter(f"Add --yes to permanently delete {run.id} with its curves and tests")
        runs.delete(run)
        print(f"{run.id} is deleted.")
    elif names:
        _compare([cli.get_run(ctx, name) for name in names], as_json)
    else:
        _list(cli.get_workspace(ctx), as_json)


def _rename(run: "Run", text: str) -> None:
    from core.runs import run_names

    run_names.rename(run, text)
    print(f"{run.id} is called {run_names.short(run)}.")


def _list(opened: Workspace, as_json: bool) -> None:
    from core.jobs import slots
    from core.jobs.queue import ordinal
    from core.runs.run_store import damaged_runs, list_runs

    slots.advance(opened)
    damaged = damaged_runs(opened)
    places = {run.id: place for place, run in enumerate(slots.waiting(opened), 1)}
    rows = [_row(run) | {"place": places.get(run.id)} for run in list_runs(opened)]
    cli.print_json_if(
        as_json, rows + [{"run": run.id, "state": "damaged", "damage": str(run.error)} for run in damaged]
    )
    for row in rows:
        row["state"] += f" ({ordinal(row['place'])})" if row["place"] else ""
        row["best"] = row["best"]["epoch"] if row["best"] else None
        row["beats guessing"] = row["verdict"]
    keys = ("run", "network", "state", "epoch", "best", "minutes", "user", "called", "beats guessing", "note")
    lines = [dict.fromkeys(keys) | {"run": run.id, "state": "damaged"} for run in damaged]
    cli.print_records([*rows, *lines], keys)
    for run in damaged:
        print(run.error)


def _row(run: "Run") -> dict[str, Any]:
    """Return a run in plain values, with what it is called, and how much better than guessing it is; none before its test."""
    from core.evaluation.evaluate import listed_result
    from core.evaluation.verdict import headline
    from core.runs.run_names import short

    test = listed_result(run)
    return run.to_json() | {"called": short(run), "verdict": headline(test).gain if test else None}


def _compare(chosen: "list[Run]", as_json: bool) -> None:
    from core.evaluation.compare_configs import compare_configs

    table = compare_configs(chosen)
    cli.print_json_if(as_json, cli.records(table))
    cells = [[_cell(value, row[0]) for value in row] for row in table.values.tolist()]
    cli.print_table(list(table.columns), cells)


def _cell(value: object, about: str) -> str:
    """Return a value of the configuration as it is, any other number in percent."""
    if isinstance(value, float) and about != "configuration":
        return percent(value, 1)
    return UNKNOWN if value is None else str(value)


@app.command()
def augment(
    ctx: typer.Context,
    out: Annotated[Path, cli.option("The picture to write.", metavar="FILE.png")],
    network: cli.NetworkName = None,
    size: cli.SizeOption = None,
    region: cli.RegionOption = None,
    recipe: cli.RecipeName = None,
    frames: Annotated[int, cli.count("Number of rows.", metavar="K")] = 4,
    seed: cli.Seed = 0,
) -> None:
    """Write a picture that shows how training varies the frames."""
    from core.inputs import augmentation_preview

    opened = cli.get_workspace(ctx)
    settings = cli.train_settings(opened, network=network, size=size, recipe=recipe, region=region)
    varied = augmentation_preview.vary(opened, settings, frames, seed)
    augmentation_preview.write_sheet(varied, out)
    times = f"{augmentation_preview.VERSIONS} times as {settings.network} sees it"
    print(f"{out}: {varied.summary()}; each as it is, and {times}.")
    rows = [f"row {number}: {name}" for number, name in enumerate(varied.frames["name"], 1)]
    print("\n".join([*rows, *augmentation_preview.sentences(varied.kind, opened.attributes.names)]))
