"""What the server answers beside Streamlit's pages: frames and labels. Every address begins with ``/api``."""

import streamlit as st
from starlette.routing import BaseRoute, Mount, Route

from ui.server import labels, media
from ui.server.guard import guarded, trusted_hosts


def routes() -> list[BaseRoute]:
    """Return all routes, below the base path that Streamlit is set to."""
    found = [
        Route("/frames/{video:int}/{index:int}.jpg", guarded(media.frame)),
        Route("/labeller/{file}", guarded(media.labeller)),
        Route("/videos", guarded(labels.videos)),
        Route("/desk/{video:int}", guarded(labels.desk)),
        Route("/labels", guarded(labels.labels), methods=["POST"]),
        Route("/suggestions/{video:int}", guarded(labels.suggestions)),
        Route("/pace", guarded(labels.pace)),
    ]
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Mount(f"/{base}/api" if base else "/api", routes=found, middleware=[trusted_hosts()])]
