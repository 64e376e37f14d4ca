"""Erase a person: the desk's record of work stays, the person's identity goes (section 5 of the security catalogue,
AB-105).
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.core.locks import lock
from otklik.desks.events import DeskChanged
from otklik.desks.models import Membership, Queue
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.models import AddressTrouble, DeliveryAttempt, InboundMail, OutboundMail, SenderRule
from otklik.mail.retention import remove_originals, remove_words
from otklik.people.actor import Actor
from otklik.people.commands.sessions import end_sessions
from otklik.people.events import PersonErased
from otklik.people.models import AccountToken, DataExport, ErasureRequest, Person
from otklik.people.tombstones import keep_tombstone
from otklik.privacy.redaction import Redactor, forget_as_outsider, forget_in_tickets, tickets_of
from otklik.privacy.refusals import PrivacyRefusal
from otklik.privacy.relations import delete_own_rows
from otklik.tickets.files_in_use import remove_unnamed
from otklik.tickets.models import Change, Message, Ticket, Unconfirmed

# `ready_at` of an archive is when the work on it began.
_STORED_WITHIN = timedelta(minutes=1)


class UnableToErase(UnableTo):
    """The person cannot be forgotten now."""


def erase_person(*, actor: Actor, at: datetime, person: Person, now: bool = False, again: bool = False) -> None:
    """Name, addresses, phones, account and originals of mails go; requests stay, as those of a removed requester.

    Everything that gives power over the account goes with it; the person can neither log in nor be mailed, and mail
    from the addresses is a stranger's. On their requests the name (in its forms), addresses and phones go from all
    words, the free answers to forms and the files that the person sent go altogether; the journal keeps the acts
    without names (privacy.redaction). Raises UnableToErase: staff, the grace time of a request is not over (unless
    `now`), erased before. `again`: an older backup brought somebody back; roles and grace times of then do not count.
    """
    with transaction.atomic():
        person = lock(Person, person.pk)
        asked = ErasureRequest.objects.filter(person=person).first()
        if not again:
            _require(person, asked, at, now)
        addresses = list(EmailAddress.objects.filter(user=person).values_list("email", flat=True))
        phones = list(person.phones.values_list("number", flat=True))
        logins = list(filter(None, [person.login, person.source_key]))
        redactor = Redactor(name=person.name, addresses=[*addresses, person.address_note], phones=phones, logins=logins)
        end_sessions(actor=actor, at=at, person=person)
        _forget_mails(person, addresses, redactor, at)
        forget_in_tickets(person, redactor)
        forget_as_outsider(addresses, redactor)
        _forget_in_queues(redactor)
        _forget_in_journal(person, addresses, redactor)
        _forget_account(person, addresses, at)
        if asked is not None:
            asked.done_at = at
            asked.save(update_fields=["done_at"])
        record(PersonErased(), about=person.pk, by=actor, at=at)
        transaction.on_commit(lambda: keep_tombstone(person))


def removed_name() -> str:
    """What stands where the name stood, in the site's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("removed requester")


def _require(person: Person, asked: ErasureRequest | None, at: datetime, now: bool) -> None:
    if person.is_admin or Membership.objects.filter(person=person).exists():
        raise UnableToErase(PrivacyRefusal.WORKS_AT_DESK)
    if not person.is_active and person.email is None and person.name == removed_name():
        raise UnableToErase(PrivacyRefusal.ERASED_ALREADY)
    if asked is not None and asked.due_at > at and not now:
        raise UnableToErase(PrivacyRefusal.TOO_EARLY)


def _forget_account(person: Person, addresses: list[str], at: datetime) -> None:
    """Everything that is the person's own, in the tables of floors above too (privacy.relations)."""
    export = DataExport.objects.filter(person=person).first()
    delete_own_rows(person)
    AccountToken.objects.filter(address__in=addresses).delete()
    Unconfirmed.objects.filter(address__in=addresses).delete()
    if export is not None and export.digest and export.ready_at:
        stored = export.ready_at + _STORED_WITHIN
        # Bytes that cannot be removed now are swept later: who is forgotten is told no error.
        transaction.on_commit(lambda: remove_unnamed(export.digest, at, stored), robust=True)
    blank = Person(pk=person.pk, name=removed_name(), created_at=person.created_at, is_active=False)
    blank.set_unusable_password()
    blank.save()


