"""The command about sessions: what was watched, its events, and the way back to labelling."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import workspace
from core.commands.options import add_json, over_zero, positive, print_json, print_table
from core.errors import RunError
from core.events.detector import UNFAMILIAR
from core.runs import registry as runs
from core.runs.run import Run

DOUBTFUL = "doubtful"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command of this module to the parser."""
    command = commands.add_parser("sessions", help="list what was watched, and the events of one session")
    command.add_argument("id", metavar="RUN", help="the name of a run, or latest")
    command.add_argument("session", metavar="SESSION", nargs="?", help="its name, latest, or its folder")
    command.add_argument("--attribute", metavar="A", help="only events of this attribute")
    command.add_argument("--false-alarm", type=positive, metavar="N", help="mark event N as a false alarm")
    command.add_argument("--real", type=positive, metavar="N", help="take that mark back")
    command.add_argument(
        "--send-back",
        type=_which,
        metavar="WHICH",
        help="to labelling: doubtful for the frames in doubt, or the numbers of events, such as 3,4",
    )
    command.add_argument("--by", metavar="NAME", default="", help="who marks or sends")
    command.add_argument("--summary", type=Path, metavar="FILE", help="write the summary as CSV")
    command.add_argument("--feed", type=over_zero, metavar="MM", help="keep how much seam ran per second")
    command.add_argument("--delete", action="store_true", help="delete the session with all its pictures")
    command.add_argument("--yes", action="store_true", help="delete it indeed")
    add_json(command)
    command.set_defaults(run=sessions)


def sessions(choice: argparse.Namespace) -> None:
    """List sessions, or the events of one; mark, send to labelling, write the summary, delete."""
    from core.events import session as kept
    from core.events.summary import overviews, write_summary

    run = runs.get_run(workspace.open_workspace(choice.workspace), choice.id)
    if choice.session is None:
        _check_list(choice)
        _list(overviews(run), choice.json)
        return
    session = kept.get_session(run, choice.session)
    _check(session, choice)
    for number, is_false in ((choice.false_alarm, True), (choice.real, False)):
        if number is not None:
            session.mark(number, is_false, choice.by)
    if choice.feed:
        session.set_feed(choice.feed)
    if choice.delete:
        _delete(session)
    elif choice.send_back is not None:
        _send_back(run, session, choice)
    elif choice.summary:
        print(write_summary(session, path=choice.summary))
    else:
        _show(session, choice)


def _check_list(choice: argparse.Namespace) -> None:
    """Refuse what is meant for one session where none is named."""
    wanted = {
        "--attribute": choice.attribute, "--false-alarm": choice.false_alarm, "--real": choice.real,
        "--send-back": choice.send_back, "--summary": choice.summary, "--feed": choice.feed, "--delete": choice.delete,
    }  # fmt: skip
    for option, value in wanted.items():
        if value:
            raise RunError(f"a SESSION for “{option}”", "none", "Name it, or latest, behind the run.")


def _check(session: Any, choice: argparse.Namespace) -> None:
    """Refuse what could be done in part only."""
    sent = choice.send_back if isinstance(choice.send_back, list) else []
    for number in filter(None, (choice.false_alarm, choice.real, *sent)):
        session.event(number)
    if choice.delete and not choice.yes:
        raise RunError(
            "“--yes”", "nothing", f"The session {session.id} would be deleted with all its pictures."
        )
    known = [*session.about["attributes"], UNFAMILIAR]
    if choice.attribute is not None and choice.attribute not in known:
        raise RunError(
            f"one of {', '.join(known)}", f"the attribute {choice.attribute!r}", "Check its spelling."
        )
    place = choice.summary
    if place is not None and (place.is_dir() or not place.absolute().parent.is_dir()):
        raise RunError("a file in a folder that is there", f"{place}", "Name another file for the summary.")


def _delete(session: Any) -> None:
    session.delete()
    print(f"{session.id} is deleted. What was sent to labelling stays.")


def _send_back(run: Run, session: Any, choice: argparse.Namespace) -> None:
    from core.events import send_to_labelling

    if choice.send_back == DOUBTFUL:
        found = send_to_labelling.send_uncertain(run.workspace, session, choice.by)
    else:
        found = send_to_labelling.send_events(run.workspace, session, choice.send_back, choice.by)
    if choice.json:
        print_json([asdict(one) for one in found])
        return
    rows = [(one.video, one.index, one.part or "none yet", one.why, *_notes(one)) for one in found]
    print_table(("video", "index", "part", "why", "judged", ""), rows)


def _notes(one: Any) -> tuple[str, str]:
    """Say of a frame that was sent what of it the network had judged, and whether it had been sent before."""
    return "a region; all of it was sent" if one.within else "all of it", "" if one.new else "sent before"


def _show(session: Any, choice: argparse.Namespace) -> None:
    """Print the events of a session."""
    from core.events.summary import summarise

    events = session.events(choice.attribute)
    if choice.json:
        table = summarise(session).astype(object) if session.is_over else None
        summary = [] if table is None else table.where(table.notna(), None).to_dict("records")
        print_json({**session.about, "events": events, "summary": summary})
        return
    rows = [
        (e["attribute"], e["number"], f"{e['start']:.2f}", f"{e['end']:.2f}", f"{e['peak']:.2f}", "false" if e["false_alarm"] else "")
        for e in events
    ]  # fmt: skip
    print_table(("attribute", "number", "start (s)", "end (s)", "peak", "alarm"), rows)


def _list(found: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one["session"],
            one["source"],
            "not over" if one["seam_seconds"] is None else f"{one['seam_seconds']:.1f}",
            sum(one["events"].values()),
            one["false_alarms"],
        )
        for one in found
    ]
    print_table(("session", "source", "seam (s)", "events", "false alarms"), rows)


def _which(text: str) -> str | list[int]:
    """Read which frames go to labelling: the doubtful ones, or those of events."""
    if text == DOUBTFUL:
        return text
    try:
        return [positive(number) for number in text.split(",")]
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(
            f"expected doubtful, or numbers such as 3,4, received {text}"
        ) from error
