"""Send account mails (activation, password reset, confirmation): alone, to one address, once (rule R3)."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.due_times import lately
from otklik.core.locks import lock_word
from otklik.desks.models import Desk
from otklik.journal.record import record
from otklik.mail.domains import box_of
from otklik.mail.inbox import mailbox_for
from otklik.mail.models import OutboundMail
from otklik.mail.own_mail_marks import new_message_id
from otklik.notify import account_texts
from otklik.notify.account_texts import AccountWords
from otklik.notify.events import ResetRefused
from otklik.notify.outbox import Draft, post
from otklik.notify.rendering import Letter, framed, in_language, language_of, rendered, sender_address
from otklik.notify.texts.mail_kinds import BY_NAME
from otklik.notify.texts.overrides import OwnTexts, own_texts, text_of
from otklik.notify.texts.placeholder_values import button, desk_values, without_strangers
from otklik.notify.texts.render import bodies_of, subject_of
from otklik.people.account_links import PROFILE_PATH, activation_url
from otklik.people.actor import system
from otklik.people.commands.account_activation import draw_activation
from otklik.people.models import Person

RESET = "password_reset"
NOTICE = "account_notice"
_PER_MINUTE, _PER_DAY = 1, 5


def activation_mail(
    person: Person,
    desk: Desk,
    at: datetime,
    *,
    sender: str,
    own: OwnTexts | None = None,
    hide: bool = False,
) -> Draft | None:
    """Compose an invitation to activate the account; None for a person without address.

    `own`: the desk's texts. `hide`: the sender is not authenticated, so the mail must not contain their text (AB-88).
    """
    cause = f"activation person:{person.pk}"
    if not person.email:
        return None
    secret, token = draw_activation(person=person, at=at)
    link = activation_url(secret)
    language = language_of(person, desk)
    kind = BY_NAME["activation"]
    with in_language(language):
        values = {**desk_values(desk, person, sender), "button.activate": button(_("Activate my account"), link)}
        values = without_strangers(values) if hide else values
        text = text_of(kind, language, own_texts(desk) if own is None else own)
        subject = subject_of(text.subject, kind.places, values) or str(kind.title)
        letter = framed(bodies_of(text.body, kind.places, values), language, subject=subject, desk=desk)
    mail = _account_mail(person, desk, sender, letter, kind="activation", cause=cause, at=at)
    return Draft(mail, token=token)


def reset_mail(person: Person, link: str, at: datetime) -> OutboundMail | None:
    """Queue the mail with a link to reset the password.

    Returns None and sends nothing for our own mailboxes (AB-29), and if the address got too many (AB-32).
    """
    if not person.email or mailbox_for(person.email) is not None:
        _tell_refused(person, at)
        return None
    if is_too_often(person.email, RESET, at):
        return None
    language = language_of(person, None)
    with in_language(language):
        letter = rendered(RESET, language, _("A new password"), {"link": link, "address": person.email})
    cause = f"{RESET} {secrets.token_hex(16)}"
    mail = _account_mail(person, None, sender_address(None), letter, kind=RESET, cause=cause, at=at)
    return post([Draft(mail)])[0]


def worded_mail(
    *,
    person: Person | None,
    recipient: str,
    kind: str,
    words: Callable[[], AccountWords],
    at: datetime,
    sensitive: bool = True,
) -> OutboundMail | None:
    """Queue a mail of notify.account_texts to this address, in the person's language (None: the active one).

    Returns None for an address of our own, where everybody at the desk would read it (AB-29). Call in a transaction.
    """
    if mailbox_for(recipient) is not None:
        return None
    language = language_of(person, None) if person else (get_language() or settings.LANGUAGE_CODE)
    with in_language(language):
        account_words = words()
        letter = rendered(
            "account", language, account_words.subject, {"words": account_words, "site": str(settings.SITE_NAME)}
        )
    cause = f"{kind} {secrets.token_hex(16)}"
    mail = _account_mail(person, None, sender_address(None), letter, kind=kind, cause=cause, at=at, recipient=recipient)
    mail.sensitive = sensitive
    return post([Draft(mail)])[0]


def notice_mail(*, person: Person, recipients: Iterable[str], what: Callable[[], str], at: datetime) -> None:
    """Notify addresses of the person of a security-relevant change (AB-35). `what` returns the sentence."""
    link = f"{settings.PUBLIC_URL}/{PROFILE_PATH}"
    for recipient in recipients:
        worded_mail(
            person=person, recipient=recipient, kind=NOTICE, words=lambda: account_texts.changed(what(), link), at=at
        )


def is_too_often(recipient: str, kind: str, at: datetime) -> bool:
    """Return whether the mailbox got too many mails of this kind: one a minute, five a day (AB-22, AB-32).

    Call in the transaction of the mail: whoever asks for the same mailbox meanwhile waits for its end.
    """
    box = box_of(recipient)
    lock_word(f"account mail {kind} {box}")
    sent = OutboundMail.objects.filter(box=box, kind=kind)
    return (
        sent.filter(lately("created_at", at, timedelta(minutes=1))).count() >= _PER_MINUTE
        or sent.filter(lately("created_at", at, timedelta(days=1))).count() >= _PER_DAY
    )


def _account_mail(
    person: Person | None,
    desk: Desk | None,
    sender: str,
    letter: Letter,
    *,
    kind: str,
    cause: str,
    at: datetime,
    recipient: str = "",
) -> OutboundMail:
    to = recipient or (person.email if person else "") or ""
    return OutboundMail(
        recipient=to,
        box=box_of(to),
        person=person,
        sender=sender,
        sender_name=desk.name if desk else str(settings.SITE_NAME),
        kind=kind,
        cause=cause,
        reply_to=_nobody(sender),
        sensitive=True,
        desk_id=desk.pk if desk else None,
        language=language_of(person, desk) if person else (get_language() or settings.LANGUAGE_CODE),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=new_message_id(sender.rpartition("@")[2]),
        created_at=at,
        retry_at=at,
    )


def _nobody(sender: str) -> str:
    """Return a From address that no desk reads, because replies would quote the link (AB-29); "" if there is none."""
    domain = sender.rpartition("@")[2]
    names = ("no-reply", "noreply", "nobody-reads-this")
    return next((f"{name}@{domain}" for name in names if mailbox_for(f"{name}@{domain}") is None), "")


def _tell_refused(person: Person, at: datetime) -> None:
    told = ResetRefused(why="the address is one of our own mailboxes")
    record(told, about=person.pk, by=system(), at=at)