def _forget_mails(person: Person, addresses: list[str], redactor: Redactor, at: datetime) -> None:
    received = InboundMail.objects.filter(from_address__in=addresses)
    settled = received.exclude(state=InboundMail.State.WAITING)
    # What others wrote on the person's own requests quotes them and names them.
    about = InboundMail.objects.filter(ticket_id__in=Ticket.objects.filter(requester=person).values("pk"))
    remove_originals(about.exclude(state=InboundMail.State.WAITING), at)
    remove_originals(settled, at)
    Message.objects.filter(inbound__in=settled).update(html="", claimed_author="")
    settled.update(from_address="", from_name="", envelope_from="")
    for address in addresses:
        for message in Message.objects.filter(asked__contains=[address]).only("asked"):
            message.asked = [asked_address for asked_address in message.asked if asked_address != address]
            message.save(update_fields=["asked"])
        for message in Message.objects.filter(claims__contains=[{"address": address}]).only("claims"):
            message.claims = [claim for claim in message.claims if claim["address"] != address]
            message.save(update_fields=["claims"])
    SenderRule.objects.filter(pattern__in=addresses).delete()
    AddressTrouble.objects.filter(address__in=addresses).delete()
    _forget_outbox(person, addresses, redactor, at)


def _forget_outbox(person: Person, addresses: list[str], redactor: Redactor, at: datetime) -> None:
    """Mails to the person go; those to others about their requests lose their words, or the name while they wait."""
    queued = OutboundMail.State.QUEUED
    sent = OutboundMail.objects.filter(Q(recipient__in=addresses) | Q(person=person))
    remove_words(sent.exclude(state=queued), at)
    sent.filter(state=queued).update(state=OutboundMail.State.FAILED, answer="erased", text="", html="")
    DeliveryAttempt.objects.filter(mail__in=sent).update(answer="")
    sent.exclude(answer="").update(answer="erased")
    about = OutboundMail.objects.filter(ticket_id__in=tickets_of(person).values("pk"))
    remove_words(about.exclude(state=queued), at)
    for mail in (about | sent).distinct().iterator():
        texts = {name: redactor(getattr(mail, name)) for name in ("subject", "text", "html", "sender_name")}
        OutboundMail.objects.filter(pk=mail.pk).update(**texts)
    sent.update(recipient="", reply_to="")
    for received in InboundMail.objects.filter(ticket_id__in=tickets_of(person).values("pk")).iterator():
        InboundMail.objects.filter(pk=received.pk).update(
            subject=redactor(received.subject), reason=redactor(received.reason), from_name=redactor(received.from_name)
        )


def _forget_in_queues(redactor: Redactor) -> None:
    """A filter that names the person is shown as it is kept: with their number, which names nobody any more."""
    for queue in Queue.with_removed.exclude(typed="").iterator():
        if redactor(queue.typed) != queue.typed:
            Queue.with_removed.filter(pk=queue.pk).update(typed="")


def _forget_in_journal(person: Person, addresses: list[str], redactor: Redactor) -> None:
    """Every name, address and phone of the person in what was written down about them or their requests."""
    known = (
        Q(actor_id=person.pk)
        | Q(subject_kind="person", subject_id=person.pk)
        | Q(subject_kind="ticket", subject_id__in=tickets_of(person).values("pk"))
    )
    if person.name:
        # Filters of queues name people.
        known |= DeskChanged.where(thing="queue") & Q(data__icontains=person.name)
    for address in addresses:
        known |= Q(actor__icontains=address) | Q(data__icontains=address)
    for event in Event.objects.filter(known).iterator():
        actor = removed_name() if event.actor_id == person.pk else redactor(event.actor)
        data = redactor.value(event.data)
        if (actor, data) != (event.actor, event.data):
            Event.objects.filter(pk=event.pk).update(actor=actor, data=data)
    # Former staff, who had requests on which they wrote nothing.
    Change.objects.filter(old_person=person).update(old=removed_name())
    Change.objects.filter(new_person=person).update(new=removed_name())
