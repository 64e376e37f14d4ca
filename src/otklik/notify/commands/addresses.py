"""Add and confirm mail addresses, with the mails that go out, in one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from otklik.core.due_times import lately
from otklik.core.locks import lock
from otklik.desks.access import worked_desks
from otklik.mail.inbox import mailbox_for
from otklik.mail.models import OutboundMail
from otklik.notify import account_texts
from otklik.notify.account_mails import is_too_often, notice_mail, worded_mail
from otklik.notify.refusals import NotifyRefusal
from otklik.notify.texts.plain_names import shown_to_strangers
from otklik.people.account_links import address_url
from otklik.people.actor import Actor
from otklik.people.addresses import canonical
from otklik.people.commands import addresses
from otklik.people.commands.addresses import UnableToChangeAddresses
from otklik.people.models import Person

KIND = "address_link"
MOST_A_DAY = 10


def ask_for_address(*, actor: Actor, at: datetime, person: Person, address: str) -> str:
    """Mail a verification link to an address that the person wants to add; return it in canonical form.

    Only the mail reveals whether somebody else has it (AB-31). Sends nothing if the address got too many mails (AB-32).
    Raises BadAddress; UnableToChangeAddresses, also beyond MOST_A_DAY per person (rule R9).
    """
    if mailbox_for(canonical(address)) is not None:
        raise UnableToChangeAddresses(NotifyRefusal.SUPPORT_ADDRESS)
    with transaction.atomic():
        # Of two links asked for at the same moment, to whatever addresses, the second is counted after the first.
        lock(Person, person.pk, weakly=True)
        asked = OutboundMail.objects.filter(lately("created_at", at, timedelta(days=1)), kind=KIND, person=person)
        if asked.count() >= MOST_A_DAY:
            raise UnableToChangeAddresses(NotifyRefusal.TOO_MANY_LINKS)
        if is_too_often(canonical(address), KIND, at):
            return canonical(address)
        email, secret = addresses.ask_for_address(person=person, address=address, at=at)
        link = address_url(secret)
        worded_mail(
            person=person,
            recipient=email,
            kind=KIND,
            words=lambda: (
                account_texts.prove_address(shown_to_strangers(person), link)
                if secret
                else account_texts.address_is_taken(email)
            ),
            at=at,
        )
    return email


def prove_address(*, actor: Actor, at: datetime, person: Person, secret: str) -> str:
    """Use the link, as its person; notify the primary address. Returns the address. Raises UnableToProve."""
    with transaction.atomic():
        address = addresses.prove_address(
            actor=actor, at=at, person=person, secret=secret, may_merge=lambda other: not worked_desks(other).exists()
        )
        _tell(person, [person.email or ""], lambda: account_texts.address_added(address), at)
    return address


def choose_primary(*, actor: Actor, at: datetime, person: Person, address: str) -> None:
    """Change the primary address and notify the former one. Raises UnableToChangeAddresses."""
    with transaction.atomic():
        former = addresses.choose_primary(actor=actor, at=at, person=person, address=address)
        _tell(person, [former], lambda: account_texts.primary_chosen(address), at)


def remove_address(*, actor: Actor, at: datetime, person: Person, address: str) -> None:
    """Remove an address; notify it and the primary one. Raises UnableToChangeAddresses."""
    with transaction.atomic():
        was_own = addresses.remove_address(actor=actor, at=at, person=person, address=address)
        recipients = [address, person.email or ""] if was_own else []
        _tell(person, recipients, lambda: account_texts.address_removed(address), at)


def _tell(person: Person, recipients: list[str], what: Callable[[], str], at: datetime) -> None:
    notice_mail(person=person, recipients=[recipient for recipient in recipients if recipient], what=what, at=at)
