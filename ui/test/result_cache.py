"""What the sections of the Test page read from core, cached until the files of the run, or the labels, have changed."""

from pathlib import Path
from typing import Any

from core.evaluation import calibration, evaluate, label_changes, mistakes, thresholds
from core.files import files_version
from core.labels import provenance
from core.media.images import small_jpeg
from core.media.library import read_frame
from core.runs import decision_settings
from core.runs.results import TestResult
from core.runs.run import Run
from core.workspace import Workspace
from ui.shell import cache
from ui.shell.cache import until_changed


def prediction_files(run: Run) -> list[Path]:
    """Return the files that may hold the predictions of the validation part."""
    return [run.path / name for name in ("predictions.csv", evaluate.VALIDATION)]


def version(run: Run) -> tuple[Any, ...]:
    """Return what changes whenever a run is predicted, and whenever its thresholds or temperatures are stored."""
    return files_version(*prediction_files(run), run.path / decision_settings.FILE)


def labels_version(run: Run) -> tuple[Any, ...]:
    """Return what changes whenever a run is predicted or changed, a label is stored, or any run is tested."""
    tests = run.workspace.runs.glob(f"[!.]*/{label_changes.FILE}")  # of the other runs, on the same frames
    return *version(run), *cache.data_version(run.workspace), *files_version(*sorted(tests))


validation = until_changed(version)(thresholds.validation)
find_mistakes = until_changed(version)(mistakes.find_mistakes)
decided_right = until_changed(version)(mistakes.decided_right)
diagram = until_changed(version, max_entries=64)(calibration.diagram)
calibration_errors = until_changed(version, max_entries=32)(calibration.errors)


@until_changed(version, max_entries=16)
def cautions(run: Run) -> list[str]:
    """Return the warnings about the temperatures that fit ``run`` now."""
    return calibration.cautions(run, calibration.fits(run))


@until_changed(labels_version)
def current(run: Run) -> tuple[str, TestResult | None]:
    """Say which labels have changed since ``run`` was made, and measure it with those of now where any has."""
    changes = label_changes.changed_labels(run)
    return changes.sentence(), evaluate.measure(run, current_labels=True) if changes.labels else None


@until_changed(labels_version)
def suggested(run: Run) -> tuple[bool, str]:
    """Return whether no label of the test part came from a suggestion, and where they came from."""
    tested = run.frames.loc[run.frames["part"] == "test", "name"]
    origins = provenance.suggested(run.workspace, tested)
    return not origins["suggested"].any(), provenance.sentence(origins)


@until_changed(lambda workspace: None, max_entries=1200)
def picture(workspace: Workspace, name: str, width: int) -> bytes:
    """Return a frame as a JPEG of so many pixels across.

    Raises:
        MediaError: it is gone.
    """
    return small_jpeg(read_frame(workspace, name), width)
