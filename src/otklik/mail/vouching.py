"""Has a domain signed this mail? Asked once per mail, before the intake takes it up, outside of any transaction."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from otklik.core.wakeup import wake
from otklik.mail import names
from otklik.mail.inbox import TOPIC
from otklik.mail.models import InboundMail
from otklik.mail.signatures import vouching_domains

PATIENCE = timedelta(seconds=60)
"""So long a mail waits for the answer; then it is processed without one."""

_SIZE = 500


def may_be_processed(at: datetime) -> Q:
    """Which waiting mails the intake may take up: all, or (where signatures are checked) those looked at."""
    if not settings.DKIM_CHECK:
        return Q()
    return Q(signed_by__isnull=False) | Q(received_at__lte=at - PATIENCE)


def vouch_next() -> bool:
    """Look at the signatures of one waiting mail and write down who vouches; returns whether there was one.

    Two workers that meet at one mail do the same work twice, without harm. A crash leaves the mail as it was.
    """
    if not settings.DKIM_CHECK:
        return False
    waiting = InboundMail.objects.filter(state=InboundMail.State.WAITING, signed_by=None)
    recent = waiting.filter(received_at__gt=timezone.now() - PATIENCE).select_related("mailbox")
    mail = recent.order_by("id").first()
    if mail is None:
        return False
    domains = vouching_domains(bytes(mail.raw), mail.mailbox.address, names.configured().text)
    with transaction.atomic():
        InboundMail.objects.filter(pk=mail.pk, signed_by=None).update(signed_by=_stored(domains))
        wake(TOPIC)
    return True


def _stored(domains: list[str]) -> str:
    kept = " ".join(domains)
    return kept if len(kept) <= _SIZE else ""
