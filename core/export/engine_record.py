"""What is known of the engines of a run: ``engines/engines.json`` in its folder, beside the networks as they run them."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core.explain import channel_references
from core.export.formats import FORMATS
from core.files import copy_or_link, make_folder, replacing
from core.json_files import DamagedError, checked, read_record
from core.runs.run import Run

KERAS = "keras"
VERSION = 1
FOLDER, FILE = "engines", "engines.json"


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
        source: what was measured; see `source_of`.
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


def file_of_run(run: Run) -> Path:
    """Return where the record of ``run`` is, if anything was measured."""
    return run.path / FOLDER / FILE


def stored(run: Run) -> Record | None:
    """Return what was measured of the network as it is now, if anything was."""
    with suppress(OSError, DamagedError):
        record = read_record(file_of_run(run), Record.from_json)
        if record.source == source_of(run):
            kept = {
                n: each
                for n, each in record.engines.items()
                if not each.is_within or file_of(run, n).exists()
            }
            return replace(record, engines=kept)
    return None


def file_of(run: Run, name: str) -> Path:
    """Return where the network lies for the engine called ``name``."""
    return run.path / FOLDER / FORMATS[name].file


def source_of(run: Run) -> str:
    """Return what changes with the network of ``run`` and with what is measured."""
    network = hashlib.sha256(run.model_file.read_bytes()).hexdigest()
    return f"{VERSION}.{channel_references.VERSION} {network}"


def keep(run: Run, name: str, folder: Path) -> None:
    """Keep the files of an engine, which lie in ``folder``, in the folder of ``run``."""
    make_folder(run.path / FOLDER)
    for each in FORMATS[name].files:
        with replacing(run.path / FOLDER / each) as partial:
            copy_or_link(folder / each, partial)


def store(run: Run, record: Record) -> None:
    """Write the record of ``run``, whole or not at all."""
    make_folder(run.path / FOLDER)
    with replacing(file_of_run(run)) as partial:
        partial.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
