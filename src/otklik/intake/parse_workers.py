"""Parse mails in child processes, with lanes for slow ones (ADR 46)."""

import atexit
import time
from typing import Final

from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child_process import SECONDS, ParserChild, UnableToParse

SLOW_TOPIC = "slow inbox"
LANES: Final = (1.0, 5.0, SECONDS)
"""How many seconds a mail may take in each lane. One that needs more waits in the next (`InboundMail.slow`)."""

# While hard mails keep coming they get less, so that several in a row delay the others no more than one does. An
# ordinary mail needs some milliseconds; where this is too little for one, the second lane has room.
_ALERT_SECONDS, _ALERT_LASTS = 0.3, 60.0

_READERS: Final = (
    ParserChild(seconds=LANES[0], spare=True),
    *(ParserChild(seconds=most) for most in LANES[1:]),
)
_PATIENT: Final = ParserChild()
for _reader in (*_READERS, _PATIENT):
    atexit.register(_reader.close)


class _Alert:
    """Whether this process met a hard mail a moment ago."""

    until = 0.0


def seconds_now() -> float:
    """How long one mail may take in the first lane at this moment."""
    return _ALERT_SECONDS if time.monotonic() < _Alert.until else LANES[0]


def met_hard_mail() -> None:
    """One took too long in the first lane: for a while the next ones have less time there."""
    _Alert.until = time.monotonic() + _ALERT_LASTS


def read(mail: InboundMail) -> ParsedMail:
    """What the mail says, for a person who asks and waits. Raises UnableToParse."""
    return _PATIENT.parse(bytes(mail.raw))


def read_in_lane(mail: InboundMail) -> ParsedMail:
    """What the mail says, within the time of its lane. Raises UnableToParse."""
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
    """Whether the mail only took too long for its lane."""
    return error.too_long and mail.slow + 1 < len(LANES)
