"""Where the class stands, and the next sensible step; also the entry of the server."""

import streamlit as st


def main() -> None:
    """Write the page."""
    from core.media.library import videos
    from ui.home import demo, steps
    from ui.shell import cache
    from ui.shell.page import page

    lead = "Teach a camera to see seam errors and breaks, and watch what it looks at."
    with page("SeamLens", lead) as workspace:
        found = videos(workspace)
        if not found:
            demo.welcome(workspace)
            st.stop()

        standing = steps.standing(workspace, found, cache.balance(workspace))
        steps.figures(standing)
        steps.next_step(standing)
        steps.way(standing)
        steps.glimpse(workspace, found)


# This file is read three times over: by the server that looks for `app`, by Streamlit as the first page, and by the
# processes that render the demo class, which want neither.
if __name__ == "Home":
    from ui.server.queue_watch import attended
    from ui.server.routes import routes

    app = st.App(__file__, routes=routes(), lifespan=attended)
elif __name__ == "__main__":
    main()
