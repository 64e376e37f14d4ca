"""Security settings, checked directly because no other test fails at once when one is loosened."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_settings import SETTINGS

SAFE = {
    "DEBUG": False,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_HTTPONLY": True,
    "ACCOUNT_PREVENT_ENUMERATION": True,
    "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
    "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SOCIALACCOUNT_STORE_TOKENS": False,
    "X_FRAME_OPTIONS": "DENY",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("OTKLIK_", "DATABASE_")) and name != "OTKLIK_TEST_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))


def settings_at(address: str, monkeypatch: pytest.MonkeyPatch, **more: str) -> dict[str, Any]:
    for name, value in {"OTKLIK_PUBLIC_URL": address, **more}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(SETTINGS)


@pytest.mark.parametrize("address", ["https://desk.example.org", "http://127.0.0.1:8000"])
def test_what_protects_stands_at_every_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_at(address, monkeypatch)
    assert {name: found[name] for name in SAFE} == SAFE


def test_over_https_no_cookie_goes_without_it_and_browsers_remember_that(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_at("https://desk.example.org", monkeypatch)
    for name in ("SESSION", "CSRF"):
        assert found[f"{name}_COOKIE_SECURE"] and found[f"{name}_COOKIE_NAME"].startswith("__Host-")
    assert found["DEVICE_COOKIE_NAME"].startswith("__Host-")
    assert found["SECURE_SSL_REDIRECT"] and found["SECURE_HSTS_SECONDS"] > 0
    assert "SECURE_PROXY_SSL_HEADER" not in found, "anybody could say that a request came by https"


def test_a_proxy_that_redirects_itself_and_one_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"OTKLIK_NO_SSL_REDIRECT": "1", "OTKLIK_TRUSTED_PROXIES": "1"}
    found = settings_at("https://desk.example.org", monkeypatch, **more)
    assert not found["SECURE_SSL_REDIRECT"] and found["SESSION_COOKIE_SECURE"]
    assert found["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_a_plain_address_is_usable_without_https(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings_at("http://127.0.0.1:8000", monkeypatch)
    assert not found["SESSION_COOKIE_SECURE"] and not found["SECURE_SSL_REDIRECT"] and not found["SECURE_HSTS_SECONDS"]


def test_whoever_floods_the_cache_pushes_no_throttle_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Throttles are stored in the cache; adding a key costs a request each, and an hour allows fewer than fit."""
    found = settings_at("http://127.0.0.1:8000", monkeypatch)
    assert found["CACHES"]["default"]["OPTIONS"]["MAX_ENTRIES"] >= 20_000
