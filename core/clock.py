"""Times that lists are sorted by. Clocks are set back, by an hour every autumn, and what came later must stay later."""

from datetime import datetime, timedelta

DAY = timedelta(days=1)
"""A last time that is further ahead comes from a clock that was wrong, and counts no more."""


def moment(text: str) -> float:
    """Return a time in ISO 8601 as Unix time, so that times of different zones compare; 0 of any other text."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def now_after(last: datetime | None) -> datetime:
    """Return the time in the zone of ``last``, local without one; just after ``last`` where the clock was set back since."""
    now = datetime.now(last.tzinfo if last else None)
    return last + timedelta(milliseconds=1) if last and timedelta() <= last - now < DAY else now
