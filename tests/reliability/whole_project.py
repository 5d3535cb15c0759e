"""A class project with everything that can be damaged: runs, a series, a test, a session, a split, labels of two people."""

import json

import pytest

from core.events.jsonl import append_lines
from core.events.session import write_session_file
from core.labels.labels import record
from core.runs.run import Run
from core.runs.run_store import set_note
from core.splits import stored_split
from core.splits.make_split import make_split
from core.workspace import Workspace

SESSION = "2026-01-02_03-04-05"
EVENT = {
    "number": 1, "attribute": "spot", "start": 0.5, "end": 1.5, "peak": 0.9, "peak_time": 1.0, "peak_index": 3,
    "picture": "0001_spot.jpg", "heatmap": "0001_spot_heatmap.jpg",
}  # fmt: skip
DOUBT = {
    "index": 2,
    "time": 0.2,
    "probabilities": {"clean": 0.5, "spot": 0.5, "narrow": 0.5},
    "why": "near a threshold",
}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, tiny_network: None) -> Workspace:
    """The project; only copy it."""
    from core.assist import label_issues
    from core.labels.consensus import consensus
    from core.training.create_run import create_run
    from tests.helpers import fake_predictions, tiny_class

    made = tiny_class.make(tmp_path_factory.mktemp("whole") / "class", videos=4)
    record(made, "Ben", "video_0", 0, 5, {"spot": False})
    stored_split.store(made, make_split(made, consensus(made), "video"))
    fake_predictions.make(made, "folds", label_issues.plan(made, tiny_class.quick(), 3))
    for _ in range(2):
        _finish(create_run(made, tiny_class.quick(), user="Ada"))
    waiting = create_run(made, tiny_class.quick())
    waiting.write_status(state="stopped")
    return made


def _finish(run: Run) -> None:
    """Give a run all files that a training and a test leave behind, and a session."""
    from tests.helpers import fake_predictions

    fake_predictions.foretell(run, {})
    names = run.attributes.names
    columns = ["loss", "val_loss", "learning_rate"]
    columns += [
        f"{part}{name}_{what}" for name in names for what in ("loss", "accuracy") for part in ("", "val_")
    ]
    rows = [",".join(["epoch", "seconds", *columns])]
    rows += [",".join([str(epoch), "1.5", *["0.25"] * len(columns)]) for epoch in (1, 2)]
    (run.path / "history.csv").write_text("\n".join(rows) + "\n")
    frame = run.frames["name"].iloc[0]
    (run.path / "worst.csv").write_text(
        f"name,attribute,label,probability,loss\n{frame},spot,True,0.25,1.4\n"
    )
    (run.path / "model.keras").write_bytes(b"no network")
    (run.path / "checkpoint.npz").write_bytes(b"no checkpoint")
    (run.path / "log.txt").write_text("2026-01-01 00:00:00 begun\n")
    run.write_status(state="done", epoch=2, epochs=2, best={"epoch": 2, "val_loss": 0.25}, seconds=3.0)
    set_note(run, "the first")
    limits = {"epochs": 4, "minutes": None, "after": 2}
    (run.path / "limits.json").write_text(json.dumps(limits))
    chosen = {"thresholds": {"spot": 0.4}, "temperatures": {"spot": 1.5}, "seen": False, "log": [
        {"at": "2026-01-01T00:00:00+00:00", "by": "Ada", "what": "threshold", "seen": False, "attribute": "spot"}]}  # fmt: skip
    (run.path / "thresholds.json").write_text(json.dumps(chosen))
    session = run.path / "events" / SESSION
    session.mkdir(parents=True)
    write_session_file(session / "session.json", {
        "run": run.id, "source": "video_3", "began": "2026-01-02T03:04:05+00:00", "attributes": list(names), "rules": {},
        "video": "video_3", "seconds": 2.0, "familiar_seconds": 2.0, "readings": 20, "dropped": 0, "feed": 30.0,
    })  # fmt: skip
    append_lines(session / "events.jsonl", [EVENT, EVENT | {"number": 2, "start": 1.6, "end": 1.9}])
    append_lines(
        session / "marks.jsonl",
        [{"number": 2, "false_alarm": True, "at": "2026-01-02T04:00:00+00:00", "by": "Ada"}],
    )
    append_lines(session / "doubts.jsonl", [DOUBT])
    append_lines(
        session / "sent.jsonl", [{"video": "video_3", "index": 3, "why": "spot", "by": "Ada", "at": "2026"}]
    )
