"""Verify DKIM signatures of received mail before the intake processes it, outside of any transaction (ADR 42)."""

import logging
import time
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from otklik.core.due_times import ahead
from otklik.core.notify_channel import wake
from otklik.core.transient_errors import is_transient
from otklik.mail import dns_lookup
from otklik.mail.dkim_verify import vouching_domains
from otklik.mail.dns_batch import Questions
from otklik.mail.inbox import TOPIC
from otklik.mail.models import InboundMail

log = logging.getLogger("otklik.worker")

PATIENCE = timedelta(seconds=60)
"""How long a mail waits for DNS; then it is processed unverified."""

_STEP_SECONDS, _WAIT_SECONDS = 2.0, 0.2
_SIZE = 500


def senders_are_checked() -> bool:
    """Return whether this site authenticates senders at all; otherwise "not verified" is no warning."""
    return bool(settings.TRUSTED_AUTHSERV or settings.DKIM_CHECK)


def may_be_processed(at: datetime) -> Q:
    """A condition for mails that the intake may process: all, or with OTKLIK_DKIM_CHECK those checked or overdue."""
    if not settings.DKIM_CHECK:
        return Q()
    return Q(signed_by__isnull=False) | Q(received_at__lte=at - PATIENCE) | ahead("received_at", at)


def vouch_next() -> bool:
    """Check the DKIM signatures of one waiting mail and store the verified domains.

    Returns whether there was one, or an answer is pending. Unanswered DNS queries are repeated until PATIENCE is over,
    without blocking other mails. Two workers may check the same mail, harmlessly.
    """
    return settings.DKIM_CHECK and _looks(dns_lookup.configured()).step()


class Looks:
    """The mails that this process checks, and the DNS names they wait for."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._awaited: dict[int, set[str]] = {}

    def step(self) -> bool:
        """Check one mail within about _STEP_SECONDS; return whether one was finished or an answer is pending."""
        end = time.monotonic() + _STEP_SECONDS
        while time.monotonic() < end:
            answered = self._questions.answered
            mail = self._next()
            if mail is not None and self._settle(mail):
                return True
            if mail is None and not self._questions.wait(_WAIT_SECONDS, answered):
                return False
        return True

    def _next(self) -> InboundMail | None:
        """Return the oldest mail that does not wait for DNS."""
        waiting = InboundMail.objects.filter(state=InboundMail.State.WAITING, signed_by=None)
        recent = waiting.filter(received_at__gt=timezone.now() - PATIENCE)
        if self._awaited:
            still = set(recent.filter(pk__in=self._awaited).values_list("pk", flat=True))
            self._awaited = {pk: names for pk, names in self._awaited.items() if pk in still}
        idle = [pk for pk, names in self._awaited.items() if any(map(self._questions.is_open, names))]
        return recent.exclude(pk__in=idle).select_related("mailbox").order_by("id").first()

    def _settle(self, mail: InboundMail) -> bool:
        awaited: set[str] = set()

        def lookup(name: str) -> bytes | None:
            awaited.add(name)
            record = self._questions.answer(name)
            awaited.discard(name)
            return record

        try:
            domains = vouching_domains(bytes(mail.raw), mail.mailbox.address, lookup)
        except dns_lookup.Unanswered:
            self._awaited[mail.pk] = awaited
            return False
        except Exception as error:
            if is_transient(error):
                raise
            # A mail that cannot be checked must not block the others: it counts as unverified.
            log.exception("the signatures of mail %s cannot be read", mail.pk)
            domains = []
        with transaction.atomic():
            InboundMail.objects.filter(pk=mail.pk, signed_by=None).update(signed_by=_stored(domains))
            wake(TOPIC)
        return True


@lru_cache(maxsize=1)
def _looks(resolver: dns_lookup.Names) -> Looks:
    return Looks(Questions(resolver.text))


def _stored(domains: list[str]) -> str:
    joined = " ".join(domains)
    return joined if len(joined) <= _SIZE else ""
