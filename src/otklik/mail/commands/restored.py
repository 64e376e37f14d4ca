"""After a restore: mails that waited to be sent when the backup was made, and may have been sent since."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from otklik.core.notify_channel import wake
from otklik.journal.record import record
from otklik.mail.deliver import TOPIC
from otklik.mail.events import RestoredDropped, RestoredSent
from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor

State = OutboundMail.State


def held() -> QuerySet[OutboundMail]:
    """The mails held back by a restore."""
    return OutboundMail.objects.filter(state=State.RESTORED)


def hold_queued() -> int:
    """Hold back all queued mails; return their number. For the restore, before a worker runs."""
    return OutboundMail.objects.filter(state=State.QUEUED).update(
        state=State.RESTORED, claimed_until=None, delayed_by="", delayed_since=None
    )


def release_held(*, actor: Actor, at: datetime) -> int:
    """Queue the held mails with their original Message-IDs, for five days from now; return their number."""
    with transaction.atomic():
        count = held().update(state=State.QUEUED, retry_at=at, again_at=at, attempts=0)
        _tell(RestoredSent(mails=count), actor, at)
    return count


def drop_held(*, actor: Actor, at: datetime) -> int:
    """Cancel the held mails, emptying those that give access to an account; return their number."""
    with transaction.atomic():
        held().filter(sensitive=True).update(text="", html="")
        count = held().update(state=State.CANCELLED)
        _tell(RestoredDropped(mails=count), actor, at)
    return count


def _tell(told: RestoredSent | RestoredDropped, actor: Actor, at: datetime) -> None:
    if told.mails:
        record(told, about=0, by=actor, at=at)
        wake(TOPIC)
