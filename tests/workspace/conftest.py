"""A browser on the agents' pages, served with the product's own security policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, build_cast
from tests.postoffice import people, sink
from tests.workspace.helpers import as_


@pytest.fixture
def live(transactional_db: None, live_server: LiveServer) -> Cast:
    """The cast, in the database that the live server reads."""
    return build_cast()


@pytest.fixture
def agents_page(live: Cast, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """A tab in which the agent is logged in; a script error or a breach of the policy fails the test."""
    context = browser.new_context(base_url=live_server.url, locale="ru-RU")
    session = as_(live.agent).cookies["otklik_session"].value
    context.add_cookies([{"name": "otklik_session", "value": session, "url": live_server.url}])
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert wrong == []


__all__ = ["agents_page", "live", "people", "sink"]
