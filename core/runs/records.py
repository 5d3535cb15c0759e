"""The records of a run: what it was made with, where it ends, and how far it is. Each reads and writes its JSON.

Reading raises an error of Python's own (or of SeamLens, of attributes) where something is missing, or not what it should be;
`core.json_files.read_record` puts it into words.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from core.attributes import Attribute, AttributeSet
from core.json_files import Count, Positive, Seconds, checked
from core.networks.preprocessing import Region, Size
from core.networks.recipe import Recipe
from core.splits.leaks import LeakRecord

State = Literal["waiting", "queued", "starting", "running", "done", "stopped", "failed", "interrupted"]


@dataclass(frozen=True)
class SplitRecord:
    """On which split a run was made.

    Args:
        by: ``video``, ``blocks``, ``random``, or what an imported table said.
        seed: it was drawn with.
        sha256: of its table.
    """

    by: str
    seed: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class SeriesRecord:
    """The place of a run in a series.

    Args:
        kind: ``folds`` or ``gap``.
        id: of the series.
        number: of the run in it, from 1.
        of: how many runs it has.
    """

    kind: str
    id: str
    number: Positive
    of: Positive


@dataclass(frozen=True)
class RunConfig:
    """What a run was made with: its ``config.json``, which never changes.

    Args:
        created: when, ISO 8601.
        user: who wanted it; empty where nobody was named.
        role: of who made it: student, instructor or owner (the command line, the app without sign-in); empty in earlier versions.
        split: on which split.
        leak: ``meter`` (percent), ``test_frames`` and ``leaking_test_frames``; none in runs of early versions.
        notes: sentences on what speaks against its numbers.
        series: of which it is one.
        versions: of the packages, by name.
        hashes: SHA-256 of ``frames.csv`` and of the ``labels``.
        network: its name.
        attributes: what it learns, in the order of its outputs.
        size: width and height of the input in pixels.
        region: what of a picture the network sees; none is all of it.
        recipe: how it learns.
        seed: of weights, order and augmentation.
        minutes: of training at most, as chosen at first; see `Limits`.
        thresholds: by attribute, as long as no others are chosen.
        settings: what the user chose, as JSON, for whoever reads the file.
        run: its name.
        like: the run whose settings and frames it repeats.
        number: as in "Run 3"; none of a run of a series, and of earlier versions.
    """

    created: str
    split: SplitRecord
    network: str
    attributes: AttributeSet
    size: Size
    region: Region | None
    recipe: Recipe
    seed: int
    minutes: float | None
    thresholds: Mapping[str, float]
    user: str = ""
    role: str = ""
    leak: LeakRecord | None = None
    notes: tuple[str, ...] = ()
    series: SeriesRecord | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""
    like: str | None = None
    number: Positive | None = None

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "RunConfig":
        """Read the content of a ``config.json``, also of an earlier version."""
        chosen, picture, series = entry["attributes"], entry["picture"], entry.get("series")
        read = {
            "split": _fitting(SplitRecord, entry["split"]),
            "attributes": AttributeSet(
                tuple(Attribute(**each) for each in chosen["attributes"]), chosen["exclusive"]
            ),
            "size": tuple(picture["size"]),
            "region": tuple(picture["region"]) if picture["region"] else None,
            "recipe": Recipe.from_json(entry["recipe"]),
            "notes": tuple(entry.get("notes", ())),
            "series": _fitting(SeriesRecord, series) if series else None,
        }
        config = checked(cls, _fitting(cls, {**entry, **read}))
        if min(config.size) < 1 or max(config.size) > LARGEST_SIDE:
            raise ValueError(f"size is not between 1 and {LARGEST_SIDE} pixels")
        if config.region and not all(0 <= side <= 1 for side in config.region):
            raise ValueError("region is not between 0 and 1")
        if missing := set(config.attributes.names) - config.thresholds.keys():
            raise ValueError(f"thresholds lack {', '.join(sorted(missing))}")
        return config

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` reads."""
        picture = {"size": self.size, "region": self.region, "interpolation": "area", "colour": "BGR"}
        attributes = {
            "exclusive": self.attributes.exclusive,
            "attributes": [asdict(a) for a in self.attributes],
        }
        entry = asdict(self) | {"attributes": attributes, "picture": picture}
        del entry["size"], entry["region"]
        for key in ("like", "number"):
            if entry[key] is None:
                del entry[key]
        return entry


LARGEST_SIDE = 10_000
"""Pixels of the input of a network."""


@dataclass(frozen=True)
class Limits:
    """Where a run ends: as it was made, or as it was continued (``limits.json``).

    Args:
        epochs: number of its last epoch.
        minutes: of training in all; none is no limit.
        after: the epoch after which this was decided. It goes on beyond that one, whatever patience and time say.
    """

    epochs: Positive
    minutes: Seconds | None = None
    after: Count = 0

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Limits":
        """Read the content of a ``limits.json``."""
        return checked(cls, cls(**entry))


@dataclass(frozen=True)
class Leg:
    """Where a part of a training of an early version ended: an entry of its ``legs.json``."""

    epochs: Positive
    minutes: Seconds | None = None
    after: Count = 0


@dataclass(frozen=True)
class Best:
    """The epoch whose network is kept.

    Args:
        epoch: its number, from 1.
        val_loss: its validation loss, the least so far.
    """

    epoch: Positive
    val_loss: float


@dataclass(frozen=True)
class RunStatus:
    """What was last written about a training: ``status.json``. Its process writes it every few seconds.

    Args:
        state: what it says of itself; `core.runs.run.Run.state` is the truth about whether it is alive.
        at: when this was written (Unix time).
        epoch: that it is in, else the last finished one.
        epochs: number of the last one.
        step: how many steps were taken since the start of the run.
        steps: in all.
        done: share of the training that is over, 0 to 1.
        phase: what it does just now, in words.
        rate: pictures per second.
        remaining: seconds.
        seconds: of training so far.
        best: the epoch that is kept.
        error: why it ended, where it did not end well.
        pid: number of its process.
        born: when that process began (Unix time); tells it from another of the same number.
        after_boot: the same in seconds after the system began, which no change of the clock touches.
        queued: when it was queued (Unix time, never before what was queued earlier).
        started: when it was started (Unix time, never before what was started earlier).
        memory_kills: how many processes the system had ended for lack of memory by then.
        on: address of the cluster where it is trained; empty is this computer. The process (``pid``) then attends to it here.
    """

    state: State = "waiting"
    at: float = 0.0
    epoch: Count = 0
    epochs: Positive | None = None
    step: Count = 0
    steps: Count = 0
    done: Seconds = 0.0
    phase: str = ""
    rate: float | None = None
    remaining: Seconds | None = None
    seconds: Seconds = 0.0
    best: Best | None = None
    error: str | None = None
    pid: int | None = None
    born: float | None = None
    after_boot: float | None = None
    queued: float | None = None
    started: float | None = None
    memory_kills: int | None = None
    on: str = ""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "RunStatus":
        """Read the content of a ``status.json``, also of an earlier version."""
        best = entry.get("best")
        return checked(cls, _fitting(cls, {**entry, "best": Best(**best) if best else None}))


def _fitting(record: type, entry: Mapping[str, Any]) -> Any:
    """Make a ``record`` of those entries that it has; other versions write others."""
    names = {each.name for each in fields(record)}
    return record(**{name: value for name, value in entry.items() if name in names})
