"""Writes a session while it goes on: what was watched, each event with its pictures, uncertain frames, and how it ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RunError
from core.events.clips import Evidence, write_clip
from core.events.detector import UNFAMILIAR, Event, Rules
from core.events.jsonl import append_lines, plain_errors, write_json
from core.events.session import ABOUT, DOUBTS, EVENTS, Session, now, sanitised
from core.events.uncertain import Doubts
from core.files import replacing
from core.inspection.inspector import Inspector
from core.inspection.overlay import draw
from core.inspection.reading import Reading
from core.media.add_frames import Origin, belonging
from core.media.images import encode_jpeg
from core.networks.preprocessing import Region
from core.runs.run import Run

STILL = 1.0
"""Seconds from one reading to the next that count as seen; of a longer pause no more."""


class Tally:
    """Counts readings, and the seconds in which something familiar was seen."""

    def __init__(self) -> None:
        self._last: float | None = None
        self.counts = {"readings": 0, "seconds": 0.0, "familiar_seconds": 0.0}

    def add(self, reading: Reading) -> None:
        """Count a reading; times grow."""
        step = 0.0 if self._last is None else min(STILL, max(0.0, reading.time - self._last))
        self._last = reading.time
        self.counts["readings"] += 1
        self.counts["seconds"] = round(self.counts["seconds"] + step, 4)
        if reading.is_familiar:
            self.counts["familiar_seconds"] = round(self.counts["familiar_seconds"] + step, 4)


class SessionWriter:
    """Writes a session. One thread at a time may call `write`, and one `see`.

    Args:
        run: that watches.
        source: what is watched: the key of a video of the workspace, a file or a folder, each as it is; or the name of
            what is live.
        rules: of the events.
        inspector: gives what makes the heatmaps, first asked for at the first event; none makes none.
        folder: instead of one in the folder of the run; must not hold a session.
        file: where the source is an upload, and ``source`` only what it is called.
        live: where the frames belong that a camera or an address gives, of `core.media.add_frames.stream`; none where the source
            is stored.

    Raises:
        RunError: there is a session already, or the folder cannot be made.
    """

    def __init__(
        self,
        run: Run,
        source: str,
        rules: Rules,
        inspector: Callable[[], Inspector] | None,
        folder: Path | None = None,
        file: Path | None = None,
        live: Origin | None = None,
    ) -> None:
        self._attributes, self._inspector, self._region = run.attributes, inspector, run.region
        self._doubts, self._tally = Doubts(run), Tally()
        self._about: dict[str, Any] = {
            "run": run.id,
            "source": source,
            "began": now(),
            "attributes": [name for name in rules if name != UNFAMILIAR],
            "rules": {name: asdict(rule) for name, rule in rules.items()},
            **belonging(run.workspace, source, live, file),
        }
        self.session = Session(_given(folder) if folder else _new_folder(run.path / "events"))
        self._write_about()

    def see(self, picture: np.ndarray, reading: Reading, region: Region | None = None) -> bool:
        """Count a reading, and keep its frame where the network is in doubt; of a video of the workspace only its place.

        Return whether it was kept.

        Args:
            picture: (H, W, 3) uint8 BGR, as it came.
            reading: of it; its index is that of the frame in its source.
            region: what of it the network saw, in fractions; none is the region of the run.
        """
        self._tally.add(reading)
        if not (why := self._doubts.choose(reading)):
            return False
        line = reading.to_json() | {"why": why} | self._within(region)
        if "video" not in self._about:
            line["picture"] = f"doubt_{reading.index}.jpg"
            self._picture(line["picture"], picture)
        append_lines(self.session.path / DOUBTS, [line])
        return True

    def write(self, event: Event, evidence: Evidence) -> dict[str, Any]:
        """Write the pictures of an event, then its line; return the line."""
        stem = f"{event.number:04d}_{sanitised(event.attribute)}"
        line = event.to_json() | {"picture": f"{stem}.jpg"} | self._within(evidence.region)
        self._picture(line["picture"], evidence.picture)
        if self._inspector is not None and event.attribute in self._attributes.names:
            line["heatmap"] = f"{stem}_heatmap.jpg"
            self._picture(line["heatmap"], self._heatmap(event, evidence, self._inspector()))
        if evidence.clip:
            line["clip"] = f"{stem}.mp4"
            path = self.session.path / line["clip"]
            with plain_errors(path):
                write_clip(path, evidence.clip)
        append_lines(self.session.path / EVENTS, [line])
        return line

    def finish(self, dropped: int = 0) -> None:
        """Write how it ended: what was counted, and how many frames were left out."""
        self._about |= self._tally.counts | {"dropped": dropped}
        self._write_about()

    def _within(self, region: Region | None) -> dict[str, Any]:
        """Return the region that a viewer has set, for a line; nothing where it is that of the run."""
        return {} if region in (None, self._region) else {"region": region}

    def _heatmap(self, event: Event, evidence: Evidence, inspector: Inspector) -> np.ndarray:
        seen = inspector.inspect(evidence.picture, evidence.region)
        return draw(evidence.picture, seen, self._attributes, chosen=(event.attribute,))

    def _picture(self, name: str, picture: np.ndarray) -> None:
        path = self.session.path / name
        with plain_errors(path), replacing(path) as partial:
            partial.write_bytes(encode_jpeg(picture))

    def _write_about(self) -> None:
        write_json(self.session.path / ABOUT, self._about)


def _given(folder: Path) -> Path:
    """Return ``folder``, made where it is not there."""
    with _plain_errors(folder):
        if (folder / ABOUT).exists():
            raise RunError("a folder without a session", str(folder), "Name another folder.")
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _new_folder(place: Path) -> Path:
    """Make a folder named by the time, and return it. Who else begins at this moment gets another one."""
    stem = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    with _plain_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        for name in (stem, *(f"{stem}_{number}" for number in range(1, 1000))):
            with suppress(FileExistsError):
                (place / name).mkdir()
                return place / name
    raise RunError("a name for a session", f"{place}, where all are taken", "Try again in a second.")


@contextmanager
def _plain_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(
            "a folder that can be written", f"{folder} ({error.strerror or error})", "Name another folder."
        ) from error
