"""VERP: a return path for each mail, so that a bounce identifies the mail it is about.

`accredo+b<id>-<proof>@…`, where the proof is an HMAC of 128 bits. It reaches the mailbox as the signed reply address
does; who has it can say that this one mail came back, and nothing else (RL-27).
"""

import base64
import hmac
import re

from django.conf import settings
from django.utils.crypto import salted_hmac

from otklik.mail.models import OutboundMail

_SHAPE = re.compile(r"b([0-9]{1,18})-([a-z2-7]{26})")
_LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1


def return_path(mail: OutboundMail) -> str:
    """Return the envelope sender: the mail's own return address, or the plain sender if those are off or too long."""
    return _returning_to(mail.sender, mail.pk)


def example_path(sender: str) -> str:
    """Return an example of an envelope sender for this address; it belongs to no mail."""
    return _returning_to(sender, 0)


def _returning_to(sender: str, pk: int) -> str:
    local, _at, domain = sender.rpartition("@")
    marked = f"{local}+b{pk}-{_proof(pk)}"
    return f"{marked}@{domain}" if settings.VERP and len(marked) <= _LONGEST_LOCAL_PART else sender


def returned_mail(envelope_to: str) -> int | None:
    """Return the id of the mail whose return address this is; None for others, and for forged ones."""
    _local, plus, tag = envelope_to.rpartition("@")[0].rpartition("+")
    match = _SHAPE.fullmatch(tag.lower()) if plus else None
    if match is None:
        return None
    pk = int(match.group(1))
    return pk if hmac.compare_digest(match.group(2), _proof(pk)) else None


def _proof(pk: int) -> str:
    digest = salted_hmac("otklik.return", str(pk), algorithm="sha256").digest()[:16]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()
