"""A site with something on each page, and a browser in which each kind of reader is logged in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from otklik.mail.inbox import accept
from otklik.mail.models import Mailbox
from tests.cast import START, Cast, build_cast

Open = Callable[..., Iterator[Page]]


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer, home: Path) -> Cast:
    """The cast, with a mail in the ledger."""
    cast = build_cast()
    accept(
        raw=b"From: anna@clinic.test\r\nTo: accredo@desk.test\r\nSubject: x\r\n\r\nwords\r\n",
        mailbox=Mailbox.objects.get(address="accredo@desk.test"),
        transport="smtp",
        envelope_from="anna@clinic.test",
        envelope_to="accredo@desk.test",
        at=START,
    )
    return cast


@pytest.fixture
def opened(site: Cast, live_server: LiveServer, browser: Browser) -> Open:
    """`with opened("agent", theme="dark", width=320, scripts=False) as page`: a tab of this reader.

    A script error or a breach of the Content-Security-Policy in it fails the test.
    """
    people = {"customer": site.anna, "colleague": site.boris, "stranger": site.stranger, "agent": site.agent}
    people |= {"lead": site.lead, "admin": site.admin}

    @contextmanager
    def tab(
        who: str, *, theme: str = "", sight: str = "", width: int = 1280, scripts: bool = True, **more: object
    ) -> Iterator[Page]:
        context = browser.new_context(
            base_url=live_server.url,
            locale="ru-RU",
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            # Colours that still move from one sheet to the next are nobody's colours.
            **{"reduced_motion": "reduce", **more},  # type: ignore[arg-type]
        )
        kept = {"otklik_theme": theme, "otklik_sight": sight}
        if who in people:
            client = Client()
            client.force_login(people[who])
            kept["otklik_session"] = client.cookies["otklik_session"].value
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in kept.items() if v])
        page, wrong = context.new_page(), list[str]()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        yield page
        context.close()
        assert wrong == []

    return tab  # type: ignore[return-value]
