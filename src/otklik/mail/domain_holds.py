"""Pause delivery for the sender or recipient domain of a mail that was refused for a reason of ours. Per process.

One mail of a group is tried now and then, not all of them: a server that refuses us is not hammered, and what others
get is not held up. In memory, by a clock that nobody sets back; a new process finds out by itself.
"""

import threading
import time

from otklik.mail.models import OutboundMail
from otklik.mail.smtp_connection import Refused
from otklik.mail.smtp_refusals import OURS, Stage

# With the pump's polling, sending resumes within a minute after the trouble is over.
SECONDS = 30.0
_lock = threading.Lock()
_until: dict[str, float] = {}


def keys_of(mail: OutboundMail) -> tuple[str, str]:
    """The groups a mail belongs to: those with its sender, and those to its recipient's domain."""
    return f"from {mail.sender}", f"to {domain_of(mail)}"


def domain_of(mail: OutboundMail) -> str:
    """The domain of the mail's recipient, lower-cased."""
    return mail.recipient.rpartition("@")[2].lower()


def after(mail: OutboundMail, refusal: Refused) -> None:
    """After a refusal that concerns us rather than the mail, hold mails that would get the same reply."""
    if refusal.blame not in OURS:
        return
    of_the_sender, to_the_domain = keys_of(mail)
    with _lock:
        _until[of_the_sender if refusal.stage == Stage.MAIL else to_the_domain] = time.monotonic() + SECONDS


def seconds_left(mail: OutboundMail) -> float:
    """Return how long the mail is still held, 0 if it may be tried."""
    now = time.monotonic()
    with _lock:
        return max(0.0, *(_until.get(key, 0.0) - now for key in keys_of(mail)))


def lift(mail: OutboundMail) -> None:
    """Release the groups of a mail that was accepted."""
    with _lock:
        for key in keys_of(mail):
            _until.pop(key, None)


def number() -> int:
    """Return how many groups are held."""
    now = time.monotonic()
    with _lock:
        return sum(until > now for until in _until.values())


def clear() -> None:
    """Release every held domain."""
    with _lock:
        _until.clear()
