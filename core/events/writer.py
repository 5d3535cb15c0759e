"""Writes a session while it goes on: each event with its pictures, uncertain frames, and how it ended."""

import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.attributes import AttributeSet
from core.clock import now_after
from core.errors import RunError, describe
from core.events.clips import Evidence, write_clip
from core.events.detector import UNFAMILIAR, Event, Rules
from core.events.jsonl import append_lines
from core.events.session import DETAILS, EVENTS, SENT, UNCERTAIN, Session, now, sanitised, write_session_file
from core.files import make_folder, natural, replacing, sync_folder, writable
from core.inspection.inspector import Inspector, Reading
from core.inspection.overlay import draw
from core.media.add_frames import Origin, belonging
from core.media.images import encode_jpeg
from core.networks.preprocessing import Region
from core.runs.run import Run

NAMED = "%Y-%m-%d_%H-%M-%S"
"""How the folder of a session is named by the time when it began."""

STILL = 1.0
"""Seconds from one reading to the next that count as watched; of a longer pause no more."""

NEAR = 2.0
"""Of the odds of a probability and those of its threshold: up to how many times the other one of them may be."""
APART = 1.0
"""Seconds from one uncertain frame to the next: neighbours are nearly the same picture."""
MOST = 200
"""Uncertain frames of a session."""
_EPSILON = 1e-6


class UncertainFrames:
    """Chooses the frames that would teach the network most, once somebody has labelled them.

    Args:
        attributes: of the run whose network reads.
        thresholds: from which probability on each is decided true, (A,).
    """

    def __init__(self, attributes: AttributeSet, thresholds: np.ndarray) -> None:
        self._thresholds = dict(zip(attributes.names, thresholds.tolist(), strict=True))
        self._exclusive = attributes.exclusive
        self._last, self._count = float("-inf"), 0

    def choose(self, reading: Reading) -> str:
        """Return why the frame of the next reading should be kept; empty where it need not, or one was kept just now."""
        away = abs(reading.time - self._last)  # a replay begins again
        why = self.why(reading) if away >= APART and self._count < MOST else ""
        if why:
            self._last, self._count = reading.time, self._count + 1
        return why

    def why(self, reading: Reading) -> str:
        """Return in words what is uncertain of a reading; empty where nothing is."""
        if not reading.is_familiar:
            return UNFAMILIAR
        odds = {name: _odds(p) for name, p in reading.probabilities.items()}
        if self._exclusive:
            first, second = sorted(odds, key=odds.__getitem__, reverse=True)[:2]
            near = reading.probabilities[first] < NEAR * reading.probabilities[second]
            return f"{first} or {second}" if near else ""
        names = [name for name, o in odds.items() if 1 / NEAR < o / _odds(self._thresholds[name]) < NEAR]
        return f"{', '.join(names)} near the threshold" if names else ""


def _odds(probability: float) -> float:
    inside = min(1 - _EPSILON, max(_EPSILON, probability))
    return inside / (1 - inside)


