"""About 1,500 damaged or odd inputs, at every door: none ends in a traceback, and none without an end."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import streamlit_webrtc.component

from core.commands.app import commands_of, program
from core.errors import RunError
from core.jobs import jobs, worker
from core.runs.run_store import list_runs
from core.workspace import Workspace
from tests.helpers import jobs_here, page_files
from tests.reliability import doors
from tests.reliability.oddities import DIGITS, FILES, TEXTS, VALUES, Damage, values_changed
from tests.reliability.whole_project import SESSION
from ui.server import guard
from ui.shell import page as shown_page

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

Input = tuple[str, Callable[[Path], str]]
"""Its name, and what is done with it in a fresh copy of the class project."""

RUN_FILES = (
    "config.json", "status.json", "history.csv", "test.json", "predictions.csv", "thresholds.json", "limits.json",
    "frames.csv", "worst.csv", "notes.txt", "audit.json", "seen.json", "legs.json", "model.keras", "checkpoint.npz", "log.txt",
)  # fmt: skip
SESSION_FILES = ("session.json", "events.jsonl", "marks.jsonl", "doubts.jsonl", "sent.jsonl")
WORKSPACE_FILES = (
    "workspace.toml",
    "split.csv",
    "split.json",
    "labels.db",
    "accepted.csv",
    "truth/boxes.csv",
)
PAGES = [page for page in page_files.PAGES if page != "7_Workspace.py"]
"""Home and all pages but the one whose subject is damage: tests of `core.maintenance` give that to it."""


@pytest.fixture
def newest(whole: Workspace) -> str:
    return next(run.id for run in list_runs(whole) if run.state == "done" and not run.series)


@pytest.fixture
def refused(
    whole: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Iterator[Input]], list[str]]:
    """Return a function that tries inputs, and returns those that fail with how."""
    monkeypatch.setattr(streamlit_webrtc.component, "get_this_session_info", lambda: None)
    jobs_here.end_at_once(monkeypatch)
    for module in (shown_page, guard):  # what is put into words for visitors stays a traceback here
        monkeypatch.setattr(module, "logged", raised)
    st.config.set_option("client.showErrorDetails", "full")

    def no_training(*_: Any, **__: Any) -> None:
        raise RunError("Nothing is trained here.", "Train elsewhere.")

    monkeypatch.setattr(worker, "train", no_training)
    monkeypatch.setattr(jobs, "enqueue", no_training)
    monkeypatch.setattr(jobs, "resume", no_training)
    monkeypatch.chdir(tmp_path)

    def tried(inputs: Iterator[Input]) -> list[str]:
        failed, fresh, number = [], doors.Fresh(whole.path, tmp_path / "place"), 0
        for name, act in inputs:
            number += 1
            place = fresh.place()
            monkeypatch.setenv("SEAMLENS_WORKSPACE", str(place))
            st.cache_data.clear()
            st.cache_resource.clear()
            if problem := doors.problem_of(lambda act=act, place=place: act(place)):
                failed.append(f"{name}: {problem}")
        print(f"{number} inputs, {len(failed)} failed")
        return failed

    return tried


def raised(error: Exception) -> str:
    raise error


def short(failed: list[str]) -> str:
    return "\n".join(f"{line.splitlines()[0]} … {line.splitlines()[-1]}" for line in failed)


# Arguments.

GIVEN = {
    "video": "video_0", "video_name": "video_0", "name": "latest", "answers": "spot=true", "answer": "spot=true",
    "annotator": "Ada", "author": "Ada", "first": "0", "last": "1", "source": "no_such.mp4", "paths": "no_such", "folder": "out",
    "out": "out.png", "pictures": "no_such.png",
}  # fmt: skip
"""What fits, where a command cannot do without it."""

PER_PARAMETER = 2


def arguments() -> Iterator[Input]:
    """Give each option and argument of each command some of the odd texts, in turn."""
    texts, turn = list(TEXTS.items()), 0
    for name, made in commands_of(program()):
        for parameter in made.params:
            if getattr(parameter, "is_flag", False) or name in (
                "demo",
                "app",
                "serve",
            ):  # app is a server: it does not end
                continue
            for _ in range(PER_PARAMETER):
                word, text = texts[turn % len(texts)]
                turn += 1
                yield f"{name} {parameter.name} {word}", _command(name, made, parameter, text)


def _command(name: str, made: Any, parameter: Any, text: str) -> Callable[[Path], str]:
    words = name.split()
    options: list[str] = []
    for each in made.params:
        value = text if each is parameter else GIVEN.get(each.name) if each.required else None
        if value is None:
            continue
        if each.param_type_name == "option":
            options += [each.opts[0], *[value] * each.nargs]
        else:
            words.append(value)
    return lambda place: doors.command(
        place, *words[: len(name.split())], *options, *words[len(name.split()) :]
    )


def test_arguments(refused) -> None:
    assert not (failed := refused(arguments())), short(failed)


# Files of runs and sessions.

OF_RUNS = (
    ("runs",), ("runs", "--json"), ("runs", "{run}"), ("runs", "{run}", "{other}"), ("test", "{run}"), ("test", "{other}", "{run}"),
    ("thresholds", "{run}"), ("mistakes", "{run}"), ("report", "{run}", "--out", "report.html"), ("sessions", "{run}"),
    ("suspects",), ("ask",), ("stop", "{run}"), ("thresholds", "{run}", "--set", "spot=0.6"), ("runs", "--note", "{run}", "new"),
    ("resume", "{run}", "--epochs", "9"), ("train", "--like", "{run}"), ("gap",), ("explain", "{run}", "no.png", "--out", "x"),
)  # fmt: skip


def run_files(whole: Workspace, run: str, other: str) -> Iterator[Input]:
    """Damage each file of a run in each way, and ask for the list and in turn for something of the run."""
    turn = 0
    for file, (word, damage) in product(RUN_FILES, FILES.items()):
        words = OF_RUNS[turn % len(OF_RUNS)]
        yield f"{file} {word}: {' '.join(words)}", _damaged(f"runs/{run}/{file}", damage, words, run, other)
        turn += 1
    for file in ("config.json", "status.json", "test.json", "thresholds.json", "limits.json"):
        for word, damage in values_changed(whole.runs / run / file):
            words = OF_RUNS[turn % len(OF_RUNS)]
            turn += 1
            yield (
                f"{file} {word}: {' '.join(words)}",
                _damaged(f"runs/{run}/{file}", damage, words, run, other),
            )


def _damaged(
    file: str, damage: Damage, words: tuple[str, ...], run: str = "", other: str = ""
) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        damage(place / file)
        return doors.command(place, *(word.format(run=run, other=other) for word in words))

    return act


@pytest.fixture
def other(whole: Workspace, newest: str) -> str:
    return next(
        run.id for run in list_runs(whole) if run.state == "done" and not run.series and run.id != newest
    )


def test_files_of_runs(refused, whole: Workspace, newest: str, other: str) -> None:
    assert not (failed := refused(run_files(whole, newest, other))), short(failed)


OF_SESSIONS = (
    ("sessions", "{run}"), ("sessions", "{run}", "latest"), ("sessions", "{run}", "latest", "--json"),
    ("sessions", "{run}", "latest", "--summary", "summary.csv"), ("sessions", "{run}", "latest", "--send-back", "doubtful"),
    ("sessions", "{run}", "latest", "--send-back", "1"), ("sessions", "{run}", "latest", "--false-alarm", "1"),
    ("sessions", "{run}", SESSION, "--feed", "20"), ("sessions", "{run}", SESSION, "--delete", "--yes"),
)  # fmt: skip


def session_files(whole: Workspace, run: str) -> Iterator[Input]:
    """Damage each file of a session in each way, and ask in turn for something of it."""
    turn = 0
    for file in SESSION_FILES:
        path = f"runs/{run}/events/{SESSION}/{file}"
        for word, damage in [*FILES.items(), *values_changed(whole.path / path)]:
            yield (
                f"{file} {word}: {OF_SESSIONS[turn % len(OF_SESSIONS)]}",
                _damaged(path, damage, OF_SESSIONS[turn % len(OF_SESSIONS)], run),
            )
            turn += 1


def test_files_of_sessions(refused, whole: Workspace, newest: str) -> None:
    assert not (failed := refused(session_files(whole, newest))), short(failed)


# Files of the workspace, tables and folders that come in.

OF_WORKSPACES = (
    ("videos",), ("balance",), ("split",), ("split", "--extend"), ("leaks",), ("runs",), ("labels", "export", "out"),
    ("labels", "set", "video_0", "spot=true", "--annotator", "Ada"), ("audit", "latest"), ("agreement",),
)  # fmt: skip
SETTINGS = {
    "note": 5, "exclusive": "yes", "instructors": "Ada", "database": 5, "attributes": [], "rules": 5, "training": 5, "live": [1],
    "alarm": 5,
}  # fmt: skip


def workspace_files() -> Iterator[Input]:
    """Damage each file of the workspace in each way, and each setting."""
    turn = 0
    for file, (word, damage) in product(WORKSPACE_FILES, FILES.items()):
        words = OF_WORKSPACES[turn % len(OF_WORKSPACES)]
        turn += 1
        yield f"{file} {word}: {' '.join(words)}", _damaged(file, damage, words)
    for name, value in product(
        SETTINGS, ('""', "-1", "1.5", "[[1]]", "{a = 1}", "true", DIGITS, '"\\u0000"', '["", 5]')
    ):
        turn += 1
        yield f"{name} = {value[:9]}", _setting(name, value, OF_WORKSPACES[turn % len(OF_WORKSPACES)])


def _setting(name: str, value: str, words: tuple[str, ...]) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        lines = (place / "workspace.toml").read_text().splitlines()
        kept = [line for line in lines if not line.startswith(f"{name} =")]
        (place / "workspace.toml").write_text("\n".join([f"{name} = {value}", *kept]))
        return doors.command(place, *words)

    return act


def test_files_of_the_workspace(refused) -> None:
    assert not (failed := refused(workspace_files())), short(failed)


TABLE = "name,spot,group,boxes\nvideo_0_1,True,video_0,\nvideo_0_2,False,video_0,\n"


def tables() -> Iterator[Input]:
    """Import tables that are damaged, or have odd names and cells, and add odd folders, videos and archives."""
    for word, damage in FILES.items():
        yield f"table {word}", _incoming("in/labels.csv", TABLE, damage, "labels", "import", "in/labels.csv")
        yield (
            f"split {word}",
            _incoming(
                "in/parts.csv", "name,part\nvideo_0_1,train\n", damage, "split", "--table", "in/parts.csv"
            ),
        )
        yield f"video {word}", _incoming("in/film.mp4", "film", damage, "add", "in/film.mp4")
        yield f"picture {word}", _incoming("in/one.jpg", "picture", damage, "add", "in")
        yield (
            f"boxes {word}",
            _incoming(
                "in/boxes.csv", "name,attribute\n", damage, "audit", "latest", "--boxes", "in/boxes.csv"
            ),
        )
    for word, text in TEXTS.items():
        cell = json.dumps(text).replace("\\u0000", "\0").replace("\\u0007", "\a")
        for column, row in (
            ("name", f"{cell},True,,"),
            ("answer", f"video_0_1,{cell},,"),
            ("group", f"new_1,True,{cell},"),
        ):
            table = f"name,spot,group,boxes\n{row}\n"
            yield (
                f"{column} {word}",
                _incoming("in/labels.csv", table, None, "labels", "import", "in/labels.csv"),
            )
        yield f"class {word}", _class_folder(text)


def _incoming(file: str, content: str, damage: Damage | None, *words: str) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        path = place.parent / file
        path.parent.mkdir()
        path.write_text(content, encoding="utf-8", errors="replace")
        if damage:
            damage(path)
        return doors.command(
            place,
            *(word.replace("in", str(path.parent), 1) if word.startswith("in") else word for word in words),
        )

    return act


def _class_folder(name: str) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        picture = next(place.glob("frames/video_0/*.jpg")).read_bytes()
        try:
            for number, label in enumerate((name, "other")):
                folder = place.parent / "in" / label
                folder.mkdir(parents=True)
                (folder / f"p{number}.jpg").write_bytes(picture + bytes([number]))
        except (OSError, ValueError):
            return ""  # no system has a folder of that name
        return doors.command(place.parent / "new", "add", str(place.parent / "in"))

    return act


def test_tables_and_folders(refused) -> None:
    assert not (failed := refused(tables())), short(failed)


# Routes.

EVENT = {
    "id": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a1", "action": "7a4d9d3e-97a5-4e6c-9a25-0d3c6a52a3a2", "video": 1,
    "attribute": "spot", "first": 0, "last": 1, "value": True, "source": "key",
}  # fmt: skip


def route_inputs() -> Iterator[Input]:
    """Ask every route for odd things."""
    for word, text in TEXTS.items():
        if word == "half a pair":
            continue  # no address has one
        yield f"videos of {word}", _get("/api/videos", annotator=text)
        yield f"desk of {word}", _get("/api/desk/1", annotator=text)
        yield f"suggestions of {word}", _get("/api/suggestions/1", annotator=text, insist=text)
        yield f"pace since {word}", _get("/api/pace", annotator="Ada", since=text)
    for number in ("-1", "99", str(2**31), str(2**63), "9" * 400, DIGITS, "x", "٣", "1%2F2"):
        for address in (
            "/api/frames/{}/0.jpg",
            "/api/frames/1/{}.jpg",
            "/api/desk/{}",
            "/api/suggestions/{}",
            "/api/labeller/{}",
        ):
            yield address.format(number[:30]), _get(address.format(number), annotator="Ada")
    for place, (word, value) in enumerate(VALUES.items()):
        for key in ("workspace", "annotator", "tab", "video", "key", "index", "seen", "events")[
            place % 2 :: 2
        ]:
            yield f"body {key} {word}", _post({key: value})
        yield f"body is {word}", _posted(json.dumps(value))
        for key in list(EVENT)[place % 2 :: 2]:
            yield f"event {key} {word}", _post({"events": [EVENT | {key: value}]})
        yield f"events have {word}", _post({"events": [value]})
    for word in ("empty", "binary", "UTF-16", "deep", "5,000 digits", "NaN", "BOM", "zeros", "HTML"):
        yield f"body {word}", _damaged_body(FILES[word])


def _get(address: str, **query: str) -> Callable[[Path], str]:
    return lambda place: doors.request("GET", address, params=query)


def _post(changes: dict[str, Any]) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        body = {
            "workspace": str(place),
            "annotator": "Ada",
            "tab": "1",
            "video": 1,
            "key": "video_0",
            "index": 0,
            "events": [EVENT],
        }
        return _posted(json.dumps(body | changes))(place)

    return act


def _posted(body: str | bytes) -> Callable[[Path], str]:
    content = body.encode() if isinstance(body, str) else body
    return lambda place: doors.request(
        "POST", "/api/labels", content=content, headers={"Content-Type": "application/json"}
    )


def _damaged_body(damage: Damage) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        damage(place / "body.json")
        return _posted((place / "body.json").read_bytes())(place)

    return act


def test_routes(refused) -> None:
    assert not (failed := refused(route_inputs())), short(failed)


# Pages.

BROKEN = (
    "runs/{run}/config.json", "runs/{run}/status.json", "runs/{run}/history.csv", "runs/{run}/test.json", "runs/{run}/frames.csv",
    "runs/{run}/predictions.csv", "runs/{run}/thresholds.json", "runs/{run}/limits.json", "runs/{run}/notes.txt",
    "runs/{run}/events/" + SESSION + "/session.json", "runs/{run}/events/" + SESSION + "/events.jsonl", "workspace.toml", "split.csv",
    "labels.db", "frames/video_0", "runs", "runs/{run}/audit.json", "runs/{run}/worst.csv",
)  # fmt: skip
STATES = {
    "5_Test.py": [
        *({"test_tabs": tab} for tab in ("Result", "Mistakes", "Trust")),
        *(
            {"test_tabs": "More", "test_more": name}
            for name in ("Thresholds", "Calibration", "Compare", "Export")
        ),
    ],
    "6_Live.py": [{"sessions_open": True}],
    "3_Balance.py": [
        {"review": tab}
        for tab in ("Class", "Over time", "Agreement", "Disputes", "Contradictions", "Leaks", "Label issues")
    ],
}
WAYS = (
    "missing",
    "binary",
    "a number",
    "a folder",
    "truncated",
    "another object",
    "a list",
    "words for numbers",
    "deep",
)


def page_inputs(run: str) -> Iterator[Input]:
    """Open every page with something damaged or gone, with odd names, odd links and odd choices."""
    turn = 0
    for file, path in product(PAGES, BROKEN):
        states = STATES.get(file, [{}])
        yield (
            f"{file} {path} {WAYS[turn % len(WAYS)]}",
            _page(file, path.format(run=run), FILES[WAYS[turn % len(WAYS)]], states[turn % len(states)]),
        )
        turn += 1
    for word, text in TEXTS.items():
        file = PAGES[turn % len(PAGES)]
        turn += 1
        yield f"{file} by {word}", lambda place, file=file, text=text: doors.page(file, text)
        if word == "half a pair":
            continue  # no address has one
        yield (
            f"link {word}",
            lambda place, text=text: doors.page(
                "2_Label.py", query={"video": text, "frame": text, "annotator": text, "suggest": text}
            ),
        )
    for file, word in product(PAGES, ("5,000 digits", "turned", "long", "line feed")):
        yield f"{file} with labels by {word}", _labels_by(file, TEXTS[word])
    for word in ("5,000 digits", "superscript", "negative", "other digits"):
        yield (
            f"frame {word}",
            lambda place, text=TEXTS[word]: doors.page(
                "2_Label.py", query={"video": "video_0", "frame": text}
            ),
        )
        yield f"name {word}", lambda place, text=TEXTS[word]: doors.page("", "", {"annotator": text})


def _page(file: str, path: str, damage: Damage, state: dict[str, Any]) -> Callable[[Path], str]:
    def act(place: Path) -> str:
        target = place / path
        if target.is_dir():
            target.rename(place / "away")
            if damage is not FILES["missing"]:
                damage(target)
        else:
            damage(target)
        return doors.page(file, **state)

    return act


def _labels_by(file: str, name: str) -> Callable[[Path], str]:
    """Open a page of a project that an earlier version let somebody of an odd name into."""

    def act(place: Path) -> str:
        database = sqlite3.connect(place / "labels.db")
        database.execute("UPDATE annotators SET name = ? WHERE name = 'Ben'", [name])
        database.commit()
        database.close()
        return doors.page(file, "Ada", **STATES.get(file, [{}])[-1])

    return act


def test_pages(refused, newest: str) -> None:
    assert not (failed := refused(page_inputs(newest))), short(failed)
