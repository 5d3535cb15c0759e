"""Errors that a user can act on, and the log of those that nobody expected."""

import logging
import uuid

LOG = logging.getLogger("seamlens")


class SeamLensError(Exception):
    """Something a user can put right. Pages show the message, the command line prints it and exits with 2.

    Args:
        problem: what is wrong, a sentence written for this case: what was needed and what was there instead.
        advice: what to do now, a sentence.
    """

    def __init__(self, problem: str, advice: str) -> None:
        self.problem, self.advice = problem, advice
        super().__init__(f"{problem} {advice}".strip())

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Let it be pickled, as caches do."""
        return type(self), (self.problem, self.advice)


def describe(error: Exception) -> str:
    """Return any error in a line: its own words where they were written for users, else with its type."""
    words = " ".join(str(error).split())
    if isinstance(error, SeamLensError) or (words and isinstance(error, OSError)):
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def logged(error: Exception) -> str:
    """Write an error that nobody expected to the log, with where it came from; return its number there."""
    number = uuid.uuid4().hex[:8]
    LOG.error("Log number %s", number, exc_info=error)
    return number


class WorkspaceError(SeamLensError):
    """The workspace or its settings cannot be used."""


class MediaError(SeamLensError):
    """A video or picture cannot be read."""


class PictureTooLargeError(MediaError):
    """A picture has more bytes or pixels than may be decoded."""


class LabelError(SeamLensError):
    """A label or a lookup table cannot be taken."""


class SplitError(SeamLensError):
    """No split can be made of these labels."""


class RunError(SeamLensError):
    """A run cannot be started, found or used."""


class ModelError(SeamLensError):
    """A network cannot be read, or cannot be explained."""


class AccessError(SeamLensError):
    """Who acts may not do it, or has not signed in."""


class ServerError(SeamLensError):
    """A class server cannot start."""
