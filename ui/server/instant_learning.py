"""The server learns the instant network in the background: features of frames after they were added, a head while people label.

One thread does all of it, one thing after the other, so that a page never waits for it. What is urgent comes first: the
features of labelled frames, then the head, then the video that somebody looks at, then the other videos.
"""

import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from core.assist import instant_network, starter
from core.assist.instant_network import InstantNetwork
from core.errors import SeamLensError
from core.inputs import batches, feature_cache, picture_cache
from core.media.library import frame_table
from core.process_settings import one_thread_for_matrices
from core.workspace import Workspace
from ui.server.served_workspace import served_workspace

EVERY = 5.0
"""Seconds between two looks where no page tells of new labels."""

QUIET = 0.5
"""Seconds without a new label after which it learns; a key that is held gives many."""

LONGEST = 2.0
"""Seconds after which it learns all the same."""

AT_ONCE = 64
"""Frames that are seen before pages are told that there is more."""

ENOUGH = 1000
"""Frames that tell how the starter is to be fitted to the cloths of a workspace."""

SWITCH = 0.0005
"""Seconds after which this thread lets another one go on, for all of the server: with Python's 0.005 whoever labels waits longer
for an answer while it learns (docs/benchmarks.md).
"""

FULL = "What the sketch sees of the pictures cannot be stored"


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
    """Keeps the `Sketch` of the workspace that is served up to date."""

    def __init__(self) -> None:
        self._wake, self._lock = threading.Event(), threading.Lock()
        self._sketch, self._path = Sketch(), ""
        self._learned, self._filled = "", ""  # data versions
        self._told = self._heard = (
            0  # times that a page has told of labels, and how many of these are learned from
        )
        self._latest, self._wanted = 0.0, ""

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
        sys.setswitchinterval(SWITCH)
        while not over.is_set():
            # Whatever goes wrong now (no workspace yet, a folder that is being moved) may be right next time.
            with suppress(Exception), one_thread_for_matrices():
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
        names = instant_network.labelled(workspace)["name"].tolist()
        feature_cache.add(
            workspace, feature_cache.missing(workspace, batches.sources_of(workspace, names)), over.is_set
        )
        if self._sketch.trouble:
            self._filled = ""  # what was in the way is not any more
        own = instant_network.learn(workspace)
        self._note(network=own or _starter(workspace), is_starter=own is None, trouble="")

    def _fill(self, workspace: Workspace, over: threading.Event) -> bool:
        """See frames that nobody has seen; return whether that was done to its end."""
        frames, wanted, told = frame_table(workspace), self._wanted, self._told
        frames = pd.concat([frames[frames["video"] == wanted], frames[frames["video"] != wanted]])
        unseen = feature_cache.missing(workspace, batches.sources_of(workspace, frames["name"].tolist()))

        def is_over() -> bool:
            return over.is_set() or self._told != told or self._wanted != wanted

        for first in range(0, len(unseen), AT_ONCE):
            feature_cache.add(workspace, unseen[first : first + AT_ONCE], is_over)
            self._note()
            if is_over():
                return False
        if self._sketch.is_starter:
            self._note(network=_starter(workspace))
        if unseen:
            picture_cache.prune(workspace, feature_cache.SIZE)
        return True

    def _note(self, **changes: Any) -> None:
        with self._lock:
            self._sketch = replace(self._sketch, version=self._sketch.version + 1, **changes)

    def _wait_for_quiet(self, over: threading.Event) -> None:
        begun = time.monotonic()
        while self._told != self._heard and not over.is_set():
            now = time.monotonic()
            if now - self._latest >= QUIET or now - begun >= LONGEST:
                return
            over.wait(QUIET / 5)


def _starter(workspace: Workspace) -> InstantNetwork | None:
    """Return the starter, fitted to the frames that were seen."""
    names = frame_table(workspace)["name"].tolist()
    sources = batches.sources_of(workspace, names[:: 1 + len(names) // ENOUGH])
    peaks = feature_cache.read(workspace, sources)
    return starter.starter(workspace.attributes, peaks.values[peaks.is_there])


LEARNER = Learner()
"""Of this server."""
