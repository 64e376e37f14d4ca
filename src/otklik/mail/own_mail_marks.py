"""Headers and text marks of our own mail, by which it is recognised when it returns, even through a relay that strips
headers (AB-91).
"""

import hmac
import re
import secrets

from django.utils.crypto import salted_hmac

HEADER = "X-Otklik-Desk"
_TAIL = ".otklik"
_BOUNDARY = "=_otklik_"
_HEAD_SIZE = 64 * 1024
_BOUNDARY_HERE = re.compile(
    rb'^content-type:[^\n]*(?:\n[ \t][^\n]*)*?boundary="?=_otklik_', re.IGNORECASE | re.MULTILINE
)


def our_mark() -> str:
    """Return this installation's header value."""
    return salted_hmac("otklik.loop", "mark", algorithm="sha256").hexdigest()[:32]


def is_our_mark(value: str) -> bool:
    """Return whether the value is this installation's."""
    return hmac.compare_digest(value.strip().encode(), our_mark().encode())


def new_message_id(domain: str, token: str = "") -> str:
    """Return a Message-ID in angle brackets. `token`: a participant's token, put in front."""
    return f"<{token}{'.' if token else ''}{secrets.token_hex(8)}{_TAIL}@{domain}>"


def new_boundary() -> str:
    """Return a new MIME boundary that marks our mails."""
    return f"{_BOUNDARY}{secrets.token_hex(12)}=="


def is_from_an_otklik(message_id: str, raw: bytes) -> bool:
    """Return whether any Otklik wrote this very mail.

    Looks at the Message-ID and the outermost boundary only, which mail programs replace: replies and forwards of our
    mails are by people.
    """
    if message_id.strip("<> ").rpartition("@")[0].endswith(_TAIL):
        return True
    head = re.split(rb"\r?\n\r?\n", raw[:_HEAD_SIZE], maxsplit=1)[0].replace(b"\r\n", b"\n")
    return _BOUNDARY_HERE.search(head) is not None
