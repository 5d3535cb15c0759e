import socket
import subprocess
import sys

import pytest

from core.cluster import address
from core.errors import RunError, WorkspaceError
from core.workspace import Cluster, open_workspace


@pytest.fixture(autouse=True)
def ray_installed(monkeypatch):
    """As if Ray were there, whether it is or not."""
    monkeypatch.setattr(address, "is_installed", lambda: True)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_without_ray_the_package_is_named(monkeypatch):
    monkeypatch.setattr(address, "is_installed", lambda: False)
    with pytest.raises(RunError, match=r'Install it: pip install "ray\[client\]>='):
        address.check("auto")


@pytest.mark.parametrize(
    "text", ["", "nowhere", "http://a:1", "ray://a", "ray://a:0", "ray://a:99999", "ray://a b:1"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(RunError, match="is no address of a Ray cluster"):
        address.check(text)


def test_a_cluster_that_does_not_answer_is_named():
    where = f"ray://127.0.0.1:{closed_port()}"
    with pytest.raises(RunError, match=f"at {where} does not answer"):
        address.check(where)


def test_one_that_answers_is_accepted():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address.check(f"ray://127.0.0.1:{server.getsockname()[1]}")


def test_auto_is_what_the_environment_names(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", where := f"127.0.0.1:{closed_port()}")
    with pytest.raises(RunError, match=f"at {where} does not answer"):
        address.check("auto")


def test_auto_without_a_cluster_here_says_how_to_start_one(monkeypatch):
    def none(*args, **settings):
        raise subprocess.CalledProcessError(1, args)

    monkeypatch.setattr(subprocess, "run", none)
    with pytest.raises(RunError, match="No Ray cluster runs on this computer"):
        address.check("auto")


def test_a_cluster_is_offered_where_settings_or_environment_name_it(workspace, monkeypatch):
    assert address.offered(workspace) == ""
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.5:6379")
    assert address.offered(workspace) == "10.0.0.5:6379"
    with (workspace.path / "workspace.toml").open("a") as file:
        file.write('\n[cluster]\naddress = "ray://10.0.0.6:10001"\ncpus = 4\ngpus = 1\nslots = 8\n')
    opened = open_workspace(workspace.path)
    assert opened.cluster == Cluster("ray://10.0.0.6:10001", 4, 1, 8)
    assert address.offered(opened) == "ray://10.0.0.6:10001"


def test_without_ray_none_is_offered(workspace, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.5:6379")
    monkeypatch.setattr(address, "is_installed", lambda: False)
    assert address.offered(workspace) == ""


@pytest.mark.parametrize("line", ["address = 5", "cpus = 0", "gpus = -1", "slots = true"])
def test_settings_that_make_no_sense_are_refused(workspace, line):
    with (workspace.path / "workspace.toml").open("a") as file:
        file.write(f"\n[cluster]\n{line}\n")
    with pytest.raises(WorkspaceError, match="of cluster is"):
        open_workspace(workspace.path)


def test_nothing_of_ray_is_imported_before_a_training_is_sent():
    code = (
        "import sys, core.cluster.attend, core.jobs.worker, core.commands.app; sys.exit('ray' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
