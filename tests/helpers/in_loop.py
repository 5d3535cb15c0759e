"""Coroutines in an event loop of their own: a browser of another test may keep one running in the main thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns, run in another thread."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, coroutine).result()
