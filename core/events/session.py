"""A session: the folder of one watching, with its events, their pictures, heatmaps and clips.

``session.json`` says what was watched and how it ended; ``events.jsonl`` has a line per event, appended when its
pictures are there; ``marks.jsonl`` what people marked as false alarms; ``doubts.jsonl`` the uncertain frames; ``sent.jsonl``
the frames that went to labelling, see `core.events.send_to_labelling`.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, ConfigDict
from typing_extensions import TypedDict  # of typing only from Python 3.12 on, for pydantic

from core.access.rights import Right, check, own_name
from core.errors import RunError
from core.events.detector import UNFAMILIAR
from core.events.jsonl import Line, append_lines, read_lines
from core.files import replacing, writable
from core.json_files import (
    Count,
    DamagedError,
    FileName,
    Positive,
    Seconds,
    checked,
    read_record,
    why,
)

DETAILS = "session.json"
EVENTS, MARKS, UNCERTAIN = "events.jsonl", "marks.jsonl", "doubts.jsonl"
SENT, SUMMARY = "sent.jsonl", "summary.csv"
TABLES = (EVENTS, MARKS, UNCERTAIN, SENT, SUMMARY)


def _time(text: str) -> str:
    datetime.fromisoformat(text).astimezone()
    return text


class Details(TypedDict):
    """What ``session.json`` says: from its end on all but ``feed``, which somebody may set later."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    run: str
    source: str
    began: Annotated[str, AfterValidator(_time)]
    attributes: list[str]
    video: NotRequired[str]
    origin: NotRequired[dict[str, str]]
    seconds: NotRequired[Seconds]
    familiar_seconds: NotRequired[Seconds]
    readings: NotRequired[Count]
    dropped: NotRequired[Count]
    feed: NotRequired[Seconds | None]


class EventLine(Line):
    """A line of ``events.jsonl``."""

    number: Positive
    attribute: str
    start: float
    end: float
    peak: float
    peak_time: float
    peak_index: Count
    picture: FileName
    heatmap: NotRequired[FileName]
    clip: NotRequired[FileName]


class MarkLine(Line):
    """A line of ``marks.jsonl``."""

    number: int
    false_alarm: bool
    by: NotRequired[str]


class UncertainLine(Line):
    """A line of ``doubts.jsonl``."""

    index: Count
    time: float
    why: str
    picture: NotRequired[FileName]


class SentLine(Line):
    """A line of ``sent.jsonl``."""

    video: str
    index: Count
    why: str


LINES: dict[str, Any] = {EVENTS: EventLine, MARKS: MarkLine, UNCERTAIN: UncertainLine, SENT: SentLine}
"""What the lines of each file are."""


@dataclass(frozen=True)
class Session:
    """A session, known by its folder."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @cached_property
    def details(self) -> Details:
        """``run``, ``source``, ``began``, ``attributes``, ``rules``, where its frames belong (``video``, or ``origin``), and
        from its end on ``seconds``, ``familiar_seconds``, ``readings`` and ``dropped``; ``feed`` where somebody set it.

        Raises:
            RunError: it cannot be read.
        """
        try:
            return read_record(self.path / DETAILS, partial(checked, Details))
        except (FileNotFoundError, DamagedError) as error:
            raise _damaged(self.path / DETAILS, error) from error

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of one of its files, see `LINES`.

        Raises:
            RunError: it cannot be read.
        """
        try:
            return read_lines(self.path / name, LINES[name])
        except DamagedError as damage:
            raise _damaged(self.path / name, damage) from damage

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
        check(Right.LIVE)
        self.check_over()
        check_feed(feed)
        details = {key: value for key, value in self.details.items() if key != "feed"}
        write_session_file(self.path / DETAILS, details | ({"feed": feed} if feed else {}))
        self.__dict__.pop("details")  # read anew

    def events(self, attribute: str | None = None) -> list[dict[str, Any]]:
        """Return its events, or those of one attribute, in the order in which they were written, each with ``false_alarm``
        (bool) and ``marked_by``.
        """
        marks = {line["number"]: line for line in self.lines(MARKS)}
        events = [event | _mark(marks.get(event["number"], {})) for event in self.lines(EVENTS)]
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
        check(Right.LIVE)
        for number in set(numbers) - {event["number"] for event in self.events()}:
            self.event(number)  # raises
        line = {"false_alarm": false_alarm, "at": now(), "by": own_name(by)}
        append_lines(self.path / MARKS, [{"number": number, **line} for number in numbers])

    @property
    def uncertain(self) -> list[dict[str, Any]]:
        """The uncertain frames: `Reading.to_json`, ``why``, and ``picture`` where it is kept here."""
        return self.lines(UNCERTAIN)

    def delete(self) -> None:
        """Remove it with all its pictures; frames that went to labelling stay where they are.

        What else lies in its folder, and then the folder, stays: ``watch --out`` may name one that has other things.

        Raises:
            AccessError: who acts may not delete what the class has.
            RunError: somebody was faster, or it cannot be deleted.
        """
        check(Right.DELETE)
        self.discard()

    def discard(self) -> None:
        """Do what `delete` does with a session that is not worth keeping; whoever recorded it need not be asked."""
        try:
            own = self._own_files()
            (self.path / DETAILS).unlink()  # first out of sight in one step, then piece by piece
        except OSError as error:
            raise RunError(
                f"The session in {self.path} cannot be deleted ({error.strerror}).",
                "See whether it is still in the list of sessions.",
            ) from error
        with suppress(OSError):  # nobody sees what is left
            for file in sorted(own, key=lambda file: file.name != EVENTS):  # by which a session is known, too
                file.unlink(missing_ok=True)
            self.path.rmdir()

    def _own_files(self) -> list[Path]:
        """Return what a session writes, also what it was writing when it was cut off."""
        names = "|".join(re.escape(sanitised(name)) for name in [*self.details["attributes"], UNFAMILIAR])
        own = rf"{'|'.join(map(re.escape, (DETAILS, *TABLES)))}|doubt_\d+\.jpg|\d{{4,}}_({names})(_heatmap)?\.(jpg|mp4)"
        pattern = re.compile(rf"({own})|\.({own})\.[0-9a-f-]+\.partial")
        return [file for file in self.path.iterdir() if pattern.fullmatch(file.name)]


def _damaged(file: Path, error: Exception) -> RunError:
    reason = str(error) if isinstance(error, DamagedError) else why(error)
    advice = "Restore it from a backup, or delete the folder of the session."
    if file.name not in (DETAILS, EVENTS):
        advice = "Restore it from a backup, or delete the file."
    return RunError(
        f"The session {file.parent.name} is damaged: {file.name} cannot be read ({reason}).", advice
    )


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


def write_session_file(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, all of it or nothing.

    Raises:
        WorkspaceError: it cannot be written.
    """
    with writable(path), replacing(path) as partial:
        partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
