"""Encryption at rest of secrets that must be readable again, such as a mailbox's password (AB-100)."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from otklik.core.errors import UnableTo
from otklik.core.refusals import CoreRefusal

# Part of the derived key: changing it makes everything stored unreadable. It does not follow the module's name.
_PURPOSE = b"otklik.core.secrets.v1"


class UnableToUnseal(UnableTo):
    """The text cannot be decrypted: the secret key has changed, or the stored value was altered."""


def seal(text: str) -> str:
    """Encrypt the text with a key derived from SECRET_KEY (HKDF-SHA256, Fernet). Returns ASCII text."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` returned, also under a key in SECRET_KEY_FALLBACKS. Raises UnableToUnseal."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        raise UnableToUnseal(CoreRefusal.SECRET_KEY_CHANGED) from None


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
