"""The visitor of the story."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Yield a page of a new visitor whose browser asks for English; the product must be Russian all the same."""
    context = browser.new_context(locale="en-US", timezone_id="Europe/Moscow", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
