"""From a stored mail to a ticket: claim, read, check, thread, identify, decide, do, settle."""

import atexit
import logging
import traceback
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation

from otklik.core.durability import repeatable_work
from otklik.core.faults import faultpoint
from otklik.core.passing import is_passing
from otklik.desks.models import Channel
from otklik.intake import checks, copied, sender, thread
from otklik.intake.acts import do, give_up, settle_finding
from otklik.intake.decide import decide
from otklik.intake.settle import note
from otklik.mail.inbox import TOPIC
from otklik.mail.models import InboundMail
from otklik.mail.parse import ParsedMail
from otklik.mail.parse.child import ParserChild, UnableToParse
from otklik.mail.vouching import may_be_processed

__all__ = ["TOPIC", "process_next"]

log = logging.getLogger("otklik.intake")

TRIES = 3
_REST = (timedelta(seconds=5), timedelta(seconds=30))
_READER = ParserChild()
atexit.register(_READER.close)


def process_next() -> bool:
    """Process one waiting mail, the oldest; returns whether there was one.

    Everything happens in one transaction: a crash at any point leaves the mail waiting as it was, and running twice
    does no harm. A mail that fails three times, or cannot be read at all, becomes a visible ticket with the original.
    """
    claimed: int | None = None
    try:
        with transaction.atomic():
            mail = _claim(timezone.now())
            if mail is None:
                return False
            claimed = mail.pk
            repeatable_work()
            faultpoint("after_claim")
            _process(mail, timezone.now())
            faultpoint("mid_apply")
        faultpoint("after_apply")
    except Exception as error:
        if claimed is None:
            raise
        log.exception("mail %s was not processed", claimed)
        _failed(claimed, error)
    return True


def _claim(now: datetime) -> InboundMail | None:
    waiting = InboundMail.objects.select_for_update(of=("self",), skip_locked=True).select_related("mailbox")
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    return waiting.filter(due, may_be_processed(now), state=InboundMail.State.WAITING).order_by("id").first()


def _process(mail: InboundMail, at: datetime) -> None:
    channel = Channel.objects.select_related("desk", "request_type").get(mailbox=mail.mailbox)
    with translation.override(channel.desk.language):
        parsed = read(mail)
        note(mail, parsed)
        finding = checks.first_finding(parsed, mail)
        if finding is not None:
            settle_finding(mail, parsed, channel.desk, finding, at)
            return
        mail.silent = checks.silence(parsed, mail)[:200]
        clue = thread.find(parsed, mail, channel.desk)
        writer = sender.identify(parsed, clue, mail.signed_by)
        decision = decide(clue, writer, at)
        mail.rule, mail.level = clue.rule if clue else "", writer.level
        do(decision, mail, parsed, writer, channel, at)
        copied.settle_named(mail, parsed, writer, decision, at)


def read(mail: InboundMail) -> ParsedMail:
    """What the mail says, read in a process of its own. Raises UnableToParse."""
    return _READER.parse(bytes(mail.raw))


def _failed(pk: int, error: Exception) -> None:
    """Write down that a try failed, in a transaction of its own; after the last try make the mail visible.

    Trouble of the machine (no room on the disk, say) is no try: the mail waits until that is over, however long.
    When the database itself is away this raises, the mail stays as it was, and the pump rests.
    """
    now = timezone.now()
    with transaction.atomic():
        mail = InboundMail.objects.select_for_update().get(pk=pk)
        if mail.state != InboundMail.State.WAITING:
            return
        mail.attempts += 0 if is_passing(error) else 1
        mail.error = "".join(traceback.format_exception(error))[-8000:].replace("\0", "")
        mail.retry_at = now + _REST[min(max(mail.attempts, 1), len(_REST)) - 1]
        mail.save(update_fields=["attempts", "error", "retry_at"])
    if mail.attempts >= TRIES or (isinstance(error, UnableToParse) and not error.died):
        give_up(pk, error, now)
