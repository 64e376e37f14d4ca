"""Parse mails in child processes, with lanes for slow ones (ADR 46)."""

import atexit
import time
from typing import Final

from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import SECONDS, ParserChild, UnableToParse

SLOW_TOPIC = "slow inbox"
LANES: Final = (1.0, 5.0, SECONDS)
"""Seconds that a mail may take in each lane. If it takes longer, it moves to the next (`InboundMail.slow`)."""

# While slow mails keep coming the limit is lower, so that several in a row delay others no more than one would. An
# ordinary mail takes some milliseconds; one that needs more moves to the second lane.
_ALERT_SECONDS, _ALERT_LASTS = 0.3, 60.0

_READERS: Final = (
    ParserChild(seconds=LANES[0], spare=True),
    *(ParserChild(seconds=most) for most in LANES[1:]),
)
_PATIENT: Final = ParserChild()
for _reader in (*_READERS, _PATIENT):
    atexit.register(_reader.close)


class _Alert:
    """Whether this process met a slow mail recently."""

    until = 0.0


def seconds_now() -> float:
    """Return how long one mail may take in the first lane now."""
    return _ALERT_SECONDS if time.monotonic() < _Alert.until else LANES[0]


def met_hard_mail() -> None:
    """Shorten the first lane's time limit for a minute, after a mail exceeded it."""
    _Alert.until = time.monotonic() + _ALERT_LASTS


def read(mail: InboundMail) -> ParsedMail:
    """Parse the mail while a person waits. Raises UnableToParse."""
    return _PATIENT.parse(bytes(mail.raw))


def read_in_lane(mail: InboundMail) -> ParsedMail:
    """Parse the mail within its lane's time limit. Raises UnableToParse."""
    reader, quick = _READERS[mail.slow], mail.slow == 0
    try:
        return reader.parse(bytes(mail.raw), seconds_now() if quick else None)
    except UnableToParse as error:
        if quick and error.too_long:
            met_hard_mail()
        raise
    finally:
        if not quick:
            # Seldom needed, so it is not worth the memory of a process that waits.
            reader.close()


def has_another_lane(mail: InboundMail, error: UnableToParse) -> bool:
    """Return whether the mail merely exceeded its lane's time limit and there is a slower lane."""
    return error.too_long and mail.slow + 1 < len(LANES)
