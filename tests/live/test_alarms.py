import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from core import workspace as workspaces
from core.errors import WorkspaceError
from core.live.alarms import Alarm, Signals, from_settings

WRITES = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def rung(signals, *events, patience=10.0):
    said = []
    alarm = Alarm(signals, said.append, patience)
    for event in events:
        alarm.ring(event)
    alarm.close()
    return alarm, said


def test_a_command_gets_the_event_on_its_standard_input(tmp_path):
    rung(Signals((sys.executable, "-c", WRITES, str(tmp_path / "told"))), {"attribute": "break"})
    assert json.loads((tmp_path / "told").read_text()) == {"attribute": "break"}


def test_no_shell_reads_what_is_told(tmp_path):
    nasty = "$(touch " + str(tmp_path / "broken") + ")"
    rung(
        Signals((sys.executable, "-c", WRITES, str(tmp_path / nasty.replace("/", "_")))), {"attribute": nasty}
    )
    assert not (tmp_path / "broken").exists()


def test_a_command_that_hangs_is_ended_and_said():
    alarm, said = rung(Signals((sys.executable, "-c", "import time; time.sleep(60)")), {}, patience=0.5)
    assert alarm.failed == 1
    assert "timed out" in said[0]


def test_a_command_that_is_not_there_is_said_once_per_event():
    alarm, said = rung(Signals(("no-such-program-anywhere",)), {}, {})
    assert (alarm.failed, len(said)) == (2, 2)


def test_ringing_does_not_wait():
    alarm = Alarm(Signals((sys.executable, "-c", "import time; time.sleep(60)")), lambda words: None, 0.5)
    for _ in range(100):
        alarm.ring({})
    assert alarm.left_out >= 60


def test_a_webhook_is_posted_to():
    told = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rung(Signals(webhook=f"http://127.0.0.1:{server.server_port}/"), {"attribute": "error"})
        server.shutdown()
    assert told == [{"attribute": "error"}]


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
    with pytest.raises(WorkspaceError):
        from_settings(made)
