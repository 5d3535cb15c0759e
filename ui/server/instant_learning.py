"""The server learns the instant network in the background: features of frames after they were added, a head while people label.

One thread decides what to do, and another process does it, so that whoever labels never waits for it. What is urgent
comes first: the features of labelled frames, then the head, then the video that somebody looks at, then the other videos.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from core.assist import instant_network, starter
from core.assist.instant_network import InstantNetwork
from core.errors import SeamLensError
from core.inputs import batches, feature_cache, picture_cache
from core.inputs.picture_cache import PictureSource
from core.media.library import frame_table
from core.workspace import Workspace
from ui.server.other_process import OtherProcess
from ui.server.served_workspace import served_workspace

EVERY = 5.0
"""Seconds between two looks where no page tells of new labels."""

QUIET = 0.5
"""Seconds without a new label after which it learns; a key that is held gives many."""

LONGEST = 2.0
"""Seconds after which it learns all the same."""

REST = 3
"""Times as long as it learned it waits for the next time while people label: they come first, also on two cores."""

AT_ONCE = 64
"""Frames that are seen before pages are told that there is more."""

ENOUGH = 1000
"""Frames that tell how the starter is to be fitted to the cloths of a workspace."""

FULL = "What the instant network sees of the pictures cannot be stored"


@dataclass(frozen=True)
class Sketch:
    """What the learner has reached.

    Args:
        network: the newest; none where neither labels nor the starter can suggest anything.
        is_starter: whether that is the starter, and nothing of this workspace's own.
        version: changes when the network or the features do.
        is_learning: whether labels came that it has not learned from.
        trouble: why nothing can be learned, in a sentence or two; empty where it can.
    """

    network: InstantNetwork | None = None
    is_starter: bool = False
    version: int = 0
    is_learning: bool = False
    trouble: str = ""


class Learner:
    """Keeps the `Sketch` of the workspace that is served up to date.

    Args:
        call: calls a function with arguments, here or in another process.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._wake, self._lock = threading.Event(), threading.Lock()
        self._sketch, self._path = Sketch(), ""
        self._learned, self._filled = "", ""  # data versions
        self._told = self._heard = (
            0  # times that a page has told of labels, and how many of these are learned from
        )
        self._latest, self._took, self._wanted = 0.0, 0.0, ""

    def sketch(self, workspace: Workspace) -> Sketch:
        """Return what it has reached for ``workspace``; nothing for another one than it works on."""
        with self._lock:
            here = self._sketch if self._path == str(workspace.path) else Sketch()
            return replace(here, is_learning=self._told != self._heard)

    def tell(self) -> None:
        """Say that labels came."""
        with self._lock:
            self._told, self._latest = self._told + 1, time.monotonic()
        self._wake.set()

    def want(self, video: str) -> None:
        """Say that somebody looks at ``video`` (its key): its features come first."""
        with self._lock:
            is_new, self._wanted = self._wanted != video, video
        if is_new:
            self._wake.set()

    def attend(self, over: threading.Event) -> None:
        """Look for work, again and again, until ``over`` is set."""
        while not over.is_set():
            # Whatever goes wrong now (no workspace yet, a folder that is being moved) may be right next time.
            with suppress(Exception):
                self.look(served_workspace(), over)
            self._wake.wait(EVERY)
            self._wake.clear()
            self._wait_for_quiet(over)

    def look(self, workspace: Workspace, over: threading.Event) -> None:
        """Learn from labels that are new, then see frames that nobody has seen, until there is something more urgent."""
        with self._lock:
            if self._path != str(workspace.path):
                self._path, self._sketch, self._learned, self._filled = str(workspace.path), Sketch(), "", ""
            told = self._told
        version, frames = (instant_network.data_version(workspace), instant_network.frames_version(workspace))
        try:
            if version != self._learned:
                self._learn(workspace, over)
                self._learned = version
            with self._lock:
                self._heard = told
            if frames != self._filled and self._fill(workspace, over):
                self._filled = frames
        except (SeamLensError, OSError) as error:
            with self._lock:
                self._heard, self._learned, self._filled = told, version, frames
            self._note(
                trouble=str(error) if isinstance(error, SeamLensError) else f"{FULL} ({error.strerror})."
            )

    def _learn(self, workspace: Workspace, over: threading.Event) -> None:
        unseen = self._call(_unseen_chosen, workspace)
        for first in range(0, len(unseen), AT_ONCE):
            if over.is_set():
                return
            self._call(feature_cache.add, workspace, unseen[first : first + AT_ONCE])
        if self._sketch.trouble:
            self._filled = ""  # what was in the way is not any more
        begun = time.monotonic()
        own = self._call(instant_network.learn, workspace)
        network = own or self._call(_starter, workspace)
        self._took = time.monotonic() - begun
        self._note(network=network, is_starter=own is None, trouble="")

    def _fill(self, workspace: Workspace, over: threading.Event) -> bool:
        """See frames that nobody has seen; return whether that was done to its end."""
        wanted, told = self._wanted, self._told
        unseen = self._call(_unseen, workspace, wanted)
        for first in range(0, len(unseen), AT_ONCE):
            if over.is_set() or self._told != told or self._wanted != wanted:
                return False
            self._call(feature_cache.add, workspace, unseen[first : first + AT_ONCE])
            self._note()
        if self._sketch.is_starter:
            self._note(network=self._call(_starter, workspace))
        if unseen:
            self._call(picture_cache.prune, workspace, feature_cache.SIZE)
        return True

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._sketch = replace(self._sketch, version=self._sketch.version + 1, **changes)

    def _wait_for_quiet(self, over: threading.Event) -> None:
        begun = time.monotonic()
        while self._told != self._heard and not over.is_set():
            now = time.monotonic()
            if now - self._latest >= QUIET or now - begun >= max(LONGEST, REST * self._took):
                return
            over.wait(QUIET / 5)


def _unseen_chosen(workspace: Workspace) -> list[PictureSource]:
    """Return the frames that are learned from and whose features are not cached."""
    return feature_cache.missing(workspace, batches.sources_of(workspace, instant_network.chosen(workspace)))


def _unseen(workspace: Workspace, wanted: str) -> list[PictureSource]:
    """Return the frames whose features are not cached, those of the video ``wanted`` (its key) first."""
    frames = frame_table(workspace)
    frames = pd.concat([frames[frames["video"] == wanted], frames[frames["video"] != wanted]])
    return feature_cache.missing(workspace, batches.sources_of(workspace, frames["name"].tolist()))


def _starter(workspace: Workspace) -> InstantNetwork | None:
    """Return the starter, fitted to the frames that were seen."""
    names = frame_table(workspace)["name"].tolist()
    sources = batches.sources_of(workspace, names[:: 1 + len(names) // ENOUGH])
    peaks = feature_cache.read(workspace, sources)
    return starter.starter(workspace.attributes, peaks.values[peaks.is_there])


LEARNER = Learner(OtherProcess().call)
"""Of this server."""
