"""One wait for the disk for all who store something at the same moment."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from threading import Condition

from core.files import sync_file


class SharedFlush:
    """Flushes a file for everybody who asks meanwhile.

    Who asks while a flush goes on waits for the next, which serves all who have asked until it begins: sixty who label at
    once wait for one or two flushes, not for sixty.

    After a flush that failed, the system may forget that there is something to write, and call the next one a success
    (as Linux does): so the next one writes the content again before.

    Args:
        file: which; where it is not there (any more), nothing is left to flush.
        alone: lets nobody else write into the file for a block.
    """

    def __init__(self, file: Path, alone: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self.file, self._alone = file, alone
        self._has_failed = False
        self._turn = Condition()
        self._asked = self._begun = self._done = 0  # numbers of requests
        self._failed, self._error = range(0), BaseException()
        self._is_flushing = False

    @property
    def waiting(self) -> int:
        """How many wait for a flush that has not begun."""
        return self._asked - self._begun

    def wait(self) -> None:
        """Return when all that was written before this call is on the disk.

        Raises:
            OSError: it could not be flushed.
        """
        with self._turn:
            self._asked += 1
            mine = self._asked
            self._turn.wait_for(lambda: self._done >= mine or not self._is_flushing)
            if self._done < mine:
                self._flush()
            if mine in self._failed:
                raise OSError(*self._error.args) from self._error

    def _write_again(self) -> None:
        with self._alone(), self.file.open("r+b") as file:
            content = file.read()
            file.seek(0)
            file.write(content)

    def _flush(self) -> None:
        """Flush for all who have asked so far; the turn is held before and after, not meanwhile."""
        served = range(self._begun + 1, self._asked + 1)
        self._begun, self._is_flushing = self._asked, True
        self._turn.release()
        error: BaseException | None = None
        try:
            with suppress(FileNotFoundError):
                if self._has_failed:
                    self._write_again()
                sync_file(self.file)
            self._has_failed = False
        except BaseException as failure:
            error, self._has_failed = failure, True
            raise
        finally:
            self._turn.acquire()
            self._done, self._is_flushing = served[-1], False
            if error:
                self._failed, self._error = served, error
            self._turn.notify_all()
