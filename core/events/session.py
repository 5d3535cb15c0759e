"""A session: the folder of one watching, with its events, their pictures, heatmaps and clips.

``session.json`` says what was watched and how it ended; ``events.jsonl`` has a line per event, appended when its
pictures are there; ``marks.jsonl`` what people marked as false alarms; ``doubts.jsonl`` the uncertain frames; ``sent.jsonl``
the frames that went to labelling, see `core.events.send_to_labelling`.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.events.detector import UNFAMILIAR
from core.files import replacing, sync_folder, writable
from core.runs.run import Run
from core.runs.run_store import list_runs
from core.workspace import Workspace

DETAILS = "session.json"
KEYS = frozenset({"run", "source", "began", "attributes"})
"""What it says from the start on."""
EVENTS, MARKS, UNCERTAIN = "events.jsonl", "marks.jsonl", "doubts.jsonl"
SENT, SUMMARY = "sent.jsonl", "summary.csv"
TABLES = (EVENTS, MARKS, UNCERTAIN, SENT, SUMMARY)


@dataclass(frozen=True)
class Session:
    """A session, known by its folder."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @cached_property
    def details(self) -> dict[str, Any]:
        """``run``, ``source``, ``began``, ``attributes``, ``rules``, where its frames belong (``video``, or ``origin``), and
        from its end on ``seconds``, ``familiar_seconds``, ``readings`` and ``dropped``; ``feed`` where somebody set it.

        Raises:
            RunError: it cannot be read.
        """
        try:
            details = json.loads((self.path / DETAILS).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            problem = f"{self.path} has no readable {DETAILS} ({error})."
            raise RunError(problem, "Choose another session.") from error
        if not isinstance(details, dict) or not details.keys() >= KEYS:
            problem = f"{self.path / DETAILS} lacks some of {', '.join(sorted(KEYS))}."
            raise RunError(problem, "Choose another session.")
        return details

    @property
    def is_over(self) -> bool:
        """Whether it ended well; one that was killed never does."""
        return "familiar_seconds" in self.details

    def check_over(self) -> None:
        """Raise a RunError where it is not over."""
        if not self.is_over:
            raise RunError(f"The session {self.id} is not over.", "Wait until it ends.")

    @property
    def feed(self) -> float | None:
        """Millimetres of seam per second, where they are known."""
        return self.details.get("feed")

    def set_feed(self, feed: float | None) -> None:
        """Keep how fast the seam ran, in millimetres per second; none takes it back.

        Raises:
            RunError: it is no speed, or the session is not over: its end would be written over it.
        """
        self.check_over()
        check_feed(feed)
        details = {key: value for key, value in self.details.items() if key != "feed"}
        write_json(self.path / DETAILS, details | ({"feed": feed} if feed else {}))
        self.__dict__.pop("details")  # read anew

    def events(self, attribute: str | None = None) -> list[dict[str, Any]]:
        """Return its events, or those of one attribute, in the order in which they were written, each with ``false_alarm``
        (bool) and ``marked_by``.
        """
        marks = {line["number"]: line for line in read_lines(self.path / MARKS)}
        events = [event | _mark(marks.get(event["number"], {})) for event in read_lines(self.path / EVENTS)]
        return [event for event in events if attribute in (None, event["attribute"])]

    def event(self, number: int) -> dict[str, Any]:
        """Return the event of this number.

        Raises:
            RunError: there is none.
        """
        for event in self.events():
            if event["number"] == number:
                return event
        raise RunError(f"The session {self.id} has no event {number}.", "Look at its list of events.")

    def mark(self, *numbers: int, false_alarm: bool = True, by: str = "") -> None:
        """Mark by hand whether these events were false alarms, all or none; the last mark counts.

        Raises:
            RunError: there is no such event.
        """
        for number in set(numbers) - {event["number"] for event in self.events()}:
            self.event(number)  # raises
        line = {"false_alarm": false_alarm, "at": now(), "by": by}
        append_lines(self.path / MARKS, [{"number": number, **line} for number in numbers])

    @property
    def uncertain(self) -> list[dict[str, Any]]:
        """The uncertain frames: `Reading.to_json`, ``why``, and ``picture`` where it is kept here."""
        return read_lines(self.path / UNCERTAIN)

    def delete(self) -> None:
        """Remove it with all its pictures; frames that went to labelling stay where they are.

        What else lies in its folder, and then the folder, stays: ``watch --out`` may name one that has other things.

        Raises:
            RunError: somebody was faster, or it cannot be deleted.
        """
        try:
            own = self._own_files()
            (self.path / DETAILS).unlink()  # first out of sight in one step, then piece by piece
        except OSError as error:
            raise RunError(
                f"The session in {self.path} cannot be deleted ({error.strerror}).",
                "See whether it is still in the list of sessions.",
            ) from error
        with suppress(OSError):  # nobody sees what is left
            for file in own:
                file.unlink(missing_ok=True)
            self.path.rmdir()

    def _own_files(self) -> list[Path]:
        """Return what a session writes, also what it was writing when it was cut off."""
        names = "|".join(re.escape(sanitised(name)) for name in [*self.details["attributes"], UNFAMILIAR])
        own = rf"{'|'.join(map(re.escape, (DETAILS, *TABLES)))}|doubt_\d+\.jpg|\d{{4,}}_({names})(_heatmap)?\.(jpg|mp4)"
        pattern = re.compile(rf"({own})|\.({own})\.[0-9a-f-]+\.partial")
        return [file for file in self.path.iterdir() if pattern.fullmatch(file.name)]


def sessions(run: Run) -> list[Session]:
    """Return the sessions of a run, the newest first."""
    folders = (p.parent for p in run.path.glob(f"events/*/{DETAILS}") if not p.parent.name.startswith("."))
    return sorted((Session(path) for path in folders), key=lambda session: session.id, reverse=True)


def all_sessions(workspace: Workspace) -> list[tuple[Run, Session]]:
    """Return the sessions of all runs, the newest first."""
    pairs = [(run, session) for run in list_runs(workspace) for session in sessions(run)]
    return sorted(pairs, key=lambda pair: (pair[1].id, pair[0].id), reverse=True)


def get_session(run: Run, name: str) -> Session:
    """Return the session of this name, the ``latest``, or that of a folder elsewhere.

    Raises:
        RunError: there is none.
    """
    for session in sessions(run):
        if name in ("latest", session.id):
            return session
    with suppress(OSError):  # too long for a path
        if (Path(name) / DETAILS).is_file():
            return Session(Path(name).resolve())
    raise RunError(f"{run.id} has no session {name!r}.", "List them with “python -m core sessions RUN”.")


def check_feed(feed: float | None) -> None:
    """Raise a RunError where a feed is no speed."""
    if feed is not None and not 0 < feed < float("inf"):
        raise RunError(
            f"A feed of {feed:g} mm per second is not possible.", "Measure how fast the seam runs."
        )


def sanitised(attribute: str) -> str:
    """Return the name of an attribute as the files of its events have it."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", attribute)


def now() -> str:
    """Return the time, UTC, as the files of a session keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _mark(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"false_alarm": line.get("false_alarm", False), "marked_by": line.get("by", "")}


def append_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Append JSON lines in one piece, to the disk; never to a line that a power cut has cut off.

    Raises:
        WorkspaceError: they cannot be written.
    """
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    with writable(path), path.open("ab+") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) and file.read() != b"\n":
            text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        is_new = file.tell() == len(text.encode())
    if is_new:
        sync_folder(path.parent)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; one that was cut off is left out."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    lines = []
    for line in text.split("\n"):  # names may hold what other ways of splitting take for the end of a line
        with suppress(ValueError):
            lines.append(json.loads(line))
    return lines


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, all of it or nothing.

    Raises:
        WorkspaceError: it cannot be written.
    """
    with writable(path), replacing(path) as partial:
        partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
