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

# An archive's `ready_at` is when its making began.
_STORED_WITHIN = timedelta(minutes=1)


class UnableToErase(UnableTo):
    """The person cannot be erased now; the refusal code says why."""


def erase_person(*, actor: Actor, at: datetime, person: Person, now: bool = False, again: bool = False) -> None:
    """Delete name, addresses, phones, account and original mails; tickets stay, with an anonymous requester.

    Everything that allows access is deleted; the person can neither log in nor get mail, and mail from their addresses
    is a stranger's. In their tickets, name (in inflected forms), addresses and phones are redacted in all texts, and
    free form answers and files sent by them are deleted; the journal keeps the acts without names (privacy.redaction).
    Raises UnableToErase: staff, erased before, or the grace period has not ended (unless `now`). `again`: after a
    restore, ignoring the restored roles and grace periods.
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
    """Return the placeholder for the name, in the site's language."""
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
    """Delete the person's own rows, also in tables of higher layers (privacy.relations)."""
    export = DataExport.objects.filter(person=person).first()
    delete_own_rows(person)
    AccountToken.objects.filter(address__in=addresses).delete()
    Unconfirmed.objects.filter(address__in=addresses).delete()
    if export is not None and export.digest and export.ready_at:
        stored = export.ready_at + _STORED_WITHIN
        # Files that cannot be removed now are swept later; that is no error for the person.
        transaction.on_commit(lambda: remove_unnamed(export.digest, at, stored), robust=True)
    blank = Person(pk=person.pk, name=removed_name(), created_at=person.created_at, is_active=False)
    blank.set_unusable_password()
    blank.save()


def _forget_mails(person: Person, addresses: list[str], redactor: Redactor, at: datetime) -> None:
    received = InboundMail.objects.filter(from_address__in=addresses)
    settled = received.exclude(state=InboundMail.State.WAITING)
    # Others' mails on the person's tickets quote and name them.
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
    """Delete mails to the person; remove the text of others' mails about their tickets, redact those not sent yet."""
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
    """Drop the typed form of filters that name the person; the stored form has only their id."""
    for queue in Queue.with_removed.exclude(typed="").iterator():
        if redactor(queue.typed) != queue.typed:
            Queue.with_removed.filter(pk=queue.pk).update(typed="")


def _forget_in_journal(person: Person, addresses: list[str], redactor: Redactor) -> None:
    """Redact events by or about the person or their tickets."""
    known = (
        Q(actor_id=person.pk)
        | Q(subject_kind="person", subject_id=person.pk)
        | Q(subject_kind="ticket", subject_id__in=tickets_of(person).values("pk"))
    )
    if person.name:
        # Filters of queues may name people.
        known |= DeskChanged.where(thing="queue") & Q(data__icontains=person.name)
    for address in addresses:
        known |= Q(actor__icontains=address) | Q(data__icontains=address)
    for event in Event.objects.filter(known).iterator():
        actor = removed_name() if event.actor_id == person.pk else redactor(event.actor)
        data = redactor.value(event.data)
        if (actor, data) != (event.actor, event.data):
            Event.objects.filter(pk=event.pk).update(actor=actor, data=data)
    # Assignee changes of former staff who wrote nothing on the ticket.
    Change.objects.filter(old_person=person).update(old=removed_name())
    Change.objects.filter(new_person=person).update(new=removed_name())
