"""Events of BORIS: a table for each video, in which a behaviour starts and stops.

Structure: “Export events” of the user guide of BORIS. Written are tabular events; tabular events of versions 2 to 9 and aggregated
events are read. BORIS says when something happens, and nothing of the rest.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.label_formats.files import found, not_such, read_rows, write_rows
from core.label_formats.records import FileStretch, Film, Labels, by_video, stretches_of

TITLE = "BORIS"
_HEADS = (
    "Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)",
    "Media duration (s)", "FPS (frame/s)", "Subject", "Behavior", "Behavioral category", "Behavior type", "Time",
    "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip
_UNKNOWN = "NA"
_VIDEO = ("Media file name", "Media file", "Media file path", "Source", "Observation id")
"""Columns that name the video, first that has something."""


def write(labels: Labels, folder: Path) -> None:
    """Write ``<video>.csv``, tabular events, for each video."""
    events: dict[str, list[dict[str, Any]]] = {video: [] for video in by_video(labels)}
    for stretch in stretches_of(labels, values=(True,)):
        events[stretch.video] += _events(stretch, labels.films[stretch.video])
    for video, rows in events.items():
        rows.sort(key=lambda row: (row["Image index"], row["Behavior type"] == "START"))
        write_rows(folder / f"{video}.csv", _HEADS, rows)


def _events(stretch: FileStretch, film: Film) -> list[dict[str, Any]]:
    shared = {
        "Observation id": stretch.video, "Observation type": "Media file", "Source": film.file, "Time offset (s)": 0,
        "FPS (frame/s)": film.rate or _UNKNOWN, "Subject": "No focal subject", "Behavior": stretch.attribute,
        "Media file name": film.file or stretch.video,
    }  # fmt: skip
    events = []
    for index, kind in ((int(stretch.begin), "START"), (int(stretch.end), "STOP")):
        time = film.time_at(index)
        when = _UNKNOWN if time is None else f"{time:.3f}"
        events.append(shared | {"Behavior type": kind, "Time": when, "Image index": index})
    return events


def read(path: Path) -> Labels:
    """Read a table, or all of a folder."""
    stretches: list[FileStretch] = []
    for file in found(path, ("*.csv", "*.tsv"), TITLE):
        stretches += _read(file)
    return Labels(
        tuple(dict.fromkeys(stretch.attribute for stretch in stretches)), stretches=tuple(stretches)
    )


def _read(file: Path) -> list[FileStretch]:
    rows = [[cell.strip() for cell in row] for row in read_rows(file, TITLE)]
    header = next(
        (place for place, row in enumerate(rows) if "Behavior" in row and {"Time", "Start (s)"} & set(row)),
        None,
    )
    if header is None:
        raise not_such(file, TITLE, "it has no columns “Behavior” and “Time” or “Start (s)”")
    heads = rows[header]
    events = [
        (line, dict(zip(heads, row, strict=False)))
        for line, row in enumerate(rows[header + 1 :], header + 2)
        if any(row)
    ]
    read = _aggregated if "Start (s)" in heads else _tabular
    return read(file, events)


def _aggregated(file: Path, events: Sequence[tuple[int, Mapping[str, str]]]) -> list[FileStretch]:
    return [
        _stretch(file, line, event, (event.get("Image index start", ""), event.get("Image index stop", "")),
                 (event["Start (s)"], event["Stop (s)"]))
        for line, event in events
    ]  # fmt: skip


def _tabular(file: Path, events: Sequence[tuple[int, Mapping[str, str]]]) -> list[FileStretch]:
    stretches = []
    running: dict[tuple[str, ...], tuple[int, Mapping[str, str]]] = {}
    for line, event in events:
        kind = (event.get("Behavior type") or event.get("Status") or "").upper()
        key = (_video(event), event.get("Subject", ""), event["Behavior"])
        if kind == "START":
            if key in running:
                raise not_such(file, TITLE, f"{key[-1]} starts in line {line} while it is on")
            running[key] = line, event
            continue
        if kind == "STOP" and key not in running:
            raise not_such(file, TITLE, f"{key[-1]} stops in line {line} without a start")
        begun = running.pop(key)[1] if kind == "STOP" else event
        both = begun, event
        indexes, seconds = [[each.get(name, "") for each in both] for name in ("Image index", "Time")]
        stretches.append(_stretch(file, line, event, indexes, seconds))
    if running:
        line, event = next(iter(running.values()))
        raise not_such(file, TITLE, f"{event['Behavior']} starts in line {line} and never stops")
    return stretches


def _stretch(
    file: Path, line: int, event: Mapping[str, str], indexes: Sequence[str], seconds: Sequence[str]
) -> FileStretch:
    """Return one event; frames count where the table has them, for times are rounded."""
    video, name = _video(event) or file.stem, event["Behavior"]
    try:
        if all(index and index != _UNKNOWN for index in indexes):
            begin, end = (int(float(index)) for index in indexes)
            return FileStretch(video, name, True, begin, end)
        start, stop = (float(second.replace(",", ".")) for second in seconds)
    except (ValueError, OverflowError) as error:
        raise not_such(file, TITLE, f"line {line} has no number for when {name} begins or ends") from error
    return FileStretch(video, name, True, start, stop, "second")


def _video(event: Mapping[str, str]) -> str:
    return next((event[name] for name in _VIDEO if event.get(name) not in (None, "", _UNKNOWN)), "")
