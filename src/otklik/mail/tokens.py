"""The signed part of reply addresses and Message-IDs (rule R2).

A token is a bearer secret of one participant of one ticket: an HMAC over (version, participant, epoch) of 128 bits,
written in lower-case base32 because mail systems may change the case of an address. It only lets words be appended.
Numbers from FORWARDS on are no participants: they name a mail that an agent forwarded (ADR 109), so that whatever finds
and hides tokens knows those, too.
"""

import base64
import hmac
import re

from django.utils.crypto import salted_hmac

VERSION = "1"
FORWARDS = 36**12
"""Above any participant's id; twice as much still fits into the database column."""

_SHAPE = re.compile(r"1([0-9a-z]{1,13})([a-z2-7]{26})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sign(participant: int, epoch: int) -> str:
    """Return the token of a participant row; at most 40 characters of [0-9a-z]."""
    return f"{VERSION}{_base36(participant)}{_mac(participant, epoch)}"


def sign_forward(forward: int) -> str:
    """Return the token of a forwarded mail, which has no epochs."""
    return sign(FORWARDS + forward, 1)


def forward_of(token: str) -> int | None:
    """Return the forward's id if the token is genuine and of a forward; otherwise None."""
    number = participant_of(token)
    return number - FORWARDS if number is not None and number > FORWARDS and is_genuine(token, number, 1) else None


def participant_of(token: str) -> int | None:
    """Return the participant's id in a token, which need not be genuine; None for any other text (AB-05)."""
    match = _SHAPE.fullmatch(token.lower())
    return int(match.group(1), 36) if match and not match.group(1).startswith("0") else None


def is_genuine(token: str, participant: int, epoch: int) -> bool:
    """Return whether we made this token for that participant and epoch. Constant time."""
    return hmac.compare_digest(token.lower().encode(), sign(participant, epoch).encode())


def _mac(participant: int, epoch: int) -> str:
    message = f"{VERSION}:{participant}:{epoch}"
    digest = salted_hmac("otklik.reply", message, algorithm="sha256").digest()[:16]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits
