"""The command that opens the app for a class: what it refuses, prints and hands to Streamlit. A real one: tests/browser."""

import json
import os
import runpy
import socket
import sys
from pathlib import Path

import cv2
import pytest
import uvicorn

from core.access import class_file
from core.commands import serve
from core.commands.serve import ENDS_WITHIN
from core.process_settings import end_server_within
from core.serving import addresses
from tests.commands.qr_terminal import picture_of

PORT = 8599


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.setenv("SEAMLENS_PRIVATE", str(tmp_path / "private"))
    for name in ("SEAMLENS_WORKSPACE", "SEAMLENS_CLASS_SERVER"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(addresses, "network_addresses", lambda: ["10.0.0.5", "192.168.7.2"])
    monkeypatch.setattr(serve.signal, "signal", lambda *_: None)
    monkeypatch.setattr(uvicorn.Config, "__init__", uvicorn.Config.__init__)  # as before, afterwards


@pytest.fixture
def started(monkeypatch):
    """Return the arguments that Streamlit was started with."""
    runs: list[list[str]] = []
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: runs.append([name, *sys.argv[1:]]))
    monkeypatch.setattr(sys, "argv", ["core"])
    return runs


def test_it_serves_the_network_over_https_under_its_own_names_only(started, seamlens, tmp_path):
    assert seamlens("serve", "--port", PORT)[0] == 0
    (run,) = started
    assert {"--server.address=0.0.0.0", f"--server.port={PORT}"} <= set(run)
    hosts = {option.partition("=")[2] for option in run if option.startswith("--server.allowedHosts=")}
    assert {"10.0.0.5", "192.168.7.2", "localhost", "127.0.0.1"} <= hosts and "*" not in hosts
    assert any(option.startswith("--server.sslCertFile=") for option in run)
    assert os.environ["SEAMLENS_CLASS_SERVER"] == f"https://10.0.0.5:{PORT}"
    assert Path(os.environ["SEAMLENS_WORKSPACE"]) == tmp_path / "class"


def test_it_prints_address_codes_and_a_qr_code_that_opens_it(started, seamlens):
    _, out, _ = seamlens("serve", "--port", PORT)
    class_code = json.loads(seamlens("codes", "show", "--json")[1])["class_code"]
    assert f"https://10.0.0.5:{PORT}" in out and class_code in out
    text, *_ = cv2.QRCodeDetector().detectAndDecode(picture_of(out))
    assert text == f"https://10.0.0.5:{PORT}/?code={class_code.replace('-', '')}"


def test_the_codes_are_the_same_in_the_next_lesson(started, seamlens):
    first, second = (json.loads(seamlens("serve", "--port", PORT, "--json")[1]) for _ in range(2))
    assert first == second


def test_a_class_folder_is_made_with_its_file_of_people(started, seamlens, tmp_path):
    seamlens("serve", "--port", PORT)
    assert class_file.exists(tmp_path / "class")


def test_another_address_can_be_named(started, seamlens):
    assert json.loads(seamlens("serve", "--address", "class.school.edu", "--json")[1])["address"] == (
        "https://class.school.edu:8501"
    )


def test_without_https_it_says_so_in_its_address(started, seamlens):
    said = json.loads(seamlens("serve", "--no-https", "--json", "--port", PORT)[1])
    assert said["address"] == f"http://10.0.0.5:{PORT}"
    assert not any("ssl" in option for option in started[0])


def refused(seamlens, *arguments: object) -> str:
    """Return the one line that a refused command prints."""
    code, out, problem = seamlens("serve", *arguments)
    assert (code, out, problem.count("\n")) == (2, "", 1)
    return problem


def test_a_port_that_is_taken_is_said(started, seamlens):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} is taken" in refused(seamlens, "--port", port)
    assert started == []


def test_without_a_network_it_says_so(started, seamlens, monkeypatch):
    monkeypatch.setattr(addresses, "network_addresses", lambda: [])
    assert "This computer is in no network." in refused(seamlens)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--certificate", "no.pem"), "together"),
        (("--certificate", "no.pem", "--key", "no.key"), "There is no file no.pem"),
        (("--certificate", "{bad}", "--key", "{bad}"), "are not a certificate and its key"),
        (("--certificate", "{bad}", "--key", "{bad}", "--no-https"), "not both"),
        (("--address", "http://x/"), "--address must be a name or an IPv4 address"),
        (("--port", "0"), "--port must be"),
        (("--port", "70000"), "--port must be"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_line(started, seamlens, tmp_path, arguments, words):
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    assert words in refused(seamlens, *(argument.format(bad=bad) for argument in arguments))
    assert started == []


def test_it_ends_though_browsers_are_gone_without_a_word():
    end_server_within(ENDS_WITHIN)
    assert uvicorn.Config("Home:app").timeout_graceful_shutdown == ENDS_WITHIN
    assert uvicorn.Config("Home:app", port=7).port == 7
