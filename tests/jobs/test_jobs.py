import errno
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import psutil
import pytest

from core import workspace as workspaces
from core.errors import RunError, WorkspaceError
from core.files import writable
from core.jobs import jobs, processes, slots
from core.labels import labels
from core.runs import failures, locks
from core.runs import run_store as runs
from core.runs.records import Limits
from core.runs.run import Run
from core.runs.run_store import check_ended
from core.training import checkpoint
from core.training.create_run import create_run
from tests.helpers import tiny_class
from tests.helpers.leftover_processes import trainings
from tests.helpers.waiting import until


@pytest.fixture
def trainable(tmp_path):
    """A workspace with labelled frames, in which runs are really made; none of them outlives the test."""
    workspace = tiny_class.make(tmp_path / "trainable")
    yield workspace
    for pid in trainings(workspace):
        processes.kill(pid)


def test_started_watched_stopped(trainable):
    run = jobs.start(trainable, tiny_class.quick(network="seam_lite", epochs=100_000))
    assert run.state in ("starting", "running")
    second = jobs.start(trainable, tiny_class.quick())
    assert (second.state, slots.place(second)) == ("queued", 1)
    jobs.stop(second)
    assert second.state == "stopped"
    until(lambda: run.status.step > 3)
    assert run.state == "running"
    jobs.stop(run)
    until(lambda: not run.is_alive)
    assert run.state == "stopped" and run.has_model
    with pytest.raises(RunError, match="nothing to stop"):
        jobs.stop(run)


def test_a_process_that_cannot_start_is_a_failed_run(trainable, monkeypatch):
    monkeypatch.setattr(
        processes, "_environment", lambda: {"PATH": "", "PYTHONPATH": "/nowhere", "PYTHONHOME": "/no"}
    )
    run = jobs.start(trainable, tiny_class.quick())
    until(lambda: run.state == "failed")
    assert run.status.error


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_killed_is_interrupted(trainable, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *args, **kwargs: started.append(popen(*args, **kwargs)) or started[-1]
    )
    run = jobs.start(trainable, tiny_class.quick(network="seam_lite", epochs=100_000))
    until(lambda: run.state == "running")
    started[0].send_signal(signal.SIGKILL)
    until(lambda: run.state == "interrupted")
    assert not slots.all_active(trainable)


class Pretended:
    """A process that ends when the test says so."""

    pid = 4_194_304  # one more than Linux gives out

    def __init__(self):
        self.code = None
        self.over = threading.Event()

    def wait(self):
        self.over.wait()
        return self.code


@pytest.fixture(scope="module")
def model(tmp_path_factory, tiny_network):
    """A run after which the others of this module are made."""
    return create_run(tiny_class.make(tmp_path_factory.mktemp("model") / "class"), tiny_class.quick())


@pytest.fixture
def workspace(model, tmp_path, monkeypatch):
    """A workspace in which runs are made quickly: like the model, without looking at labels."""

    numbers = itertools.count()

    def create(workspace, settings, user, progress=None):
        named = f"{model.id}_{next(numbers)}"
        shutil.copytree(model.path, workspace.runs / named)
        now = datetime.now().isoformat()
        config = replace(model.config, run=named, created=now, user=user, minutes=settings.minutes)
        (workspace.runs / named / "config.json").write_text(json.dumps(config.to_json()))
        return Run(workspace, named)

    monkeypatch.setattr(jobs, "create_run", create)
    return workspaces.create(tmp_path / "class", tiny_class.ATTRIBUTES)


@pytest.fixture
def spawned(monkeypatch):
    """The processes that were started, by the run; none of them does anything."""
    found = {}
    monkeypatch.setattr(processes, "spawn", lambda run: found.setdefault(run.id, Pretended()))
    yield found
    # Whoever waited for one that ends starts the next: all must be over before another test counts what is started.
    while waiters := [t for t in threading.enumerate() if t.name.removeprefix("wait-") in found]:
        for process in list(found.values()):
            process.over.set()
        for waiter in waiters:
            waiter.join()


def start(workspace, user="", **changes):
    return jobs.start(workspace, tiny_class.quick(**changes), user=user)


def end(run, state="done"):
    run.write_status(state=state)
    return slots.advance(run.workspace)


def die(run, process, code):
    """Let the process of ``run`` end with ``code``, and wait until its waiter has said so."""
    waiter = next(thread for thread in threading.enumerate() if thread.name == f"wait-{run.id}")
    process.code = code
    process.over.set()
    waiter.join()


