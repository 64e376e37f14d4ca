"""Runs coroutines in tests: Playwright leaves its event loop running in the main thread for every later test."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Return the coroutine's result, run by a new event loop in another thread within 60 s."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result(60)
