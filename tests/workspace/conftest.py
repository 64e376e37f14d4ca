"""A tab on the agents' pages, served with the product's own Content-Security-Policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser import watched_tab
from tests.cast import Cast
from tests.postoffice import people, sink


@pytest.fixture
def agents_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Yield a tab in which the agent is logged in; a script error or a violation of the policy fails the test."""
    with watched_tab(browser, live_server.url, live.agent) as page:
        yield page


__all__ = ["agents_page", "people", "sink"]
