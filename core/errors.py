"""Errors that a user can act on."""


class SeamLensError(Exception):
    """Something a user can put right. Pages show the message, the command line prints it and exits with 2.

    Args:
        expected: what was needed, in the user's words.
        received: what was there instead.
        advice: what to do now.
    """

    def __init__(self, expected: str, received: str, advice: str) -> None:
        self.expected, self.received, self.advice = expected, received, advice
        super().__init__(f"Expected {expected}, but received {received}. {advice}")


class WorkspaceError(SeamLensError):
    """The workspace or its settings cannot be used."""


class MediaError(SeamLensError):
    """A video or picture cannot be read."""


class LabelError(SeamLensError):
    """A label or a lookup table cannot be taken."""


class SplitError(SeamLensError):
    """No split can be made of these labels."""


class RunError(SeamLensError):
    """A run cannot be started, found or used."""


class ModelError(SeamLensError):
    """A network cannot be read, or cannot be explained."""