class SessionWriter:
    """Writes a session. One thread at a time may call `write`, and one `add`.

    Args:
        run: that watches.
        source: what is watched: the key of a video of the workspace, a file or a folder, each as it is; or the name of
            what is live.
        rules: of the events.
        inspector: for the heatmaps; none makes none.
        folder: instead of one in the folder of the run; must not hold a session.
        file: where the source is an upload, and ``source`` only what it is called.
        live: where the frames belong that a camera or an address gives, of `core.media.add_frames.stream_origin`; none where the source
            is stored.

    Raises:
        RunError: there is a session already.
        WorkspaceError: the folder cannot be made.
    """

    def __init__(
        self,
        run: Run,
        source: str,
        rules: Rules,
        inspector: Inspector | None,
        folder: Path | None = None,
        file: Path | None = None,
        live: Origin | None = None,
    ) -> None:
        self._attributes, self._inspector, self._region = run.attributes, inspector, run.region
        self._uncertain = UncertainFrames(run.attributes, run.thresholds)
        self._last: float | None = None
        self._counts = {"readings": 0, "seconds": 0.0, "familiar_seconds": 0.0}
        self._details: dict[str, Any] = {
            "run": run.id,
            "source": source,
            "began": now(),
            "attributes": [name for name in rules if name != UNFAMILIAR],
            "rules": {name: asdict(rule) for name, rule in rules.items()},
            **belonging(run.workspace, source, live, file),
        }
        if folder is not None and (folder / DETAILS).exists():
            raise RunError(f"{folder} already holds a session.", "Name another folder.")
        self.session = Session(folder or _new_folder(run.path / "events"))
        with writable(self.session.path):
            make_folder(self.session.path)
        self._write_details()

    def add(self, picture: np.ndarray, reading: Reading, region: Region | None = None) -> bool:
        """Count a reading, and keep its frame where it is uncertain; of a video of the workspace only its place.

        Return whether it was kept.

        Args:
            picture: (H, W, 3) uint8 BGR, as it came.
            reading: of it; its index is that of the frame in its source.
            region: what of it the network saw, in fractions; none is the region of the run.
        """
        self._count(reading)
        if not (why := self._uncertain.choose(reading)):
            return False
        line = reading.to_json() | {"why": why} | self._judged(region)
        if "video" not in self._details:
            line["picture"] = f"doubt_{reading.index}.jpg"
            self._picture(line["picture"], picture)
        append_lines(self.session.path / UNCERTAIN, [line])
        return True

    def write(self, event: Event, evidence: Evidence) -> dict[str, Any]:
        """Write the pictures of an event, then its line; return the line."""
        stem = f"{event.number:04d}_{sanitised(event.attribute)}"
        line = event.to_json() | {"picture": f"{stem}.jpg"} | self._judged(evidence.region)
        self._picture(line["picture"], evidence.picture)
        if self._inspector is not None and event.attribute in self._attributes.names:
            line["heatmap"] = f"{stem}_heatmap.jpg"
            inspection = self._inspector.inspect(evidence.picture, evidence.region)
            drawn = draw(evidence.picture, inspection, self._attributes, chosen=(event.attribute,))
            self._picture(line["heatmap"], drawn)
        if evidence.clip:
            line["clip"] = f"{stem}.mp4"
            path = self.session.path / line["clip"]
            with writable(path):
                write_clip(path, evidence.clip)
        append_lines(self.session.path / EVENTS, [line])
        return line

    def finish(self, dropped: int = 0) -> None:
        """Write how it ended: what was counted, and how many frames were left out."""
        self._details |= self._counts | {"dropped": dropped}
        self._write_details()

    def _count(self, reading: Reading) -> None:
        step = 0.0 if self._last is None else min(STILL, max(0.0, reading.time - self._last))
        self._last = reading.time
        self._counts["readings"] += 1
        for key in ("seconds", "familiar_seconds") if reading.is_familiar else ("seconds",):
            self._counts[key] = round(self._counts[key] + step, 4)

    def _judged(self, region: Region | None) -> dict[str, Any]:
        """Return the region that a viewer has set, for a line; nothing where it is that of the run."""
        return {} if region in (None, self._region) else {"region": region}

    def _picture(self, name: str, picture: np.ndarray) -> None:
        path = self.session.path / name
        with writable(path), replacing(path) as partial:
            partial.write_bytes(encode_jpeg(picture))

    def _write_details(self) -> None:
        write_session_file(self.session.path / DETAILS, self._details)


def _begun(name: str) -> datetime | None:
    """Return when the session in a folder of that name began; none where the name is no time."""
    try:
        return datetime.strptime(name[:19], NAMED)
    except ValueError:
        return None


