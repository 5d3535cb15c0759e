"""Commands that train, and that list, compare, note and delete runs."""

import argparse
from contextlib import suppress
from dataclasses import replace

import pandas as pd

from core import workspace
from core.commands.options import (
    add_json,
    add_preparation,
    natural,
    over_zero,
    positive,
    prepared,
    print_json,
    print_table,
    progress_bar,
    seed,
    share,
)
from core.errors import RunError, SeamLensError
from core.evaluation import compare_configs
from core.jobs import jobs
from core.jobs.queue import ordinal
from core.runs import registry as runs
from core.runs.run import Run
from core.text import percent
from core.training.create_run import create_like, create_run
from core.workspace import Workspace

SETTINGS = (
    "network",
    "epochs",
    "minutes",
    "seed",
    "size",
    "region",
    "recipe",
    "balance",
    "patience",
    "leaking",
)
"""Options of a training that a run has of its own."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_train(commands)
    _add_ends(commands)
    _add_runs(commands)


def _add_train(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("train", help="train a network on the labelled frames")
    add_preparation(command)
    command.add_argument("--epochs", type=positive, help="default: the network's own")
    command.add_argument(
        "--minutes",
        type=over_zero,
        help="train for so long, start and validation included: a lesson has an end",
    )
    command.add_argument("--seed", type=seed, help="of weights, order and augmentation (default: 0)")
    command.add_argument(
        "--balance", type=share, metavar="0..1", help="how far rare answers are made up for in the loss"
    )
    command.add_argument(
        "--patience",
        type=natural,
        metavar="EPOCHS",
        help="end after so many without a smaller validation loss; 0: never",
    )
    command.add_argument(
        "--leaking", action="store_true", help="train on a split that leaks; the run says so for ever"
    )
    command.add_argument(
        "--like", metavar="RUN", help="repeat a run: its settings and its frames, whatever the labels are now"
    )
    command.add_argument("--user", default="", metavar="NAME", help="who wants it: users take turns")
    command.add_argument(
        "--detach", action="store_true", help="train in the background, or queue, and return at once"
    )
    command.set_defaults(run=train)

    # The detached process itself; `train --detach` and the Train page start it.
    command = commands.add_parser("train-run")
    command.add_argument("id")
    command.set_defaults(run=train_run)


def _add_ends(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("stop", help="end a training after its current step, its best epoch kept")
    command.add_argument("id", metavar="RUN")
    command.add_argument("--now", action="store_true", help="end it at once; the epoch it is in is lost")
    command.set_defaults(run=stop)

    command = commands.add_parser(
        "resume", help="go on with a training where it was stopped, else after its last finished epoch"
    )
    command.add_argument("id", metavar="RUN")
    command.add_argument("--epochs", type=positive, help="another last epoch, also beyond the end of the run")
    command.add_argument(
        "--minutes", type=over_zero, help="another time budget, also beyond the end of the run"
    )
    command.add_argument("--detach", action="store_true", help="in the background, or queue")
    command.set_defaults(run=resume)


def _add_runs(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("runs", help="list the runs, or compare those that are named")
    command.add_argument("ids", nargs="*", metavar="RUN", help="compare these")
    command.add_argument("--note", nargs=2, metavar=("RUN", "TEXT"), help="remember something of a run")
    command.add_argument("--delete", metavar="RUN", help="delete a run with everything that came of it")
    command.add_argument("--yes", action="store_true", help="delete it indeed")
    add_json(command)
    command.set_defaults(run=runs_command)


def train(choice: argparse.Namespace) -> None:
    """Train a run, here with a progress bar or detached."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.detach:
        run = _make(opened, choice)
        jobs.enqueue(run)
        print(_started(run))
        return
    from core.jobs import worker

    worker.check_slot(opened)
    _train_here(_make(opened, choice))


def _make(opened: Workspace, choice: argparse.Namespace) -> Run:
    if choice.like:
        _check_nothing_else(choice)
        return create_like(runs.get_run(opened, choice.like), choice.user)
    settings = replace(
        prepared(choice, opened.attributes.exclusive),
        epochs=choice.epochs,
        minutes=choice.minutes,
        seed=choice.seed or 0,
        balance=choice.balance,
        patience=choice.patience,
        leaking=choice.leaking,
    )
    return create_run(opened, settings, user=choice.user)


