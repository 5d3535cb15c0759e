"""What the server answers beside Streamlit's pages: frames and labels. Every address begins with ``/api``."""

import streamlit as st
from starlette.routing import BaseRoute, Mount, Route

from ui.routes import desk, media
from ui.routes.guard import guarded


def routes() -> list[BaseRoute]:
    """Return all routes, below the base path that Streamlit is set to."""
    found = [
        Route("/frames/{video:int}/{index:int}.jpg", guarded(media.frame)),
        Route("/labeller/{file}", guarded(media.labeller)),
        Route("/videos", guarded(desk.videos)),
        Route("/desk/{video:int}", guarded(desk.desk)),
        Route("/labels", guarded(desk.labels), methods=["POST"]),
        Route("/suggestions/{video:int}", guarded(desk.suggestions)),
        Route("/pace", guarded(desk.pace)),
    ]
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Mount(f"/{base}/api" if base else "/api", routes=found)]
