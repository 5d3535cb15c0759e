"""A session: the folder of one watching, with its events, their pictures, heatmaps and clips.

``session.json`` says what was watched and how it ended; ``events.jsonl`` has a line per event, appended when its
pictures are there; ``marks.jsonl`` has what people said of them.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.data.video import VideoWriter
from core.errors import RunError
from core.files import replacing
from core.live.events import UNFAMILIAR, Event, Rules
from core.live.evidence import CLIP_RATE, Evidence
from core.live.inspector import Inspector
from core.live.overlay import draw
from core.model.run import Run


@dataclass(frozen=True)
class Session:
    """A session, known by its folder."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """``run``, ``source``, ``began``, ``attributes``, ``rules``, and from its end on ``seconds``, ``familiar_seconds``,
        ``readings`` and ``dropped``.

        Raises:
            RunError: it cannot be read.
        """
        try:
            return json.loads((self.path / "session.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"a session in {self.path}", f"no readable session.json ({error})", "Name another folder."
            ) from error

    def events(self, attribute: str | None = None, false_alarms: bool | None = None) -> list[dict[str, Any]]:
        """Return its events in the order in which they were written, each with ``false_alarm`` (bool).

        Args:
            attribute: of this one only.
            false_alarms: only those that are marked as such, or only those that are not.
        """
        marks = {line["number"]: line["false_alarm"] for line in _lines(self.path / "marks.jsonl")}
        found = [
            e | {"false_alarm": marks.get(e["number"], False)} for e in _lines(self.path / "events.jsonl")
        ]
        return [
            event
            for event in found
            if attribute in (None, event["attribute"]) and false_alarms in (None, event["false_alarm"])
        ]

    def mark(self, number: int, false_alarm: bool = True) -> None:
        """Say by hand whether the event of this number was a false alarm.

        Raises:
            RunError: there is no such event.
        """
        if number not in {event["number"] for event in self.events()}:
            raise RunError(f"an event of {self.id}", f"the number {number}", "Look at its list of events.")
        _append(self.path / "marks.jsonl", {"number": number, "false_alarm": false_alarm, "at": _now()})


def sessions(run: Run) -> list[Session]:
    """Return the sessions of a run, the newest first."""
    found = (path.parent for path in run.path.glob("events/*/session.json"))
    return sorted((Session(path) for path in found), key=lambda session: session.id, reverse=True)


def get_session(run: Run, name: str) -> Session:
    """Return the session of this name, or the ``latest``.

    Raises:
        RunError: there is none.
    """
    for session in sessions(run):
        if name in ("latest", session.id):
            return session
    raise RunError(f"a session of {run.id}", repr(name), "List them with “python -m core sessions RUN”.")


class SessionWriter:
    """Writes a session. One thread at a time may write.

    Args:
        run: that watches.
        source: what is watched, as the user called it.
        rules: of the events.
        inspector: gives what makes the heatmaps, first asked for at the first event; none makes none.
        folder: instead of one in the folder of the run; must not hold a session.

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
    ) -> None:
        self.session = Session(folder or _new_folder(run))
        self._attributes, self._inspector = run.attributes, inspector
        self._about: dict[str, Any] = {
            "run": run.id,
            "source": source,
            "began": _now(),
            "attributes": [name for name in rules if name != UNFAMILIAR],
            "rules": {name: asdict(rule) for name, rule in rules.items()},
        }
        if (self.session.path / "session.json").exists():
            raise RunError("a folder without a session", str(self.session.path), "Name another folder.")
        try:
            self.session.path.mkdir(parents=True, exist_ok=True)
            self._write_about()
        except OSError as error:
            raise RunError(
                "a folder that can be written", f"{self.session.path} ({error})", "Name another folder."
            ) from error

    def write(self, event: Event, evidence: Evidence) -> dict[str, Any]:
        """Write the pictures of an event, then its line; return the line."""
        stem = f"{event.number:04d}_{re.sub(r'[^A-Za-z0-9-]+', '-', event.attribute)}"
        line = event.to_json() | {"picture": f"{stem}.jpg"}
        self._picture(line["picture"], evidence.picture)
        if self._inspector is not None and event.attribute in self._attributes.names:
            line["heatmap"] = f"{stem}_heatmap.jpg"
            self._picture(line["heatmap"], self._heatmap(event, evidence.picture, self._inspector()))
        if evidence.clip:
            line["clip"] = f"{stem}.mp4"
            _film(self.session.path / line["clip"], evidence.clip)
        _append(self.session.path / "events.jsonl", line)
        return line

    def finish(self, **counts: float) -> None:
        """Write how it ended: ``seconds``, ``familiar_seconds``, ``readings``, ``dropped``."""
        self._about |= counts
        self._write_about()

    def _heatmap(self, event: Event, picture: np.ndarray, inspector: Inspector) -> np.ndarray:
        seen = inspector.inspect(picture)
        return draw(picture, seen, self._attributes, chosen=(event.attribute,))

    def _picture(self, name: str, picture: np.ndarray) -> None:
        _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
        with replacing(self.session.path / name) as partial:
            partial.write_bytes(content.tobytes())

    def _write_about(self) -> None:
        with replacing(self.session.path / "session.json") as partial:
            partial.write_text(json.dumps(self._about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _film(path: Path, clip: Iterable[tuple[float, bytes]]) -> None:
    begun: float | None = None
    with VideoWriter(path, CLIP_RATE, crf=26, preset="ultrafast") as film:
        for time, content in clip:
            begun = time if begun is None else begun
            picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None
            film.write(picture, time - begun)


def _new_folder(run: Run) -> Path:
    """Return a folder named by the time, which nobody has."""
    stem = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    names = (stem if not number else f"{stem}_{number}" for number in range(1000))
    return next(path for name in names if not (path := run.path / "events" / name).exists())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _append(path: Path, line: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; one that was cut off by a power cut is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
