"""A session: the folder of one watching, with its events, their pictures, heatmaps and clips.

``session.json`` says what was watched and how it ended; ``events.jsonl`` has a line per event, appended when its
pictures are there; ``marks.jsonl`` has what people said of them; ``doubts.jsonl`` the frames of which the network was in
doubt; ``sent.jsonl`` those that went to labelling, see `core.live.sendback`.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.data.images import encode_jpeg
from core.data.shots import belonging
from core.errors import RunError
from core.files import replacing
from core.live.doubts import Doubts
from core.live.events import UNFAMILIAR, Event, Reading, Rules
from core.live.evidence import Evidence, write_clip
from core.live.inspector import Inspector
from core.live.lines import append_lines, read_lines, write_json
from core.live.overlay import draw
from core.live.tally import Tally
from core.model.run import Run
from core.model.runs import list_runs
from core.workspace import Workspace


@dataclass(frozen=True)
class Session:
    """A session, known by its folder."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """``run``, ``source``, ``began``, ``attributes``, ``rules``, where its frames belong (``video``, or ``origin``), and
        from its end on ``seconds``, ``familiar_seconds``, ``readings`` and ``dropped``; ``feed`` where somebody said it.

        Raises:
            RunError: it cannot be read.
        """
        try:
            return json.loads((self.path / "session.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"a session in {self.path}", f"no readable session.json ({error})", "Name another folder."
            ) from error

    @property
    def is_over(self) -> bool:
        """Whether it ended well; one that was killed never does."""
        return "familiar_seconds" in self.about

    def check_over(self) -> None:
        """Refuse a session that `is_over` not.

        Raises:
            RunError: it is not.
        """
        if not self.is_over:
            raise RunError(f"a session that is over ({self.id})", "one that is not", "Wait for its end.")

    @property
    def feed(self) -> float | None:
        """Millimetres of seam per second, where they were said."""
        return self.about.get("feed")

    def set_feed(self, feed: float | None) -> None:
        """Keep how fast the seam ran, in millimetres per second; none takes it back.

        Raises:
            RunError: it is no speed, or the session is not over: its end would be written over it.
        """
        self.check_over()
        if feed is not None and not 0 < feed < float("inf"):
            raise RunError("a feed in mm per second over 0", f"{feed:g}", "Measure how fast the seam runs.")
        kept = {key: value for key, value in self.about.items() if key != "feed"}
        write_json(self.path / "session.json", kept | ({"feed": feed} if feed else {}))
        self.__dict__.pop("about")  # read anew

    def events(self, attribute: str | None = None, false_alarms: bool | None = None) -> list[dict[str, Any]]:
        """Return its events in the order in which they were written, each with ``false_alarm`` (bool) and ``marked_by``.

        Args:
            attribute: of this one only.
            false_alarms: only those that are marked as such, or only those that are not.
        """
        marks = {line["number"]: line for line in read_lines(self.path / "marks.jsonl")}
        found = [
            event | _mark(marks.get(event["number"])) for event in read_lines(self.path / "events.jsonl")
        ]
        return [
            event
            for event in found
            if attribute in (None, event["attribute"]) and false_alarms in (None, event["false_alarm"])
        ]

    def event(self, number: int) -> dict[str, Any]:
        """Return the event of this number.

        Raises:
            RunError: there is none.
        """
        for event in self.events():
            if event["number"] == number:
                return event
        raise _unknown_event(self, number)

    def mark(self, number: int, false_alarm: bool = True, by: str = "") -> None:
        """Say by hand whether the event of this number was a false alarm; see `mark_all`."""
        self.mark_all([number], false_alarm, by)

    def mark_all(self, numbers: Iterable[int], false_alarm: bool = True, by: str = "") -> None:
        """Say by hand whether these events were false alarms, of all or of none; the last word counts.

        Raises:
            RunError: there is no such event.
        """
        known = {event["number"] for event in self.events()}
        wanted = list(numbers)
        for number in wanted:
            if number not in known:
                raise _unknown_event(self, number)
        line = {"false_alarm": false_alarm, "at": now(), "by": by}
        append_lines(self.path / "marks.jsonl", [{"number": number, **line} for number in wanted])

    @property
    def doubts(self) -> list[dict[str, Any]]:
        """The frames of which the network was in doubt: `Reading.to_json`, ``why``, and ``picture`` where it is kept here."""
        return read_lines(self.path / "doubts.jsonl")

    def delete(self) -> None:
        """Remove it with all its pictures; frames that went to labelling stay where they are.

        Raises:
            RunError: somebody was faster, or it cannot be deleted.
        """
        gone = self.path.with_name(
            f".{self.id}.deleted"
        )  # first out of sight in one step, then piece by piece
        self.path.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)


def sessions(run: Run) -> list[Session]:
    """Return the sessions of a run, the newest first."""
    found = (p.parent for p in run.path.glob("events/*/session.json") if not p.parent.name.startswith("."))
    return sorted((Session(path) for path in found), key=lambda session: session.id, reverse=True)


def all_sessions(workspace: Workspace) -> list[tuple[Run, Session]]:
    """Return the sessions of all runs, the newest first."""
    found = [(run, session) for run in list_runs(workspace) for session in sessions(run)]
    return sorted(found, key=lambda one: (one[1].id, one[0].id), reverse=True)


def get_session(run: Run, name: str) -> Session:
    """Return the session of this name, the ``latest``, or that of a folder elsewhere.

    Raises:
        RunError: there is none.
    """
    for session in sessions(run):
        if name in ("latest", session.id):
            return session
    if (Path(name) / "session.json").is_file():
        return Session(Path(name))
    raise RunError(f"a session of {run.id}", repr(name), "List them with “python -m core sessions RUN”.")


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
    ) -> None:
        self.session = Session(folder or _new_folder(run))
        self._attributes, self._inspector = run.attributes, inspector
        self._doubts, self._tally = Doubts(run), Tally()
        self._about: dict[str, Any] = {
            "run": run.id,
            "source": source,
            "began": now(),
            "attributes": [name for name in rules if name != UNFAMILIAR],
            "rules": {name: asdict(rule) for name, rule in rules.items()},
            **belonging(run.workspace, source, self.session.id, file),
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

    def see(self, picture: np.ndarray, reading: Reading) -> None:
        """Count a reading, and keep its frame where the network is in doubt; of a video of the workspace only its place.

        Args:
            picture: (H, W, 3) uint8 BGR, as it came.
            reading: of it; its index is that of the frame in its source.
        """
        self._tally.add(reading)
        if why := self._doubts.choose(reading):
            line = reading.to_json() | {"why": why}
            if "video" not in self._about:
                line["picture"] = f"doubt_{reading.index}.jpg"
                self._picture(line["picture"], picture)
            append_lines(self.session.path / "doubts.jsonl", [line])

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
            write_clip(self.session.path / line["clip"], evidence.clip)
        append_lines(self.session.path / "events.jsonl", [line])
        return line

    def finish(self, dropped: int = 0) -> None:
        """Write how it ended: what was counted, and how many frames were left out."""
        self._about |= self._tally.counts | {"dropped": dropped}
        self._write_about()

    def _heatmap(self, event: Event, picture: np.ndarray, inspector: Inspector) -> np.ndarray:
        seen = inspector.inspect(picture)
        return draw(picture, seen, self._attributes, chosen=(event.attribute,))

    def _picture(self, name: str, picture: np.ndarray) -> None:
        with replacing(self.session.path / name) as partial:
            partial.write_bytes(encode_jpeg(picture))

    def _write_about(self) -> None:
        write_json(self.session.path / "session.json", self._about)


def _new_folder(run: Run) -> Path:
    """Return a folder named by the time, which nobody has."""
    stem = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    names = (stem if not number else f"{stem}_{number}" for number in range(1000))
    return next(path for name in names if not (path := run.path / "events" / name).exists())


def now() -> str:
    """Return the time, UTC, as the files of a session keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _unknown_event(session: Session, number: int) -> RunError:
    return RunError(f"an event of {session.id}", f"the number {number}", "Look at its list of events.")


def _mark(line: Mapping[str, Any] | None) -> dict[str, Any]:
    if line is None:
        return {"false_alarm": False, "marked_by": ""}
    return {"false_alarm": line["false_alarm"], "marked_by": line.get("by", "")}