def states(*found):
    return [run.state for run in found]


def test_the_second_run_queues(workspace, spawned):
    first, second, third = (start(workspace) for _ in range(3))
    assert states(first, second, third) == ["starting", "queued", "queued"]
    assert [slots.place(run) for run in (first, second, third)] == [None, 1, 2]


def test_the_end_of_one_starts_the_next_and_looking_again_starts_no_more(workspace, spawned):
    first, second, third = (start(workspace) for _ in range(3))
    assert [run.id for run in end(first)] == [second.id]
    assert slots.advance(workspace) == []
    assert states(first, second, third) == ["done", "starting", "queued"]


def test_a_look_heals_a_queue_whose_process_was_killed(workspace, spawned):
    first, second = start(workspace), start(workspace)
    first.write_status(state="running")  # and it holds no lock
    slots.advance(workspace)
    assert states(first, second) == ["interrupted", "starting"]
    assert "from outside" in first.status.error


def test_users_take_turns(workspace, spawned):
    ann = [start(workspace, "Ann") for _ in range(3)]
    ben = start(workspace, "Ben")
    assert [run.id for run in slots.waiting(workspace)] == [ben.id, ann[1].id, ann[2].id]
    assert [run.id for run in end(ann[0])] == [ben.id]
    assert [run.id for run in end(ben)] == [ann[1].id]


def test_slots_are_a_setting(workspace, spawned):
    with (workspace.path / "workspace.toml").open("a") as file:
        file.write("\n[training]\nslots = 2\n")
    opened = workspaces.open_workspace(workspace.path)
    assert states(*(start(opened) for _ in range(3))) == ["starting", "starting", "queued"]


@pytest.mark.parametrize("slots", ["0", "true", '"two"'])
def test_slots_that_are_no_number(workspace, slots):
    with (workspace.path / "workspace.toml").open("a") as file:
        file.write(f"\n[training]\nslots = {slots}\n")
    with pytest.raises(WorkspaceError, match="slots of training"):
        workspaces.open_workspace(workspace.path)


