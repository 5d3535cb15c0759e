"""What the body of a request may take: it is counted while it comes in, and read as JSON where nobody waits for it."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

MOST = 8 * 1024**2
"""Bytes: some 25,000 labels, which a browser sends that was without a connection for a day."""


class TooLargeError(Exception):
    """A request brings more than it may."""


class NotJsonError(Exception):
    """A request brings what cannot be read."""


async def read(request: Request, most: int = MOST) -> bytes:
    """Return the body of a request.

    Raises:
        TooLargeError: it has, or says that it will have, more than ``most`` bytes. No more than that are in memory.
    """
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > most:
        raise TooLargeError
    body = bytearray()
    async for chunk in request.stream():
        if len(body) + len(chunk) > most:
            raise TooLargeError
        body += chunk
    return bytes(body)


async def read_json(request: Request) -> Any:
    """Return what the body of a request holds.

    Raises:
        TooLargeError: as `read`.
        NotJsonError: it is not JSON.
    """
    body = await read(request)
    try:
        return await run_in_threadpool(json.loads, body)
    except (ValueError, RecursionError) as error:
        raise NotJsonError from error
