"""Whether the heatmaps of a run are right: do they point at the defect, does the network use what they show, and does
it look at the seam at all? Importing this does not import TensorFlow.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import RunError
from core.exchange.boxes import Box, Boxes, read_boxes, truth_tables
from core.explain import deletion_insertion
from core.explain.explained_frames import Shown, show
from core.explain.heatmap import is_negated
from core.explain.pointing_game import Pointing, point, share_inside
from core.explain.seam_region import Band, find_bands
from core.files import Progress, replacing
from core.networks.preprocessing import Region, crop, prepare
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

CURVES = 8
"""Of so many frames per attribute the deletion and insertion curves are taken: each takes 68 pictures."""

POINTING_COLUMNS = tuple(f.name for f in fields(Pointing))
CURVE_COLUMNS = tuple(f.name for f in fields(deletion_insertion.Faithfulness))


@dataclass
class _Notes:
    """What is written down on the way, a row each; ``seen`` are the names of the frames that could be looked at."""

    seen: list[str] = field(default_factory=list)
    pointings: list[dict[str, Any]] = field(default_factory=list)
    outside: list[dict[str, Any]] = field(default_factory=list)
    curves: list[dict[str, Any]] = field(default_factory=list)


def audit(
    run: Run,
    boxes: Boxes | None = None,
    band: Region | None = None,
    layer: str | None = None,
    progress: Progress | None = None,
    method: str = "gradcam",
) -> dict[str, Any]:
    """Look at the heatmaps of the test part of ``run``. The result is kept in its folder, unless it is of another layer or
    method than that of the heatmaps that are shown.

    Args:
        run: with a trained network.
        boxes: where the defects are; by default what the demo class left in the workspace.
        band: where the seam is, in fractions of the picture; by default the truth of the demo class, else an estimate.
            Classes are asked about no seam unless it is named.
        layer: the target of the heatmaps; by default that of the network.
        progress: called as ``progress(frames done, frames in all)``.
        method: of the heatmaps, of `core.explain.heatmap.METHODS`.

    Returns:
        ``run``, ``layer``, ``frames``, ``videos`` and ``left_out``: frames whose picture is gone; ``attributes``: by name ``pointing`` (over the true positives with
        a box; none without boxes) and ``curves``; ``band``: where the seam was taken to be, empty where there is none; ``outside``: per video and
        attribute the mean share of the evidence outside of it, beside the share of the picture that is outside.

    Raises:
        RunError: it has no network yet, or no frame in the test part whose picture is there.
        ModelError: it has no such layer.
    """
    frames = run.frames[run.frames["part"] == "test"]
    if frames.empty:
        raise RunError("labelled frames in the part test", "none", "Split again and train anew.")
    is_shown = layer is None and method == "gradcam"
    explainer = _explainer(run, layer, method)
    if boxes is None:
        boxes = read_boxes(truth_tables(run.workspace.path), run.attributes.names)
    no_seam = run.attributes.exclusive and band is None  # an apple has no place where it ought to be
    known = None if no_seam else find_bands(run.workspace, frames, band)
    notes = _look(run, frames, explainer, boxes, known, progress)
    if not notes.seen:
        raise RunError(
            "pictures of the test part",
            "none that can be read",
            "Add its videos again, or split and train anew.",
        )
    result = _result(run, frames, explainer.target, known, notes)
    if is_shown:
        with replacing(run.path / "audit.json") as partial:
            partial.write_text(json.dumps(result | {"stamp": _stamp(run)}, indent=2) + "\n", encoding="utf-8")
    return result


def left_out(found: Mapping[str, Any]) -> str:
    """Say how many frames could not be looked at; empty where all were."""
    if not (count := found.get("left_out", 0)):  # not said by an earlier version, which looked at all
        return ""
    return f"{count:,} test {'frames were' if count != 1 else 'frame was'} left out: the pictures are gone."


def kept(run: Run) -> dict[str, Any] | None:
    """Return what :func:`audit` last found of the network as it is now; none where it was not asked."""
    try:
        found: dict[str, Any] = json.loads((run.path / "audit.json").read_text(encoding="utf-8"))
        return found if found.pop("stamp") == _stamp(run) else None
    except (OSError, ValueError, KeyError):
        return None


def _stamp(run: Run) -> list[Any]:
    """Return what the result depends on and may change: the network, and what is decided by it.

    By its content, not its time: a workspace that was copied keeps what was found.
    """
    network = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    return [network, *run.thresholds.tolist(), *run.temperatures.tolist()]


def outside_by_video(found: dict[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the shares of the evidence that lie outside the seam, a row per video, the greatest mean first.

    Args:
        found: by :func:`audit`.
        names: of the attributes of the run, in order.

    Returns:
        ``video``, ``shares`` (by attribute; none where nothing spoke for it) and ``area`` (of the picture that is
        outside). Only attributes of which something is known in any video.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found["outside"]:
        rows.setdefault(row["video"], []).append(row)
    known = [name for name in names if any(row["attribute"] == name for row in found["outside"])]
    table = [
        {
            "video": video,
            "shares": dict.fromkeys(known) | {row["attribute"]: row["share"] for row in mine},
            "area": mean(row["area"] for row in mine),
        }
        for video, mine in rows.items()
    ]
    return sorted(table, key=lambda row: -mean(row["share"] for row in rows[row["video"]]))


def _explainer(run: Run, layer: str | None, method: str) -> "Explainer":
    from core.explain.gradcam import Explainer

    return Explainer(run.load_model(), layer or run.network.target, method)


def _look(
    run: Run,
    frames: pd.DataFrame,
    explainer: "Explainer",
    boxes: Boxes,
    band: Band | None,
    progress: Progress | None,
) -> _Notes:
    notes, chosen = _Notes(), _chosen(run, frames)
    for done, shown in enumerate(show(run, frames, explainer), 1):
        notes.seen.append(shown.name)
        of_frame = boxes.get(shown.name, {})
        _point(run, shown, of_frame, notes)
        if band is not None:
            _outside(run, shown, of_frame, band, notes)
        for place in chosen.get(shown.name, ()):
            _curves(run, shown, place, explainer, notes)
        if progress:
            progress(done, len(frames))
    return notes


def _chosen(run: Run, frames: pd.DataFrame) -> dict[str, list[int]]:
    """Return whose curves are taken: frames labelled true, evenly over the part, and the places of the attributes."""
    found: dict[str, list[int]] = {}
    for place, attribute in enumerate(run.attributes.names):
        true = frames.loc[frames[attribute].eq(True).fillna(False).to_numpy(bool), "name"].tolist()
        for at in np.unique(np.linspace(0, len(true) - 1, CURVES).round().astype(int)) if true else ():
            found.setdefault(true[at], []).append(place)
    return found


def _point(run: Run, shown: Shown, boxes: dict[str, list[Box]], notes: _Notes) -> None:
    height, width = shown.picture.shape[:2]
    for place, name in enumerate(run.attributes.names):
        if shown.decisions[place] and shown.labels[name] and boxes.get(name):
            found = point(shown.evidence[..., place], boxes[name], width, height, run.region)
            notes.pointings.append({"attribute": name, "video": shown.video, **vars(found)})


def _outside(run: Run, shown: Shown, boxes: dict[str, list[Box]], band: Band, notes: _Notes) -> None:
    """Note what share of the evidence for each decision lies neither in the seam's band nor in a box."""
    mask = crop(band.mask(shown.name, shown.picture, boxes), run.region)
    for place, attribute in enumerate(run.attributes):
        if shown.decisions[place] or is_negated(attribute, bool(shown.decisions[place])):
            share = share_inside(shown.evidence[..., place], mask)
            if share is not None:
                row = {"video": shown.video, "attribute": attribute.name, "share": 1 - share}
                notes.outside.append(row | {"area": 1 - float(mask.mean())})


