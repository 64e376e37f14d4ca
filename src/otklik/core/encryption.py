"""Encryption at rest of secrets that must be readable again, such as a mailbox's password (AB-100)."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal

# Not a module's name: what is sealed with another purpose cannot be opened.
_PURPOSE = b"otklik.core.secrets.v1"


class UnableToUnseal(UnableTo):
    """What was encrypted cannot be read: the secret key is another one now, or the database was altered."""


def seal(text: str) -> str:
    """The text encrypted under a key derived from the secret key, which is kept outside the database."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again; also under an earlier key that SECRET_KEY_FALLBACKS names. Raises UnableToUnseal."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise UnableToUnseal(CoreRefusal.SECRET_KEY_CHANGED) from None


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