def at_once(call, times=2):
    """Do the same in several threads at once; return the errors that were raised."""
    barrier, refused = threading.Barrier(times), []

    def press():
        barrier.wait()
        try:
            call()
        except RunError as error:
            refused.append(error)

    threads = [threading.Thread(target=press) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_who_start_at_once_get_two_runs_of_which_one_trains(workspace, spawned):
    made = []
    at_once(lambda: made.append(start(workspace)))
    assert sorted(states(*made)) == ["queued", "starting"]
    assert len(spawned) == 1


def test_of_two_who_resume_at_once_the_second_is_refused(workspace, spawned, monkeypatch):
    run = start(workspace)
    end(run, "interrupted")
    ready, check = threading.Barrier(2), check_ended

    def checked(run):
        check(run)
        with suppress(threading.BrokenBarrierError):  # both have looked, or the second has to wait
            ready.wait(0.3)

    monkeypatch.setattr(jobs, "check_ended", checked)
    refused = at_once(lambda: jobs.resume(run))
    assert [str(error).split(" is ")[0] for error in refused] == [run.id]
    assert run.state == "starting"


def test_a_run_that_trains_is_not_queued_again(workspace, spawned):
    run = start(workspace)
    with pytest.raises(RunError, match="is starting"):
        jobs.enqueue(run)
    assert run.state == "starting"


def test_a_run_that_is_resumed_just_now_is_not_deleted(workspace, spawned):
    run = start(workspace)
    end(run, "stopped")
    refused = []

    def delete():
        try:
            runs.delete(run)
        except RunError as error:
            refused.append(error)

    thread = threading.Thread(target=delete)
    with locks.starting(workspace):
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()  # without the lock it would be done by now
        run.write_status(state="queued", queued=time.time())
    thread.join()
    assert refused and run.path.exists()


def test_a_queued_run_keeps_the_labels_of_when_it_was_queued(tmp_path, spawned):
    workspace = tiny_class.make(tmp_path / "class")
    first, queued = start(workspace), start(workspace)
    labels.record(workspace, "teacher", "video_0", 0, 11, {"spot": True})
    end(first)
    assert queued.state == "starting"
    assert not queued.frames.set_index("name").loc["video_0_1", "spot"]


def test_a_queued_run_is_withdrawn_and_may_queue_again(workspace, spawned):
    _, queued = start(workspace), start(workspace)
    jobs.stop(queued)
    assert queued.state == "stopped"
    jobs.resume(queued)
    assert queued.state == "queued"


def test_what_ended_cannot_be_stopped(workspace, spawned):
    run = start(workspace)
    end(run)
    for stop in (jobs.stop, jobs.kill):
        with pytest.raises(RunError, match="nothing to stop"):
            stop(run)


def test_a_process_killed_by_a_signal_is_interrupted_and_the_next_starts(workspace, spawned, monkeypatch):
    monkeypatch.setattr(failures, "memory_kills", lambda: 0)
    run, queued = start(workspace), start(workspace)
    run.write_status(state="running", memory_kills=0)
    die(run, spawned[run.id], -9)
    assert states(run, queued) == ["interrupted", "starting"]
    assert run.status.error.startswith("It was killed (signal 9), perhaps for lack of memory")


def test_a_process_that_could_not_write_how_it_ended_is_quoted_from_its_log(workspace, spawned):
    run = start(workspace)
    run.write_status(state="running")
    (run.path / "log.txt").write_text("epoch 3\nExpected room on the disk, but received a full disk.\n")
    die(run, spawned[run.id], 2)
    assert run.status.error == "Expected room on the disk, but received a full disk."


@pytest.mark.parametrize("code", [-9, 1])
def test_the_death_of_a_process_whose_run_was_resumed_says_nothing_of_the_next(workspace, monkeypatch, code):
    """The waiter of the first process may wake up after the run was found interrupted and resumed."""
    started = [Pretended(), Pretended()]
    started[1].pid -= 1
    left = iter(started)
    monkeypatch.setattr(processes, "spawn", lambda run: next(left))
    run = start(workspace)
    waiter = next(thread for thread in threading.enumerate() if thread.name == f"wait-{run.id}")
    end(run, "interrupted")
    jobs.resume(run)
    started[0].code = code
    started[0].over.set()
    waiter.join()
    assert run.state == "starting" and run.status.pid == started[1].pid
    started[1].over.set()


def test_a_death_is_not_written_down_while_the_run_is_given_out_anew(workspace, spawned):
    run = start(workspace)
    run.write_status(state="running")
    waiter = next(thread for thread in threading.enumerate() if thread.name == f"wait-{run.id}")
    with locks.starting(workspace):
        spawned[run.id].over.set()
        waiter.join(0.5)
        assert waiter.is_alive()  # without the lock it would be done by now
        run.write_status(state="queued", queued=time.time())
    waiter.join()
    assert run.status.state == "queued"


def test_the_kernels_word_is_taken_for_lack_of_memory(workspace, monkeypatch):
    monkeypatch.setattr(failures, "memory_kills", lambda: 4)
    assert failures.of_death(-9, 3).startswith("The system ended a process for lack of memory")
    assert failures.of_death(-9, 4).startswith("It was killed")
    assert failures.of_death(-11, 3).startswith("Its process died of SIGSEGV")


def test_a_process_that_dies_before_it_trains_has_failed_with_its_last_line(workspace, spawned):
    run = start(workspace)
    (run.path / "log.txt").write_text("first\nNo module named core\n")
    die(run, spawned[run.id], 1)
    assert run.state == "failed" and run.status.error == "No module named core"


def test_where_no_process_can_be_started_the_run_has_failed(workspace, monkeypatch):
    def spawn(run):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(processes, "spawn", spawn)
    run = start(workspace)
    assert run.state == "failed" and "temporarily unavailable" in run.status.error


@pytest.fixture
def held(workspace, spawned):
    """A run that says it is trained by a process of its own, which holds its lock and does nothing else."""
    run = start(workspace)
    code = "import sys, filelock as f; k = f.FileLock(sys.argv[1]); k.acquire(); print('held', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(run.lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    process.stdout.readline()
    run.write_status(state="running", **locks.identity(process.pid))
    yield run, process
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="looks at POSIX signals")
def test_killing_ends_the_process_and_the_next_run_starts(held):
    run, process = held
    queued = start(run.workspace)
    jobs.kill(run)
    assert process.wait() == -9
    assert states(run, queued) == ["stopped", "starting"]
    assert "ended at once" in run.status.error


def test_a_process_that_has_just_ended_is_not_missed(held, monkeypatch):
    run, process = held

    def kill(pid):
        process.communicate(b"\n")
        raise ProcessLookupError

    monkeypatch.setattr(processes, "kill", kill)
    jobs.kill(run)
    assert run.state == "stopped"


