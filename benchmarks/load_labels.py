"""Labels as the labeller in the browser makes and sends them, and what must be in the database because it was acknowledged."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import select

from benchmarks.load_browser import Browser, RequestFailedError
from core.labels.consensus import consensus
from core.storage import database as db
from core.workspace import Workspace

AHEAD, BEHIND, AT_ONCE = 46, 15, 6  # frames that are fetched before they are asked for; frame_cache.js
RETRY, BEAT, PACE = 2.0, 4.0, 8.0  # seconds; sync.js, daily_goal.js
LOOK = (1.0, 4.0)  # seconds that somebody looks at a frame
WRONG = 0.03  # of the answers
PAINTED, UNDONE = 0.15, 0.05  # of what is done: a stretch of frames painted; the last action taken back
STRETCH = 8  # frames

Event = dict[str, Any]
Place = tuple[str, int, int, str]
"""Annotator, video (id), index, attribute."""
Truth = Mapping[str, Mapping[int, Mapping[str, bool]]]
"""By video (key) and index."""


def truth_of(workspace: Workspace) -> Truth:
    """Return what stands of each frame: what the class will answer, but for their mistakes."""
    table, names = consensus(workspace), workspace.attributes.names
    found: dict[str, dict[int, dict[str, bool]]] = {}
    for row in table.fillna(dict.fromkeys(names, False)).to_dict("records"):
        answers = {name: bool(row[name]) for name in names}
        found.setdefault(row["video"], {})[int(row["index"])] = answers
    return found


@dataclass
class Ledger:
    """What the server has acknowledged."""

    events: dict[str, tuple[str, Event]] = field(default_factory=dict)
    answers: dict[Place, bool | None] = field(default_factory=dict)

    def note(self, annotator: str, event: Event, answers: Mapping[Place, bool | None]) -> None:
        """Note an event of an annotator, and what stands since."""
        self.events[event["id"]] = (annotator, event)
        self.answers.update(answers)

    def lost(self, workspace: Workspace) -> int:
        """Return how many acknowledged events are not in the log as they were sent, or answers not in the current view."""
        labels = {id: said for id, said in self.events.items() if "undoes" not in said[1]}
        log, view = _log(workspace), _view(workspace)
        words = ("action", "video", "first", "last", "attribute", "value", "source")
        gone = sum(
            log.get(id) != (name, *(event[word] for word in words)) for id, (name, event) in labels.items()
        )
        return gone + sum(view.get(place) != value for place, value in self.answers.items())


def _log(workspace: Workspace) -> dict[str, tuple[Any, ...]]:
    e = db.events.c
    named = (
        db.annotators.c.name,
        e.action,
        e.video_id,
        e.first,
        e.last,
        db.attributes.c.name,
        e.value,
        e.source,
    )
    query = select(e.id, *named).select_from(db.events.join(db.annotators).join(db.attributes))
    with db.reading(workspace) as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(query)}


def _view(workspace: Workspace) -> dict[Place, bool | None]:
    c = db.current.c
    query = select(db.annotators.c.name, c.video_id, c.index, db.attributes.c.name, c.value)
    query = query.select_from(db.current.join(db.annotators).join(db.attributes))
    with db.reading(workspace) as connection:
        rows = connection.execute(query).tuples()
        return {(name, video, index, attribute): value for name, video, index, attribute, value in rows}


class Labeller:
    """The labeller on an open Label page: one annotator, one video after the other."""

    def __init__(
        self,
        browser: Browser,
        workspace: str,
        annotator: str,
        truth: Truth,
        ledger: Ledger,
        chance: random.Random,
    ) -> None:
        self._browser, self._workspace, self._annotator = browser, workspace, annotator
        self._truth, self._ledger, self._chance = truth, ledger, chance
        self._tab, self._version = str(uuid4()), -1
        self._waiting: list[tuple[Event, dict[Place, bool | None]]] = []
        self._sending = asyncio.Lock()
        self._fetching = asyncio.Semaphore(AT_ONCE)
        self._paced = 0.0
        self._wants_undo: tuple[str, dict[Place, bool | None]] | None = None
        self._video: dict[str, Any] = {}
        self._position = 0
        self._seq = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def label(self, seconds: float) -> None:
        """Label for so long; what was labelled has arrived at the end."""
        end = time.monotonic() + seconds
        answer = await self._ask("videos", "/api/videos")
        todo = [video for video in answer.json() if video["labelled"] < video["frames"]] or answer.json()
        await self._open(self._chance.choice(todo))
        beating = asyncio.create_task(self._beat())
        try:
            while time.monotonic() < end:
                await asyncio.sleep(self._chance.uniform(*LOOK))
                self._act()
        finally:
            beating.cancel()
            self._stop()
            await self._drain()
            self._stop()

    def _stop(self) -> None:
        """Give up what is on its way; labels wait until they are sent again."""
        for task in self._tasks:
            task.cancel()

    async def _open(self, video: dict[str, Any]) -> None:
        desk = (await self._ask("desk", f"/api/desk/{video['id']}")).json()
        self._video, self._seq = (
            {**video, "indexes": desk["indexes"], "version": desk["version"]},
            desk["seq"],
        )
        lanes, indexes = desk["lanes"], desk["indexes"]
        done = {
            index
            for lane in lanes.values()
            for first, last, _ in lane
            for index in indexes
            if first <= index <= last
        }
        open_ones = [place for place, index in enumerate(indexes) if index not in done]
        self._position = open_ones[0] if open_ones else 0
        self._start(self._suggest)
        self._prefetch()

    def _act(self) -> None:
        """Save this frame and go on, paint a stretch, or take the last action back."""
        choice = self._chance.random()
        if choice < UNDONE and self._wants_undo:
            undoes, before = self._wants_undo
            self._wants_undo = None
            self._waiting.append(({"id": str(uuid4()), "action": str(uuid4()), "undoes": undoes}, before))
        else:
            is_painted = choice < UNDONE + PAINTED
            self._save(STRETCH if is_painted else 1, "paint" if is_painted else "key")
        self._prefetch()
        self._start(self._send)
        if time.monotonic() - self._paced > PACE:
            self._paced = time.monotonic()
            self._start(self._pace)

    def _save(self, frames: int, source: str) -> None:
        indexes = self._video["indexes"][self._position : self._position + frames]
        answers = self._truth[self._video["key"]]
        names = list(answers[indexes[0]])
        names = names if source == "key" else [self._chance.choice(names)]
        action, before = str(uuid4()), {}
        for name in names:
            value = answers[indexes[0]][name] ^ (self._chance.random() < WRONG)
            event = {"id": str(uuid4()), "action": action, "video": self._video["id"], "attribute": name,
                     "first": indexes[0], "last": indexes[-1], "value": value, "source": source}  # fmt: skip
            places = [(self._annotator, self._video["id"], index, name) for index in indexes]
            before |= {place: self._standing(place) for place in places}
            self._waiting.append((event, dict.fromkeys(places, value)))
        self._wants_undo = (action, before)
        self._position = (self._position + frames) % len(self._video["indexes"])

    def _standing(self, place: Place) -> bool | None:
        """Return what is answered, what is on its way included."""
        on_its_way = (answers[place] for _, answers in reversed(self._waiting) if place in answers)
        return next(on_its_way, self._ledger.answers.get(place))

    async def _send(self, anyway: bool = False) -> None:
        """Send what waits, one request at a time, until the server has it."""
        if self._sending.locked():
            return
        async with self._sending:
            while self._waiting or anyway:
                anyway, batch = False, list(self._waiting)
                try:
                    answer = await self._post([event for event, _ in batch])
                except RequestFailedError:
                    await asyncio.sleep(RETRY)
                else:
                    self._settle(batch, answer)

    async def _post(self, events: Sequence[Event]) -> dict[str, Any]:
        body = {"workspace": self._workspace, "annotator": self._annotator, "tab": self._tab, "events": events,
                "video": self._video["id"], "key": self._video["key"], "index": self._video["indexes"][self._position],
                "seen": self._seq}  # fmt: skip
        answer = await self._browser.ask("label" if events else "beat", "POST", "/api/labels", json=body)
        said: dict[str, Any] = answer.json()
        return said

    def _settle(
        self, batch: Sequence[tuple[Event, dict[Place, bool | None]]], answer: dict[str, Any]
    ) -> None:
        acknowledged, refused = set(answer["acknowledged"]), answer["refused"]
        for event, answers in batch:
            if event["id"] in acknowledged:
                self._ledger.note(self._annotator, event, answers)
            elif event["id"] in refused:
                self._browser.tally.errors[f"label refused: {refused[event['id']]}"[:200]] += 1
        settled = acknowledged | set(refused)
        self._waiting = [entry for entry in self._waiting if entry[0]["id"] not in settled]
        self._seq = max(self._seq, answer["seq"])
        if answer["sketch"]["version"] != self._version:
            self._version = answer["sketch"]["version"]
            self._start(self._suggest)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._send(anyway=True)

    async def _drain(self) -> None:
        async with self._sending:  # what was on its way when its task was ended
            pass
        for _ in range(3):
            with suppress(RequestFailedError):
                await self._send()
        if self._waiting:
            self._browser.tally.errors["label: never acknowledged"] += len(self._waiting)

    async def _suggest(self) -> None:
        await self._ask("suggestions", f"/api/suggestions/{self._video['id']}", insist="false", source="")

    async def _pace(self) -> None:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        await self._ask("pace", "/api/pace", since=midnight.isoformat())

    def _prefetch(self) -> None:
        indexes, version = self._video["indexes"], quote(str(self._video["version"]))
        near = range(max(0, self._position - BEHIND), min(len(indexes), self._position + AHEAD + 1))
        for place in near:
            path = f"/api/frames/{self._video['id']}/{indexes[place]}.jpg?v={version}"
            if path not in self._browser.cache:
                self._start(partial(self._fetch, path))

    async def _fetch(self, path: str) -> None:
        async with self._fetching:
            await self._browser.fetch("frame", path)

    async def _ask(self, kind: str, path: str, **query: str) -> Any:
        return await self._browser.ask(kind, "GET", path, params={"annotator": self._annotator, **query})

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        async def done() -> None:
            with suppress(RequestFailedError):
                await work()

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
