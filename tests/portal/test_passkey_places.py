"""Hosts for which passkeys are possible (WebAuthn, 5.1.2)."""

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from otklik.portal.passkeys import passkey_trouble


@pytest.mark.parametrize(
    ("host", "public", "works"),
    [
        ("localhost:8000", "http://localhost:8000", True),
        ("desk.localhost", "http://desk.localhost", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", False),
        ("[::1]:8000", "http://localhost:8000", False),
        ("10.0.0.5", "https://10.0.0.5", False),
        ("desk.test", "http://desk.test", False),
        ("desk.test", "https://desk.test", True),
        ("other.test", "https://desk.test", False),
    ],
)
def test_a_name_and_a_secure_page_are_needed(settings: Settings, host: str, public: str, works: bool) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = public, ["*"]
    assert (passkey_trouble(RequestFactory().get("/", headers={"host": host})) == "") is works


def test_https_is_enough_for_a_name(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert passkey_trouble(RequestFactory().get("/", secure=True, headers={"host": "desk.test"})) == ""
