"""A second process of the server, for work that would make the people who label wait.

It calls one function after the other, behind everything else on the computer, and ends with the server.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.jobs import processes
from core.process_settings import one_thread_for_matrices, take_standard_output

NICENESS = 10
"""How far it steps back behind the server, and behind trainings too."""


class OtherProcess:
    """A Python process that is started with its first call, and anew where it was ended meanwhile."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return ``function(*arguments)``, called there; one thread may call at a time.

        The function is one of a module, and what goes in and comes out can be pickled. What it raises is raised here.

        Raises:
            EOFError: the process was ended meanwhile.
        """
        self._process = self._process or processes.spawn_child(__name__, NICENESS)
        process = self._process
        assert process.stdin and process.stdout
        with suppress(BrokenPipeError):  # then there is no answer either
            pickle.dump((function, arguments), process.stdin)
            process.stdin.flush()
        try:
            result, error = pickle.load(process.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise EOFError("The process was ended.") from error
        if error is not None:
            raise error
        return result

    def end(self) -> int | None:
        """Let it finish and end; return its exit code, none where it never started."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.communicate()
        return process.returncode


def _answer_calls() -> None:
    """Be that process: call what comes in until the server ends, however it ends."""
    calls, answers = sys.stdin.buffer, take_standard_output()
    while True:
        try:
            function, arguments = pickle.load(calls)
        except EOFError:
            return
        try:
            with one_thread_for_matrices():
                answer = (function(*arguments), None)
        except Exception as error:
            answer = (None, error)
        with suppress(BrokenPipeError):
            pickle.dump(answer, answers)
            answers.flush()


if __name__ == "__main__":
    _answer_calls()
