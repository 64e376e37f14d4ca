"""DKIM signing of outgoing mail (RFC 6376 with RSA, RFC 8463 with Ed25519), and key generation."""

import base64
import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from django.conf import settings

from otklik.core.encryption import seal, unseal
from otklik.core.env import BadSetting
from otklik.core.errors import UnableTo
from otklik.core.lazy_modules import Later
from otklik.mail.models import DkimKey
from otklik.mail.refusals import MailRefusal

dkim = Later("dkim")
log = logging.getLogger("otklik.mail")
RSA_BITS = 2048
_KEPT_SECONDS = 30.0
# Signed even if absent (oversigning), so that none can be added in transit.
_SIGNED = (
    b"from from to subject subject date message-id reply-to in-reply-to references mime-version content-type"
    b" content-transfer-encoding list-unsubscribe list-unsubscribe-post auto-submitted"
).split()


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key."""

    domain: str
    selector: str
    algorithm: str
    private: bytes


class _Kept:
    """The process's cached keys."""

    lock = threading.Lock()
    signers: tuple[Signer, ...] = ()
    until = 0.0


def signed(raw: bytes, sender: str) -> bytes:
    """Return the mail signed with each key of the sender's domain; unchanged if there is none, or if none works."""
    domain = sender.rpartition("@")[2]
    made = raw
    for signer in _signers():
        if domain == signer.domain or domain.endswith(f".{signer.domain}"):
            made = _signature(raw, signer) + made
    return made


def make_key(*, domain: str, selector: str, algorithm: str, at: datetime) -> DkimKey:
    """Create a key; its private half is stored encrypted. Raises UnableTo if the selector is taken."""
    if DkimKey.objects.filter(domain=domain, selector=selector).exists():
        raise UnableTo(MailRefusal.DKIM_SELECTOR_TAKEN, selector=selector, domain=domain)
    private = _new_rsa() if algorithm == DkimKey.Algorithm.RSA else _new_ed25519()
    key = DkimKey.objects.create(
        domain=domain, selector=selector, algorithm=algorithm, private=seal(private), created_at=at
    )
    forget()
    return key


def record_of(signer: Signer) -> tuple[str, str]:
    """(name, value) of the TXT record to publish (RFC 6376 section 3.6.1)."""
    if signer.algorithm == DkimKey.Algorithm.ED25519:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(signer.private)).public_key()
        public = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        loaded = serialization.load_pem_private_key(signer.private, password=None)
        public = loaded.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    value = f"v=DKIM1; k={signer.algorithm}; p={base64.b64encode(public).decode('ascii')}"
    return f"{signer.selector}._domainkey.{signer.domain}", value


def all_signers() -> tuple[Signer, ...]:
    """Return the keys of the settings and of the database. Raises BadSetting and UnableToUnseal."""
    rows = DkimKey.objects.order_by("domain", "id")
    stored = [Signer(key.domain, key.selector, key.algorithm, unseal(key.private).encode()) for key in rows]
    return (*_configured(), *stored)


def forget() -> None:
    """Clear the cache of keys."""
    _Kept.until = 0.0


def _signers() -> tuple[Signer, ...]:
    with _Kept.lock:
        if time.monotonic() >= _Kept.until:
            try:
                _Kept.signers = all_signers()
            except (UnableTo, BadSetting) as error:
                # Send unsigned rather than not at all; `otklik doctor` reports the error.
                log.error("mail is not signed: %s", error)
                _Kept.signers = ()
            _Kept.until = time.monotonic() + _KEPT_SECONDS
        return _Kept.signers


def _configured() -> list[Signer]:
    if not settings.DKIM_KEY:
        return []
    if not (settings.DKIM_DOMAIN and settings.DKIM_SELECTOR):
        raise BadSetting("OTKLIK_DKIM_KEY needs OTKLIK_DKIM_DOMAIN and OTKLIK_DKIM_SELECTOR")
    try:
        key = serialization.load_pem_private_key(settings.DKIM_KEY.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadSetting(f"OTKLIK_DKIM_KEY is no private key in PEM: {error}") from None
    private, algorithm = _private(key)
    return [Signer(settings.DKIM_DOMAIN.lower(), settings.DKIM_SELECTOR, algorithm, private)]


def _private(key: object) -> tuple[bytes, str]:
    if isinstance(key, Ed25519PrivateKey):
        return base64.b64encode(key.private_bytes_raw()), DkimKey.Algorithm.ED25519
    if isinstance(key, RSAPrivateKey) and key.key_size >= 1024:
        return _pem(key).encode(), DkimKey.Algorithm.RSA
    raise BadSetting("OTKLIK_DKIM_KEY must be an RSA key of 1024 bits or more, or an Ed25519 key")


def _signature(raw: bytes, signer: Signer) -> bytes:
    try:
        made: bytes = dkim.sign(
            raw,
            signer.selector.encode(),
            signer.domain.encode(),
            signer.private,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=f"{signer.algorithm}-sha256".encode(),
            include_headers=_SIGNED,
        )
    except (dkim.DKIMException, ValueError) as error:
        log.error("mail is not signed with %s: %s", signer.selector, error)
        return b""
    return made


def _new_rsa() -> str:
    return _pem(generate_private_key(public_exponent=65537, key_size=RSA_BITS))


def _pem(key: RSAPrivateKey) -> str:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return encoded.decode("ascii")


def _new_ed25519() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode("ascii")