def test_a_run_that_ends_by_itself_while_it_is_killed_stays_done(held, monkeypatch):
    run, process = held

    def kill(pid):
        run.write_status(state="done", error=None)
        process.communicate(b"\n")

    monkeypatch.setattr(processes, "kill", kill)
    jobs.kill(run)
    assert (run.state, run.status.error) == ("done", None)


def test_another_process_of_the_same_number_is_not_killed(held):
    run, process = held
    run.write_status(born=1, after_boot=1)
    with pytest.raises(RunError, match="cannot be told from another"):
        jobs.kill(run)
    assert process.poll() is None


@pytest.fixture
def set_clock(monkeypatch):
    """Return a function that sets the clock of the system ahead by so many seconds, or back."""
    now, boot, created = time.time, psutil.boot_time(), psutil.Process.create_time

    def set_ahead(seconds):
        monkeypatch.setattr(time, "time", lambda: now() + seconds)
        monkeypatch.setattr(psutil, "boot_time", lambda: boot + seconds)
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) + seconds)

    return set_ahead


@pytest.mark.skipif(sys.platform == "win32", reason="stops a process with a POSIX signal")
@pytest.mark.parametrize("hours", [1, -1])
def test_a_laptop_that_sleeps_or_a_clock_that_is_set_ends_no_training(held, set_clock, hours):
    run, process = held
    queued = start(run.workspace)
    process.send_signal(signal.SIGSTOP)
    set_clock(hours * 3600)
    assert slots.advance(run.workspace) == []
    assert states(run, queued) == ["running", "queued"]
    process.send_signal(signal.SIGCONT)
    jobs.kill(run)  # it is known again
    assert (process.wait(), run.state) == (-9, "stopped")


@pytest.mark.parametrize("hours", [1, -1])
def test_a_process_that_starts_while_the_clock_is_set_is_waited_for(workspace, spawned, set_clock, hours):
    run = start(workspace)
    run.write_status(**locks.own_identity())
    set_clock(hours * 3600)
    assert (slots.advance(workspace), run.state) == ([], "starting")
    run.write_status(pid=Pretended.pid)  # a process that is gone
    assert run.state == "starting"
    set_clock(hours * 7200)
    assert run.state == "interrupted"


def test_the_queue_keeps_its_order_where_the_clock_is_set_back(workspace, spawned, set_clock):
    ada = start(workspace, "Ada")
    ada.write_status(**locks.own_identity())
    queued = [start(workspace, "Ada")]
    set_clock(-3600)
    queued += [start(workspace, user) for user in ("Ada", "Ben")]
    assert [run.id for run in slots.waiting(workspace)] == [queued[2].id, queued[0].id, queued[1].id]
    end(ada)
    assert states(*queued) == ["queued", "queued", "starting"]  # Ben's turn
    end(queued[2])
    assert [queued[0].state, slots.place(queued[1])] == ["starting", 1]


def test_a_training_within_this_process_is_not_killed(workspace, spawned):
    run = start(workspace)
    with locks.held(run.lock, RunError("", "")):
        run.write_status(state="running", **locks.own_identity())
        with pytest.raises(RunError, match="cannot be told from another"):
            jobs.kill(run)


def test_in_the_terminal_it_is_refused_with_the_name_of_who_trains(workspace, spawned):
    run = start(workspace)
    with pytest.raises(RunError, match=f"{run.id} is training"):
        slots.check_slot(workspace)


def test_a_queued_run_goes_before_one_in_the_terminal(workspace, spawned):
    first, queued = start(workspace), start(workspace)
    first.write_status(state="done")
    with pytest.raises(RunError, match=queued.id):
        slots.check_slot(workspace)


def test_what_trains_or_waits_cannot_be_resumed_or_deleted(workspace, spawned):
    for run in (start(workspace), start(workspace)):
        for refused in (jobs.reopen, runs.delete):
            with pytest.raises(RunError, match="Wait until it has ended"):
                refused(run)


def with_epochs(run, epochs):
    rows = "".join(f"{epoch},0.5,0.5\n" for epoch in range(1, epochs + 1))
    (run.path / "history.csv").write_text("epoch,loss,val_loss\n" + rows)
    checkpoint.write(run, checkpoint.Position(epochs, 120.0, 1.0, 0.5), {})
    return run


