"""Commands about live seams: watching a source, and films of what the network sees."""

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from core.commands import cli
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from core.events.session import Session
    from core.events.signals import Signals

app = typer.Typer()

Source = Annotated[
    str,
    cli.argument("A video, file or folder, a camera's number, or an rtsp or http address.", metavar="SOURCE"),
]


class EndsWithCommand(TyperCommand):
    """A command of which everything after ``--on-event`` belongs to that option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Make one word of the command after ``--on-event``."""
        if "--on-event" in args[:-1]:
            start = args.index("--on-event") + 1
            args = [*args[:start], shlex.join(args[start:])]
        return super().parse_args(ctx, args)


def _levels(text: str) -> dict[str, float]:
    """Read ``0.5``, or ``break=0.5,error=0.3``: by attribute, "" for all."""
    levels = {}
    for part in cli.names(text):
        name, _, number = part.rpartition("=")
        try:
            levels[name.strip()] = float(number)
        except ValueError:
            what = "a number, or numbers such as break=0.5,error=0.3"
            raise typer.BadParameter(f"must be {what}, not {text}") from None
    return levels


def _level(help: str) -> Any:
    return cli.option(f"{help} Or by attribute: A=N,B=N.", metavar="N", parser=_levels)


@app.command(cls=EndsWithCommand)
def watch(
    ctx: typer.Context,
    name: cli.RunName,
    source: Source,
    out: Annotated[Path | None, cli.folder("Folder of the session. Default: in the run's folder.")] = None,
    until: Annotated[float | None, cli.number("Stop after this many seconds.", metavar="SECONDS")] = None,
    fps: Annotated[float | None, cli.number("Read at most N frames per second.")] = None,
    attributes: Annotated[cli.Names | None, cli.listed("What makes events. Default: defects.")] = None,
    on: Annotated[Any, _level("Probability at which an event begins. Default: the run's thresholds.")] = None,
    off: Annotated[Any, _level("Probability below which it ends. Default: 0.6 times --on.")] = None,
    smooth: Annotated[Any, _level("Average over so many seconds: steadier, slower. Default: 0.")] = None,
    min_length: Annotated[Any, _level("Shortest event in seconds. Default: 0.2.")] = None,
    max_gap: Annotated[Any, _level("Longest interruption of an event in seconds. Default: 0.4.")] = None,
    feed: Annotated[
        float | None, cli.number("Seam in mm per second: adds events per metre.", metavar="MM")
    ] = None,
    readings: Annotated[bool, cli.flag("Also print a line of JSON per frame.")] = False,
    engine: cli.LiveEngine = None,
    measure: Annotated[bool, cli.flag("With each frame's line, its stitches too, see measure.")] = False,
    bell: Annotated[bool, cli.flag("Ring the terminal's bell at each event.")] = False,
    webhook: Annotated[str, cli.option("POST each event here when it begins.", metavar="URL")] = "",
    on_event: Annotated[
        Any,
        cli.option(
            "Run this at each event, which it reads as JSON. Must come last.",
            metavar="CMD…",
            parser=shlex.split,
        ),
    ] = None,
) -> None:
    """Watch a camera, a file, a folder or an address.

    Prints a line of JSON per event and keeps pictures of it. Ctrl-C ends it.
    """
    from core.events.detector import default_rules
    from core.events.summary import write_summary
    from core.export.engines import default_engine
    from core.live.sources import find_source
    from core.live.watch import Options
    from core.live.watch import watch as watch_source

    run = cli.get_run(ctx, name)
    rules = default_rules(
        run.attributes, run.thresholds, attributes or [], on=on or {}, off=off or {}, smooth=smooth or {},
        least=min_length or {}, gap=max_gap or {},
    )  # fmt: skip
    settings = _settings(run.workspace, command=not on_event, webhook=not webhook)
    signals = replace(
        settings, command=tuple(on_event or settings.command), webhook=webhook or settings.webhook
    )
    found = find_source(run.workspace, source, _report)
    options = Options(fps, until, out, signals, engine=engine or default_engine(run))
    print_frame = partial(_print_frame, readings or measure, measure, run.workspace.mm_per_pixel)
    with _ended_by_sigterm():
        session = watch_source(
            run, found, rules, options, partial(_print_event, bell), report=_report, on_frame=print_frame
        )
    if feed:
        session.set_feed(feed)
    write_summary(session)
    _report_session(session)


def _settings(workspace: Workspace, command: bool, webhook: bool) -> "Signals":
    """Return the signals of ``workspace.toml`` that are wanted, once the user has allowed them."""
    from core.events import trust
    from core.events.signals import from_settings

    named = from_settings(workspace)
    named.require()
    wanted = replace(
        named, command=named.command if command else (), webhook=named.webhook if webhook else ""
    )
    if wanted and not trust.is_trusted(workspace, named):
        if not sys.stdin.isatty() or not typer.confirm(
            f"At each event this workspace {trust.described(named)}. Allow it?", err=True
        ):
            raise trust.untrusted(workspace, named)
        trust.trust(workspace, named)
    return wanted


def _print_event(bell: bool, event: Any) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)
    if bell:
        print("\a", end="", file=sys.stderr, flush=True)


def _print_frame(
    wanted: bool, measured: bool, mm_per_pixel: float | None, picture: Any, reading: Any
) -> None:
    if not wanted:
        return
    line = reading.to_json()
    if measured:
        from core.measure.ruler import measure as measure_picture

        found = measure_picture(picture)
        line["stitches"] = found.to_json(mm_per_pixel) if found else None
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _report_session(session: "Session") -> None:
    from core.events.summary import summarise

    counts = "{readings} readings in {seconds:.1f} s, {dropped} frames skipped.".format(**session.details)
    _report(f"{session.path}: {counts}")
    for row in summarise(session).itertuples():
        _report(f"  {row.attribute}: {row.events:,} events, {row.seconds:,.1f} s")


def _report(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the watching like Ctrl-C: services are stopped with it."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command()
def film(
    ctx: typer.Context,
    name: cli.RunName,
    source: Source,
    frames: Annotated[int | None, cli.count("Stop after N frames.")] = None,
    out: Annotated[Path | None, cli.file("Also write an mp4 with the heatmaps.")] = None,
    engine: cli.LiveEngine = None,
    as_json: Annotated[bool, cli.flag("Print a line of JSON per frame.", "--json")] = False,
) -> None:
    """Print what the network decides, frame by frame."""
    from core.export.engines import default_engine
    from core.live.watch import film as film_source

    run = cli.get_run(ctx, name)
    chosen = engine or default_engine(run)
    for row in film_source(run, source, frames, out, _report, chosen):
        print(json.dumps(row.to_json()) if as_json else row.summary(), flush=True)


@app.command("trust")
def trust_workspace(ctx: typer.Context) -> None:
    """Allow what a workspace runs at events.

    That is the program, the address, the MQTT broker and the OPC UA server in its workspace.toml, which may come from somebody else.
    Changed, they are asked about anew.
    """
    from core.events import trust
    from core.events.signals import from_settings

    workspace = open_workspace(ctx.obj)
    signals = from_settings(workspace)
    if not signals:
        print("This workspace runs and sends nothing at events.")
        return
    trust.trust(workspace, signals)
    print(f"Allowed: at each event this workspace {trust.described(signals)}.")
