"""Forget a person: what the desk did stays, who it was for does not (section 5 of the security catalogue, AB-105)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from otklik.core.errors import UnableTo
from otklik.desks.models import Membership
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.retention import remove_originals, remove_words
from otklik.people.actor import Actor
from otklik.people.commands.sessions import end_sessions
from otklik.people.models import AccountToken, ApiToken, DataExport, ErasureRequest, Person, Phone
from otklik.tickets.models import Message, Ticket


class UnableToErase(UnableTo):
    """The person cannot be forgotten now."""


def erase_person(*, actor: Actor, at: datetime, person: Person, now: bool = False) -> None:
    """Name, addresses, phones, account and originals of mails go; requests stay, as those of a removed requester.

    Everything that gives power over the account goes with it; the person can neither log in nor be mailed, and mail
    from the addresses is a stranger's. The journal keeps the acts without names. What people wrote into their messages
    stays: it is the desk's record, and no program can tell a name from a word. Raises UnableToErase: staff, the grace
    time of a request is not over (unless `now`), erased before.
    """
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person.pk)
        asked = ErasureRequest.objects.filter(person=row).first()
        _require(row, asked, at, now)
        addresses = list(EmailAddress.objects.filter(user=row).values_list("email", flat=True))
        names = [row.name, *addresses]
        end_sessions(actor=actor, at=at, person=row)
        _forget_mails(row, addresses, at)
        _forget_account(row)
        _forget_in_journal(row, names)
        if asked is not None:
            asked.done_at = at
            asked.save(update_fields=["done_at"])
        record(
            kind="person.erased", subject=("person", row.pk), actor=actor.label, actor_id=actor.id, via=actor.via, at=at
        )


def removed_name() -> str:
    """What stands where the name stood, in the site's language."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("removed requester")


def _require(person: Person, asked: ErasureRequest | None, at: datetime, now: bool) -> None:
    if person.is_admin or Membership.objects.filter(person=person).exists():
        raise UnableToErase(_("This person works at a desk. Take the role away first."))
    if not person.is_active and person.email is None and person.name == removed_name():
        raise UnableToErase(_("This person was erased already."))
    if asked is not None and asked.due_at > at and not now:
        raise UnableToErase(_("The time to think it over has not passed yet."))


def _forget_account(person: Person) -> None:
    for table in (AccountToken, ApiToken, Phone, DataExport):
        table.objects.filter(person=person).delete()
    for table in (EmailAddress, Authenticator, SocialAccount):
        table.objects.filter(user=person).delete()
    person.organizations.clear()
    person.name, person.email, person.language, person.time_zone = removed_name(), None, "", ""
    person.is_active, person.last_login = False, None
    person.set_unusable_password()
    person.save()


def _forget_mails(person: Person, addresses: list[str], at: datetime) -> None:
    received = InboundMail.objects.filter(from_address__in=addresses)
    settled = received.exclude(state=InboundMail.State.WAITING)
    remove_originals(settled, at)
    Message.objects.filter(inbound__in=settled).update(html="", claimed_author="")
    settled.update(from_address="", from_name="", envelope_from="")
    for address in addresses:
        for message in Message.objects.filter(asked__contains=[address]).only("asked"):
            message.asked = [one for one in message.asked if one != address]
            message.save(update_fields=["asked"])
    sent = OutboundMail.objects.filter(Q(recipient__in=addresses) | Q(person=person))
    remove_words(sent.exclude(state=OutboundMail.State.QUEUED), at)
    sent.filter(state=OutboundMail.State.QUEUED).update(state=OutboundMail.State.FAILED, answer="erased")
    sent.update(recipient="", reply_to="")


def _forget_in_journal(person: Person, names: list[str]) -> None:
    """Every name and address of the person in what was written down about them or their requests."""
    tickets = Ticket.objects.filter(participants__person=person).values("pk")
    rows = Event.objects.filter(
        Q(actor_id=person.pk)
        | Q(subject_kind="person", subject_id=person.pk)
        | Q(subject_kind="ticket", subject_id__in=tickets)
    )
    names = [name for name in sorted(names, key=len, reverse=True) if name]
    for event in rows.iterator():
        actor = removed_name() if event.actor_id == person.pk else _without(event.actor, names)
        data = _clean(event.data, names)
        if (actor, data) != (event.actor, event.data):
            Event.objects.filter(pk=event.pk).update(actor=actor, data=data)


def _clean(value: Any, names: list[str]) -> Any:
    if isinstance(value, str):
        return _without(value, names)
    if isinstance(value, dict):
        return {key: _clean(one, names) for key, one in value.items()}
    return [_clean(one, names) for one in value] if isinstance(value, list) else value


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, "…")
    return text
