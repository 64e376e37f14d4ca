"""Fixtures for browser tests: Debian's Chromium, one per test process.

The headless shell is used where it is installed: the same engine at a fifth of the CPU. No test needs what only the
full browser has, the PDF viewer and the print preview.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import Person
from tests.cast import Cast, as_, build_cast
from tests.support import require

# The last four prevent requests to Google.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

EXPECT_MS = 20_000


@pytest.fixture
def live(transactional_db: None, live_server: LiveServer, home: Path) -> Cast:
    """Return the cast, committed to the database that the live server reads; rate limits are reset."""
    cache.clear()
    return build_cast()


@contextmanager
def watched_tab(
    browser: Browser, address: str, who: Person | None = None, *, strict: bool = False, **options: Any
) -> Iterator[Page]:
    """Open a tab in which the person is logged in and close it afterwards.

    Fails on a script error or a violation of the Content-Security-Policy; with `strict`, on every console error.
    `options` go to Playwright's `new_context`.
    """
    context = browser.new_context(**{"base_url": address, "locale": "ru-RU", **options})
    if who is not None:
        session = as_(who).cookies["otklik_session"].value
        context.add_cookies([{"name": "otklik_session", "value": session, "url": address}])
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if _is_bad(message, strict=strict) else None)
    try:
        yield page
    finally:
        context.close()
    assert problems == []


def _is_bad(message: ConsoleMessage, *, strict: bool) -> bool:
    return "Content Security Policy" in message.text or (strict and message.type == "error")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run Chromium for the session. Without it the test is skipped, or fails under CI."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    require(chromium, "chromium is not installed; `make setup` as root installs it")
    # Playwright leaves its event loop in this thread, which Django's async guard would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # What takes a tenth of a second on an idle machine exceeds Playwright's five seconds on a busy one.
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        # Playwright's default of 30 s is too short for a busy machine.
        chromium_browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, timeout=120_000)
        yield chromium_browser
        chromium_browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
