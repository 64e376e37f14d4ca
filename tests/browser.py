"""Debian's Chromium for the tests that look at pages; one for each process of a run.

Its headless shell where it is installed: the same engine without the desktop around it, at a fifth of the CPU. What
only the whole browser has, a viewer of PDF files or a print preview, no test asks for.
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

# The last four keep it from calling its maker.
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
    """The cast, in the database that the live server reads; nobody has used up a limit."""
    cache.clear()
    return build_cast()


@contextmanager
def watched_tab(
    browser: Browser, address: str, who: Person | None = None, *, strict: bool = False, **options: Any
) -> Iterator[Page]:
    """A tab in which the person is logged in, closed afterwards. A script error or a breach of the policy fails.

    `strict`: whatever the browser complains of fails. `options`: as of Playwright's `new_context`.
    """
    context = browser.new_context(**{"base_url": address, "locale": "ru-RU", **options})
    if who is not None:
        session = as_(who).cookies["otklik_session"].value
        context.add_cookies([{"name": "otklik_session", "value": session, "url": address}])
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if _is_bad(said, strict=strict) else None)
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def _is_bad(said: ConsoleMessage, *, strict: bool) -> bool:
    return "Content Security Policy" in said.text or (strict and said.type == "error")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Where it is absent the test is skipped, on the CI machine it fails."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    require(chromium, "chromium is not installed; `make setup` as root installs it")
    # Playwright's loop stays in this thread; Django's guard against the ORM in async code means another thing.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # What an idle machine shows in a tenth of a second takes a busy one longer than Playwright's five seconds.
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        # Playwright's own limit is half a minute, which a busy machine needs.
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS, timeout=120_000)
        yield running
        running.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
