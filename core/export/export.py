"""Exports the network of a run as one zip: the network, its card, and a script that runs it without SeamLens."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from core.access.rights import Right, needs
from core.errors import RunError, WorkspaceError
from core.explain.channel_references import explainer_of, spread
from core.export.card import NO_HEATMAPS, as_markdown, card
from core.export.compare import Comparison, compare, part_to_compare
from core.export.formats import Format, get_format, require
from core.files import Progress, replacing, writable
from core.inputs import batches
from core.runs.run import Run

CALIBRATION_FRAMES = 200
"""Training frames by which int8 is calibrated, at most, spread evenly."""

RUNNER = Path(__file__).with_name("runner.py")


@dataclass(frozen=True)
class Exported:
    """What was exported.

    Args:
        path: the zip.
        card: the content of its ``card.json``.
        comparison: with the trained network.
        notes: a sentence each on what it does not have.
    """

    path: Path
    card: dict[str, Any]
    comparison: Comparison
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "path": str(self.path),
            "bytes": self.path.stat().st_size,
            "notes": self.notes,
            "card": self.card,
        }


def default_name(run: Run, format: str, int8: bool = False) -> str:
    """Return what the zip is called unless somebody says otherwise."""
    return f"{run.id}-{format}{'-int8' if int8 else ''}.zip"


def check(format: str, int8: bool = False) -> Format:
    """Return the format called so, once all is installed that writes it.

    Raises:
        ModelError: there is no such format, or none in int8, or a package is missing.
    """
    form = get_format(format, int8)
    require(form.runs | form.writes, f"Exporting {form.title}")
    return form


@needs(Right.TEST)
def export(
    run: Run, path: Path, format: str, int8: bool = False, progress: Progress | None = None
) -> Exported:
    """Write the network of ``run`` to the zip ``path`` and compare it with the trained one; nothing is written where it differs.

    Raises:
        ModelError: there is no such format; a package is not installed; or the written network differs by more than rounding. Of
            int8 the difference is reported, not refused.
        RunError: the run has no network yet, or frames of it are gone.
        WorkspaceError: the file cannot be written.
    """
    form = check(format, int8)
    if path.suffix.lower() != ".zip":
        raise WorkspaceError(
            f"An export is a zip, and {path} does not end in .zip.", "Name a file that does."
        )
    if not run.has_model:
        run.load_model()  # raises
    from core.export import engine, graph, write

    explainer, problem = explainer_of(run)
    part, calibration = part_to_compare(run), _calibration(run) if int8 else None
    with TemporaryDirectory() as folder:
        file = write.write(graph.build(explainer), form, Path(folder), calibration)
        compared = compare(run, explainer, engine.load(file, form.name), part, progress)
        if not int8:
            compared.check()
        content = card(run, explainer, form, int8, file, compared)
        _write_about(Path(folder), content, form)
        with writable(path), replacing(path) as partial:
            _zip(Path(folder), partial)
    notes = (problem, "" if explainer.has_constants else NO_HEATMAPS)
    return Exported(path, content, compared, tuple(filter(None, notes)))


def _calibration(run: Run) -> np.ndarray:
    """Return training frames (N, h, w, 3) uint8 BGR, spread evenly."""
    part = batches.load(run, "train")
    if not len(part):
        raise RunError(f"{run.id} has no training frame to calibrate int8 by.", "Export without --int8.")
    return np.asarray(part.pictures[spread(len(part), CALIBRATION_FRAMES)])


def _write_about(folder: Path, content: dict[str, Any], form: Format) -> None:
    """Write the card, for programs and for people, the script, and what that needs."""
    (folder / "card.json").write_text(
        json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / "README.md").write_text(as_markdown(content), encoding="utf-8")
    shutil.copyfile(RUNNER, folder / RUNNER.name)
    needed = ["opencv-python-headless", "numpy", *(f"{each}=={version(each)}" for each in form.runs)]
    (folder / "requirements.txt").write_text("\n".join(needed) + "\n", encoding="utf-8")


def _zip(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
