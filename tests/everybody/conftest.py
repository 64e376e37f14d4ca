"""A site with data on each page, and tabs in which each kind of reader is logged in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast, build_cast
from tests.everybody.table import fill
from tests.postoffice import put_mail

Open = Callable[..., Iterator[Page]]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, home: Path) -> Cast:
    """Return the cast, with one mail in the ledger."""
    cast = build_cast()
    put_mail()
    return cast


@pytest.fixture
def places(site: Cast) -> dict[str, object]:
    """Return the value of each {placeholder} in the table."""
    return fill(site)


@pytest.fixture
def opened(site: Cast, live_server: LiveServer, browser: Browser) -> Open:
    """Return a function: `with opened("agent", theme="dark", width=320, scripts=False) as page` opens a tab of this
    reader.

    A script error or a violation of the Content-Security-Policy in it fails the test.
    """
    people = {"customer": site.anna, "colleague": site.boris, "stranger": site.stranger, "agent": site.agent}
    people |= {"lead": site.lead, "admin": site.admin}

    @contextmanager
    def tab(
        who: str, *, theme: str = "", sight: str = "", width: int = 1280, scripts: bool = True, **more: object
    ) -> Iterator[Page]:
        # Colours in the middle of a transition cannot be checked.
        options = {"java_script_enabled": scripts, "reduced_motion": "reduce", **more}
        window = {"width": width, "height": 800}
        with watched_tab(browser, live_server.url, people.get(who), viewport=window, **options) as page:
            cookies = {"otklik_theme": theme, "otklik_sight": sight}
            page.context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items() if v])
            yield page

    return tab  # type: ignore[return-value]