def _new_folder(place: Path) -> Path:
    """Make a folder named by the time, and return it. Who else begins at this moment gets another one.

    Sessions are sorted by these names, so a clock that was set back does not count.
    """
    with writable(place):
        make_folder(place)
        there = [path.name for path in place.iterdir()]
        last = max(filter(None, map(_begun, there)), default=None)
        stem = f"{now_after(last):{NAMED}}"
        newest = max((natural(name) for name in there if name.startswith(stem)), default=())
        for name in (stem, *(f"{stem}_{number}" for number in range(1, 1000))):
            if natural(name) <= newest:
                continue
            with suppress(FileExistsError):
                (place / name).mkdir()
                sync_folder(place)
                return place / name
    raise RunError(f"Too many sessions in {place} began in this second.", "Try again in a second.")


class BackgroundWriter:
    """The end of the line: writes a session in a thread of its own. What fails is said, and the next is tried.

    Args:
        writer: of the session.
        on_event: called with the line of each event when all of it is written; in the thread.
        report: called with a line for what could not be written.
        most: events that may wait to be written.
        waits: then `write` waits for room, so that nothing is lost; else the clips of further events are.
        shortest: seconds under which a session is deleted at its end, if it has no event and nothing was sent from it.

    Attributes:
        failures: what could not be written.
        problem: the last of them, in a line.
    """

    def __init__(
        self,
        writer: SessionWriter,
        on_event: Callable[[Mapping[str, Any]], None] = lambda line: None,
        report: Callable[[str], None] = lambda line: None,
        most: int = 16,
        waits: bool = True,
        shortest: float = 0.0,
    ) -> None:
        self.session = writer.session
        self.failures: list[Exception] = []
        self.problem = ""
        self._writer, self._on_event, self._report = writer, on_event, report
        self._most, self._waits, self._shortest = most, waits, shortest
        self._waiting: queue.Queue[tuple[Event, Evidence] | None] = queue.Queue(most if waits else 0)
        self._events, self._dropped, self._seconds = 0, 0, 0.0
        self._start: float | None = None
        self._can_write = True
        self._thread = threading.Thread(target=self._work, name="session writer", daemon=True)
        self._thread.start()

    def write(self, event: Event, evidence: Evidence) -> None:
        """Have an event written."""
        if not self._waits and self._waiting.qsize() >= self._most:
            evidence = replace(evidence, clip=())
        self._events += 1
        self._waiting.put((event, evidence))

    def add(self, picture: np.ndarray, reading: Reading, region: Region | None = None) -> None:
        """Count a reading, and keep its frame where it is uncertain: as `SessionWriter.add`, in this thread."""
        self._start = reading.time if self._start is None else self._start
        self._seconds = reading.time - self._start
        try:
            # Most frames are not kept, and do not show whether the disk can be written again.
            self._can_write |= self._writer.add(picture, reading, region)
        except Exception as error:
            if self._can_write:  # once, not for every frame until there is room again
                self._fail(f"The uncertain frame {reading.index} could not be kept", error)
            self._can_write = False

    def finish(self, dropped: int = 0, wait: bool = False) -> None:
        """End the session when all of it is written; ``wait`` for that."""
        self._dropped = dropped
        self._waiting.put(None)
        if wait:
            self._thread.join()

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            self._write(*waiting)
        try:
            is_long = self._seconds >= self._shortest
            if is_long or self._events > 0 or (self.session.path / SENT).exists():
                self._writer.finish(self._dropped)
            else:
                self.session.discard()
        except Exception as error:
            self._fail("The end of the session could not be written", error)

    def _write(self, event: Event, evidence: Evidence) -> None:
        name = f"Event {event.number} ({event.attribute}, at {event.start:.1f} s)"
        try:
            line = self._writer.write(event, evidence)
        except Exception as error:
            self._fail(f"{name} could not be written", error)
            return
        try:
            self._on_event(line)
        except Exception as error:
            self._fail(f"{name} is written and could not be reported", error)

    def _fail(self, what: str, error: Exception) -> None:
        self.failures.append(error)
        self.problem = f"{what}: {describe(error)}"
        self._report(self.problem)
