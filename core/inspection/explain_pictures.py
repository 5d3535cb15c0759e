"""Overlays and evidence of single pictures, written to a folder."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.attributes import named
from core.errors import MediaError, ModelError
from core.explain import deletion_insertion
from core.explain.heatmap import for_decision, is_negated, peak, rectified
from core.explain.pointing_game import peak_pixel, point
from core.files import replacing, writable
from core.inspection.inspector import Inspection, Inspector
from core.inspection.overlay import draw, heatmaps
from core.inspection.panel import with_panel
from core.lookup_tables.boxes import Boxes
from core.media.incoming_pictures import look_at
from core.networks.preprocessing import prepare


@dataclass(frozen=True)
class Wanted:
    """What is written for each picture.

    Args:
        chosen: names of the attributes to draw, decided or not; none draws what was decided.
        opacity: of the strongest evidence, 0 to 1.
        boxes: by the stem of a picture, to score the heatmaps with.
        legend: whether the probabilities, decisions and colours stand beside the overlay.
        curves: whether the network is asked what becomes of its decisions when the evidence goes, and comes.
    """

    chosen: Collection[str] | None = None
    opacity: float = 0.5
    boxes: Boxes | None = None
    legend: bool = False
    curves: bool = False


def of_file(
    path: Path,
    names: Sequence[str] = (),
    layer: str | None = None,
    rgb: bool = False,
    greatest: float = 255.0,
    method: str = "gradcam",
    exclusive: bool = False,
) -> Inspector:
    """Load a ``.keras`` file that no run made; everything at or above 0.5 is decided true.

    Without ``names`` its outputs are called “output 1” and so on; without a ``layer`` the rule of
    :mod:`core.explain.target_layer` chooses one. The file says neither whether it expects red first (``rgb``), nor its value
    for white (``greatest``), nor, where it ends in logits, whether its outputs exclude each other.

    Raises:
        ModelError: it cannot be read or explained, or has another number of outputs.
    """
    from core.explain.gradcam import Explainer
    from core.networks.keras_file import load_network

    model = load_network(path, rgb, greatest)
    explainer = Explainer(model, layer, method, exclusive)
    count = model.output_shape[-1]
    if names and len(names) != count:
        problem = f"{path.name} has {count} outputs, but {len(names)} names were given."
        raise ModelError(problem, "Name each output.")
    attributes = named(names or [f"output {n}" for n in range(1, count + 1)], explainer.exclusive)
    height, width = model.input_shape[1:3]
    return Inspector(explainer, attributes, np.full(count, 0.5), (width, height))


def explain(
    inspector: Inspector, pictures: Sequence[Path], out: Path, wanted: Wanted | None = None
) -> dict[str, Any]:
    """Write into ``out``, for each picture, ``<stem>_overlay.png`` and per attribute ``<stem>_<attribute>.npy``: the
    evidence for the decision, rectified, as the network weighs it, (h, w) float32 in the grid of the target layer;
    and ``explain.json`` with what is returned.

    Returns:
        By the path of the picture ``layer``, ``grid`` (rows, columns), ``overlay`` (file) and ``attributes``: by name
        ``probability``, ``decided``, ``drawn``, ``negated`` (whether the evidence is that against the attribute),
        ``map`` (file) and ``peak`` (``row``, ``column``, ``x``, ``y`` in pixels, ``value``; none without evidence); with
        curves also ``curves``, of what was decided for a reason in the picture: see :func:`_curves`.

    Raises:
        MediaError: a file is no picture, or two overlays would have one name: nothing is written then.
        WorkspaceError: ``out`` cannot be written into.
    """
    wanted = wanted or Wanted()
    _check_names(pictures)
    frames = [picture.read() for picture in look_at(pictures)]
    with writable(out):
        out.mkdir(parents=True, exist_ok=True)
        explained = {}
        for path, frame in zip(pictures, frames, strict=True):
            explained[str(path)] = _picture(path, frame, inspector, out, wanted)
        _write(out / "explain.json", (json.dumps(explained, indent=2, ensure_ascii=False) + "\n").encode())
    return explained


def _picture(
    path: Path, frame: np.ndarray, inspector: Inspector, out: Path, wanted: Wanted
) -> dict[str, Any]:
    """Write the overlay and the evidence of one picture, (H, W, 3) uint8 BGR, and return its entry of `explain`."""
    inspection = inspector.inspect(frame)
    drawn = draw(frame, inspection, inspector.attributes, wanted.opacity, wanted.chosen)
    if wanted.legend:
        drawn = with_panel(drawn, inspector.attributes, inspection, wanted.chosen)
    overlay = f"{path.stem}_overlay.png"
    _write(out / overlay, cv2.imencode(".png", drawn)[1].tobytes())
    grid = list(next(iter(inspection.maps.values())).shape)
    attributes = dict(_attributes(path, frame, inspection, inspector, out, wanted))
    return {"layer": inspector.layer, "grid": grid, "overlay": overlay, "attributes": attributes}


def _attributes(
    path: Path, frame: np.ndarray, inspection: Inspection, inspector: Inspector, out: Path, wanted: Wanted
) -> Iterator[tuple[str, dict[str, Any]]]:
    layers = heatmaps(inspection, inspector.attributes, wanted.chosen)
    drawn = {layer.attribute.name for layer in layers if layer.evidence.any()}
    height, width = frame.shape[:2]
    files = file_names(inspector.attributes.names)
    for attribute in inspector.attributes:
        name, decided = attribute.name, inspection.decisions[attribute.name]
        evidence = rectified(for_decision(inspection.maps[name], attribute, decided))
        file = f"{path.stem}_{files[name]}.npy"
        with replacing(out / file) as partial, partial.open("wb") as written:
            np.save(written, evidence)
        entry = {
            "probability": round(inspection.probabilities[name], 6),
            "decided": decided,
            "drawn": name in drawn,
            "negated": is_negated(attribute, decided),
            "map": file,
            "peak": _peak(evidence, width, height, inspection),
        }
        boxes = (wanted.boxes or {}).get(path.stem, {}).get(name)
        if boxes and decided:
            entry["pointing"] = vars(point(evidence, boxes, width, height, inspection.region))
        if wanted.curves and (decided or entry["negated"]):
            entry["curves"] = _curves(frame, inspection, inspector, name)
        yield name, entry


def _curves(frame: np.ndarray, inspection: Inspection, inspector: Inspector, name: str) -> dict[str, Any]:
    """Return how sure the network stays while the evidence goes and comes, after each step of
    `core.explain.deletion_insertion.trace`, and ``areas``.
    """
    place, decided = inspector.attributes.names.index(name), inspection.decisions[name]

    def sureness(prepared: np.ndarray) -> np.ndarray:
        probabilities = inspector.probabilities(prepared)[:, place]
        return probabilities if decided else 1 - probabilities

    evidence = for_decision(inspection.maps[name], inspector.attributes[name], decided)
    traced = deletion_insertion.trace(sureness, prepare(frame, inspector.size, inspection.region), evidence)
    areas = {what: round(area, 4) for what, area in vars(deletion_insertion.areas(traced)).items()}
    return {what: curve.round(4).tolist() for what, curve in traced.items()} | {"areas": areas}


def _peak(evidence: np.ndarray, width: int, height: int, inspection: Inspection) -> dict[str, float] | None:
    at, pixel = peak(evidence), peak_pixel(evidence, width, height, inspection.region)
    if at is None or pixel is None:
        return None
    x, y = (round(value, 1) for value in pixel)
    return {"row": at[0], "column": at[1], "x": x, "y": y, "value": float(evidence[at])}


def pointing_game(explained: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return by attribute how many of the explained pictures were scored, and the means of their scores."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for picture in explained.values():
        for name, entry in picture["attributes"].items():
            if "pointing" in entry:
                rows.setdefault(name, []).append(entry["pointing"])
    return {name: {"pictures": len(scored), **_means(scored)} for name, scored in rows.items()}


def _means(scored: list[dict[str, Any]]) -> dict[str, float]:
    columns = {key: [row[key] for row in scored if row[key] is not None] for key in scored[0]}
    return {key: round(sum(values) / len(values), 4) for key, values in columns.items() if values}


def _check_names(pictures: Sequence[Path]) -> None:
    first: dict[str, Path] = {}
    for path in pictures:
        if path.stem in first:
            problem = f"{first[path.stem]} and {path} would have the same overlay."
            raise MediaError(problem, "Explain them into two folders.")
        first[path.stem] = path


def file_names(attributes: Sequence[str]) -> dict[str, str]:
    """Return the names of attributes as parts of names of files, by name; two that would be alike are numbered."""
    made: dict[str, str] = {}
    for number, name in enumerate(attributes, 1):
        safe = re.sub(r"[^\w-]+", "_", name)
        made[name] = f"{safe}_{number}" if safe in made.values() else safe
    return made


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as partial:
        partial.write_bytes(content)
