"""The mark on every mail of ours by which we know it again when it comes back (AB-91)."""

import hmac

from django.utils.crypto import salted_hmac

HEADER = "X-Otklik-Desk"


def our_mark() -> str:
    """The header's value: the same for all mails of this installation, and of no other."""
    return salted_hmac("otklik.loop", "mark", algorithm="sha256").hexdigest()[:32]


def is_our_mark(value: str) -> bool:
    """Whether a mail with this mark was sent by this installation."""
    return hmac.compare_digest(value.strip().encode(), our_mark().encode())
