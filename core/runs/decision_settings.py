"""What was chosen for a run after its training: thresholds and temperatures, with a log of who chose what, and when.

Kept in ``thresholds.json`` of the run. Without it a run behaves as published: thresholds 0.5, temperatures 1.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from core.access.person import current
from core.access.rights import own_name
from core.errors import RunError
from core.files import replacing, writable
from core.json_files import DamagedError, checked, read_record

FILE = "thresholds.json"

What = Literal["threshold", "reset", "calibration", "network"]
WORDS: dict[What, str] = {
    "threshold": "threshold",
    "reset": "all back to 0.5",
    "calibration": "temperature",
    "network": "trained on: all back",
}


@dataclass(frozen=True)
class SettingChange:
    """One entry of the log.

    Args:
        at: ISO 8601, UTC.
        by: who; empty where nobody was named.
        what: a ``threshold``, a ``reset`` of all of them, a ``calibration``, or another ``network`` (the run was trained on,
            and what was chosen for the network before does not count any more).
        seen: whether the test part had been seen before.
        attribute: whose threshold or temperature; empty is all.
        before: the value before, if it is one value.
        after: the value from then on.
        cost: how many false alarms a missed one was said to cost, where the threshold was chosen by it.
        role: of who did it; none in earlier versions.
    """

    at: str
    by: str
    what: What
    seen: bool
    attribute: str = ""
    before: float | None = None
    after: float | None = None
    cost: float | None = None
    role: str | None = None


@dataclass(frozen=True)
class Tuning:
    """What was chosen.

    Args:
        thresholds: by attribute, on calibrated probabilities; what is missing is 0.5.
        temperatures: by attribute; what is missing is 1.
        seen: whether the test part had been seen when this was written.
        log: the earliest first.
    """

    thresholds: Mapping[str, float] = field(default_factory=dict)
    temperatures: Mapping[str, float] = field(default_factory=dict)
    seen: bool = False
    log: tuple[SettingChange, ...] = ()

    @property
    def changed_after_test(self) -> int:
        """How often thresholds were changed after the test part was seen."""
        return sum(change.seen and change.what in ("threshold", "reset") for change in self.log)

    def changed(self, what: What, by: str, thresholds: Mapping[str, float], temperatures: Mapping[str, float],
                **about: Any) -> "Tuning":  # fmt: skip
        """Return it with these thresholds and temperatures, and an entry in the log; ``about`` as in `SettingChange`."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = SettingChange(at, own_name(by).strip(), what, self.seen, **about, role=current().role.value)
        return Tuning(dict(thresholds), dict(temperatures), self.seen, (*self.log, entry))

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Tuning":
        """Read what :meth:`to_json` returned; nothing of it may lack."""
        given = {name: entry[name] for name in ("thresholds", "temperatures", "seen", "log")}
        return checked(cls, cls(**given | {"log": tuple(SettingChange(**change) for change in given["log"])}))

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        log = [{name: v for name, v in asdict(change).items() if v is not None} for change in self.log]
        return asdict(self) | {"log": log}


def read(folder: Path) -> Tuning:
    """Read what was chosen for the run in ``folder``.

    Raises:
        RunError: the file cannot be read, or has a threshold that is not between 0 and 1, or a temperature that is not above 0.
    """
    try:
        found = read_record(folder / FILE, Tuning.from_json)
    except FileNotFoundError:
        return Tuning()
    except DamagedError as damage:
        raise _unreadable(folder, str(damage)) from damage
    if not all(0 < each < 1 for each in found.thresholds.values()):
        raise _unreadable(folder, "a threshold that is not between 0 and 1")
    if not all(0 < each < float("inf") for each in found.temperatures.values()):
        raise _unreadable(folder, "a temperature that is not above 0")
    return found


def _unreadable(folder: Path, received: str) -> RunError:
    return RunError(
        f"{FILE} of {folder.name} cannot be read: {received}.",
        "Correct it, or delete it: all thresholds are 0.5 then.",
    )


def change(folder: Path, make: Callable[[Tuning], Tuning]) -> Tuning:
    """Store what ``make`` returns of what was chosen for the run in ``folder``, one caller at a time, and return it.

    Raises:
        RunError: what was chosen cannot be read, or cannot be written. Nothing is stored, nor where ``make`` raises.
    """
    with writable(folder, RunError), FileLock(folder / ".thresholds.lock"):
        before = read(folder)
        after = make(replace(before, seen=before.seen or (folder / "test.json").exists()))
        with replacing(folder / FILE) as partial:
            partial.write_text(json.dumps(after.to_json(), indent=2) + "\n", encoding="utf-8")
    return after


def outdate(folder: Path) -> None:
    """Note that the run in ``folder`` has another network now: what was chosen for the one before is dropped.

    To be called before its test is removed: that the test part was seen is remembered.
    """

    def dropped(was: Tuning) -> Tuning:
        return was.changed("network", "", {}, {}) if was.thresholds or was.temperatures else was

    if (folder / FILE).exists() or (folder / "test.json").exists():
        change(folder, dropped)
