"""Times that lists are sorted by. Clocks are set back, by an hour every autumn, and what came later must stay later."""

from datetime import datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY = timedelta(days=1)
"""A last time that is further ahead comes from a clock that was wrong, and counts no more."""


def moment(text: str) -> float:
    """Return a time in ISO 8601 as Unix time, so that times of different zones compare; 0 of any other text."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def day_and_time(text: str, now: datetime | None = None) -> str:
    """Return a time in ISO 8601 as people here say it; empty of any other text.

    Args:
        text: the time.
        now: what counts as today; by default it is.

    >>> noon = datetime(2026, 3, 1, 12)
    >>> [day_and_time(f"2026-{day}T16:43:10", noon) for day in ("03-01", "02-28", "02-03")]
    ['today 16:43', 'yesterday 16:43', '3 Feb 16:43']
    >>> day_and_time("2025-12-31T09:05:00", noon)
    '31 Dec 2025 09:05'
    """
    if not moment(text):
        return ""
    then, now = datetime.fromisoformat(text).astimezone(), (now or datetime.now()).astimezone()
    days = (now.date() - then.date()).days
    year = f" {then.year}" if then.year != now.year else ""
    day = {0: "today", 1: "yesterday"}.get(days, f"{then.day} {MONTHS[then.month - 1]}{year}")
    return f"{day} {then:%H:%M}"


def now_after(last: datetime | None) -> datetime:
    """Return the time in the zone of ``last``, local without one; just after ``last`` where the clock was set back since."""
    now = datetime.now(last.tzinfo if last else None)
    return last + timedelta(milliseconds=1) if last and timedelta() <= last - now < DAY else now
