"""Trainings by the command line on a cluster, and many at once."""

import socket

import pytest

from core.cluster import address
from core.runs import run_store as runs
from tests.helpers import tiny_class
from tests.helpers.class_fixtures import networks_of_tests  # noqa: F401  (the fixture is shared)


@pytest.fixture
def taught(tmp_path, tiny_network):
    return tiny_class.make(tmp_path / "class")


@pytest.fixture
def queued(monkeypatch):
    """What was queued, as (run, address); nothing is trained."""
    queued = []
    monkeypatch.setattr("core.jobs.jobs.enqueue", lambda run, on="": queued.append((run, on)))
    return queued


@pytest.fixture
def cluster(monkeypatch):
    """The address of something that answers."""
    monkeypatch.setattr(address, "is_installed", lambda: True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ray://127.0.0.1:{server.getsockname()[1]}"


def test_a_sweep_trains_every_combination(seamlens, taught, queued, cluster):
    code, out, _ = seamlens("sweep", "--networks", "tiny", "--sizes", "32,48", "--seeds", 2, "--on", cluster)
    assert code == 0 and out.split() == [run.id for run, _ in queued]
    made = [(run.config.network, run.size, run.config.seed, on) for run, on in queued]
    assert made == [("tiny", (side, side), seed, cluster) for side in (32, 48) for seed in (0, 1)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--networks", "nothing"), "nothing"),
        (("--networks", "tiny", "--sizes", "7"), "32 to 320"),
        (("--networks", "tiny", "--seeds", "501"), "more than 500"),
    ],
)
def test_a_sweep_that_cannot_be_makes_no_run(seamlens, taught, queued, options, said):
    code, _, error = seamlens("sweep", *options)
    assert (code, error.count("\n")) == (2, 1) and said in error
    assert runs.list_runs(taught) == []


@pytest.mark.parametrize("command", [("train",), ("train", "--detach"), ("sweep",), ("suspects",), ("gap",)])
def test_a_cluster_that_does_not_answer_is_one_line_and_nothing_is_written(
    seamlens, taught, monkeypatch, command
):
    monkeypatch.setattr(address, "is_installed", lambda: True)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        where = f"ray://127.0.0.1:{sock.getsockname()[1]}"
    code, _, error = seamlens(*command, "--on", where)
    assert (code, error.count("\n")) == (2, 1) and f"{where} does not answer" in error
    assert runs.list_runs(taught) == []


def test_without_ray_one_line_names_the_package(seamlens, taught, monkeypatch):
    monkeypatch.setattr(address, "is_installed", lambda: False)
    code, _, error = seamlens("train", "--on", "auto")
    assert (code, error.count("\n")) == (2, 1) and 'pip install "ray[client]' in error
    assert runs.list_runs(taught) == []
