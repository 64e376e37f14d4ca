"""Sign up and invite people, with the mails that go out, in one transaction."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from otklik.core.due_times import lately
from otklik.core.errors import UnableTo
from otklik.core.locks import lock_word
from otklik.desks.access import worked_desks
from otklik.journal.record import record
from otklik.mail.inbox import mailbox_for
from otklik.mail.models import OutboundMail
from otklik.notify import account_texts
from otklik.notify.account_mails import is_too_often, worded_mail
from otklik.notify.events import PersonInvited
from otklik.notify.refusals import NotifyRefusal
from otklik.people.account_links import activation_url, sign_up_url
from otklik.people.actor import Actor
from otklik.people.commands.account_activation import LIFETIME, STAFF_LIFETIME, issue_activation
from otklik.people.commands.signup import issue_sign_up
from otklik.people.models import Person
from otklik.people.queries import person_by_address

SIGN_UP, INVITATION, NO_CODE = "sign_up", "invitation", "no_login_code"
MOST_AN_HOUR = 50


class UnableToInvite(UnableTo):
    """The person cannot be invited."""


def ask_to_sign_up(*, address: str, name: str, at: datetime) -> None:
    """Mail to a canonical address either a sign-up link or that it has an account; do not tell which (AB-31).

    Sends nothing to our own mailboxes, to an address with too many mails, and beyond MOST_AN_HOUR for the site.
    """
    sent = OutboundMail.objects.filter(lately("created_at", at, timedelta(hours=1)), kind=SIGN_UP)
    if mailbox_for(address) is not None:
        return
    with transaction.atomic():
        # Of two who ask at the same moment the second is counted after the first.
        lock_word(f"account mails {SIGN_UP}")
        if is_too_often(address, SIGN_UP, at) or sent.count() >= MOST_AN_HOUR:
            return
        person = person_by_address(address)
        if person is None:
            link = sign_up_url(issue_sign_up(address=address, name=name, at=at))
        elif person.activated_at is None and person.is_active:
            link = activation_url(issue_activation(person=person, at=at))
        else:
            link = ""
        forgot = f"{settings.PUBLIC_URL}/secure/ForgotLoginDetails.jspa"
        worded_mail(
            person=person,
            recipient=address,
            kind=SIGN_UP,
            words=lambda: account_texts.sign_up(link) if link else account_texts.has_account(forgot),
            at=at,
        )


def invite(*, actor: Actor, at: datetime, person: Person) -> OutboundMail:
    """Mail an activation link, valid for 72 hours for staff and 24 for customers (AB-25). Earlier links stop working.

    Raises UnableToInvite: no address, inactive, activated already, one of our own mailboxes, invited just now.
    """
    if not person.email or not person.is_active:
        raise UnableToInvite(NotifyRefusal.CANNOT_BE_INVITED)
    if person.activated_at is not None:
        raise UnableToInvite(NotifyRefusal.ACCOUNT_IN_USE)
    with transaction.atomic():
        if is_too_often(person.email, INVITATION, at):
            raise UnableToInvite(NotifyRefusal.INVITED_JUST_NOW)
        lifetime = STAFF_LIFETIME if person.is_admin or worked_desks(person).exists() else LIFETIME
        link = activation_url(issue_activation(person=person, at=at, lifetime=lifetime))
        hours = int(lifetime.total_seconds() // 3600)
        mail = worded_mail(
            person=person,
            recipient=person.email,
            kind=INVITATION,
            words=lambda: account_texts.invitation(actor.name, link, hours),
            at=at,
        )
        if mail is None:
            raise UnableToInvite(NotifyRefusal.SUPPORT_ADDRESS)
        record(PersonInvited(), about=person.pk, by=actor, at=at)
    return mail


def tell_no_code(*, person: Person, address: str, at: datetime) -> None:
    """Tell staff who asked for a login code that a mail is not sufficient proof for them.

    Sends nothing if the address got too many (AB-32).
    """
    forgot = f"{settings.PUBLIC_URL}/secure/ForgotLoginDetails.jspa"
    with transaction.atomic():
        if is_too_often(address, NO_CODE, at):
            return
        letter = account_texts.no_code_for_staff
        worded_mail(person=person, recipient=address, kind=NO_CODE, words=lambda: letter(forgot), at=at)
