"""What the class has and its next step; also the entry of the server."""

import streamlit as st


def main() -> None:
    """Write the page."""
    from core.media.library import videos
    from ui.home import class_server, demo
    from ui.shell import cache, steps
    from ui.shell.page import page

    lead = "Teach a camera to see seam errors and breaks, and see where it looks."
    with page("SeamLens", lead) as workspace:
        added = videos(workspace)
        if not added:
            demo.welcome(workspace)
            class_server.section(workspace)
            st.stop()
        state = steps.State(workspace, added, cache.balance(workspace))
        steps.class_figures(state)
        steps.next_step(state)
        steps.class_link(workspace)
        steps.six_steps(state)
        class_server.section(workspace)
        steps.pictures(workspace, added)


# This file is read three times: by the server, which looks for `app`, by Streamlit as the first page, and by the processes
# that render the demo class, which want neither.
if __name__ == "Home":
    from pathlib import Path

    from starlette.middleware import Middleware

    from ui.phone.routes import routes as phone_routes
    from ui.server.document import WithPageAssets
    from ui.server.gate import gate, sign_in_address
    from ui.server.queue_watch import attended
    from ui.server.routes import routes

    pages = 1 + len(list(Path(__file__).parent.glob("pages/*.py")))
    page_assets = Middleware(WithPageAssets, pages=pages, sign_in=sign_in_address())
    every_route = [*routes(), *phone_routes()]
    app = st.App(__file__, routes=every_route, lifespan=attended, middleware=[*gate(), page_assets])
elif __name__ == "__main__":
    main()
