"""Coroutines in tests: Playwright leaves its event loop running in the thread of every later test."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of the coroutine, run by an event loop of its own in another thread; it gets a minute."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(60)
