"""The network of the Live page: a run, or the instant network, which works before anything was trained and goes on learning."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from core.assist.instant_network import NAME, InstantNetwork
from core.assist.starter import starter
from core.attributes import AttributeSet
from core.errors import SeamLensError
from core.evaluation import verdict
from core.events.detector import default_rules
from core.inspection.inspector import Inspector
from core.live.recording import Recording
from core.networks.preprocessing import Region
from core.networks.pretrained.forward import CHANNELS
from core.networks.pretrained.head import Head
from core.runs.run import Run
from core.runs.run_store import DamagedRun, best_tested, damaged_runs
from core.workspace import Workspace
from ui.elements import verdicts
from ui.elements.markdown import md
from ui.server.instant_learning import LEARNER
from ui.server.served_workspace import served_workspace
from ui.shell import cache, run_choice

SKETCH = "sketch"


@dataclass(frozen=True)
class LiveNetwork:
    """What is live: a ``run``, or without one the instant network."""

    attributes: AttributeSet
    run: Run | None = None

    @property
    def key(self) -> str:
        return self.run.id if self.run else SKETCH

    @property
    def region(self) -> Region | None:
        return self.run.region if self.run else None


def choose(workspace: Workspace, runs: list[Run]) -> LiveNetwork:
    """Write the choice of the network: the best tested run, then the others, newest first, the instant network, damaged runs.

    Raises:
        RunError: the chosen run is damaged.
    """
    best = best_tested(runs)
    runs = sorted(runs, key=lambda run: run is not best)
    offered: dict[str, Run | DamagedRun | None] = {run.id: run for run in runs}
    offered |= {SKETCH: None} | {run.id: run for run in damaged_runs(workspace)}

    def shown(id: str) -> str:  # the same for ever: with another one the choice would be lost
        run = offered[id]
        return run_choice.named(run, short=True) if run else NAME

    key = "live_run"
    id = st.session_state.get(key) or next(iter(offered))
    help = run_choice.folder(id) if offered.get(id) else None
    chosen = offered[st.selectbox("Network", list(offered), key=key, format_func=shown, help=help)]
    if chosen is not None:
        run = run_choice.whole(chosen)
        with suppress(SeamLensError):  # what was tested is gone: it can be live all the same
            _tested(run)
        return LiveNetwork(run.attributes, run)
    with st.container():  # keeps the place of the fragment
        _origin()
    return LiveNetwork(workspace.attributes)


def _tested(run: Run) -> None:
    """Say how right a run is, never without how far that can be trusted."""
    if run.test is None:
        st.caption("It was not tested yet: nobody knows how often it is right.")
        return
    headline, trusted = verdict.headline(run.test), cache.trusts(run)[0]
    st.caption(
        f"{verdicts.MARKS[trusted.mark_of(headline.gain)]} {md(headline.sentence)} {md(trusted.limited(verdict.ALL))}"
    )


@st.fragment(run_every=2)
def _origin() -> None:
    """Say what the instant network has learned from, now."""
    workspace = served_workspace()
    sketch, network = LEARNER.sketch(workspace), newest(workspace)
    st.caption(
        f"**{md(network.title)}**"
        if network
        else "It has not learned anything yet: teach it below the picture."
    )
    if sketch.trouble:
        st.warning(md(sketch.trouble), icon=":material/warning:")


def newest(workspace: Workspace) -> InstantNetwork | None:
    """Return the sketch of the labels, else the starter; none where that does not know the attributes."""
    network = LEARNER.sketch(workspace).network
    return (network and network.for_attributes(workspace.attributes)) or _starter(workspace.attributes)


@lru_cache(maxsize=4)
def _starter(attributes: AttributeSet) -> InstantNetwork | None:
    return starter(attributes)  # reads a file, and is asked for every picture


class NewestInspector:
    """Gives the inspector of the newest instant network, the same one until it has learned again; see `Viewer`."""

    def __init__(self, workspace: Workspace) -> None:
        outputs = len(workspace.attributes)
        blank = Head(np.zeros((CHANNELS, outputs), np.float32), np.zeros(outputs, np.float32))
        typical = np.zeros(CHANNELS, np.float32)
        self._workspace = workspace
        self._network = InstantNetwork(workspace.attributes, blank, typical, name="", origin="")
        self.inspector = Inspector.of_instant(self._network)  # until there is one: for its attributes

    def __call__(self) -> Inspector | None:
        """Return it; none where nothing was learned."""
        network = newest(self._workspace)
        if network is None:
            return None
        if not _same(network, self._network):
            self._network, self.inspector = network, Inspector.of_instant(network)
        return self.inspector

    def begin(self, smooth: float) -> Recording:
        """Begin a session that lists events on the page and leaves nothing behind: what a sketch says is no record."""
        attributes, thresholds = self.inspector.attributes, self.inspector.thresholds
        return Recording(default_rules(attributes, thresholds.values(), smooth=smooth), attributes.exclusive)


def _same(one: InstantNetwork, other: InstantNetwork) -> bool:
    return one is other or (
        one.attributes == other.attributes
        and np.array_equal(one.head.kernel, other.head.kernel)
        and np.array_equal(one.head.bias, other.head.bias)
        and np.array_equal(one.typical, other.typical)
    )
