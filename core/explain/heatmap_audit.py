"""Whether the heatmaps of a run are right: do they point at the defect, does the network use what they show, and does
it look at the seam at all? Importing this does not import TensorFlow.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import mean
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from core.access.rights import Right, needs
from core.errors import MediaError, RunError
from core.explain import channel_references
from core.explain.deletion_insertion import CurveAreas, deletion_and_insertion
from core.explain.heatmap import EXCESS, for_decision, is_negated
from core.explain.pointing_game import Pointing, point, share_inside
from core.explain.seam_region import SeamArea, find_seam_area
from core.files import Progress, replacing
from core.json_files import DamagedError, checked, read_record
from core.lookup_tables.boxes import Boxes, read_boxes, truth_tables
from core.media.library import read_frame
from core.networks.preprocessing import Region, crop, prepare
from core.runs.decisions import decide
from core.runs.run import Run
from core.runs.run_files import damaged
from core.text import count

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

CURVES = 8
"""Frames per attribute of which the deletion and insertion curves are taken: each takes 68 pictures."""
BATCH = 32


@dataclass(frozen=True)
class PointingMeans:
    """Means of :class:`core.explain.pointing_game.Pointing` over ``frames`` of ``videos``: true positives with a box."""

    frames: int
    videos: int
    inside: float
    chance: float
    energy: float | None
    energy_chance: float


@dataclass(frozen=True)
class CurveMeans:
    """Means of :class:`core.explain.deletion_insertion.CurveAreas` over ``frames`` of ``videos``."""

    frames: int
    videos: int
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float
    blurred: float


@dataclass(frozen=True)
class AttributeScores:
    """Of the heatmaps of one attribute; none where no frame could be scored."""

    pointing: PointingMeans | None
    curves: CurveMeans | None


@dataclass(frozen=True)
class Outside:
    """Mean ``share`` of the evidence outside the seam, and the ``area`` outside as a share of the picture, over ``frames``."""

    video: str
    attribute: str
    frames: int
    share: float
    area: float


@dataclass(frozen=True)
class VideoOutside:
    """The evidence of a video outside the seam: ``shares`` by attribute (none where there was no evidence), and ``area``."""

    video: str
    shares: dict[str, float | None]
    area: float


@dataclass(frozen=True)
class Audit:
    """What a check of the heatmaps found on the test part of a run.

    Args:
        run: its id.
        layer: the target of the heatmaps.
        frames: how many were explained.
        videos: how many videos or groups they come from.
        left_out: frames whose picture is missing.
        attributes: by name, in the order of the run.
        band: a sentence that says where the seam was taken to be; empty where it does not matter.
        outside: per video and attribute.
        note: why plain Grad-CAM was checked, where something else was asked for; else empty.
    """

    run: str
    layer: str
    frames: int
    videos: int
    left_out: int
    attributes: dict[str, AttributeScores]
    band: str
    outside: list[Outside]
    note: str = ""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Audit":
        """Read what ``dataclasses.asdict`` made of it."""
        attributes = {
            name: AttributeScores(
                PointingMeans(**scores["pointing"]) if scores["pointing"] else None,
                CurveMeans(**scores["curves"]) if scores["curves"] else None,
            )
            for name, scores in entry["attributes"].items()
        }
        outside = [Outside(**row) for row in entry["outside"]]
        # Earlier versions left no frame out.
        return checked(
            cls, cls(**{"left_out": 0} | dict(entry) | {"attributes": attributes, "outside": outside})
        )

    @property
    def pointing(self) -> dict[str, PointingMeans]:
        """By attribute, of those that were scored."""
        return {name: scores.pointing for name, scores in self.attributes.items() if scores.pointing}

    @property
    def curves(self) -> dict[str, CurveMeans]:
        """By attribute, of those that were scored."""
        return {name: scores.curves for name, scores in self.attributes.items() if scores.curves}

    def outside_by_video(self) -> list[VideoOutside]:
        """Return a row per video, the greatest mean share first; only attributes with evidence in any video."""
        names = [name for name in self.attributes if any(row.attribute == name for row in self.outside)]
        videos = defaultdict(list)
        for row in self.outside:
            videos[row.video].append(row)
        ranked = sorted(videos.items(), key=lambda item: -mean(row.share for row in item[1]))
        found = []
        for video, rows in ranked:
            shares = dict.fromkeys(names) | {row.attribute: row.share for row in rows}
            found.append(VideoOutside(video, shares, mean(row.area for row in rows)))
        return found

    def missing(self) -> str:
        """Say how many frames were left out; empty where none was."""
        frames = count(self.left_out, "test frame was", "test frames were")
        return f"{frames} left out: the pictures are missing." if self.left_out else ""


@dataclass(frozen=True)
class ExplainedFrame:
    """A frame of a run: its ``picture`` (H, W, 3) uint8 BGR, ``decisions`` (A,) bool, the signed ``evidence`` (h, w, A) float32
    for each of them, and ``labels`` by attribute, none where unset.
    """

    name: str
    video: str
    picture: np.ndarray
    decisions: np.ndarray
    evidence: np.ndarray
    labels: dict[str, bool | None]


@dataclass
class _Scores:
    """What is collected frame by frame; scores with the video of their frame, by attribute."""

    frames: list[str] = field(default_factory=list)
    pointing: dict[str, list[tuple[str, Pointing]]] = field(default_factory=lambda: defaultdict(list))
    curves: dict[str, list[tuple[str, CurveAreas]]] = field(default_factory=lambda: defaultdict(list))
    outside: list[tuple[str, str, float, float]] = field(default_factory=list)


@needs(Right.TEST)
def audit(
    run: Run,
    boxes: Boxes | None = None,
    band: Region | None = None,
    layer: str | None = None,
    progress: Progress | None = None,
    method: str = EXCESS,
) -> Audit:
    """Check the heatmaps of the test part of ``run``. The result is stored in its folder if layer and method are those of
    the heatmaps that pages show.

    By default ``boxes`` are those that the demo class left in the workspace, and ``layer`` is the target of the network. ``band``
    is where the seam is, in fractions of the picture: by default the truth of the demo class, else an estimate; for classes
    the seam does not matter unless it is given. ``method`` is one of `core.explain.heatmap.METHODS`.

    Raises:
        RunError: it has no network yet, or no frame in the test part whose picture is there.
        ModelError: it has no such layer.
    """
    frames = run.frames[run.frames["part"] == "test"]
    if frames.empty:
        raise RunError(f"The test part of {run.id} has no labelled frame.", "Split again and train again.")
    explainer, note = channel_references.explainer_of(run, layer, method)
    if boxes is None:
        boxes = read_boxes(truth_tables(run.workspace.path), run.attributes.names)
    no_seam = run.attributes.exclusive and band is None  # an apple has no place where it ought to be
    bands = None if no_seam else find_seam_area(run.workspace, frames, band)
    scores = _score(run, frames, explainer, boxes, bands, progress)
    if not scores.frames:
        raise RunError(
            f"No picture of the test part of {run.id} can be read.",
            "Add its videos again, or split and train again.",
        )
    result = replace(_result(run, frames, explainer.target, bands, scores), note=note)
    if layer is None and method == EXCESS:
        with replacing(run.path / "audit.json") as partial:
            entry = asdict(result) | {"stamp": _depends_on(run)}
            partial.write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")
    return result


def stored(run: Run) -> Audit | None:
    """Return what :func:`audit` last found of the network as it is now; none where nobody has checked it.

    Raises:
        RunError: the file cannot be read.
    """
    try:
        stamp, found = read_record(run.path / "audit.json", _stamped)
        return found if stamp == _depends_on(run) else None
    except OSError:  # the network is gone, too
        return None
    except DamagedError as damage:
        raise damaged(run.path, "audit.json", damage) from damage


def _stamped(entry: dict[str, Any]) -> tuple[Any, Audit]:
    return entry.pop("stamp"), Audit.from_json(entry)


def _depends_on(run: Run) -> list[Any]:
    """Return what the result depends on and may change: the network, its background, and what is decided by it.

    By the content of its file, not its time: a workspace that was copied keeps the result.
    """
    network = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    measured = (run.path / channel_references.FILE).exists()  # else the heatmaps were plain Grad-CAM
    return [
        network,
        *([channel_references.VERSION] if measured else []),
        *run.thresholds.tolist(),
        *run.temperatures.tolist(),
    ]


def explained_frames(run: Run, frames: pd.DataFrame, explainer: "Explainer") -> Iterator[ExplainedFrame]:
    """Yield ``frames`` of a run (``name``, ``video`` and labels) with their evidence, without those whose picture is missing."""
    for first in range(0, len(frames), BATCH):
        rows, pictures = [], []
        for row in frames.iloc[first : first + BATCH].to_dict("records"):
            try:
                pictures.append(read_frame(run.workspace, row["name"]))
            except MediaError:
                continue  # a video that was removed takes its frames along; the others can still be explained
            rows.append(row)
        if not rows:
            continue
        explained = explainer(np.stack([prepare(picture, run.size, run.region) for picture in pictures]))
        decisions = decide(run.calibrated(explained.probabilities), run.thresholds, run.attributes.exclusive)
        for row, picture, decided, maps in zip(rows, pictures, decisions, explained.maps, strict=True):
            labels = {name: None if pd.isna(row[name]) else bool(row[name]) for name in run.attributes.names}
            layers = [for_decision(maps[..., n], a, bool(decided[n])) for n, a in enumerate(run.attributes)]
            yield ExplainedFrame(row["name"], row["video"], picture, decided, np.stack(layers, -1), labels)


def _score(
    run: Run,
    frames: pd.DataFrame,
    explainer: "Explainer",
    boxes: Boxes,
    band: SeamArea | None,
    progress: Progress | None,
) -> _Scores:
    scores, of_curves = _Scores(), _frames_of_curves(run, frames)
    for done, frame in enumerate(explained_frames(run, frames, explainer), 1):
        scores.frames.append(frame.name)
        of_frame = boxes.get(frame.name, {})
        height, width = frame.picture.shape[:2]
        on_seam = crop(band.mask(frame.name, frame.picture, of_frame), run.region) if band else None
        for place, attribute in enumerate(run.attributes):
            name, evidence = attribute.name, frame.evidence[..., place]
            decided = bool(frame.decisions[place])
            if decided and frame.labels[name] and of_frame.get(name):
                pointing = point(evidence, of_frame[name], width, height, run.region)
                scores.pointing[name].append((frame.video, pointing))
            if on_seam is not None and (decided or is_negated(attribute, decided)):
                inside = share_inside(evidence, on_seam)
                if inside is not None:
                    scores.outside.append((frame.video, name, 1 - inside, 1 - float(on_seam.mean())))
            if decided and frame.name in of_curves[name]:
                scores.curves[name].append((frame.video, _curve_areas(run, frame, place, explainer)))
        if progress:
            progress(done, len(frames))
    return scores


def _frames_of_curves(run: Run, frames: pd.DataFrame) -> dict[str, set[str]]:
    """Return by attribute the frames whose curves are taken: labelled true, spread evenly over the part."""
    chosen = {}
    for name in run.attributes.names:
        true = frames.loc[frames[name].eq(True).fillna(False).to_numpy(bool), "name"].tolist()
        places = np.linspace(0, len(true) - 1, CURVES).round().astype(int) if true else ()
        chosen[name] = {true[place] for place in places}
    return chosen


def _curve_areas(run: Run, frame: ExplainedFrame, place: int, explainer: "Explainer") -> CurveAreas:
    def sureness(pictures: np.ndarray) -> np.ndarray:
        return run.calibrated(explainer(pictures).probabilities)[:, place]

    return deletion_and_insertion(
        sureness, prepare(frame.picture, run.size, run.region), frame.evidence[..., place]
    )


def _result(run: Run, frames: pd.DataFrame, layer: str, band: SeamArea | None, scores: _Scores) -> Audit:
    explained = frames[frames["name"].isin(scores.frames)]
    attributes = {}
    for name in run.attributes.names:
        pointing = _means(PointingMeans, scores.pointing[name])
        attributes[name] = AttributeScores(pointing, _means(CurveMeans, scores.curves[name]))
    rows = pd.DataFrame(scores.outside, columns=["video", "attribute", "share", "area"])
    grouped = rows.groupby(["video", "attribute"], sort=False)
    table = grouped.agg(frames=("share", "size"), share=("share", "mean"), area=("area", "mean")).round(4)
    return Audit(
        run.id,
        layer,
        len(explained),
        int(explained["video"].nunique()),
        len(frames) - len(explained),
        attributes,
        band.words if band else "",
        [Outside(*row) for row in table.reset_index().itertuples(index=False)],
    )


Means = TypeVar("Means", PointingMeans, CurveMeans)


def _means(kind: type[Means], scores: Sequence[tuple[str, Pointing | CurveAreas]]) -> Means | None:
    """Return the means over frames, with how many these are of how many videos; none without any."""
    if not scores:
        return None
    means = pd.DataFrame([vars(score) for _, score in scores]).astype(float).mean()  # NaN: without evidence
    values: dict[str, Any] = {
        str(name): None if pd.isna(value) else round(float(value), 4) for name, value in means.items()
    }
    return kind(frames=len(scores), videos=len({video for video, _ in scores}), **values)
