"""The power fails at a random moment: everything that SeamLens acknowledged before is there afterwards."""

import random
import shutil
import time
from pathlib import Path

import pytest

from core.errors import SeamLensError
from core.workspace import open_workspace
from tests.helpers import bare_frames
from tests.helpers.tiny_videos import film, save, textured
from tests.reliability.disk import Worker, can_mount, disk  # noqa: F401  (a fixture)
from tests.reliability.jobs import FRAMES, JOBS, Acknowledged

pytestmark = pytest.mark.usefixtures("can_mount")

LATEST = 0.05
"""Seconds after an acknowledgement within which the power fails."""


def fill(job: str, workspace: Path, sources: Path, additions: int) -> None:
    """Make the workspace in which a job begins, and as many films or folders of pictures as it may add."""
    sources.mkdir()
    if job == "train":
        from tests.helpers import tiny_class

        tiny_class.make(workspace)
        return
    made = bare_frames.make(workspace, {"seam_1": FRAMES, **{f"seam_{number}": 4 for number in range(2, 8)}})
    if job == "add videos":
        for number in range(additions):
            film(sources / f"film_{number:02}.mp4", frames=8, start=number)
    if job == "add pictures":
        for number in range(additions):
            folder = sources / f"pictures_{number:02}"
            names = [f"group{number}_{place}.png" for place in range(4)]
            for place, name in enumerate(names):
                save(folder / name, textured(4 * number + place))
            rows = "".join(f"{name},group{number},False,True,False,True\n" for name in names)
            (folder / "labels.csv").write_text("name,group,good,error,break,length\n" + rows)
    if job == "split":
        from core.labels.labels import record

        for number in range(1, 8):
            for index in range(4):
                record(made, "ada", f"seam_{number}", index, index, {"error": (index + number) % 3 == 0})


def lost(job: str, cuts: int, folder: Path, seed: int = 0) -> list[str]:
    """Cut the power so often while somebody does a job, and return what was acknowledged and is lost."""
    random_moment, missing = random.Random(seed), []
    fill(job, folder / "filled", folder / "sources", 8 * cuts)
    with disk(folder) as made:
        shutil.copytree(folder / "filled", made.path / "class")
        made.flush()
        worker = Worker(job, made.path / "class", folder / "sources")
        try:
            for number in range(cuts):
                worker.wait_for_more()
                time.sleep(random_moment.uniform(0, LATEST))
                after = folder / f"cut_{number}"
                with worker.stopped():
                    made.after_power_cut(after)
                    gone = missing_of(job, after / "class", worker.acknowledged)
                missing += [f"cut {number}, after {len(worker.acknowledged)}: {each}" for each in gone]
                shutil.rmtree(after)
        finally:
            worker.end()
    return missing


def missing_of(job: str, workspace: Path, acknowledged: list[Acknowledged]) -> list[str]:
    try:
        return list(JOBS[job][1](open_workspace(workspace), acknowledged))
    except SeamLensError as error:
        return [str(error)] * len(acknowledged)


@pytest.mark.long
@pytest.mark.parametrize("job", JOBS)
def test_nothing_acknowledged_is_lost(job: str, tmp_path: Path) -> None:
    assert lost(job, 2 if job == "train" else 5, tmp_path) == []


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("job", JOBS)
def test_nothing_acknowledged_is_lost_in_many_power_cuts(job: str, tmp_path: Path) -> None:
    assert lost(job, 20 if job == "train" else 100, tmp_path, seed=1) == []