def _curves(run: Run, shown: Shown, place: int, explainer: "Explainer", notes: _Notes) -> None:
    if not shown.decisions[place]:
        return
    ready = prepare(shown.picture, run.size, run.region)
    found = deletion_insertion.measure(
        lambda pictures: run.calibrated(explainer(pictures).probabilities)[:, place],
        ready,
        shown.evidence[..., place],
    )
    notes.curves.append({"attribute": run.attributes.names[place], "video": shown.video, **vars(found)})


def _result(run: Run, frames: pd.DataFrame, layer: str, band: Band | None, notes: _Notes) -> dict[str, Any]:
    pointings, curves, outside = map(pd.DataFrame, (notes.pointings, notes.curves, notes.outside))
    attributes = {
        name: {
            "pointing": _means(pointings, name, POINTING_COLUMNS),
            "curves": _means(curves, name, CURVE_COLUMNS),
        }
        for name in run.attributes.names
    }
    seen = frames[frames["name"].isin(notes.seen)]
    return {
        "run": run.id,
        "layer": layer,
        "frames": len(seen),
        "videos": int(seen["video"].nunique()),
        "left_out": len(frames) - len(seen),
        "attributes": attributes,
        "band": band.words if band else "",
        "outside": _per_video(outside),
    }


def _means(rows: pd.DataFrame, attribute: str, columns: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the means over the frames, with how many these are, of how many videos; none without any."""
    of_attribute = rows[rows["attribute"] == attribute] if len(rows) else rows
    if not len(of_attribute):
        return None
    counts: dict[str, Any] = {"frames": len(of_attribute), "videos": int(of_attribute["video"].nunique())}
    means = of_attribute[list(columns)].astype(float).mean()  # frames without evidence have no energy
    return counts | {name: None if pd.isna(means[name]) else round(float(means[name]), 4) for name in columns}


def _per_video(rows: pd.DataFrame) -> list[dict[str, Any]]:
    if rows.empty:
        return []
    grouped = rows.groupby(["video", "attribute"], sort=False)
    table = grouped.agg(frames=("share", "size"), share=("share", "mean"), area=("area", "mean"))
    rows_of_table: list[dict[str, Any]] = table.round(4).reset_index().to_dict("records")  # type: ignore[assignment]
    return rows_of_table
