"""Making things ahead in a thread that takes what is left over of the processor."""

import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

NICENESS = 10
"""How far its priority lies below that of its process; the lowest one would starve beside busy programs."""

LOOK = 0.2
"""Seconds after which a thread that waits for room looks whether it is needed at all."""

PATIENCE = 10.0
"""Seconds to wait for the end of the thread: for one more step of ``source``."""


def prefetched(source: Iterator[T], count: int, niceness: int = NICENESS) -> Generator[T, None, None]:
    """Give out what ``source`` gives, of which a thread makes up to ``count`` ahead.

    A step of a network is as slow as the core that was disturbed most, so work beside it costs more than its own time,
    unless it gives way: on Linux, where threads have a priority, this one has a lower one.

    Closing the iterator ends the thread; an error of ``source`` is raised here.
    """
    made: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue(count)
    over = threading.Event()
    thread = threading.Thread(target=_make, args=(source, made, over, niceness), name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            thing, error = made.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield thing
    finally:
        over.set()
        thread.join(PATIENCE)  # then nobody is in the middle of ``source``, and it can be closed


def _make(source: Iterator[Any], made: "queue.Queue[Any]", over: threading.Event, niceness: int) -> None:
    if sys.platform == "linux":
        with suppress(OSError):
            os.nice(niceness)  # of this thread alone
    error: BaseException | None = None
    while error is None and not over.is_set():
        thing = None
        try:
            thing = next(source)
        except BaseException as raised:
            error = raised
        while not over.is_set():
            with suppress(queue.Full):
                made.put((thing, error), timeout=LOOK)
                break
