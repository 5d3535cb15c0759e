"""A session in a few numbers: seam time, and events per attribute and per metre of seam, without false alarms."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.events.detector import UNFAMILIAR
from core.events.session import SUMMARY, Session, check_feed
from core.events.session_store import sessions
from core.files import replacing, writable
from core.lookup_tables.formulas import without_formulas
from core.runs.run import Run


def summarise(session: Session, feed: float | None = None) -> pd.DataFrame:
    """Count the events of a session.

    Args:
        session: that has ended.
        feed: millimetres of seam per second, instead of the session's own.

    Returns:
        A row per watched attribute, and one for unfamiliar pictures: ``attribute``, ``events``, ``false_alarms`` (marked by
        hand, among them), ``seconds`` (in which it held), ``seam_seconds`` (of familiar pictures; all rows
        alike), ``metres`` (in them), and ``per_minute`` and ``per_metre`` (of events that are no false alarms). Metres
        are missing without a feed, rates where no seam was seen.

    Raises:
        RunError: the session is not over, or the feed is no speed.
    """
    check_feed(feed)
    session.check_over()
    feed = feed or session.feed
    seam = float(session.details["familiar_seconds"])
    metres = seam * feed / 1000 if feed else None
    rows = []
    for name in [*session.details["attributes"], UNFAMILIAR]:
        events = session.events(name)
        false = sum(event["false_alarm"] for event in events)
        real = len(events) - false
        rows.append(
            {
                "attribute": name,
                "events": len(events),
                "false_alarms": false,
                "seconds": round(sum(event["end"] - event["start"] for event in events), 2),
                "seam_seconds": round(seam, 2),
                "metres": None if metres is None else round(metres, 3),
                "per_minute": round(60 * real / seam, 3) if seam else None,
                "per_metre": round(real / metres, 3) if metres else None,
            }
        )
    return pd.DataFrame(rows)


def overview(session: Session) -> dict[str, Any]:
    """Return a session in a line.

    Returns:
        ``session``, ``run``, ``began`` (by the clock on the wall), ``source``, ``seam_seconds`` (none while it is not over), ``feed``
        (mm per second, or none), ``events`` (per watched attribute and `UNFAMILIAR`: how many), ``false_alarms``, and
        ``per_metre`` (events of attributes that are no false alarms; none without a feed).

    Raises:
        RunError: its files cannot be read.
    """
    details, events = session.details, session.events()
    names = [event["attribute"] for event in events]
    real = sum(event["attribute"] != UNFAMILIAR and not event["false_alarm"] for event in events)
    metres = details.get("familiar_seconds", 0.0) * (session.feed or 0.0) / 1000
    return {
        "session": session.id,
        "run": details["run"],
        "began": f"{datetime.fromisoformat(details['began']).astimezone():%Y-%m-%d %H:%M:%S}",
        "source": details["source"],
        "seam_seconds": details.get("familiar_seconds"),
        "feed": session.feed,
        "events": {name: names.count(name) for name in [*details["attributes"], UNFAMILIAR]},
        "false_alarms": sum(event["false_alarm"] for event in events),
        "per_metre": round(real / metres, 3) if metres else None,
    }


def overviews(run: Run) -> list[dict[str, Any]]:
    """Return the sessions of a run as `overview` gives them, the newest first; none where nothing was watched.

    Those that are damaged are passed over.
    """
    return [overview(session) for session in sessions(run)]


def write_summary(session: Session, feed: float | None = None, path: Path | None = None) -> Path:
    """Write the summary as CSV, into the session's folder unless ``path`` says otherwise; return where."""
    target = path or session.path / SUMMARY
    table = summarise(session, feed)
    with writable(target), replacing(target) as partial:
        partial.write_text(as_csv(table), encoding="utf-8", newline="")
    return target


def as_csv(table: pd.DataFrame) -> str:
    """Return what `summarise` returns as a table that spreadsheets open."""
    return without_formulas(table).to_csv(index=False, lineterminator="\n")
