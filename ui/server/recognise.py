"""Who acts on a class server: known by the cookie with which the page, or its websocket, was opened."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.access import tickets
from core.access.person import NOBODY, Person
from core.errors import SeamLensError
from core.workspace import default_path

MOST = 2000
"""Sessions whose cookies are remembered."""

_cookies: OrderedDict[str, str] = OrderedDict()
"""By session, the oldest first: a run of a page may end after its browser has gone."""
_lock = Lock()


def who_has(cookie: str) -> Person:
    """Return who has a cookie; `NOBODY` where it is not valid, or the workspace cannot be read."""
    try:
        return tickets.person(default_path(), cookie) if cookie else NOBODY
    except SeamLensError:
        return NOBODY


def sign_in_cookie(cookies: Mapping[str, str]) -> str:
    """Return the cookie of this class among those of a browser; empty where it has none."""
    try:
        names = [tickets.cookie_name(default_path(), is_https) for is_https in (True, False)]
    except SeamLensError:
        return ""
    return next((value for name in names if (value := cookies.get(name, ""))), "")


def recognise() -> Person:
    """Return who the page belongs to that runs in this thread; `NOBODY` in a thread of no page."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return NOBODY
    return who_has(_cookie(context.session_id))


def _cookie(session: str) -> str:
    """Return the cookie with which the websocket of a session was opened, also when that has just been closed."""
    client = runtime.get_instance().get_client(session)
    told = client.client_context if client else None
    with _lock:
        if told is not None:
            _cookies[session] = sign_in_cookie(told.cookies)
            _cookies.move_to_end(session)
            while len(_cookies) > MOST:
                _cookies.popitem(last=False)
        return _cookies.get(session, "")
