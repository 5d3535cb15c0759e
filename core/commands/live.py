"""Commands about live seams: watching a source, and films of what the network sees."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from core import workspace
from core.commands.options import names, over_zero, positive
from core.inspection.reading import Reading
from core.runs import registry as runs
from core.runs.run import Run


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of this module to the parser."""
    _add_watch(commands)
    command = commands.add_parser("film", help="what the network sees in each frame of a video or a camera")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("source", help="as of watch")
    command.add_argument("--frames", type=positive, metavar="N", help="stop after N frames")
    command.add_argument("--out", type=Path, metavar="FILE", help="also write an mp4 with the overlay")
    command.add_argument("--json", action="store_true", help="print JSON lines")
    command.set_defaults(run=film)


def _add_watch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "watch",
        help="watch a camera, a file, a folder or an address: a line of JSON per event, pictures in a folder",
    )
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument(
        "source",
        metavar="SOURCE",
        help="a video of the workspace, a file, a folder of pictures, the number of a camera, or an rtsp or http address",
    )
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="the session’s (default: in the run’s folder)"
    )
    command.add_argument("--until", type=over_zero, metavar="SECONDS", help="end after so long")
    command.add_argument("--fps", type=over_zero, metavar="N", help="read not more than N frames per second")
    command.add_argument(
        "--attributes", type=names, metavar="A,B", default=[], help="what makes events (default: defects)"
    )
    for name, what in (
        ("--on", "probability from which an event begins (default: the run’s thresholds)"),
        ("--off", "probability under which it no longer holds (default: 0.6 times the first)"),
        ("--smooth", "seconds of smoothing (default: 0, as published)"),
        ("--min-length", "seconds an event lasts at least (default: 0.2)"),
        ("--max-gap", "seconds it may fail to hold within (default: 0.4)"),
    ):
        command.add_argument(name, type=_numbers, metavar="N", default={}, help=f"{what}; or A=N,B=N")
    command.add_argument(
        "--feed", type=over_zero, metavar="MM", help="seam per second: events per metre in the summary"
    )
    command.add_argument("--readings", action="store_true", help="also print a line of JSON per frame")
    command.add_argument("--bell", action="store_true", help="ring the terminal’s bell at each event")
    command.add_argument("--webhook", metavar="URL", default="", help="POST each event there when it begins")
    command.add_argument(
        "--on-event",
        nargs=argparse.REMAINDER,
        metavar="CMD",
        help="run this when an event begins, the event as JSON on its standard input; must come last",
    )
    command.set_defaults(run=watch)


def watch(choice: argparse.Namespace) -> None:
    """Watch a source: print its events as JSON lines, and at the end a summary on standard error."""
    from core.events.summary import summarise, write_summary
    from core.live.sources import find
    from core.live.watch import watch as watch_source

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    rules, options = _rules(run, choice), _options(run, choice)
    source = find(run.workspace, choice.source, _say)

    def line(event: Any) -> None:
        print(json.dumps(event, ensure_ascii=False), flush=True)
        if choice.bell:
            print("\a", end="", file=sys.stderr, flush=True)

    def read(reading: Reading) -> None:
        if choice.readings:
            print(json.dumps(reading.to_json(), ensure_ascii=False), flush=True)

    with _stoppable():
        session = watch_source(run, source, rules, options, line, read, _say)
    if choice.feed:
        session.set_feed(choice.feed)
    write_summary(session)
    about = session.about
    _say(
        f"{session.path}: {about['readings']} readings in {about['seconds']:.1f} s, {about['dropped']} frames left out."
    )
    for row in summarise(session).itertuples():
        _say(f"  {row.attribute}: {row.events} events, {row.seconds:.1f} s")


def _rules(run: Run, choice: argparse.Namespace) -> dict[str, Any]:
    """Return the rules of a watching: of the run, changed for all attributes or for some as the options say."""
    from core.events.rules import default_rules

    return default_rules(
        run.attributes, run.thresholds, choice.attributes, on=choice.on, off=choice.off, smooth=choice.smooth,
        least=choice.min_length, gap=choice.max_gap,
    )  # fmt: skip


def _options(run: Run, choice: argparse.Namespace) -> Any:
    from core.events import signals as alarms
    from core.live.watch import Options

    kept = alarms.from_settings(run.workspace)
    signals = alarms.Signals(tuple(choice.on_event or kept.command), choice.webhook or kept.webhook)
    return Options(choice.fps, choice.until, choice.out, signals)


def film(choice: argparse.Namespace) -> None:
    """Print what the network decides, frame by frame."""
    from core.live.film import film as film_source

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    for seen in film_source(run, choice.source, choice.frames, choice.out):
        print(json.dumps(seen.to_json()) if choice.json else seen.summary(), flush=True)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the watching like Ctrl-C: services are stopped with it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _numbers(text: str) -> dict[str, float]:
    """Read ``0.5``, or ``break=0.5,error=0.3``: by attribute, "" for all."""
    found = {}
    for part in names(text):
        name, _, number = part.rpartition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"expected a number, or numbers such as break=0.5,error=0.3, received {text}"
            ) from None
    return found
