"""The component of streamlit-webrtc, which pages show and Streamlit serves."""

from streamlit import runtime


def register_component() -> None:
    """Let Streamlit serve the files of the component; to be called in a run of a page that shows it.

    It registers itself when a page imports it. Where a route did so first, as that of the phone page does, it is registered nowhere.
    """
    from streamlit_webrtc import component

    if runtime.exists():  # not where a page is tested without a server
        runtime.get_instance().component_registry.register_component(component._component_func)
