"""Block or allow a sender from now on."""

from datetime import datetime

from django.db import transaction

from otklik.desks.models import Channel, Desk
from otklik.desks.queries import own_addresses
from otklik.intake.commands.base import UnableToAct, require_staff
from otklik.intake.events import SenderForgotten, SenderRuled
from otklik.intake.refusals import IntakeRefusal
from otklik.intake.sender_rules import patterns_of
from otklik.journal.record import record
from otklik.mail.models import Mailbox, SenderRule
from otklik.people.actor import Actor
from otklik.people.refusals import PersonRefusal

# Many customers write from these domains, so a rule for a whole domain must be a mistake.
PUBLIC_DOMAINS = frozenset(
    """mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru yandex.ru ya.ru yandex.com yandex.by yandex.kz narod.ru
    rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru gmail.com googlemail.com outlook.com hotmail.com live.com
    icloud.com me.com yahoo.com proton.me protonmail.com ukr.net tut.by gmx.de gmx.net web.de""".split()
)


def rule_sender(*, actor: Actor, at: datetime, desk: Desk, pattern: str, verdict: str) -> str:
    """Block or allow an address ("a@b.ru") or a domain ("@b.ru") in all mailboxes of the desk; return the pattern.

    Applies to mail processed from now on and replaces an earlier rule for the pattern. Raises UnableToAct: an invalid
    address, one of our own addresses or domains, a public mail domain.
    """
    known = _canonical(pattern)
    _require_sensible(known)
    with transaction.atomic():
        require_staff(actor, desk)
        for mailbox in _mailboxes(desk):
            SenderRule.objects.update_or_create(
                mailbox=mailbox,
                pattern=known,
                defaults={"verdict": verdict, "created_at": at, "created_by": actor.label[:400]},
            )
        record(SenderRuled(pattern=known, verdict=verdict), about=desk.pk, by=actor, at=at)
    return known


def forget_sender(*, actor: Actor, at: datetime, desk: Desk, pattern: str) -> bool:
    """Delete the rule in all mailboxes of the desk; return whether there was one."""
    with transaction.atomic():
        require_staff(actor, desk)
        gone, _rows = SenderRule.objects.filter(mailbox__in=_mailboxes(desk), pattern=pattern).delete()
        if gone:
            record(SenderForgotten(pattern=pattern), about=desk.pk, by=actor, at=at)
    return bool(gone)


def _canonical(pattern: str) -> str:
    text = pattern.strip()
    patterns = patterns_of(f"anybody{text}" if text.startswith("@") else text)
    if not patterns:
        raise UnableToAct(PersonRefusal.BAD_ADDRESS)
    return patterns[1] if text.startswith("@") else patterns[0]


def _require_sensible(pattern: str) -> None:
    own = own_addresses()
    if pattern in own or pattern in {f"@{address.rpartition('@')[2]}" for address in own}:
        raise UnableToAct(IntakeRefusal.ADDRESS_OF_OWN_DESK)
    if pattern.removeprefix("@") in PUBLIC_DOMAINS:
        raise UnableToAct(IntakeRefusal.DOMAIN_TOO_LARGE)


def _mailboxes(desk: Desk) -> list[Mailbox]:
    return [channel.mailbox for channel in Channel.objects.filter(desk=desk).select_related("mailbox").order_by("id")]
