"""Attending to a training, with a worker of this process in place of Ray's."""

import json
from contextlib import contextmanager

import pytest

from core.cluster import attend
from core.cluster.ray_engine import WorkerDiedError
from core.cluster.remote import RemoteTraining
from core.errors import RunError
from core.files import replacing
from core.jobs import jobs, slots, worker
from core.runs.run import Run
from core.training.create_run import create_run
from tests.helpers import tiny_class


class HereWorker:
    """A remote training in this process, which may die when the news of an epoch comes."""

    def __init__(self, id, files, dies_after):
        self.training, self.files, self.dies_after = RemoteTraining(id, files), files, dies_after

    def ask(self, method, *args, waiting=lambda: None):
        answer = getattr(self.training, method)(*args)
        if method == "news" and self.dies_after and self.dies_after(answer):
            raise WorkerDiedError
        return answer

    def end(self):
        self.training._run.stop_file.parent.mkdir(parents=True, exist_ok=True)
        self.training._run.stop_file.touch()
        if self.training._thread:
            self.training._thread.join()
        self.training.close()


class HereCluster:
    """Gives out workers of this process; the first ones die as they are told to."""

    def __init__(self, *deaths):
        self.deaths, self.workers = list(deaths), []

    @contextmanager
    def __call__(self, address, settings):
        self.address = address
        yield self.start

    def start(self, id, files):
        self.workers.append(HereWorker(id, files, self.deaths.pop(0) if self.deaths else None))
        return self.workers[-1]


@pytest.fixture
def on_cluster(monkeypatch):
    """Let trainings of this process go to the workers of the cluster that is given."""

    def use(cluster):
        train = attend.train
        monkeypatch.setattr(attend, "POLL", 0.01)
        monkeypatch.setattr(
            attend, "train", lambda run, status, progress: train(run, status, progress, cluster)
        )
        return cluster

    return use


def sent(workspace, **changes) -> Run:
    run = create_run(workspace, tiny_class.quick(**changes))
    run.write_status(on="ray://somewhere:10001")
    return run


def test_a_run_comes_back_as_from_a_training_here(workspace, on_cluster):
    here = create_run(workspace, tiny_class.quick(epochs=2))
    worker.train(here)
    cluster = on_cluster(HereCluster())
    away = sent(workspace, epochs=2)
    steps = []
    worker.train(away, lambda *at: steps.append(at))
    assert cluster.address == "ray://somewhere:10001"
    assert {path.name for path in away.path.iterdir()} == {path.name for path in here.path.iterdir()}
    assert (away.state, away.status.best.epoch) == ("done", here.status.best.epoch)
    assert steps[-1] == (40, 40)
    for column in ("loss", "val_loss"):
        assert away.history[column].tolist() == pytest.approx(here.history[column].tolist(), rel=1e-4)
    assert away.load_model().count_params() == here.load_model().count_params()


def test_where_a_worker_dies_the_next_goes_on_after_its_last_epoch(workspace, on_cluster):
    after_an_epoch = lambda news: "history.csv" in news.files  # noqa: E731
    cluster = on_cluster(HereCluster(lambda news: False, None))
    run = sent(workspace, epochs=3)
    first_news = []

    def dies(news):
        first_news.append(news)
        return any(map(after_an_epoch, first_news[:-1]))  # what came before was written here

    cluster.deaths = [dies]
    worker.train(run)
    assert len(cluster.workers) == 2
    assert "checkpoint.npz" in cluster.workers[1].files
    assert run.state == "done" and run.history["epoch"].tolist() == [1, 2, 3]
    assert "it continues after epoch" in (run.path / "log.txt").read_text("utf-8")


def test_a_training_whose_workers_always_die_fails_in_words(workspace, on_cluster):
    on_cluster(HereCluster(*[lambda news: True] * attend.MOST_DEATHS))
    run = sent(workspace)
    with pytest.raises(RunError, match="3 processes of the cluster died"):
        worker.train(run)
    assert run.state == "failed"


def test_what_fails_there_is_told_here(workspace, on_cluster, monkeypatch):
    on_cluster(HereCluster())
    run = sent(workspace)

    def broken(self, run, part, progress=None):
        raise RunError("No picture is left.", "Look.")

    monkeypatch.setattr(RemoteTraining, "_load", broken)
    with pytest.raises(RunError, match="No picture is left"):
        worker.train(run)
    assert (run.state, run.status.error) == ("failed", "No picture is left. Look.")


def test_a_stop_reaches_the_worker_and_the_run_can_be_resumed(workspace, on_cluster):
    run = sent(workspace, epochs=50)

    def stops(news):
        if json.loads(news.status)["epoch"] >= 2:
            jobs.stop(run)
        return False

    on_cluster(HereCluster(stops))
    worker.train(run)
    finished = len(run.history)
    assert run.state == "stopped" and 1 <= finished < 50
    jobs.reopen(run, epochs=finished + 1)
    worker.train(run)
    assert run.state == "done" and len(run.history) == finished + 1


def test_a_stop_while_the_cluster_has_no_room_ends_it(workspace, on_cluster, monkeypatch):
    run = sent(workspace)

    def full(self, method, *args, waiting):
        jobs.stop(run)
        waiting()
        pytest.fail("it still waits")

    monkeypatch.setattr(HereWorker, "ask", full)
    on_cluster(HereCluster())
    worker.train(run)
    assert run.state == "stopped"


def test_settings_with_passwords_and_the_database_do_not_travel(workspace, on_cluster):
    cluster = on_cluster(HereCluster())
    worker.train(sent(workspace, epochs=1))
    assert set(cluster.workers[0].files) == {"config.json", "frames.csv", "status.json"}


def test_a_network_that_comes_back_outdates_the_test_of_the_one_before(workspace, on_cluster):
    run = sent(workspace, epochs=1)
    with replacing(run.path / "test.json") as partial:
        partial.write_text("{}")
    on_cluster(HereCluster())
    worker.train(run)
    assert run.has_model and not (run.path / "test.json").exists()


def test_while_it_is_attended_to_the_run_is_alive_and_takes_no_slot_of_this_computer(workspace, on_cluster):
    run, seen = sent(workspace, epochs=1), []

    def looks(news):
        seen.append(
            (
                run.state,
                [r.id for r in slots.active_on(workspace, run.status.on)],
                slots.active_on(workspace, ""),
            )
        )
        return False

    on_cluster(HereCluster(looks))
    worker.train(run)
    assert seen[0] == ("running", [run.id], [])
