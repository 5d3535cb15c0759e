"""What the report says of a run, for the template; pictures are in `core.report.mistake_images`.

What is missing is said in words, never left out. Only what was computed before is shown: nothing here loads a network.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pandas as pd

from core import __version__
from core import workspace as workspaces
from core.access.rights import shown_name
from core.evaluation import calibration, evaluate, thresholds
from core.evaluation.calibration import BINS, HOW, Binning, CalibrationError
from core.evaluation.label_changes import changed_labels
from core.evaluation.mistakes import find_mistakes, mistakes_counted
from core.evaluation.verdict import headlines
from core.events.summary import overviews
from core.explain import heatmap, heatmap_audit
from core.labels import provenance
from core.labels.annotator_labels import annotator_labels
from core.media.library import videos
from core.networks import published_accuracy as published
from core.report.trust import Trust, by_origin
from core.review.agreement import measured_agreement
from core.runs import run_names, run_parts
from core.runs.results import TestResult
from core.runs.run import Run
from core.splits import leaks
from core.splits.split import PART_NAMES, PARTS
from core.text import count, lowered, percent
from core.workspace import Workspace

SPLIT = {
    "video": "By whole videos: no video is in two parts.",
    "blocks": "Blocks of each video: the network trained on other stretches of the test videos.",
    "random": "Frames shuffled at random: the network trained on neighbours of test frames.",
    "file": "By a table that says which frames are in which part.",
}


BY: Binning = "mass"
"""The binning in which every dot stands for as many answers."""
SMALLEST, LARGEST = 1.5, 5.5
"""Radius of a dot of no frames, and of the dot of most, in hundredths of the diagram."""


def contents(run: Run) -> dict[str, Any]:
    """Gather what the report says of ``run``, without pictures.

    Raises:
        RunError: a file of the run cannot be read.
    """
    names = run.attributes.names
    return {
        "run": run,
        "called": run_names.short(run),
        "owner": run_names.owner(run),
        "workspace": workspace_name(run.workspace),
        "written": f"{datetime.now():%Y-%m-%d %H:%M}",
        "seamlens": __version__,
        "attributes": list(run.attributes),
        "exclusive": run.attributes.exclusive,
        "kind": run_parts.kind(run),
        "is_unseen": run_parts.is_unseen(run, "test"),
        "leak_sentence": leaks.sentence(run.leak, run.test is not None),
        "leak_bound": leaks.BOUND,
        "recipe": asdict(run.config.recipe),
        "split": SPLIT.get(run.config.split.by, SPLIT["file"]),
        "data": data(run),
        "agreement": {
            n: replace(row, annotators=_shown(row.annotators), pairs=())
            for n, row in measured_agreement(run.workspace).items()
            if n in names
        },
        "test": test(run),
        "thresholds": thresholds.sentence(run.tuning.changed_after_test),
        "calibration": calibrated(run),
        "heatmaps": heatmap_audit.stored(run),
        "live": overviews(run),
    }


def workspace_name(workspace: Workspace) -> str:
    """Return the name of its folder; empty where that is the usual one, which tells nobody anything."""
    name = workspace.path.resolve().name
    return "" if name == workspaces.USUAL else name


def data(run: Run) -> dict[str, Any]:
    """Return the parts of the run with their labels, its videos, and who labelled its frames."""
    frames, names = run.frames, run.attributes.names
    rows = []
    for part in PARTS:
        mine = frames[frames["part"] == part]
        counts = {name: {"true": int(mine[name].sum()), "false": int((~mine[name]).sum())} for name in names}
        of = {"frames": len(mine), "videos": int(mine["video"].nunique()), "attributes": counts}
        rows.append({"part": PART_NAMES[part], **of})
    origins, listed = {video.key: video.origin for video in videos(run.workspace)}, []
    for group, mine in frames.groupby("video"):
        parts = ", ".join(PART_NAMES[part] for part in PARTS if part in set(mine["part"]))
        origin = origins.get(str(group), "no longer in the workspace")
        listed.append({"video": str(group), "parts": parts, "frames": len(mine), "origin": origin})
    return {"frames": len(frames), "parts": rows, "videos": listed, "annotators": annotators(run)}


def _shown(names: Sequence[str]) -> tuple[str, ...]:
    """Return whom who acts may see of these annotators: students see themselves."""
    return tuple(filter(None, map(shown_name, names)))


def annotators(run: Run) -> list[dict[str, Any]]:
    """Return how many ``labels`` each annotator gave of the frames of the run, on how many ``frames``; as they are now."""
    answers = annotator_labels(run.workspace)
    is_ours = answers.frames["name"].isin(set(run.frames["name"])).to_numpy()
    found = []
    for number, name in enumerate(answers.annotators):
        if not shown_name(name):
            continue
        places = [
            rows[(rows[:, 1] == number) & is_ours[rows[:, 0]], 0]
            for attribute, rows in answers.rows.items()
            if attribute in run.attributes.names
        ]
        if labels := sum(map(len, places)):
            frames = len({int(place) for each in places for place in each})
            found.append({"annotator": name, "labels": labels, "frames": frames})
    return found


def test(run: Run) -> dict[str, Any] | None:
    """Return the ``result`` of the test with its mistakes counted; none where the run was not tested."""
    if run.test is None:
        return None
    result = evaluate.measure(run)  # thresholds, and metrics that an earlier version lacked
    result = replace(
        result, annotators={name: row for name, row in result.annotators.items() if shown_name(name)}
    )
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    changed, trusts = changed_labels(run), by_origin(run, result)
    return {
        "result": result,
        "headlines": headlines(result),
        "trusts": trusts,
        "sentences": sentences(run, result, trusts),
        "videos": sorted(result.per_video, key=lambda row: 2 if row.exact_match is None else row.exact_match),
        "no_interval": evaluate.no_interval(result),
        "published": published.accuracy(run.attributes.names),
        "mistakes": mistakes_counted(run, find_mistakes(run)),
        "heatmap": heatmap.heatmap_meaning(run.attributes),
        "origins": provenance.sentence(provenance.suggested(run.workspace, tested)),
        "relabelled": changed.sentence(),
        "now": evaluate.measure(run, current_labels=True) if changed.labels else None,
    }


def sentences(run: Run, result: TestResult, trusts: Sequence[Trust]) -> list[str]:
    """Return what the first page says: on what the run was tested, how much better than guessing it is, how far that can be
    trusted, and where it is worst.
    """
    unseen = " that it has never seen" if run_parts.is_unseen(run, "test") else ""
    tested = f"{run_names.short(run)} was tested on {count(result.frames, 'frame')} of {run_parts.groups(run, result.videos)}{unseen}."
    found = headlines(result)
    verdicts = [
        f"{each.title}: {lowered(each.sentence)}" if len(found) > 1 else each.sentence for each in found
    ]
    verdicts += [each.sentence for each in trusts]
    told = [row for row in result.per_video if row.exact_match is not None]
    worst = min(told, key=lambda row: row.exact_match or 0.0, default=None)
    if worst is None or len(told) < 2:
        return [tested, *verdicts]
    kind, right = run_parts.kind(run), percent(worst.exact_match)
    return [
        tested,
        *verdicts,
        f"The worst {kind} is {worst.video}: everything is right in {right} of its frames.",
    ]


def calibrated(run: Run) -> dict[str, Any] | None:
    """Return the calibration of ``run``, before and after; none where nothing was predicted yet.

    Returns:
        ``how`` the answers are binned, and ``statements``: by name a row for each part, with ``part``, ``frames``,
        ``videos``, the expected calibration errors ``before`` and ``after`` (none where it is not calibrated), and the
        ``dots`` of the reliability diagram by the same two words.

    Raises:
        RunError: a file of the run cannot be read.
    """
    found = {part: calibration.errors(run, part) for part in calibration.predicted(run)}
    rows = {
        name: [_row(run, part, name, of_part[name]) for part, of_part in found.items()]
        for name in calibration.statements(run)
    }
    return {"how": f"at most {BINS} {HOW[BY]}", "statements": rows} if found else None


def _row(run: Run, part: str, name: str, error: CalibrationError) -> dict[str, Any]:
    tables, is_calibrated = calibration.diagram(run, part, name, BY), calibration.is_calibrated(run, name)
    shown = ("before", "after") if is_calibrated else ("before",)
    return {
        "part": PART_NAMES[part],
        "frames": error.frames,
        "videos": error.videos,
        "before": error.before[BY],
        "after": error.after[BY] if is_calibrated else None,
        "dots": {when: dots(tables[when]) for when in shown},
    }


def dots(table: pd.DataFrame) -> list[dict[str, float]]:
    """Return where the bins of a `core.evaluation.calibration.reliability` lie in a diagram of 100 by 100, from its lower left.

    Returns:
        ``x`` (probability), ``y`` (share that came true) and the radius ``r``: areas grow with the frames.
    """
    bins = table[["probability", "share", "frames"]].to_numpy(float)
    found, most = [], bins[:, 2].max(initial=1)
    for probability, share, frames in bins.tolist():
        radius = SMALLEST + (LARGEST - SMALLEST) * (frames / most) ** 0.5
        found.append({"x": round(100 * probability, 2), "y": round(100 * share, 2), "r": round(radius, 2)})
    return found
