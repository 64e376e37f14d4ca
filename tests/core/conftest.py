"""Compiled Russian translations of `core` and `ui` for tests."""

from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

from tests.postoffice import people

__all__ = ["compiled_messages", "people"]

SOURCE = Path(__file__).resolve().parents[2] / "src" / "otklik"


@pytest.fixture
def compiled_messages(tmp_path: Path) -> Iterator[None]:
    """Activate Russian with the .po files of `core` and `ui`, whether or not .mo files exist."""
    target = tmp_path / "locale/ru/LC_MESSAGES"
    target.mkdir(parents=True)
    catalogue = polib.pofile(str(SOURCE / "core/locale/ru/LC_MESSAGES/django.po"))
    catalogue.extend(polib.pofile(str(SOURCE / "ui/locale/ru/LC_MESSAGES/django.po")))
    catalogue.save_as_mofile(str(target / "django.mo"))
    _forget_catalogues()
    with override_settings(LOCALE_PATHS=[tmp_path / "locale"]), translation.override("ru"):
        yield
    _forget_catalogues()


def _forget_catalogues() -> None:
    trans_real._translations.clear()  # type: ignore[attr-defined]
