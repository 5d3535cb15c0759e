"""A function in a process of its own: it tells how far it is, and ends with whoever asked for it, however that one ends.

Both ends of the pipes are here. The function, its arguments and what it returns are pickled, so it is known by its name in
a module. ``multiprocessing`` would do the same, but would run the page in the process that Streamlit calls ``__main__``.
"""

import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

from core.access.person import current, recognise_by
from core.errors import SeamLensError, WorkspaceError, logged
from core.files import Progress, plain
from core.jobs import processes
from core.process_settings import take_standard_output

EVERY = 0.1
"""Seconds between two messages about progress."""

Message = tuple[Literal["progress", "part", "done", "failed"], Any]
"""How far it is as ``(done, total)``, a part that is done, what the function has returned, or the `SeamLensError` that ended it."""


class Child:
    """The process, seen from whoever asked for it, in whose name it works. It is gone after a ``with`` block.

    Args:
        function: is called with ``args`` and ``progress``; see `results`.
        args: its other arguments.
        folder: of the workspace, for the words of an error.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], folder: Path) -> None:
        asked = pickle.dumps((function, args, folder, current()))
        self._process = processes.spawn_child(__name__)
        assert self._process.stdin and self._process.stdout
        with suppress(OSError):  # it has died already, as will be seen
            self._process.stdin.write(asked)
            self._process.stdin.flush()  # and stays open: its end tells the process that nobody waits any more

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                assert pipe
                pipe.close()

    def messages(self) -> Iterator[Message]:
        """Yield what it tells, until it ends."""
        assert self._process.stdout
        with suppress(EOFError, OSError, pickle.UnpicklingError):  # it was killed, perhaps within a message
            while True:
                yield pickle.load(self._process.stdout)

    def kill(self) -> None:
        """End it at once, with the processes that it has started."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                processes.kill(self._process.pid)

    def death(self) -> SeamLensError:
        """Return in words how it died without a last message."""
        code = self._process.wait()
        advice = (
            "Close other programs if the memory is short, then start it again: nothing half-made is left."
        )
        if code < 0:
            return WorkspaceError(f"Its process was ended by {signal.Signals(-code).name}.", advice)
        return WorkspaceError(f"Its process ended with code {code}.", advice)


def main() -> None:
    """Call the function that standard input names, and tell standard output of it."""
    answers = take_standard_output()
    function, args, folder, person = pickle.load(sys.stdin.buffer)
    recognise_by(lambda: person)  # all its threads act as whoever asked for it
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()
    _tell(function, args, folder, _Told(answers))


def results(function: Callable[..., Any], args: tuple[Any, ...], progress: Progress) -> Iterator[Message]:
    """Call a function and yield what it returns; of one that yields each part, at once, and all of them at its end."""
    result = function(*args, progress=progress)
    if isinstance(result, Iterator):
        parts = []
        for part in result:
            parts.append(part)
            yield "part", part
        result = parts
    yield "done", result


class _Told:
    """Sends messages; those about progress not more often than they are read."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers, self._at = answers, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        if (now := time.monotonic()) - self._at >= EVERY:
            self._at = now
            self.send(("progress", (done, total)))

    def send(self, message: Message) -> None:
        self._answers.write(pickle.dumps(message))
        self._answers.flush()


def _tell(function: Callable[..., Any], args: tuple[Any, ...], folder: Path, told: _Told) -> None:
    try:
        for message in results(function, args, told):
            told.send(message)
    except SeamLensError as error:
        told.send(("failed", error))
    except Exception as error:
        told.send(("failed", plain(error, folder) or unexpected(error)))


def unexpected(error: Exception) -> SeamLensError:
    """Return the number that an error which nobody expected has in the log, in words."""
    return WorkspaceError("Something went wrong.", f"Show your instructor this log number: {logged(error)}.")


def _end_with_parent() -> None:
    """End when standard input does: whoever asked has ended."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
