"""The command about sessions: what was watched, its events, and the way back to labelling."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.commands import cli

UNCERTAIN = "doubtful"

app = typer.Typer()


def _frames(text: str) -> str | list[int]:
    """Read which frames go to labelling: the uncertain ones, or those of some events."""
    try:
        return text if text == UNCERTAIN else [cli.whole_number(1)(number) for number in text.split(",")]
    except typer.BadParameter:
        raise typer.BadParameter(f"must be {UNCERTAIN} or events such as 3,4, not {text}") from None


@app.command()
def sessions(
    ctx: typer.Context,
    name: cli.RunName,
    session_name: Annotated[
        str | None, cli.argument("Its name, latest, or its folder.", metavar="SESSION")
    ] = None,
    attribute: Annotated[str | None, cli.attribute("Only events of this attribute.")] = None,
    false_alarm: Annotated[int | None, cli.count("Mark event N as a false alarm.")] = None,
    real: Annotated[int | None, cli.count("Take that mark back.")] = None,
    send_back: Annotated[
        Any, cli.option("Send these frames to labelling.", metavar="doubtful|N,N", parser=_frames)
    ] = None,
    by: Annotated[str, cli.who("Who marks or sends.")] = "",
    summary: Annotated[Path | None, cli.file("Write the summary as CSV.")] = None,
    feed: Annotated[float | None, cli.number("Millimetres of seam per second.", metavar="MM")] = None,
    delete: Annotated[bool, cli.flag("Permanently delete the session with its pictures.")] = False,
    yes: cli.Yes = False,
    as_json: cli.Json = False,
) -> None:
    """List watched sessions, or the events of one."""
    from core.events.session_store import damaged_sessions, get_session
    from core.events.summary import overviews, write_summary

    run = cli.get_run(ctx, name)
    if session_name is None:
        if any((attribute, false_alarm, real, send_back, summary, feed, delete)):
            raise typer.BadParameter("Say which session: give its name, or latest, after the run")
        _list(overviews(run), damaged_sessions(run), as_json)
        return
    session = get_session(run, session_name)
    events = send_back if isinstance(send_back, list) else []
    _check(session, attribute, [false_alarm, real, *events], summary)
    if delete and not yes:
        raise typer.BadParameter(f"Add --yes to permanently delete {session.id} with its pictures")
    for number, is_false in ((false_alarm, True), (real, False)):
        if number is not None:
            session.mark(number, false_alarm=is_false, by=by)
    if feed:
        session.set_feed(feed)
    if delete:
        session.delete()
        print(f"{session.id} is deleted. Frames that were sent to labelling stay.")
    elif send_back is not None:
        _send_back(run.workspace, session, send_back, by, as_json)
    elif summary:
        print(write_summary(session, path=summary))
    else:
        _print_events(session, attribute, as_json)


def _check(session: Any, attribute: str | None, events: list[int | None], summary: Path | None) -> None:
    """Refuse what cannot be done, before anything is done."""
    from core.events.detector import UNFAMILIAR

    for number in filter(None, events):
        session.event(number)
    names = [*session.details["attributes"], UNFAMILIAR]
    if attribute is not None and attribute not in names:
        raise typer.BadParameter(f"--attribute must be one of {', '.join(names)}, not {attribute}")
    if summary is not None and (summary.is_dir() or not summary.absolute().parent.is_dir()):
        raise typer.BadParameter(f"--summary must be a file in an existing folder, not {summary}")


def _send_back(workspace: Any, session: Any, which: str | list[int], by: str, as_json: bool) -> None:
    from core.events import send_to_labelling

    if isinstance(which, str):
        sent = send_to_labelling.send_uncertain(workspace, session, by)
    else:
        sent = send_to_labelling.send_events(workspace, session, which, by)
    cli.print_json_if(as_json, [asdict(frame) for frame in sent])
    rows = []
    for frame in sent:
        judged = "a region; all of it was sent" if frame.within else "all of it"
        again = "" if frame.new else "sent before"
        rows.append((frame.video, frame.index, frame.part or "none yet", frame.why, judged, again))
    cli.print_table(("video", "index", "part", "why", "judged", ""), rows)


def _print_events(session: Any, attribute: str | None, as_json: bool) -> None:
    from core.events.summary import summarise

    events = session.events(attribute)
    summary = cli.records(summarise(session)) if as_json and session.is_over else []
    cli.print_json_if(as_json, {**session.details, "events": events, "summary": summary})
    rows = []
    for event in events:
        numbers = [f"{event[key]:.2f}" for key in ("start", "end", "peak")]
        rows.append((event["attribute"], event["number"], *numbers, "false" if event["false_alarm"] else ""))
    cli.print_table(("attribute", "number", "start (s)", "end (s)", "peak", "alarm"), rows)


def _list(found: list[dict[str, Any]], damaged: list[Any], as_json: bool) -> None:
    cli.print_json_if(as_json, found + [{"session": each.id, "damage": str(each.error)} for each in damaged])
    rows: list[tuple[object, ...]] = []
    for row in found:
        seconds = "not over" if row["seam_seconds"] is None else f"{row['seam_seconds']:.1f}"
        events = sum(row["events"].values())
        rows.append((row["session"], row["source"], seconds, events, row["false_alarms"]))
    rows += [(each.id, "damaged", None, None, None) for each in damaged]
    cli.print_table(("session", "source", "seam (s)", "events", "false alarms"), rows)
    for each in damaged:
        print(each.error)