def test_a_run_of_before_there_were_checkpoints_is_trained_anew(workspace, spawned):
    run = with_epochs(start(workspace), 2)
    end(run, "stopped")
    run.checkpoint_file.unlink()
    with pytest.raises(RunError, match="Repeat it"):
        jobs.reopen(run)


def test_a_done_run_is_continued_where_somebody_says_how_far(workspace, spawned):
    run = with_epochs(start(workspace), 4)
    end(run)
    with pytest.raises(RunError, match="has finished"):
        jobs.reopen(run)
    with pytest.raises(RunError, match="has had 4 epochs"):
        jobs.reopen(run, epochs=4)
    jobs.reopen(run, epochs=6)
    assert run.limits == Limits(6, None, after=4) and run.recipe.epochs == 6
    assert run.state == "waiting"


@pytest.mark.parametrize(("schedule", "until"), [("cosine", 4 + 5 * 4), ("constant", 4 + 4)])
def test_where_only_a_time_is_given_it_decides_how_many_epochs_a_done_run_gets(
    workspace, spawned, schedule, until
):
    run = with_epochs(start(workspace), 4)
    end(run)
    run = tiny_class.with_config(run, recipe=replace(run.config.recipe, schedule=schedule))
    jobs.reopen(run, minutes=10)
    assert run.limits == Limits(until, 12, after=4)  # two minutes were used before


def test_a_stopped_run_keeps_its_end_unless_told_otherwise(workspace, spawned):
    run = with_epochs(start(workspace, minutes=3), 2)
    end(run, "stopped")
    jobs.reopen(run)
    assert run.limits == Limits(4, 3)
    jobs.reopen(run, epochs=9)
    assert run.limits == Limits(9, 3)
    end(run, "stopped")
    with pytest.raises(RunError, match=r"2\.0 minutes already"):
        jobs.reopen(run, minutes=1)


def test_a_run_of_an_earlier_version_ends_where_its_last_leg_does(workspace, spawned):
    """Each leg had minutes of its own: two were used in the four epochs before it."""
    run = with_epochs(start(workspace), 4)
    (run.path / "history.csv").write_text("epoch,seconds\n1,30\n2,30\n3,30\n4,30\n5,30\n")
    legs = [{"after": 0, "epochs": 4, "minutes": None}, {"after": 4, "epochs": 9, "minutes": 10}]
    (run.path / "legs.json").write_text(json.dumps(legs))
    assert run.limits == Limits(9, 12, after=4)
    end(run, "stopped")
    jobs.reopen(run, epochs=7)
    assert run.limits == Limits(7, 12, after=4)


def test_a_start_that_takes_too_long_lets_the_next_one_through(workspace, spawned, monkeypatch):
    first, second = start(workspace), start(workspace)
    later = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: later)
    slots.advance(workspace)
    assert states(first, second) == ["interrupted", "starting"]


@pytest.fixture
def full_disk(monkeypatch):
    """Return a function after whose call no status can be written any more; another call frees the disk."""

    def no_room(self, **changes):
        raise OSError(errno.ENOSPC, "No space left on device")

    write = Run.write_status
    return lambda is_full=True: monkeypatch.setattr(Run, "write_status", no_room if is_full else write)


def test_on_a_full_disk_a_look_fails_not_and_the_queue_waits_for_room(workspace, spawned, full_disk):
    died, queued = start(workspace), start(workspace)
    died.write_status(state="running")  # and it holds no lock
    full_disk()
    assert slots.advance(workspace) == []
    assert states(died, queued) == ["interrupted", "queued"]
    assert queued.id not in spawned
    full_disk(False)
    assert [run.id for run in slots.advance(workspace)] == [queued.id]


def test_a_start_on_a_full_disk_is_refused_in_plain_words(workspace, spawned, full_disk):
    full_disk()
    with pytest.raises(RunError, match=r"The disk is full \(\d+ MB free\)"):
        start(workspace)


def test_what_may_not_be_written_is_said_in_plain_words(workspace):
    with pytest.raises(RunError, match="Permission denied"), writable(workspace.path, RunError):
        raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.skipif(sys.platform == "win32", reason="niceness is of POSIX")
def test_a_priority_that_may_not_be_set_does_no_harm(workspace, monkeypatch):
    def refuse(*about):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "setpriority", refuse)
    monkeypatch.setattr(subprocess, "Popen", lambda *about, **more: Pretended())
    run = start(workspace)
    assert run.state == "starting"