def _check_nothing_else(choice: argparse.Namespace) -> None:
    """Refuse settings beside those of the run that is repeated."""
    # By identity: 0 is a setting too.
    given = [
        f"“--{name}”" for name in SETTINGS if not any(getattr(choice, name) is no for no in (None, False))
    ]
    if given:
        raise RunError(
            "“--like” without settings of its own",
            ", ".join(given),
            "Leave them out to repeat the run as it was, or leave “--like” out.",
        )


def _train_here(run: Run) -> None:
    from core.jobs import worker

    with progress_bar("Training", "steps") as progress:
        worker.train(run, progress)
    print(run.summary())
    if run.limits.minutes is None:  # else the time is over
        _learn_what_is_familiar(run)


def _started(run: Run) -> str:
    """Return the id of a run, and its place where it has to queue: scripts take the first word."""
    place = jobs.place(run)
    return f"{run.id} ({ordinal(place)} in the queue)" if place else run.id


def train_run(choice: argparse.Namespace) -> None:
    """Train a run that was made before, in this process."""
    from core.evaluation import evaluate
    from core.jobs import worker

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    worker.train(run)
    if not run.series:
        if run.limits.minutes is None:  # else the time is over
            _learn_what_is_familiar(run)
    elif run.state == "done":
        evaluate.test(run)  # what it says of its test part is all that it was trained for


def _learn_what_is_familiar(run: Run) -> None:
    """Learn it now: else the first who watches with the run would wait for it."""
    from core.explain import out_of_distribution

    with suppress(SeamLensError):
        out_of_distribution.of(run)


def stop(choice: argparse.Namespace) -> None:
    """Ask a training to end, or end it at once; withdraw a queued one."""
    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    if run.state == "queued":
        jobs.stop(run)
        print(f"{run.id} is no longer in the queue.")
    elif choice.now:
        jobs.kill(run)
        if run.state == "done":
            print(f"{run.id} has just come to its end.")
        else:
            print(f"{run.id} was ended at once; “resume” goes on from its last finished epoch.")
    else:
        jobs.stop(run)
        print(f"{run.id} ends after its current step.")


def resume(choice: argparse.Namespace) -> None:
    """Go on with a training."""
    opened = workspace.open_workspace(choice.workspace)
    run = runs.get_run(opened, choice.id)
    if choice.detach:
        jobs.resume(run, choice.epochs, choice.minutes)
        print(_started(run))
        return
    from core.jobs import worker

    worker.check_slot(opened)
    jobs.reopen(run, choice.epochs, choice.minutes)
    _train_here(run)


def runs_command(choice: argparse.Namespace) -> None:
    """List, compare, note or delete runs."""
    opened = workspace.open_workspace(choice.workspace)
    if choice.note:
        runs.set_note(runs.get_run(opened, choice.note[0]), choice.note[1])
    elif choice.delete:
        _delete(runs.get_run(opened, choice.delete), choice.yes)
    elif choice.ids:
        _compare([runs.get_run(opened, id) for id in choice.ids], choice.json)
    else:
        _list(opened, choice.json)


def _delete(run: Run, sure: bool) -> None:
    if not sure:
        raise RunError("“--yes”", "nothing", f"{run.id} would be deleted with everything that came of it.")
    runs.delete(run)
    print(f"{run.id} is deleted.")


def _list(opened: Workspace, as_json: bool) -> None:
    jobs.advance(opened)
    places = {run.id: place for place, run in enumerate(jobs.waiting(opened), 1)}
    found = [run.to_json() | {"place": places.get(run.id)} for run in runs.list_runs(opened)]
    if as_json:
        print_json(found)
        return
    for row in found:
        row["state"] += f" ({ordinal(row['place'])})" if row["place"] else ""
        row["best"] = row["best"]["epoch"] if row["best"] else "-"
    heads = ("run", "network", "state", "epoch", "best", "minutes", "user", "note")
    print_table(heads, [[row[head] for head in heads] for row in found])


def _compare(chosen: list[Run], as_json: bool) -> None:
    table = compare_configs.compare(chosen)
    if as_json:
        print_json(
            [{k: None if pd.isna(v) else v for k, v in row.items()} for row in table.to_dict("records")]
        )
        return
    print_table(
        list(table.columns), [[_cell(value, row[0]) for value in row] for row in table.values.tolist()]
    )


def _cell(value: object, about: str) -> str:
    """Return a value of a row about the configuration as it is, any other number as a share."""
    if isinstance(value, float) and about != "configuration":
        return percent(value, 1)
    return "-" if value is None else str(value)
