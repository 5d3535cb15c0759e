"""Start a training on the Train page: two cards, one button, and what few will change."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from core.access.rights import Right, may
from core.cluster import address
from core.jobs import jobs, pace, slots
from core.jobs.background import Task
from core.networks import recipe as recipes
from core.networks import registry as networks
from core.networks.registry import Network
from core.runs.settings import TrainSettings
from core.splits import stored_split
from core.text import duration
from core.training.readiness import Readiness
from core.workspace import Material, Workspace, set_material
from ui.elements import widgets
from ui.elements.markdown import Markdown, md
from ui.shell import background_jobs, cache
from ui.shell.page import annotator, errors_shown
from ui.train import split, training_progress

PUBLISHED = "Published"
RECIPES = ("The network’s own", PUBLISHED)
MATERIALS: dict[Material | None, str] = {
    None: "Find out when training starts",
    "continuous": "A continuous material, such as a seam",
    "separate": "Separate things, such as circuit boards",
}
HERE, CLUSTER = "This computer", "Cluster"
ASKED = "train_newer_asked"


@dataclass(frozen=True)
class Card:
    """A way to train: which network, and why that one."""

    title: str
    network: str
    reason: str


def start_section(workspace: Workspace, ready: Readiness) -> TrainSettings:
    """Write the two cards and the button that starts the training; return what is chosen."""
    exclusive = workspace.attributes.exclusive
    fast = Card("Fast", *networks.default_network(cache.balance(workspace).labelled, exclusive))
    every = {card.title: card for card in (fast, Card("As published", *networks.published(exclusive)))}
    with errors_shown():
        with st.container(key="train_cards"):
            title = st.radio(
                "How", list(every), key="train_card", horizontal=True, label_visibility="collapsed",
                captions=[f"{md(_time(workspace, card, ready))}  \n{md(card.reason)}" for card in every.values()],
            )  # fmt: skip
        # What comes and goes has a place that stays: otherwise what is unfolded below it folds. An empty one takes no room.
        measuring, place = st.container(key="measuring_place"), st.container(key="start_place")
        measuring.empty()
        place.empty()
        with measuring:
            _measure(workspace, [card.network for card in every.values()])
        settings, on = _settings(workspace, every[title])
        with place:
            _start(workspace, ready, settings, on)
    return settings


def _time(workspace: Workspace, card: Card, ready: Readiness) -> str:
    """Return how long a card takes, as this computer was measured."""
    if not ready.is_ready:
        return ""
    measured = pace.pace(workspace, card.network)
    if measured is None:
        return Markdown("**Measuring how fast this computer is …**")
    seconds = _seconds(workspace, measured, TrainSettings(card.network), ready)
    return Markdown(f"**About {md(seconds)} on this computer**")


def _seconds(workspace: Workspace, measured: pace.Pace, settings: TrainSettings, ready: Readiness) -> str:
    training, validation = (int((ready.frames["part"] == part).sum()) for part in ("train", "valid"))
    exclusive = workspace.attributes.exclusive
    return duration(pace.seconds(measured, settings, exclusive, training, validation), roughly=True)


def _measure(workspace: Workspace, names: list[str]) -> None:
    """Have networks measured that were not, once for all visitors, and write the page anew when that is done."""
    missing = [name for name in names if pace.pace(workspace, name) is None]
    if not missing or slots.all_active(workspace):
        return
    _begin_measuring(str(workspace.path), tuple(missing), workspace)

    @st.fragment(run_every=3)
    def look() -> None:
        if any(pace.pace(workspace, name) for name in missing):
            st.rerun()

    look()


@st.cache_resource(max_entries=8, show_spinner=False)
def _begin_measuring(path: str, names: tuple[str, ...], _workspace: Workspace) -> None:
    pace.begin(_workspace, list(names))


def _start(workspace: Workspace, ready: Readiness, settings: TrainSettings, on: str) -> None:
    """Write the button; where videos were labelled since the split was made, ask first whether they shall be used."""
    settings = _leaking(workspace, settings)
    is_full = len(slots.active_on(workspace, on)) >= slots.slots_on(workspace, on)
    # With a key, or a press is lost where the label changes meanwhile: another browser has just taken the slot.
    pressed = st.button(
        "Queue training" if is_full else "Start training", type="primary", key="start_training",
        icon=":material/playlist_add:" if is_full else ":material/play_arrow:", disabled=not ready.is_ready,
        help="A training is running. This one starts after it." if is_full else None,
    )  # fmt: skip
    if pressed and ready.newer:
        st.session_state[ASKED] = True
    elif pressed:
        _begin(workspace, settings, on)
    if st.session_state.get(ASKED) and ready.newer:
        _ask(workspace, ready, settings, on)


def _ask(workspace: Workspace, ready: Readiness, settings: TrainSettings, on: str) -> None:
    """Ask whether what was labelled since shall be used, then start."""
    with st.container(border=True, key="newer"):
        st.markdown(
            f"**{md(ready.newer)}** {'is' if ready.newer.startswith('1 ') else 'are'} not in the split yet."
        )
        row = st.container(horizontal=True)
        use = row.button(f"{md(ready.ways[0].words)} and start", type="primary", key="start_with_newer")
        if not use and not row.button("Start without", key="start_without_newer"):
            return
        del st.session_state[ASKED]
        if use:
            stored_split.renew(workspace, None)
        _begin(workspace, settings, on)


def _begin(workspace: Workspace, settings: TrainSettings, on: str) -> None:
    """Start a training, and write the page anew; the search for leaks before it is a job where it takes long."""
    given = workspace, settings, annotator()
    task = Task(
        f"start {given} {on}",
        "Preparing a training",
        ("Train",),
        partial(jobs.start, on=on),
        given,
        lambda run: [training_progress.started(run)],
    )
    training_progress.announce(background_jobs.begin_unless_quick(workspace, task))


def _settings(workspace: Workspace, card: Card) -> tuple[TrainSettings, str]:
    """Write what few will change, folded; return what is chosen, and the address of the cluster, empty for this computer."""
    exclusive = workspace.attributes.exclusive
    with st.expander("Advanced", icon=":material/tune:"):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        offered = [name for name, each in networks.NETWORKS.items() if each.exclusive <= exclusive]
        name = row.selectbox(
            "Network", offered, offered.index(card.network), key=f"network_{card.network}", width=200
        )
        chosen = networks.get_network(name)
        own = chosen.recipe.epochs
        epochs = row.number_input("Epochs", 1, 1000, own, key=f"epochs_{name}", width=130)
        minutes = row.number_input("Minutes", 0.0, 600.0, None, step=1.0, format="%g", width=140,
                                   help="Stop after so many minutes and keep the best network. If you leave the epochs as they "
                                   "are, it trains more of them in that time. Empty: no limit.")  # fmt: skip
        seed = row.number_input("Seed", 0, 9999, 0, key="train_seed", width=100)
        st.caption(f"{md(chosen.description)} {md(chosen.costs)}")
        more = _advanced(workspace, chosen)
        on = _where(workspace)
    # Where the epochs are left as they are, the recipe decides, or the time.
    settings = TrainSettings(name, None if epochs == own else int(epochs), minutes or None, int(seed), **more)
    return settings, on


def _where(workspace: Workspace) -> str:
    """Offer the cluster where there is one; return its address if it is chosen."""
    offered = address.offered(workspace)
    if not offered:
        return ""
    chosen = st.radio("Train on", (HERE, CLUSTER), key="train_on", horizontal=True,
                      help="The cluster trains several networks at once. It takes the pictures along, and the run comes back here.")  # fmt: skip
    return offered if chosen == CLUSTER else ""


def _advanced(workspace: Workspace, network: Network) -> dict[str, Any]:
    """Write recipe, input and material; return the settings that differ from the network's own."""
    own = network.recipe
    row = st.container(horizontal=True, vertical_alignment="bottom")
    balance = row.number_input("Class balance", 0.0, 1.0, own.balance, 0.1, format="%g", key=f"balance_{network.name}",
                               width=150, help="How strongly rare answers are weighted. 0: every label counts the same. "
                               "1: “true” and “false” count the same in total, however rare one of them is.")  # fmt: skip
    patience = row.number_input("Patience", 0, 1000, own.patience, key=f"patience_{network.name}", width=130,
                                help="Stops after this many epochs without a lower validation loss. 0: never.")  # fmt: skip
    side = row.number_input("Input, pixels", 32, 320, network.size[0], 4, key=f"side_{network.name}", width=130,
                            help="Width and height of what the network sees. A larger input shows finer stitches; twice "
                            "the side takes four times as long.")  # fmt: skip
    recipe = row.selectbox("Recipe", RECIPES, key=f"recipe_{network.name}", width=200,
                           help="Published: Adam at 1e-5, batches of 20, 10 epochs. It learns slowly.")  # fmt: skip
    key, current = f"material_{workspace.material}", workspace.material
    st.selectbox("The pictures show", [m for m in MATERIALS if m or not current], format_func=MATERIALS.__getitem__,
                 index=0 if current != "separate" else 1, key=key, on_change=_set_material, args=(workspace, key), width=420, disabled=not may(Right.SETTINGS),
                 help="Pictures of a material may be cut, recoloured and overlaid with another fabric for training. "
                 "For all trainings of this workspace.")  # fmt: skip
    st.caption("**Region of interest**: the part of each picture that the network sees, here and on the Live page. "
               "You see it under “What training does to the pictures”.")  # fmt: skip
    chosen = widgets.sliders("train", None, "all of each picture is used instead.")
    size = (int(side), int(side))
    return {
        "balance": None if balance == own.balance else float(balance),
        "patience": None if patience == own.patience else int(patience),
        "size": None if size == network.size else size,
        "recipe": recipes.published(workspace.attributes.exclusive) if recipe == PUBLISHED else None,
        "region": chosen,
    }


def _set_material(workspace: Workspace, key: str) -> None:
    if material := st.session_state[key]:
        set_material(workspace, material)


def _leaking(workspace: Workspace, settings: TrainSettings) -> TrainSettings:
    """Ask for a tick where the split leaks."""
    leak = split.leak(workspace)
    if leak is None or not leak.is_leaking:
        return settings
    insists = st.checkbox(
        "Train anyway (the test will look better than it is)", key="train_leaking",
        help=f"{leak.meter:.1f} % of the test pictures resemble a training picture. The run and its test are marked "
             "permanently.",
    )  # fmt: skip
    return replace(settings, leaking=insists)
