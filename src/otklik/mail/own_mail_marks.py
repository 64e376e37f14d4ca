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
    """The header's value: the same for all mails of this installation, and of no other."""
    return salted_hmac("otklik.loop", "mark", algorithm="sha256").hexdigest()[:32]


def is_our_mark(value: str) -> bool:
    """Whether a mail with this mark was sent by this installation."""
    return hmac.compare_digest(value.strip().encode(), our_mark().encode())


def new_message_id(domain: str, token: str = "") -> str:
    """A Message-ID, in angle brackets. `token`: the signed part of a participant, which comes first."""
    return f"<{token}{'.' if token else ''}{secrets.token_hex(8)}{_TAIL}@{domain}>"


def new_boundary() -> str:
    """What separates the parts of a mail of ours."""
    return f"{_BOUNDARY}{secrets.token_hex(12)}=="


def is_from_an_otklik(message_id: str, raw: bytes) -> bool:
    """Whether an Otklik wrote this very mail, ours or somebody else's, by itself or for an agent.

    Only the mail's own Message-ID and its outermost boundary are looked at, which a mail program makes anew: who
    answers or forwards a mail of ours is a person.
    """
    if message_id.strip("<> ").rpartition("@")[0].endswith(_TAIL):
        return True
    head = re.split(rb"\r?\n\r?\n", raw[:_HEAD_SIZE], maxsplit=1)[0].replace(b"\r\n", b"\n")
    return _BOUNDARY_HERE.search(head) is not None
