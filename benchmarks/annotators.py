"""Annotators at other computers: plain HTTP clients, in a process of their own, that label at a steady pace."""

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from benchmarks.footage import LONG, LONG_VIDEO, Footage

EVERY = 0.5  # seconds between two keys of one annotator


@contextmanager
def others(footage: Footage, address: str, count: int, seconds: float) -> Iterator[Future[list[float]]]:
    """Let ``count`` annotators label the long video for ``seconds``; the future has the milliseconds of every key."""
    about = {"workspace": str(footage.workspace.path.resolve()), "video": footage.long, "key": LONG_VIDEO}
    names = footage.workspace.attributes.names
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(int).result()  # started: what is measured begins now
        yield pool.submit(_all, address, about, names, count, seconds)


def _all(
    address: str, about: dict[str, Any], names: tuple[str, ...], count: int, seconds: float
) -> list[float]:
    keys = int(seconds / EVERY)
    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(_label, address, about, names, keys, n * EVERY / count) for n in range(count)]
        return [milliseconds for job in jobs for milliseconds in job.result()]


def _label(
    address: str, about: dict[str, Any], names: tuple[str, ...], keys: int, wait: float
) -> list[float]:
    """Press a key every `EVERY` seconds; a time counts from when it was due."""
    who = {**about, "annotator": f"annotator {uuid4()}", "tab": str(uuid4())}
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    start, times = perf_counter() + wait, []
    for key in range(keys):
        due = start + key * EVERY
        sleep(max(0.0, due - perf_counter()))
        events = _key(about["video"], key % LONG, names)
        _send(connection, {**who, "index": key, "events": events})
        times.append(1000 * (perf_counter() - due))
    connection.close()
    return times


def _key(video: int, index: int, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what the key `s` sends: one event per attribute, one action."""
    place = {"action": str(uuid4()), "video": video, "first": index, "last": index, "source": "key"}
    return [{**place, "id": str(uuid4()), "attribute": name, "value": index % 2 == 0} for name in names]


def _send(connection: HTTPConnection, body: dict[str, Any]) -> None:
    connection.request("POST", "/api/labels", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = json.loads(answer.read())
    if answer.status != 200 or len(content["acknowledged"]) < len(body["events"]):
        raise RuntimeError(f"the server did not take the labels: {answer.status} {content}")
