"""What the server answers beside Streamlit's pages: pictures, the labeller's own files, and labels. Every address begins with
``/api``. Frames are found by id, never by path.
"""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from core.media import library
from core.media.images import SHOWN_ENDINGS, encode_jpeg, read_picture
from ui.elements.components import api
from ui.server import downloads, inference_api, labelling_api, live_view, look, teaching, uploads
from ui.server.guard import guarded, number_of_query, trusted_hosts
from ui.server.served_workspace import served_workspace

LABELLER = Path(__file__).parents[1] / "label" / "labeller"
KINDS = {".js": "text/javascript", ".css": "text/css"}
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A frame's address names the version of its video: what it shows never changes."""


def frame(request: Request, _body: Any) -> Response:
    """Answer with a frame as a picture that browsers show, by the id of its video and its index."""
    file = library.picture_file(
        served_workspace(), number_of_query(request, "video"), number_of_query(request, "index")
    )
    if file.suffix.lower() in SHOWN_ENDINGS:
        return FileResponse(file, headers=FOR_EVER)
    content = encode_jpeg(read_picture(file))  # a TIFF that an earlier version stored
    return Response(content, media_type="image/jpeg", headers=FOR_EVER)


def labeller(request: Request, _body: Any) -> Response:
    """Answer with a script or a style of the labeller."""
    file = LABELLER / Path(request.path_params["file"]).name
    if file.suffix not in KINDS or not file.is_file():
        return JSONResponse({"error": "no such file"}, status_code=404)
    return FileResponse(file, media_type=KINDS[file.suffix], headers={"Cache-Control": "no-cache"})


def routes() -> list[BaseRoute]:
    """Return all routes, below the base path that Streamlit is set to."""
    answers = [
        Route("/frames/{video}/{index}.jpg", guarded(frame)),
        Route("/labeller/{file}", guarded(labeller)),
        Route("/videos", guarded(labelling_api.videos)),
        Route("/desk/{video}", guarded(labelling_api.desk)),
        Route("/labels", guarded(labelling_api.labels), methods=["POST"]),
        Route("/suggestions/{video}", guarded(labelling_api.suggestions)),
        Route("/seen/{video}/{index}.jpg", guarded(labelling_api.seen)),
        Route("/pace", guarded(labelling_api.pace)),
        Route("/teach", guarded(teaching.teach), methods=["POST"]),
        Route("/uploads", guarded(uploads.begin), methods=["POST"]),
        Route("/uploads/{upload}", guarded(uploads.state)),
        Route("/uploads/{upload}", guarded(uploads.go_on, read=uploads.receive), methods=["PATCH"]),
        Route("/uploads/{upload}", guarded(uploads.discard), methods=["DELETE"]),
        Route("/downloads/{offer}", guarded(downloads.download)),
        Route("/live", guarded(live_view.live), methods=["POST"]),
        Route("/look", guarded(look.look), methods=["PUT"]),
        *inference_api.routes(),
    ]
    return [Mount(api(), routes=answers, middleware=[trusted_hosts()])]
