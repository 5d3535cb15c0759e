"""The command that trains many networks at once."""

from typing import Annotated, Any

import typer

from core.commands import cli

app = typer.Typer()

MOST_RUNS = 500
"""That one sweep makes."""


@app.command()
def sweep(
    ctx: typer.Context,
    networks: Annotated[
        Any, cli.listed("Names of the networks; “networks” lists them. Default: seam_lite.")
    ] = None,
    seeds: Annotated[int, cli.count("Train each this many times, with the seeds 0, 1 and so on.")] = 3,
    sizes: Annotated[Any, cli.listed("Input widths and heights. Default: each network's own.")] = None,
    epochs: cli.Epochs = None,
    minutes: cli.Minutes = None,
    leaking: Annotated[
        bool, cli.flag("Train on a split that leaks. The runs are marked permanently.")
    ] = False,
    user: Annotated[str, cli.who("Who trains: users take turns in the queue.")] = "",
    on: cli.On = None,
) -> None:
    """Train every combination of networks, sizes and seeds.

    They train in the background; “runs” compares them.
    """
    from core.commands.train import checked_readiness
    from core.jobs import jobs
    from core.networks.registry import get_network
    from core.training.create_run import create_run

    opened, where = cli.get_workspace(ctx), cli.cluster(on)
    sides = [cli.pixel_count(text) for text in sizes] if sizes else [None]
    combinations = [
        cli.train_settings(
            opened,
            network=network,
            size=size,
            seed=seed,
            epochs=epochs,
            minutes=minutes,
            leaking=leaking or None,
        )
        for network in networks or (None,)
        for size in sides
        for seed in range(seeds)
    ]
    if len(combinations) > MOST_RUNS:
        raise typer.BadParameter(
            f"These are {len(combinations):,} trainings, more than {MOST_RUNS}. Choose fewer"
        )
    for settings in combinations:
        get_network(settings.network)  # an unknown one is refused before anything else
    checked_readiness(opened)
    made = jobs.made_together(create_run(opened, settings, user=user) for settings in combinations)
    for run in made:
        jobs.enqueue(run, where)
        print(run.id)
