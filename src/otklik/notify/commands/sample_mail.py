"""Send a lead a sample of the desk's mail text, to see it in a real mail program."""

from datetime import datetime

from django.db import transaction

from otklik.core.errors import UnableTo
from otklik.desks.access import is_lead
from otklik.desks.models import Desk
from otklik.journal.record import record
from otklik.mail.domains import box_of
from otklik.mail.inbox import mailbox_for
from otklik.mail.models import OutboundMail
from otklik.mail.own_mail_marks import new_message_id
from otklik.notify.events import SampleSent
from otklik.notify.from_name import sender_name
from otklik.notify.outbox import Draft, post
from otklik.notify.refusals import NotifyRefusal
from otklik.notify.rendering import Letter, sender_address
from otklik.people.actor import Actor
from otklik.people.models import Person

KIND = "sample"


class UnableToSend(UnableTo):
    """The sample mail cannot be sent; the refusal code says why."""


def send_sample(*, actor: Actor, at: datetime, desk: Desk, letter: Letter, language: str) -> str:
    """Mail the letter to the actor's own address; return the address. It cannot be answered.

    Raises UnableToSend: not a lead of the desk, no address, an address that a desk reads.
    """
    person = actor.person
    if person is None or not is_lead(person, desk):
        raise UnableToSend(NotifyRefusal.LEADS_ONLY)
    if not person.email or mailbox_for(person.email) is not None:
        raise UnableToSend(NotifyRefusal.NO_OWN_ADDRESS)
    with transaction.atomic():
        post([Draft(_mail(person, person.email, desk, letter, language, at))])
        record(SampleSent(line=letter.subject), about=desk.pk, by=actor, at=at)
    return person.email


def _mail(person: Person, address: str, desk: Desk, letter: Letter, language: str, at: datetime) -> OutboundMail:
    sender = sender_address(desk)
    return OutboundMail(
        recipient=address,
        box=box_of(address),
        person=person,
        sender=sender,
        sender_name=sender_name(desk, lambda: person.display_name),
        kind=KIND,
        cause=f"{KIND} desk:{desk.pk} person:{person.pk} {at.isoformat()}",
        desk_id=desk.pk,
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=new_message_id(sender.rpartition("@")[2]),
        created_at=at,
        retry_at=at,
    )
