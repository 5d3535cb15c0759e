"""Start a training on the Train page: which network, for how long, and the one button."""

from typing import Any

import streamlit as st

from core.jobs import jobs
from core.networks import recipe as recipes
from core.networks import registry as networks
from core.networks.registry import Network
from core.runs.settings import TrainSettings
from core.workspace import Material, Workspace, set_material
from ui.shell import cache, widgets
from ui.shell.page import annotator, errors_shown
from ui.train import split, training_progress

PUBLISHED = "Published"
RECIPES = ("The network’s own", PUBLISHED)
MATERIALS: dict[Material | None, str] = {
    None: "Find out when training starts",
    "continuous": "A continuous material, such as a seam",
    "separate": "Separate things, such as circuit boards",
}


def start_section(workspace: Workspace) -> TrainSettings:
    """Write the choice of the network and the button that starts the training; return what is chosen."""
    st.subheader("2 · Network", anchor=False)
    exclusive = workspace.attributes.exclusive
    offered = [n for n in networks.NETWORKS.values() if n.exclusive <= exclusive]
    left, right = st.columns([2, 3], gap="large")
    with left:
        chosen = st.selectbox("Network", offered, format_func=lambda n: n.name, label_visibility="collapsed")
        st.caption(f"{chosen.description} {chosen.costs}")
        if better := networks.recommendation(chosen.name, cache.balance(workspace).labelled, exclusive):
            st.caption(f":material/lightbulb: {better}")
    settings = TrainSettings(chosen.name)
    with right, errors_shown():
        row = st.container(horizontal=True, vertical_alignment="bottom")
        own = chosen.recipe.epochs
        epochs = row.number_input("Epochs", 1, 1000, own, key=f"epochs_{chosen.name}", width=130)
        minutes = row.number_input("Minutes", 0.0, 600.0, None, step=1.0, format="%g", width=140,
                                   help="Stops after this many minutes and keeps the best network. If you leave the epochs as "
                                   "they are, it trains more of them in that time. Empty: no limit.")  # fmt: skip
        seed = row.number_input("Seed", 0, 9999, 0, key="train_seed", width=75)
        is_full = len(jobs.all_active(workspace)) >= workspace.slots
        # With a key, or a press is lost where the label changes meanwhile: another browser has just taken the slot.
        pressed = row.button(
            "Queue training" if is_full else "Start training", type="primary", key="start_training",
            icon=":material/playlist_add:" if is_full else ":material/play_arrow:",
            help="Another training is running. Yours starts after it." if is_full else None,
        )  # fmt: skip
        settings = TrainSettings(
            chosen.name, None if epochs == own else int(epochs),  # then the recipe decides, or the time
            minutes or None, int(seed), **_advanced(workspace, chosen), leaking=_insists(workspace),
        )  # fmt: skip
        if pressed:
            training_progress.announce(jobs.start(workspace, settings, user=annotator()))
    return settings


def _advanced(workspace: Workspace, network: Network) -> dict[str, Any]:
    """Write what few will change, folded; return the settings that differ from the network's own."""
    own = network.recipe
    with st.expander("Advanced", icon=":material/tune:"):
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
                     index=0 if current != "separate" else 1, key=key, on_change=_set_material, args=(workspace, key), width=420,
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


def _insists(workspace: Workspace) -> bool:
    leak = split.leak(workspace)
    if leak is None or not leak.is_leaking:
        return False
    return st.checkbox(
        "Train anyway (the test will look better than it is)", key="train_leaking",
        help=f"{leak.meter:.1f} % of the test pictures resemble a training picture. The run and its test are marked "
             "permanently.",
    )  # fmt: skip
