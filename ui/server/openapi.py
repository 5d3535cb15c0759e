"""The description of the interface for programs: as an OpenAPI document, and the same as a page to read without the internet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from pydantic import TypeAdapter
from starlette.responses import HTMLResponse

from core import __version__
from core.inspection.answer import LARGEST, PictureAnswer
from ui.elements.components import api
from ui.server.sign_in_page import ASSETS

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}
DESCRIBED = {
    "run": "The run whose network looked.",
    "width": "Pixels, the right way up.",
    "height": "Pixels.",
    "unfamiliarity": "Over 1: the network has learned nothing like this picture, do not rely on it. Missing where it cannot be measured.",
    "milliseconds": "How long the network took.",
    "attributes": "By the name of the attribute.",
    "probability": "0 to 1.",
    "decided": "Whether it is decided true.",
    "threshold": "The probability from which on it is. Missing with classes: the most probable one wins.",
    "heatmap": f"With heatmaps=1: a PNG in base64 with transparency, to lay over the picture; at most {LARGEST} pixels wide or high.",
}
ERRORS = {
    "400": "A parameter, or the form, cannot be understood.",
    "401": "The token is missing or wrong.",
    "404": "There is no such run; or the interface is off: nobody has made a token.",
    "405": "Another method.",
    "408": "The picture took too long to come in.",
    "409": "The run has no network, or it cannot be used.",
    "413": "The picture has more than 16 MB, or too many pixels.",
    "415": "What was sent is not a JPEG or PNG picture.",
    "429": "Too many wrong tokens came from your address. The header Retry-After says for how many seconds to wait.",
    "503": "Too many pictures at once, or the class cannot be opened. Try again after Retry-After seconds.",
}
EXAMPLE = {
    "run": "2026-11-30_101500",
    "width": 640,
    "height": 480,
    "unfamiliarity": 0.31,
    "milliseconds": 9.8,
    "attributes": {
        "good": {"probability": 0.021375, "decided": False, "threshold": 0.5},
        "break": {"probability": 0.970412, "decided": True, "threshold": 0.41},
    },
}

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
)
_templates.policies["json.dumps_kwargs"] = {"sort_keys": False}


def without_none(values: Any) -> Any:
    """Return plain values without what is None in dictionaries: what there is none of is missing."""
    if isinstance(values, dict):
        return {key: without_none(value) for key, value in values.items() if value is not None}
    return values


def document() -> dict[str, Any]:
    """Return the OpenAPI document (version 3.1)."""
    picture = {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}
    form = {
        "type": "object",
        "properties": {"picture": {"type": "string", "format": "binary"}},
        "required": ["picture"],
    }
    problems = {code: _problem(words) for code, words in ERRORS.items()}
    answers = {
        "200": {"description": "What the network says.", "content": _json("PictureAnswer", EXAMPLE)},
        **problems,
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SeamLens",
            "version": __version__,
            "description": "Send a picture, and get what a trained network says of it.",
        },
        "servers": [{"url": f"{api()}/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/runs/{run}/inspect": {
                "post": {
                    "operationId": "inspect",
                    "summary": "Inspect a picture",
                    "description": "The same numbers as “python -m core explain” gives for that picture.",
                    "parameters": [
                        _parameter("run", "path", {"type": "string"}, "Name of a run, or latest.", True),
                        _parameter(
                            "heatmaps", "query", {"type": "string", "enum": ["0", "1"], "default": "0"},
                            "1: with a heatmap of each attribute.", False,
                        ),
                    ],
                    "requestBody": {
                        "required": True,
                        "description": "The picture as the body, or as a file in a form.",
                        "content": {"image/jpeg": picture, "image/png": picture, "multipart/form-data": {"schema": form}},
                    },
                    "responses": answers,
                }
            }
        },
        "components": {"schemas": _schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }  # fmt: skip


def page() -> HTMLResponse:
    """Return the same as a page."""
    logo = (ASSETS / "logo.svg").read_text(encoding="utf-8")
    template = _templates.get_template("openapi.html.j2")
    return HTMLResponse(template.render(document=document(), logo=logo, base=f"{api()}/v1"), headers=SECURITY)


def _parameter(
    name: str, place: str, schema: Mapping[str, Any], words: str, required: bool
) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema, "description": words}


def _json(schema: str, example: Any = None) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"application/json": content | ({"example": example} if example else {})}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": _json("Problem")}


def _schemas() -> dict[str, Any]:
    """Return the schemas of the answers, made of their records."""
    made = TypeAdapter(PictureAnswer).json_schema(ref_template="#/components/schemas/{model}")
    schemas = {**made.pop("$defs"), "PictureAnswer": made}
    for schema in schemas.values():
        schema.pop("description", None)
        schema["required"] = [name for name, field in schema["properties"].items() if "anyOf" not in field]
        for name, field in schema["properties"].items():
            kinds = [
                kind for kind in field.pop("anyOf", []) if kind != {"type": "null"}
            ]  # missing, never null
            for kind in kinds:
                field |= kind
            field.pop("default", None)
            field["description"] = DESCRIBED[name]
    problem = {
        "type": "object",
        "properties": {"error": {"type": "string", "description": "A sentence for people."}},
        "required": ["error"],
    }
    return {**schemas, "Problem": problem}
