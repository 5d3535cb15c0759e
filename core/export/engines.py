"""Which engine runs a network here: each installed one is checked and timed beside Keras once, and kept in the run's folder.

A network that was measured before is run without TensorFlow, which takes seconds to import. Importing this does not import it.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelError, SeamLensError, describe
from core.explain import channel_references
from core.explain.channel_references import explainer_of, spread
from core.explain.heatmap import Explanation
from core.export.engine import Engine, load, threads_for
from core.export.export import check
from core.export.formats import FORMATS, get_format, require
from core.files import copy_or_link, is_read_only, make_folder, replacing
from core.inputs.batches import Part
from core.json_files import DamagedError, checked, read_record
from core.runs.run import Run

if TYPE_CHECKING:
    from core.explain.gradcam import Explainer

AUTO, KERAS = "auto", "keras"
CANDIDATES = ("onnx", "openvino", "litert")
"""What may be faster than Keras."""

VARIABLE = "SEAMLENS_ENGINE"
"""The environment variable that names the engine of watching and of the Live page."""

VERSION = 1
FOLDER, FILE = "engines", "engines.json"
FRAMES = 50
"""On which an engine is checked, spread evenly over the test part."""
ROUNDS = 20
"""In each, Keras and every engine take one frame in turn; the medians count."""


@dataclass(frozen=True)
class Measured:
    """What came of an engine.

    Args:
        is_within: whether it says what Keras says, as `core.export.compare` tolerates.
        sentence: how far it differs, or why it does not run.
        over_keras: its time for one frame, with all heatmaps, over that of Keras.
        ms: its milliseconds.
    """

    is_within: bool
    sentence: str
    over_keras: float = 1.0
    ms: float = 0.0


@dataclass(frozen=True)
class Record:
    """``engines.json`` of a run.

    Args:
        source: what was measured; see `_source`.
        target: layer of the heatmaps.
        method: of the heatmaps, of `core.explain.heatmap.METHODS`.
        exclusive: whether the outputs exclude each other.
        has_heatmaps: whether engines give them.
        full: of `core.explain.channel_references.ChannelReferences`, if there are any.
        note: why heatmaps are plain Grad-CAM, if they should not be.
        threads: that run it.
        engines: by format.
    """

    source: str
    target: str
    method: str
    exclusive: bool
    has_heatmaps: bool
    full: list[list[float]] | None = None
    note: str = ""
    threads: int = 1
    engines: dict[str, Measured] = field(default_factory=dict)

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> "Record":
        """Read what ``dataclasses.asdict`` returned."""
        engines = {name: checked(Measured, Measured(**each)) for name, each in entry["engines"].items()}
        return checked(cls, cls(**{**entry, "engines": engines}))

    def fastest(self) -> str:
        """Return the fastest engine that is installed and says what Keras says; Keras where none is faster."""
        usable = {
            n: each.over_keras for n, each in self.engines.items() if each.is_within and FORMATS[n].can_run
        }
        return min({KERAS: 1.0, **usable}.items(), key=lambda item: item[1])[0]


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


def default_engine() -> str:
    """Return the engine of watching and of the Live page, unless somebody says otherwise.

    Raises:
        ModelError: the environment variable names none.
    """
    name = os.environ.get(VARIABLE) or AUTO
    if name != AUTO:
        get_format(name)
    return name


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
    return _explainer(run, name, record), record.note


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
    return EngineExplainer(name, load(_file(run, name), name, _threads(run)), record)


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


def _measured_if_possible(run: Run) -> Record | None:
    """Return what is known of the installed engines; none where there are none, or nothing can be measured or kept."""
    record, running = stored(run), [name for name in CANDIDATES if FORMATS[name].can_run]
    known = record.engines if record else {}
    new = [name for name in running if name not in known and FORMATS[name].can_be_written]
    if not new or is_read_only(run.path):
        return record
    try:
        return _measured(run, new)
    except (SeamLensError, OSError):  # such as frames that are gone: Keras does without
        return record


def stored(run: Run) -> Record | None:
    """Return what was measured of the network as it is now, if anything was."""
    with suppress(OSError, DamagedError):
        record = read_record(run.path / FOLDER / FILE, Record.from_json)
        if record.source == _source(run):
            kept = {
                n: each for n, each in record.engines.items() if not each.is_within or _file(run, n).exists()
            }
            return replace(record, engines=kept)
    return None


def _threads(run: Run) -> int:
    return threads_for(run.network.multiply_adds)


def _file(run: Run, name: str) -> Path:
    return run.path / FOLDER / FORMATS[name].file


def _source(run: Run) -> str:
    network = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    return f"{VERSION}.{channel_references.VERSION} {network}"


def _measured(run: Run, names: Sequence[str]) -> Record:
    """Return the record of ``run`` with the engines called so; those that are not known yet are written, checked and timed."""
    record = stored(run)
    missing = [name for name in names if record is None or name not in record.engines]
    if record is not None and not missing:
        return record
    from core.export import graph, write
    from core.export.compare import part_to_compare

    explainer, note = explainer_of(run)
    background = explainer.background
    record = record or Record(
        _source(run), explainer.target, explainer.method, explainer.exclusive, explainer.has_constants,
        None if background is None else background.full.tolist(), note, _threads(run),
    )  # fmt: skip
    model, part = graph.build(explainer, signatures=True), part_to_compare(run)
    make_folder(run.path / FOLDER)
    found = {}
    for name in missing:
        with TemporaryDirectory() as folder:
            try:
                file = write.write(model, FORMATS[name], Path(folder))
                found[name] = _check_and_time(run, explainer, load(file, name, _threads(run)), part)
            except Exception as error:  # each converter has errors of its own
                found[name] = Measured(False, describe(error))
            if found[name].is_within:
                _keep(run, name, Path(folder))
    record = replace(record, engines={**record.engines, **found})
    with replacing(run.path / FOLDER / FILE) as partial:
        partial.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    return record


def _keep(run: Run, name: str, folder: Path) -> None:
    for each in FORMATS[name].files:
        with replacing(run.path / FOLDER / each) as partial:
            copy_or_link(folder / each, partial)


def _check_and_time(run: Run, explainer: "Explainer", engine: Engine, part: Part) -> Measured:
    from core.export.compare import compare

    chosen = spread(len(part), FRAMES)
    few = Part(
        part.frames.iloc[chosen].reset_index(drop=True),
        np.asarray(part.pictures[chosen]),
        part.targets[chosen],
    )
    compared = compare(run, explainer, engine, few)
    one = np.asarray(few.pictures[:1])
    keras = explainer if explainer.has_constants else explainer.read
    times = [(_seconds(keras, one), _seconds(engine, one)) for _ in range(ROUNDS)]
    ours, theirs = (median(each) for each in zip(*times, strict=True))
    return Measured(compared.is_within, compared.sentence(), theirs / ours, 1e3 * theirs)


def _seconds(work: Callable[[np.ndarray], Any], frames: np.ndarray) -> float:
    start = perf_counter()
    work(frames)
    return perf_counter() - start
