"""What every benchmark shares: its options, sides that take turns, and a table or JSON on standard output."""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from core.demo.make import make_demo
from core.jobs import worker
from core.networks.registry import DEFAULT_NETWORK
from core.runs.run import Run
from core.runs.run_store import get_run
from core.runs.settings import TrainSettings
from core.training.create_run import create_run
from core.workspace import Workspace, open_workspace

Options = Mapping[str, dict[str, Any]]
"""Names, as on the command line, and how ``argparse`` reads them; the type is that of the default."""

SEED = 1
ROUNDS: Options = {"--rounds": {"default": 5, "help": "the figures are medians of so many rounds"}}


def main(
    description: str | None, measure: Callable[..., Mapping[str, Any]], options: Options = ROUNDS
) -> None:
    """Call ``measure`` with the options of the command line; print its figures as a table or one JSON object."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    for name, option in options.items():
        default = option.get("default")
        said = {"help": f"{option['help']} (default: %(default)s)"} if default else {}
        kind = {"type": type(default)} if isinstance(default, int | float | str) else {}
        parser.add_argument(name, **{**kind, **option, **said})
    choice = vars(parser.parse_args())
    as_json = choice.pop("json")
    figures = measure(**choice)
    print(json.dumps(figures) if as_json else "\n".join(table(figures)))


def table(figures: Mapping[str, Any], group: str = "") -> Iterator[str]:
    """Yield a line per figure; the lines of a group begin with its name."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from table(value, f"{group}{name} ")
        else:
            values = value if isinstance(value, tuple) else (value,)
            shown = " to ".join("not measured" if v is None else f"{v:.6g}" for v in values)
            yield f"{group + name:42} {shown:>18}"


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def in_turn(rounds: int, *sides: Callable[[], object]) -> list[tuple[float, ...]]:
    """Return the seconds of each side in each round, after one round to warm up.

    The sides take turns, so that what else the machine does falls on all alike.
    """
    turns = [[seconds(side) for side in sides] for _ in range(rounds + 1)]
    return list(zip(*turns[1:], strict=True))


def medians(rounds: int, *sides: Callable[[], object]) -> list[float]:
    """Return the median seconds of each side, taken `in_turn`."""
    return [median(times) for times in in_turn(rounds, *sides)]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder that exists for the time of a benchmark."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def demo_class(folder: Path, videos: int, frames: int) -> Workspace:
    """Make a demo class of ``videos`` videos of ``frames`` frames in ``folder``/class."""
    return make_demo(folder / "class", SEED, videos, frames).workspace


def run_of_folder(folder: Path) -> Run:
    """Open the run in ``WORKSPACE/runs/ID``."""
    folder = folder.resolve()
    return get_run(open_workspace(folder.parent.parent), folder.name)


def trained_run(folder: Path, network: str = DEFAULT_NETWORK) -> Run:
    """Return the run that the environment variable SEAMLENS_RUN names.

    Without it, train one of ``network`` for a minute on a small demo class.
    """
    if named := os.environ.get("SEAMLENS_RUN"):
        return run_of_folder(Path(named))
    run = create_run(demo_class(folder, 8, 100), TrainSettings(network=network, seed=SEED, minutes=1))
    worker.train(run)
    return run
