"""What an exported network says of itself: ``card.json`` for programs, and the model card in Markdown for people.

Source of the chapters: Mitchell et al., "Model Cards for Model Reporting" (2019). No card names a person.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core import __version__, text
from core.attributes import Attribute
from core.evaluation.evaluate import no_interval
from core.evaluation.verdict import TITLES
from core.export.compare import Comparison, small
from core.export.formats import Format
from core.runs import run_parts
from core.runs.results import OriginResult
from core.runs.run import Run
from core.splits import leaks
from core.splits.split import PARTS

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

VERSION = 1
"""Of ``card.json``."""

NO_HEATMAPS = (
    "The head of this network is not linear: its heatmaps need gradients, which an exported network does not have. It gives "
    "probabilities only."
)
NOT_FOR = (
    "Deciding alone about seams that people rely on, such as those of airbags, belts or medical goods.",
    "Other materials, threads, machines, cameras or light than those of the training videos, before it was tested on them.",
    "Measuring lengths: it recognises what it was taught, it does not measure.",
    "Judging the people who sew.",
)


def card(
    run: Run, explainer: "Explainer", form: Format, int8: bool, file: Path, compared: Comparison
) -> dict[str, Any]:
    """Return the content of ``card.json`` for the network of ``run``, which was written in ``file`` and ``compared``."""
    return {
        "card": VERSION,
        "seamlens": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "run": run.id,
        "network": run.config.network,
        "trained": run.config.created,
        "format": form.name,
        "int8": int8,
        "file": form.file,
        "input": {
            "name": "frames", "type": "uint8", "shape": ["N", run.size[1], run.size[0], 3], "colour": "BGR",
            "size": run.size, "region": run.region, "interpolation": "area",
        },
        "outputs": _outputs(explainer),
        "exclusive": run.attributes.exclusive,
        "attributes": [_attribute(run, explainer, i, each) for i, each in enumerate(run.attributes)],
        "data": {part: _part(run, part) for part in PARTS},
        "split": asdict(run.config.split) | {"leak": run.leak},
        "hashes": {**run.config.hashes, "model.keras": _sha256(run.model_file), form.file: _sha256(file)},
        "warnings": [each for each in (*run.config.notes, leaks.sentence(run.leak)) if each],
        "no_interval": no_interval(run.test) if run.test else "",
        "test": [_result(each) for each in run.test.groups] if run.test else None,
        "compared": compared.to_json(),
        "not_for": NOT_FOR,
    }  # fmt: skip


def _outputs(explainer: "Explainer") -> dict[str, Any]:
    outputs: dict[str, Any] = {
        "probabilities": {"shape": ["N", "attributes"], "calibrated": False},
        "heatmaps": None,
    }
    if explainer.has_constants:
        shape = ["N", *explainer.grid, "attributes"]
        outputs["heatmaps"] = {"shape": shape, "method": explainer.method, "layer": explainer.target}
    return outputs


def _attribute(run: Run, explainer: "Explainer", number: int, attribute: Attribute) -> dict[str, Any]:
    background = explainer.background
    return {
        "name": attribute.name,
        "true": attribute.true,
        "false": attribute.false,
        "all_clear": attribute.all_clear,
        "colour": attribute.colour,
        "threshold": float(run.thresholds[number]),
        "temperature": float(run.temperatures[number]),
        "full": None if background is None else background.full[number].tolist(),
    }


def _part(run: Run, part: str) -> dict[str, int]:
    frames = run.frames[run.frames["part"] == part]
    return {"frames": len(frames), f"{run_parts.kind(run)}s": frames["video"].nunique()}


def _result(group: OriginResult) -> dict[str, Any]:
    return group.to_json() | {"title": TITLES[group.origin]}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def as_markdown(content: Mapping[str, Any]) -> str:
    """Return the model card of what `card` returned."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=False
    )
    made.trim_blocks = made.lstrip_blocks = True
    made.filters |= {
        "percent": text.percent,
        "between": text.between,
        "count": text.count,
        "plain": _plain,
        "small": small,
    }
    return made.get_template("card.md.j2").render(**content, no_heatmaps=NO_HEATMAPS)


def _plain(words: str) -> str:
    """Keep what users wrote from being read as Markdown or as the end of a cell."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|#!" else sign for sign in " ".join(words.split()))
