import pytest

from core.live.recent_values import SECONDS, RecentValues


def test_the_median_comes_with_the_latest_note() -> None:
    values = RecentValues[str]()
    for value, note in [(1.0, "a"), (9.0, "b"), (2.0, "c")]:
        values.add(value, note)
    assert values.median() == (2.0, "c")


def test_what_is_older_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now, values = [100.0], RecentValues[str]()
    monkeypatch.setattr("core.live.recent_values.monotonic", lambda: now[0])
    values.add(1.0, "old")
    now[0] += SECONDS + 0.1
    assert values.median() is None
    values.add(5.0, "new")
    assert values.median() == (5.0, "new")
