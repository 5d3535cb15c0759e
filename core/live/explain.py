"""Overlays of single pictures, written to a folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2

from core.attributes import AttributeSet
from core.data.images import read_picture
from core.errors import MediaError
from core.files import replacing
from core.live.inspector import Inspection, Inspector
from core.live.overlay import draw, heatmaps
from core.model.run import Run


def explain(run: Run, pictures: Sequence[Path], out: Path) -> list[Path]:
    """Write ``<stem>_overlay.png`` for each picture into ``out``, and ``explain.json`` with the numbers.

    Args:
        run: with a trained network.
        pictures: picture files; no two of the same stem.
        out: a folder; made where there is none.

    Returns:
        The overlays, in the order of ``pictures``.

    Raises:
        RunError: the run has no network yet.
        MediaError: a file is no picture, or two overlays would have one name. Nothing is written then.
    """
    _check_names(pictures)
    frames = [read_picture(path) for path in pictures]
    inspector = Inspector.load(run)
    out.mkdir(parents=True, exist_ok=True)
    written, said = [], {}
    for path, frame in zip(pictures, frames, strict=True):
        seen = inspector.inspect(frame)
        said[str(path)] = _to_json(seen, run.attributes)
        target = out / f"{path.stem}_overlay.png"
        _, content = cv2.imencode(".png", draw(frame, seen, run.attributes))
        with replacing(target) as partial:
            partial.write_bytes(content.tobytes())
        written.append(target)
    with replacing(out / "explain.json") as partial:
        partial.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return written


def _check_names(pictures: Sequence[Path]) -> None:
    first: dict[str, Path] = {}
    for path in pictures:
        if path.stem in first:
            raise MediaError(
                "pictures with names of their own",
                f"{first[path.stem]} and {path}",
                "Explain them into two folders.",
            )
        first[path.stem] = path


def _to_json(seen: Inspection, attributes: AttributeSet) -> dict[str, dict[str, Any]]:
    """Return per attribute its probability, what was decided, and whether its heatmap is drawn."""
    drawn = {h.attribute.name for h in heatmaps(seen, attributes) if h.evidence.any()}
    return {
        name: {
            "probability": round(seen.probabilities[name], 6),
            "decided": seen.decisions[name],
            "drawn": name in drawn,
        }
        for name in attributes.names
    }
