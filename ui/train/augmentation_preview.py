"""What training does to the pictures, on the Train page: frames of this class beside varied versions of them."""

import cv2
import streamlit as st

from core.inputs import augmentation_preview
from core.networks.augmentation_settings import Augmentation
from core.runs.settings import TrainSettings
from core.workspace import Workspace
from ui.elements.markdown import md
from ui.shell import cache
from ui.shell.page import fragment

SEED = "varying_seed"


@fragment
def section(workspace: Workspace, settings: TrainSettings) -> None:
    """Write the expander, folded at first."""
    with st.expander("What training does to the pictures", icon=":material/auto_awesome_motion:"):
        st.markdown(
            f"A network that always sees the same pictures learns them by heart. So **{md(settings.network)}** sees "
            "a different version of each training frame every time:"
        )
        steps = st.container()
        if st.button("Again", icon=":material/casino:", help="Shows other frames and versions."):
            st.session_state[SEED] = st.session_state.get(SEED, 0) + 1
        kind, summary, rows = _rows(workspace, settings, st.session_state.get(SEED, 0))
        sentences = augmentation_preview.sentences(kind, workspace.attributes.names)
        steps.markdown("\n".join(f"- {md(sentence)}" for sentence in sentences))
        st.caption(f"{md(summary)}: the original on the left, then six versions.")
        for name, png in rows:
            with st.container(gap="xsmall"):
                st.image(png, alt=f"{md(name)}, then six versions of it")
                st.caption(name)


@cache.until_changed(cache.split_version, max_entries=16)
def _rows(
    workspace: Workspace, settings: TrainSettings, seed: int
) -> tuple[Augmentation, str, list[tuple[str, bytes]]]:
    varied = augmentation_preview.vary(workspace, settings, seed=seed)
    strips = map(augmentation_preview.side_by_side, varied.pictures)
    pngs = [cv2.imencode(".png", strip)[1].tobytes() for strip in strips]
    return varied.kind, varied.summary(), list(zip(varied.frames["name"], pngs, strict=True))
