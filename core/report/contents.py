"""What the report says of a run, as plain values; pictures are in `core.report.images`, the looks in the template.

What is missing is said in words, never left out. Importing this does not import TensorFlow.
"""

from datetime import datetime
from typing import Any

from core import __version__
from core.evaluation import evaluate, thresholds
from core.evaluation.label_changes import relabelled
from core.evaluation.mistakes import counted, find
from core.events.summary import overviews
from core.explain import heatmap
from core.labels import provenance
from core.labels.answers import own_answers
from core.media.library import videos
from core.networks import published
from core.report import trust
from core.review.agreement import agreement
from core.runs import describe
from core.runs.run import Run
from core.splits import leaks
from core.splits.split import PARTS

SPLIT = {
    "video": "Whole videos: none of them is in two parts.",
    "blocks": "Blocks of each video: the network has seen the test videos, though not these stretches of them.",
    "random": "Frames shuffled at random: neighbours of test frames have trained the network.",
    "file": "A table said which frames are in which part.",
}


def contents(run: Run) -> dict[str, Any]:
    """Gather what the report says of ``run``, without pictures.

    Raises:
        RunError: a file of the run cannot be read.
    """
    about = {
        "run": run.id,
        "workspace": run.workspace.path.resolve().name,
        "workspace_note": run.workspace.note,
        "written": f"{datetime.now():%Y-%m-%d %H:%M}",
        "seamlens": __version__,
        "state": run.state,
        "note": run.note,
        "attributes": [vars(attribute) for attribute in run.attributes],
        "exclusive": run.attributes.exclusive,
        "kind": describe.kind(run),
        "leak_sentence": leaks.sentence(run.leak, run.test is not None),
    }
    return about | {
        "data": data(run),
        "split": split(run),
        "agreement": agreed(run),
        "test": test(run),
        "thresholds": chosen(run),
        "sureness": trust.sureness(run),
        "heatmaps": trust.heatmaps(run),
        "live": overviews(run),
        "again": again(run),
    }


def data(run: Run) -> dict[str, Any]:
    """Return the parts of the run with their labels, its videos, and who labelled its frames."""
    frames, names = run.frames, run.attributes.names
    rows = []
    for part in PARTS:
        mine = frames[frames["part"] == part]
        counts = {name: {"true": int(mine[name].sum()), "false": int((~mine[name]).sum())} for name in names}
        rows.append(
            {
                "part": part,
                "frames": len(mine),
                "videos": int(mine["group"].nunique()),
                "attributes": counts,
            }
        )
    grouped = frames.groupby("group")
    kept = {video.key: video for video in videos(run.workspace)}
    return {
        "frames": len(frames),
        "parts": rows,
        "videos": [
            {
                "video": str(group),
                "parts": ", ".join(part for part in PARTS if part in set(mine["part"])),
                "frames": len(mine),
                "origin": kept[str(group)].origin if str(group) in kept else "no longer in the workspace",
            }
            for group, mine in grouped
        ],
        "annotators": annotators(run),
    }


def annotators(run: Run) -> list[dict[str, Any]]:
    """Return how many ``labels`` each annotator gave of the frames of the run, on how many ``frames``; as they are now."""
    said = own_answers(run.workspace)
    ours = said.frames["name"].isin(set(run.frames["name"])).to_numpy()
    found = []
    for number, name in enumerate(said.annotators):
        places = [
            rows[(rows[:, 1] == number) & ours[rows[:, 0]], 0]
            for attribute, rows in said.rows.items()
            if attribute in run.attributes.names
        ]
        if labels := sum(map(len, places)):
            frames = len({int(place) for each in places for place in each})
            found.append({"annotator": name, "labels": labels, "frames": frames})
    return found


def split(run: Run) -> dict[str, Any]:
    """Return how the frames were divided, and the leak meter."""
    about = run.config.split
    mark = run.config.leak
    return {
        "by": about.by,
        "words": SPLIT.get(about.by, SPLIT["file"]),
        "seed": about.seed,
        "leak": mark,
        "leaks": bool(run.leak),
        "unseen": describe.is_unseen(run, "test"),
        "bound": leaks.BOUND,
    }


def agreed(run: Run) -> list[dict[str, Any]]:
    """Return the agreement between annotators per attribute of the workspace, with a reason where there is none."""
    found = agreement(run.workspace).attributes
    return [
        {
            "attribute": name,
            "alpha": each.alpha.value,
            "interval": each.alpha.interval,
            "reason": each.alpha.reason,
            "meaning": each.meaning,
            "frames": each.items,
            "annotators": each.annotators,
            "disputed": len(each.disputed),
        }
        for name, each in found.items()
        if name in run.attributes.names
    ]


def test(run: Run) -> dict[str, Any] | None:
    """Return the test with its mistakes counted; none where the run was not tested."""
    if run.test is None:
        return None
    found = evaluate.measure(run).to_json()  # thresholds, and what an earlier version said less of
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    changed = relabelled(run)
    now = evaluate.measure(run, current_labels=True).to_json() if changed.labels else None
    worst_first = sorted(
        found["per_video"], key=lambda row: 2 if (right := row["exact_match"]) is None else right
    )
    return found | {
        "per_video": worst_first,
        "no_interval": evaluate.no_interval(found),
        "published": published.accuracy(run.attributes.names),
        "mistakes": counted(run, find(run)),
        "spoke": heatmap.meaning(run.attributes),
        "origins": provenance.sentence(provenance.suggested(run.workspace, tested)),
        "relabelled": changed.sentence(),
        "now": now,
    }


def chosen(run: Run) -> dict[str, Any]:
    """Return thresholds and temperatures, and how often they were changed after the test part was seen."""
    values = zip(run.attributes.names, run.thresholds.tolist(), run.temperatures.tolist(), strict=True)
    return {
        "rows": [
            {"attribute": name, "threshold": threshold, "temperature": temperature}
            for name, threshold, temperature in values
        ],
        "changed_after_test": run.tuning.changed_after_test,
        "sentence": thresholds.sentence(run.tuning.changed_after_test),
        "log": [vars(change) for change in run.tuning.log],
    }


def again(run: Run) -> dict[str, Any]:
    """Return what it takes to repeat the run: settings, versions, hashes, and the command."""
    config = run.config
    return {
        "command": f"python -m core train --like {run.id}",
        "network": config.network,
        "size": run.size,
        "seed": config.seed,
        "created": config.created[:16].replace("T", " "),
        "epochs": run.status.epoch,
        "best": run.status.best,
        "minutes": run.minutes,
        "recipe": config.recipe.to_json(),
        "notes": config.notes,
        "like": config.like,
        "versions": config.versions,
        "hashes": config.hashes,
    }
