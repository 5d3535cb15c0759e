"""How the class comes in: address, class code and QR code on a class server, and elsewhere the command that opens one."""

import streamlit as st

from core.access import codes
from core.serving import invitation
from core.workspace import Workspace
from ui.elements.markdown import code
from ui.server import gate
from ui.shell.page import is_instructor

COMMAND = "python -m core serve"


def section(workspace: Workspace) -> None:
    """Write it; students have come in already."""
    if not is_instructor(workspace):
        return
    if address := gate.address():
        _invitation(workspace, address)
        return
    with st.expander("Open it for your class", icon=":material/groups:", key="class_server"):
        st.markdown("Only this computer opens this page. To let a class in, end the app and write:")
        st.code(COMMAND, language=None)
        st.markdown(
            "It prints an address, a class code and a QR code. Students scan it with their phones or type the address, "
            "choose a name and a PIN, and see their own answers only. You sign in with the instructor code."
        )


def _invitation(workspace: Workspace, address: str) -> None:
    st.header("Let the class in", anchor=False)
    with st.container(
        border=True, key="invitation", horizontal=True, vertical_alignment="center", gap="large"
    ):
        found = codes.readable_codes(workspace.path)
        if found is None:
            st.markdown(
                "The codes were made on another computer. Start the class server again to make new ones."
            )
            return
        picture = invitation.qr_svg(invitation.link(address, found.student))
        st.image(
            picture,
            width=260,
            alt="QR code of the address with the class code",
            caption="Scan it with a phone",
        )
        with st.container():
            st.caption("Address")
            st.markdown(f"### {code(address)}")
            st.caption("Class code")
            st.markdown(f"### {code(found.student)}")
            st.caption(
                "Browsers warn once, as this computer made its certificate itself: choose Advanced, then continue."
            )
