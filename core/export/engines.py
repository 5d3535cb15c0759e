"""Which engine runs a network here: each installed one is checked and timed beside Keras once, and kept in the run's folder.

A network that was measured before is run without TensorFlow, which takes seconds to import. Importing this does not import it.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError, SeamLensError, describe
from core.explain.channel_references import explainer_of, spread
from core.explain.heatmap import Explanation
from core.export.engine import Engine, load, threads_for
from core.export.engine_record import KERAS, Measured, Record, file_of, keep, source_of, store, stored
from core.export.export import check
from core.export.formats import FORMATS, get_format, require
from core.files import Progress, is_read_only
from core.inputs.batches import Part
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

AUTO = "auto"
CANDIDATES = ("onnx", "openvino", "litert")
"""What may be faster than Keras."""

VARIABLE = "SEAMLENS_ENGINE"
"""The environment variable that names the engine of watching and of the Live page."""

FRAMES = 50
"""On which an engine is checked, spread evenly over the test part."""
ROUNDS = 20
"""In each, Keras and every engine take one frame in turn; the medians count."""


@dataclass(frozen=True)
class Full:
    """What an inspector needs of a background."""

    full: np.ndarray


class EngineExplainer:
    """A network that an engine runs; stands where a `core.explain.gradcam.Explainer` does. Threads may share one.

    Args:
        engine: its name.
        run: from frames to outputs.
        record: of the run.
    """

    is_assumed = False

    def __init__(self, engine: str, run: Engine, record: Record) -> None:
        self.engine, self._run, self._lock = engine, run, threading.Lock()
        self.target, self.method, self.exclusive = record.target, record.method, record.exclusive
        self.background = None if record.full is None else Full(np.array(record.full, np.float32))

    def __call__(self, pictures: np.ndarray) -> Explanation:
        """Explain ``pictures`` (N, h, w, 3) uint8 BGR, prepared for this network."""
        found = self._outputs(pictures)
        return Explanation(found["probabilities"], found["heatmaps"], found["signatures"])

    def read(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return only the probabilities (N, A) and the signatures (N, D)."""
        found = self._outputs(pictures)
        return found["probabilities"], found["signatures"]

    def _outputs(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        with self._lock:
            return self._run(np.ascontiguousarray(pictures))


def default_engine(run: Run) -> str:
    """Return the engine of watching and of the Live page, unless somebody says otherwise: the fastest, once that was measured.

    Raises:
        ModelError: the environment variable names none.
    """
    name = os.environ.get(VARIABLE) or AUTO
    if name == AUTO:
        return AUTO if is_measured(run) else KERAS
    get_format(name)
    return name


def may_be_measured(run: Run) -> bool:
    """Return whether Keras is the engine only because nobody has measured the others yet."""
    return os.environ.get(VARIABLE, AUTO) == AUTO and not is_measured(run)


def measure(run: Run, progress: Progress | None = None) -> None:
    """Measure every installed engine, as a job that keeps the fastest for later; what cannot be measured is passed over.

    ``progress`` is not told: most of the time goes into converters, which tell nothing.
    """
    _chosen(run, AUTO)


def chosen(run: Run, engine: str) -> str:
    """Return which engine runs ``run`` where ``engine`` is asked for: its name, and for ``auto`` the fastest, see `explainer_with`."""
    name, record = _chosen(run, engine)
    return KERAS if engine == AUTO and record and not record.has_heatmaps else name


def explainer_with(run: Run, engine: str) -> "tuple[Explainer | EngineExplainer, str]":
    """Load the network of ``run`` with its heatmaps in an engine, as `core.explain.channel_references.explainer_of` does in Keras.

    ``auto`` takes the fastest that is installed and says what Keras says. What was not measured yet is measured now: half a minute.

    Raises:
        RunError: the run has no network yet.
        ModelError: there is no such engine, its packages are not installed, it differs, or has no heatmaps of this network.
    """
    name, record = _chosen(run, engine)
    if record is None or name == KERAS:
        return explainer_of(run)
    if not record.has_heatmaps:
        if engine == AUTO:
            return explainer_of(run)
        raise ModelError(
            f"The heatmaps of {run.config.network} need gradients, which {FORMATS[name].title} does not have.",
            "Use --engine keras.",
        )
    try:
        return _explainer(run, name, record), record.note
    except ModelError:  # the file is damaged
        if engine != AUTO:
            raise
        return explainer_of(run)


def forward_with(run: Run, engine: str) -> Callable[[np.ndarray], Any] | None:
    """Return the network of ``run`` as a function from pictures (n, h, w, 3) uint8 to probabilities (n, A); none for that of Keras.

    Raises:
        RunError: the run has no network yet.
        ModelError: as `explainer_with`.
    """
    name, record = _chosen(run, engine)
    if record is None or name == KERAS:
        return None
    explainer = _explainer(run, name, record)
    return lambda pictures: explainer.read(pictures)[0]


def _explainer(run: Run, name: str, record: Record) -> EngineExplainer:
    return EngineExplainer(name, load(file_of(run, name), name, _threads(run)), record)


def _chosen(run: Run, engine: str) -> tuple[str, Record | None]:
    """Return the name of the engine to use and, unless it is Keras, what was measured."""
    if not run.has_model:
        run.load_model()  # raises
    if engine == KERAS:
        return KERAS, None
    if engine == AUTO:
        record = _measured_if_possible(run)
        return (record.fastest(), record) if record else (KERAS, None)
    known = stored(run)
    if known is not None and engine in known.engines:
        require(FORMATS[engine].runs, f"Running {FORMATS[engine].title}")
    else:
        check(engine)
    record = _measured(run, [engine])
    if not record.engines[engine].is_within:
        raise ModelError(
            f"{FORMATS[engine].title} cannot stand for Keras. {record.engines[engine].sentence}",
            "Use --engine keras.",
        )
    return engine, record


def is_measured(run: Run) -> bool:
    """Return whether every engine that is installed was measured, or none can be: then the fastest is loaded at once."""
    return not _unknown(run, stored(run))


def _unknown(run: Run, record: Record | None) -> list[str]:
    """Return the engines that are to be measured."""
    if is_read_only(run.path):
        return []
    known = record.engines if record else {}
    able = (name for name in CANDIDATES if FORMATS[name].can_run and FORMATS[name].can_be_written)
    return [name for name in able if name not in known]


def _measured_if_possible(run: Run) -> Record | None:
    """Return what is known of the installed engines; none where there are none, or nothing can be measured or kept."""
    record = stored(run)
    if not (unknown := _unknown(run, record)):
        return record
    try:
        return _measured(run, unknown)
    except (SeamLensError, OSError):  # such as frames that are gone: Keras does without
        return record


def _threads(run: Run) -> int:
    return threads_for(run.network.multiply_adds)


def _measured(run: Run, names: Sequence[str]) -> Record:
    """Return the record of ``run`` with the engines called so; those that are not known yet are written, checked and timed."""
    record = stored(run)
    missing = [name for name in names if record is None or name not in record.engines]
    if record is not None and not missing:
        return record
    from core.export import graph
    from core.export.compare import part_to_compare

    explainer, note = explainer_of(run)
    background = explainer.background
    record = record or Record(
        source_of(run), explainer.target, explainer.method, explainer.exclusive, explainer.has_constants,
        None if background is None else background.full.tolist(), note, _threads(run),
    )  # fmt: skip
    model, part = graph.build(explainer, signatures=True), _few(part_to_compare(run))
    found = {name: _written(run, explainer, model, part, name) for name in missing}
    times = _times(run, explainer, [name for name in missing if found[name].is_within], part)
    timed = {name: replace(found[name], over_keras=over, ms=ms) for name, (over, ms) in times.items()}
    record = replace(record, engines={**record.engines, **found, **timed})
    store(run, record)
    return record


def _few(part: Part) -> Part:
    chosen = spread(len(part), FRAMES)
    frames = part.frames.iloc[chosen].reset_index(drop=True)
    return Part(frames, np.asarray(part.pictures[chosen]), part.targets[chosen])


def _written(run: Run, explainer: "Explainer", model: Any, part: Part, name: str) -> Measured:
    """Write ``model`` for an engine, check what it says of ``part``, and keep it where that is what Keras says."""
    from core.export import write
    from core.export.compare import compare

    with TemporaryDirectory() as folder:
        try:
            file = write.write(model, FORMATS[name], Path(folder))
            compared = compare(run, explainer, load(file, name, _threads(run)), part)
        except Exception as error:  # each converter has errors of its own
            return Measured(False, describe(error))
        if compared.is_within:
            keep(run, name, Path(folder))
        return Measured(compared.is_within, compared.sentence())


def _times(
    run: Run, explainer: "Explainer", names: Sequence[str], part: Part
) -> dict[str, tuple[float, float]]:
    """Return the time of each engine over that of Keras, and its milliseconds; all take turns."""
    keras = explainer if explainer.has_constants else explainer.read
    sides = [keras, *(load(file_of(run, name), name, _threads(run)) for name in names)]
    one = np.asarray(part.pictures[:1])
    rounds = [[_seconds(side, one) for side in sides] for _ in range(ROUNDS)]
    ours, *theirs = (median(times) for times in zip(*rounds, strict=True))
    return {name: (each / ours, 1e3 * each) for name, each in zip(names, theirs, strict=True)}


def _seconds(work: Callable[[np.ndarray], Any], frames: np.ndarray) -> float:
    start = perf_counter()
    work(frames)
    return perf_counter() - start
