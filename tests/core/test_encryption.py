"""Encryption of mailbox passwords at rest (AB-100)."""

import pytest
from django.test.utils import override_settings

from otklik.core import encryption

# Sealed once and kept here: a database holds such texts for years.
EARLIER_KEY = "a key of an earlier year"
EARLIER = (
    "gAAAAABrDPToz0HXIeyWMMG7OhhxsDXRsYADeJaNV2aDt5zilEP3RfGRSFfwsfFPznZBPaX_63afrRTs6FF4HfAZD6"
    "hLhed-t7YT4VNRRhegGz7mMI8crqs="
)


def test_ab_100_what_an_earlier_version_sealed_opens() -> None:
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[EARLIER_KEY]):
        assert encryption.unseal(EARLIER) == "пароль ящика"


def test_ab_100_what_is_sealed_is_unreadable_and_opens_again() -> None:
    sealed = encryption.seal("пароль ящика")
    assert "пароль" not in sealed and encryption.unseal(sealed) == "пароль ящика"
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]), pytest.raises(encryption.UnableToUnseal):
        encryption.unseal(sealed)
