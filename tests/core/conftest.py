"""Translations of this package, compiled for the tests that read Russian; a browser for the scripts."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real
from playwright.sync_api import Browser, sync_playwright

SOURCE = Path(__file__).resolve().parents[2] / "src" / "otklik"


@pytest.fixture
def compiled_messages(tmp_path: Path) -> Iterator[None]:
    """The core's Russian words from its .po file, whether or not .mo files were made."""
    target = tmp_path / "locale/ru/LC_MESSAGES"
    target.mkdir(parents=True)
    polib.pofile(str(SOURCE / "core/locale/ru/LC_MESSAGES/django.po")).save_as_mofile(str(target / "django.mo"))
    _forget_catalogues()
    with override_settings(LOCALE_PATHS=[tmp_path / "locale"]), translation.override("ru"):
        yield
    _forget_catalogues()


def _forget_catalogues() -> None:
    trans_real._translations.clear()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. With CI=true its absence is a failure, elsewhere a skip that says so."""
    chromium = shutil.which("chromium")
    if chromium is None:
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent("chromium is not installed; `make setup` as root installs it")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as player:
        chrome = player.chromium.launch(executable_path=chromium, args=[*quiet, "--disable-sync", "--no-first-run"])
        yield chrome
        chrome.close()
