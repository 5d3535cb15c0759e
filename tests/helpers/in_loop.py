"""Work outside the main thread: there, a browser of another test may keep an event loop running."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_thread(function: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """Return what a function returns, run in another thread."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(function, *values, **named).result()


def in_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns, run in another thread with a loop of its own."""
    return in_thread(asyncio.run, coroutine)
