"""Sessions on the Live page: folded away, and read only when they are opened."""

from tests.helpers.page_workspace import small_workspace
from tests.pages.conftest import words


def test_sessions_wait_below_until_they_are_opened(visit, place):
    small_workspace(place)
    app = visit("6_Live.py")
    assert not app.exception
    assert "No sessions yet" not in words(app)
    app.session_state["sessions_open"] = True
    assert "No sessions yet" in words(app.run())
