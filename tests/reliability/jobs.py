"""What people do in a workspace, again and again, and how to see afterwards that what was acknowledged is there.

Each job is a pair: one yields what was acknowledged, as plain values, the moment that it is; the other says what of it is
missing in a workspace that a power cut has left.
"""

import hashlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import cv2
import pandas as pd

from core.errors import SeamLensError
from core.events.jsonl import append_lines
from core.events.session import Session, write_session_file
from core.exchange.add_pictures import add_folder
from core.exchange.import_tables import import_tables
from core.files import make_folder
from core.labels import sync
from core.labels.consensus import consensus
from core.media.library import frame_table, videos
from core.media.whole import content_hash
from core.review.disputes import adjudicate, adjudications
from core.splits import stored_split
from core.splits.make_split import split_by_video
from core.storage import database as db
from core.videos.add_video import add_video
from core.workspace import Workspace, open_workspace, set_note
from tests.helpers import bare_frames
from tests.helpers.labels_by import labels_by

Acknowledged = dict[str, Any]

FRAMES = 5000
"""Of the video that is labelled."""


def labels_of_ada(workspace: Workspace) -> pd.DataFrame:
    with db.reading(workspace) as connection:
        return labels_by(connection, "ada")


def save_labels(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    """Label frame after frame, as the route of the labelling page stores it."""
    names = workspace.attributes.names
    for number in range(FRAMES * len(names)):
        index, attribute, value = number // len(names), names[number % len(names)], number % 3 == 0
        event = sync.Labelled(str(uuid4()), str(uuid4()), 1, attribute, index, index, value, "key")
        assert sync.store(workspace, "ada", [event]).acknowledged == (event.id,)
        yield {"index": index, "attribute": attribute, "value": value}


def missing_labels(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    rows = labels_of_ada(workspace)
    stored = dict(zip(zip(rows["index"], rows["attribute"], strict=True), rows["value"], strict=True))
    for label in acknowledged:
        if stored.get((label["index"], label["attribute"])) != label["value"]:
            yield f"the label {label} is gone"


def adjudicate_frames(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    for index in range(FRAMES):
        adjudicate(workspace, "ina", "seam_1", index, index, "error", True)
        yield {"index": index}


def missing_adjudications(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    decided = set(adjudications(workspace)["index"])
    for each in acknowledged:
        if each["index"] not in decided:
            yield f"the decision about frame {each['index']} is gone"


def make_workspaces(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    """Begin a new class, and give its first label."""
    for number in itertools.count():
        folder = workspace.path.parent / "term" / f"class_{number}"
        made = bare_frames.make(folder, {"seam_1": 3})
        event = sync.Labelled(str(uuid4()), str(uuid4()), 1, "error", 1, 1, True, "key")
        sync.store(made, "ada", [event])
        yield {"folder": str(folder.relative_to(workspace.path.parent))}


def missing_workspaces(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    for each in acknowledged:
        try:
            if len(labels_of_ada(open_workspace(workspace.path.parent / each["folder"]))) != 1:
                yield f"the label of {each['folder']} is gone"
        except SeamLensError as error:
            yield str(error)


def add_videos(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    for file in sorted(sources.glob("*.mp4")):
        added = add_video(workspace, file)
        yield {"video": added.video.key, "frames": added.video.frames, "sha256": content_hash(file)}


def missing_videos(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    stored, frames = {video.key: video for video in videos(workspace)}, frame_table(workspace)
    for each in acknowledged:
        if (video := stored.get(each["video"])) is None:
            yield f"{each['video']} is gone"
            continue
        original = workspace.path / str(video.file)
        if not original.is_file() or content_hash(original) != each["sha256"]:
            yield f"the original of {video.key} is damaged"
        else:
            with av.open(str(original)) as container:
                assert sum(1 for _ in container.decode(video=0)) == each["frames"]
        files = frames.loc[frames["video"] == video.key, "file"]
        if len(files) != each["frames"]:
            yield f"{video.key} has {len(files)} of its {each['frames']} frames"
        yield from _damaged(workspace, files)


def add_pictures(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    for folder in sorted(sources.glob("pictures_*")):
        add_folder(workspace.path, folder)
        contents = {file.stem: _hash(file.read_bytes()) for file in folder.glob("*.png")}
        yield {"pictures": contents}


def missing_pictures(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    files = frame_table(workspace).set_index("name")["file"]
    labels = consensus(workspace).set_index("name")["error"]
    for name, content in ((n, c) for each in acknowledged for n, c in each["pictures"].items()):
        if name not in files.index or not labels[name]:
            yield f"the picture {name} or its label is gone"
        elif _hash((workspace.path / files[name]).read_bytes()) != content:
            yield f"the picture {name} is damaged"


def import_labels(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    """Import a lookup table about twenty frames, which are there."""
    for number in range(FRAMES // 20):
        first = 20 * number
        rows = pd.DataFrame({"name": [f"seam_1_{first + i}" for i in range(20)], "error": [True, False] * 10})
        rows.to_csv(sources / f"{number}_data.csv", index=False)
        import_tables(workspace.path, [sources / f"{number}_data.csv"], "ada")
        yield {"first": first}


def missing_rows(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    rows = labels_of_ada(workspace)
    stored = set(rows.loc[rows["attribute"] == "error", "index"])
    for each in acknowledged:
        if gone := set(range(each["first"], each["first"] + 20)) - stored:
            yield f"{len(gone)} rows of the table from {each['first']} on are gone"


def split_again(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    labels = consensus(workspace)
    for seed in itertools.count():
        stored_split.store(workspace, split_by_video(labels, seed))
        yield {"seed": seed}


def missing_split(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    split, seed = stored_split.load(workspace), acknowledged[-1]["seed"]
    if split is None:
        yield "the split is gone"
    elif split.by != "video" or split.seed is None or not seed <= split.seed <= seed + 1:
        yield f"the split of seed {seed} is one by {split.by} of seed {split.seed}"
    elif not split.table.equals(split_by_video(consensus(workspace), split.seed).table):
        yield f"the split of seed {seed} has another content"


def mark_alarms(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    """Begin a session, and mark each of its events as a false alarm."""
    for session in itertools.count():
        folder = workspace.runs / "of_a_camera" / "events" / f"session_{session}"
        make_folder(folder)
        write_session_file(folder / "session.json", SESSION)
        rest = {
            "attribute": "error",
            "start": 0.0,
            "end": 1.0,
            "peak": 0.9,
            "peak_time": 0.5,
            "peak_index": 5,
            "picture": "x.jpg",
        }
        append_lines(folder / "events.jsonl", [{"number": number, **rest} for number in range(1, 6)])
        for event in range(1, 6):
            Session(folder).mark(event)
            yield {"session": folder.name, "event": event}


def missing_marks(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    for each in acknowledged:
        session = Session(workspace.runs / "of_a_camera" / "events" / each["session"])
        try:
            assert session.details == SESSION
            if not session.event(each["event"])["false_alarm"]:
                yield f"the mark {each} is gone"
        except SeamLensError as error:
            yield str(error)


def change_settings(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    for number in itertools.count():
        set_note(workspace, f"note {number}")
        yield {"note": number}


def missing_settings(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    number = acknowledged[-1]["note"]
    if workspace.note not in (f"note {number}", f"note {number + 1}"):
        yield f"note {number} is gone, the settings have {workspace.note!r}"


def train_networks(workspace: Workspace, sources: Path) -> Iterator[Acknowledged]:
    from core.jobs import worker
    from core.runs import decision_settings, run_store
    from core.training.create_run import create_run

    tiny_class = _with_tiny_network()
    for number in itertools.count():
        run = create_run(workspace, tiny_class.quick(epochs=1, leaking=True))
        worker.train(run)
        run_store.set_note(run, f"number {number}")
        decision_settings.change(
            run.path, lambda tuning: tuning.changed("threshold", "ina", {"spot": 0.25}, {})
        )
        yield {"run": run.id, "number": number}


def missing_runs(workspace: Workspace, acknowledged: list[Acknowledged]) -> Iterator[str]:
    from core.runs.run import Run

    _with_tiny_network()
    for each in acknowledged:
        run = Run(workspace, each["run"])
        try:
            assert run.state == "done", f"is {run.state}"
            assert run.note == f"number {each['number']}", "has lost its note"
            assert run.tuning.thresholds == {"spot": 0.25}, "has lost its threshold"
            assert len(run.history) == 1 and len(run.frames) == 60, "has lost its history"
            assert run.load_model().count_params() > 0
        except (AssertionError, SeamLensError, ValueError, OSError) as error:
            yield f"{run.id}: {error}"


SESSION = {"run": "of_a_camera", "source": "camera", "began": "2026-11-30T10:00:00", "attributes": ["error"]}

Job = tuple[
    Callable[[Workspace, Path], Iterator[Acknowledged]],
    Callable[[Workspace, list[Acknowledged]], Iterator[str]],
]
JOBS: dict[str, Job] = {
    "label": (save_labels, missing_labels),
    "adjudicate": (adjudicate_frames, missing_adjudications),
    "new class": (make_workspaces, missing_workspaces),
    "add videos": (add_videos, missing_videos),
    "add pictures": (add_pictures, missing_pictures),
    "import": (import_labels, missing_rows),
    "split": (split_again, missing_split),
    "session": (mark_alarms, missing_marks),
    "settings": (change_settings, missing_settings),
    "train": (train_networks, missing_runs),
}


def _with_tiny_network() -> Any:
    from core.networks import architectures, registry
    from tests.helpers import tiny_class

    registry.NETWORKS["tiny"], architectures.BODIES["tiny"] = tiny_class.TINY, tiny_class.tiny_body
    return tiny_class


def _damaged(workspace: Workspace, files: pd.Series) -> Iterator[str]:
    for file in files:
        if not (workspace.path / file).is_file() or cv2.imread(str(workspace.path / file)) is None:
            yield f"{file} is damaged"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    job, folder, sources = sys.argv[1:]
    for acknowledged in JOBS[job][0](open_workspace(Path(folder)), Path(sources)):
        print(json.dumps(acknowledged), flush=True)
