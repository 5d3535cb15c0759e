import json
import re
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from core import workspace as workspaces
from core.errors import WorkspaceError
from core.events.detector import UNFAMILIAR, Event, EventChange
from core.events.signals import WAITING, Signals, SignalSender, from_settings

WRITES = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def writing(path):
    """Signals of a command that appends what it gets to a file."""
    return Signals((sys.executable, "-c", WRITES, str(path)))


BEGUN = EventChange(Event(1, "break", 1.0, 1.2, 0.9, 1.1, 11), is_over=False)
NEXT = EventChange(Event(2, "error", 3.0, 3.2, 0.8, 3.1, 31), is_over=False)


def sent(signals, *changes, patience=10.0):
    """Send signals of events; return what was said of them."""
    said = []
    sender = SignalSender(signals, {"session": "monday"}, said.append, patience)
    sender.send(changes or [BEGUN])
    sender.close()
    return said


def test_a_command_gets_the_event_and_its_session_on_its_standard_input(tmp_path):
    sent(writing(tmp_path / "told"))
    assert json.loads((tmp_path / "told").read_text()) == BEGUN.event.to_json() | {"session": "monday"}


def test_an_event_that_is_over_and_an_unfamiliar_picture_send_no_signal(tmp_path):
    unfamiliar = EventChange(replace(BEGUN.event, attribute=UNFAMILIAR), is_over=False)
    sent(writing(tmp_path / "told"), replace(BEGUN, is_over=True), unfamiliar, NEXT)
    assert json.loads((tmp_path / "told").read_text())["attribute"] == "error"


def test_no_shell_reads_the_arguments(tmp_path):
    nasty = "$(touch broken); `touch broken` > broken | x"
    program = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    sent(Signals((sys.executable, "-c", program, str(tmp_path / "told"), nasty)))
    assert (tmp_path / "told").read_text() == nasty
    assert [file.name for file in tmp_path.iterdir()] == ["told"]


def test_the_arguments_are_the_same_whatever_the_event_says(tmp_path):
    program = "import sys; open(sys.argv[1], 'a').write(repr(sys.argv[2:]))"
    named = replace(BEGUN, event=replace(BEGUN.event, attribute="--gently"))
    sent(Signals((sys.executable, "-c", program, str(tmp_path / "told"))), named)
    assert (tmp_path / "told").read_text() == "[]"


def test_a_command_that_hangs_is_ended_and_said():
    (said,) = sent(Signals((sys.executable, "-c", "import time; time.sleep(60)")), patience=0.5)
    assert "timed out" in said


def test_a_command_that_is_not_there_is_said_once_per_event():
    assert len(sent(Signals(("no-such-program-anywhere",)), BEGUN, NEXT)) == 2


def test_sending_does_not_wait_and_what_is_left_out_is_said_at_the_end(tmp_path):
    go, said = tmp_path / "go", []
    waits = (
        "import sys, time, pathlib\nwhile not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)\n" + WRITES
    )
    signals = Signals((sys.executable, "-c", waits, str(tmp_path / "told"), str(go)))
    sender = SignalSender(signals, {}, said.append, patience=60)
    sender.send([BEGUN] * (WAITING + 10))
    assert said == []
    go.touch()
    sender.close()
    left_out = WAITING + 10 - (tmp_path / "told").read_text().count("{")
    assert 0 < left_out <= 10
    assert said == [f"No signal was sent for {left_out} events: too many came at once."]


@contextmanager
def hook():
    """A server on this machine; gives its port, and a list of what it was told: the body, and who said it."""
    told = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.append((body, self.headers["Authorization"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, told
        server.shutdown()


def test_a_webhook_is_posted_to():
    with hook() as (port, told):
        sent(Signals(webhook=f"http://127.0.0.1:{port}/"))
    assert told == [(BEGUN.event.to_json() | {"session": "monday"}, None)]


def test_a_webhook_with_a_password_is_posted_to_with_it():
    with hook() as (port, told):
        sent(Signals(webhook=f"http://me:secret@127.0.0.1:{port}/"))
    assert [credentials for _, credentials in told] == ["Basic bWU6c2VjcmV0"]


@pytest.mark.parametrize("code", ["import sys; sys.exit(3)", "import time; time.sleep(60)"])
def test_a_command_that_fails_is_said_without_its_arguments(code):
    said = sent(Signals((sys.executable, "-c", code, "secret")), patience=1.0)
    assert said[0].startswith(f"The signal failed: {Path(sys.executable).name}: ")
    assert "secret" not in said[0] and "import" not in said[0]


@pytest.mark.parametrize(
    "address",
    ["http://me:secret@127.0.0.1:9/?token=secret", "http://127.0.0.1:x/?secret", "http://[::secret"],
)
def test_a_webhook_that_fails_is_said_without_what_is_secret(address):
    said = sent(Signals(webhook=address))
    assert said[0].startswith("The signal failed: http://")
    assert "secret" not in said[0]


@pytest.mark.parametrize("wrong", [{"webhook": "ftp://me:secret@host/"}, {"command": ("stop", 7, "secret")}])
def test_signals_that_cannot_be_used_are_refused_without_what_is_secret(wrong):
    with pytest.raises(WorkspaceError) as refused:
        Signals(**wrong)
    assert "secret" not in str(refused.value)


@contextmanager
def answering(content):
    """A server on this machine that answers the first request with ``content``; nothing at all where that is None."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as kept:

        def work():
            nonlocal kept
            kept, _ = server.accept()
            server.close()
            if content is not None:
                kept.sendall(content)
                kept.close()

        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield address
        thread.join()
        kept.close()


def test_a_webhook_that_never_answers_is_given_up():
    with answering(None) as address:
        (said,) = sent(Signals(webhook=address), patience=0.3)
    assert "timed out" in said


@pytest.mark.parametrize("content", [b"HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n", b"what?\r\n\r\n", b""])
def test_a_webhook_that_answers_wrongly_is_said_and_the_next_event_is_told(content, tmp_path):
    with answering(content) as address:
        command = (sys.executable, "-c", WRITES, str(tmp_path / "told"))
        said = sent(Signals(command, address), BEGUN, NEXT, patience=5.0)
    assert len(said) == 2  # at the second event the server is gone
    assert (tmp_path / "told").read_text().count("attribute") == 2


def test_no_page_sets_a_signal():
    house = Path(__file__).parents[2]
    pages = [*house.glob("pages/*.py"), *house.glob("ui/**/*.py"), house / "Home.py"]
    sets = re.compile(r"\bSignals\(|\bon_event\s*=\s*[\[\"']|webhook")
    assert not [page.name for page in pages if sets.search(page.read_text(encoding="utf-8"))]


def test_settings_name_the_signals(tmp_path):
    made = workspaces.create(tmp_path / "class")
    assert not from_settings(made)
    with (made.path / "workspace.toml").open("a") as file:
        file.write('\n[live]\non_event = ["stop", "--now"]\n')
    assert from_settings(made).command == ("stop", "--now")


@pytest.mark.parametrize(
    "line", ['on_event = "rm -rf x"', 'webhook = "file:///etc/passwd"', "on_event = [1]"]
)
def test_settings_that_cannot_be_used_are_refused(tmp_path, line):
    made = workspaces.create(tmp_path / "class")
    with (made.path / "workspace.toml").open("a") as file:
        file.write(f"\n[live]\n{line}\n")
    with pytest.raises(WorkspaceError) as refused:
        from_settings(made)
    assert line.partition(" = ")[2] not in str(refused.value)
