"""Compose a mail about a ticket: text, threading headers, signed reply address, attached files."""

from datetime import datetime

from django.utils.crypto import salted_hmac

from otklik.desks.queries import hold_time
from otklik.mail import tokens
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.own_mail_marks import new_message_id
from otklik.mail.secret_scan_mail import RULES
from otklik.notify.event_context import EventContext, Recipient
from otklik.notify.from_name import sender_name
from otklik.notify.mail_links import stop_link
from otklik.notify.outbox import Draft
from otklik.notify.rendering import language_of
from otklik.notify.rules import Rule
from otklik.notify.texts.mail_kinds import BY_NAME, CUSTOMER
from otklik.notify.ticket_texts import letter_for
from otklik.tickets.commands.forward import MOST_BYTES
from otklik.tickets.events import TicketOpened
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.ui.mail_layout import in_place

FILES_LIMIT = MOST_BYTES
_LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1


def ticket_mail(rule: Rule, context: EventContext, recipient: Recipient, at: datetime, *, hide: bool = False) -> Draft:
    """Compose the mail that `rule` sends to `recipient`; neither saves nor queues it (`notify.outbox` does).

    `at`: when it is written, and the earliest time to send it; a forwarded message is also held for the desk's hold
    time. `hide`: leave out every text that a customer chose, such as the subject (notify.stranger_limits).
    """
    addressee = f"person:{recipient.person.pk}" if recipient.forward is None else f"forward:{recipient.forward.pk}"
    cause = f"event:{context.event.pk} {rule.template} {addressee}"
    sender = context.sender
    kind = BY_NAME[rule.template]
    message = recipient.forward.message if recipient.forward is not None else context.message
    files, left_out = _files(message) if kind.with_words else ([], [])
    stop = stop_link(recipient.participant) if kind.to == CUSTOMER else ""
    letter = letter_for(rule.template, context, recipient, (files, left_out), stop, hide=hide)
    token = _token(context, recipient)
    # What is told to somebody who may not see the request stands alone: the thread is called by its number.
    answered, references = _thread(context, recipient, sender) if kind.name != "reply_stayed" else ("", "")
    mail = OutboundMail(
        recipient=recipient.person.email or "",
        person=recipient.person if recipient.forward is None else None,
        sender=sender,
        sender_name=sender_name(context.ticket.desk, lambda: agent_behind(context)),
        reply_to=reply_address(sender, token),
        kind=rule.template,
        cause=cause,
        subject=letter.subject[:400],
        text=letter.text,
        html=letter.html,
        message_id=new_message_id(sender.rpartition("@")[2], token),
        in_reply_to=answered,
        references=references,
        auto_submitted="auto-replied" if rule.template == "accepted" else "auto-generated",
        ticket_id=context.ticket.pk,
        ticket_key=context.ticket.key,
        desk_id=context.ticket.desk_id,
        about=message.pk if message and kind.with_words else None,
        language=language_of(recipient.person, context.ticket.desk),
        # The requester wants the answer, so a link in the footer is enough; others get List-Unsubscribe as well.
        unsubscribe="" if recipient.person.pk == context.ticket.requester_id else stop,
        created_at=at,
        retry_at=at if recipient.forward is None else max(at, context.event.at + hold_time(context.ticket.desk)),
    )
    return Draft(mail, files, in_place(context.message, files) if context.message else frozenset())


def _token(context: EventContext, recipient: Recipient) -> str:
    """The recipient's own token. A notice about an answer to a forwarded message carries the forward's token where the
    recipient has none, so that staff who reply to it stay in the internal conversation (AB-48)."""
    forward = context.answered
    return recipient.token or (tokens.sign_forward(forward.pk) if forward is not None else "")


def agent_behind(context: EventContext) -> str:
    """The name of the agent whose message the mail carries; "" if a customer or the system caused the mail."""
    message = context.message or (context.forward.message if context.forward else None)
    return message.author.display_name if message and message.author and not context.is_by_customer else ""


def reply_address(sender: str, token: str) -> str:
    """The desk's address with the recipient's token as a +suffix.

    The plain address if there is no token, or if the local part would exceed the 64 octets of RFC 5321.
    """
    if not token:
        return sender
    local, _at, domain = sender.rpartition("@")
    signed = f"{local}+{token}"
    return f"{signed}@{domain}" if len(signed) <= _LONGEST_LOCAL_PART else sender


def thread_root(ticket: Ticket, sender: str) -> str:
    """The Message-ID that heads References in every mail of a ticket, so that mail programs group them."""
    mark = salted_hmac("otklik.thread", str(ticket.pk), algorithm="sha256").hexdigest()[:24]
    return f"<{ticket.key.lower()}.{mark}@{sender.rpartition('@')[2]}>"


def _thread(context: EventContext, recipient: Recipient, sender: str) -> tuple[str, str]:
    """(In-Reply-To, References): the thread root, then the last ten mails from or to this person, oldest first."""
    root = thread_root(context.ticket, sender)
    if isinstance(context.event.typed, TicketOpened):
        opening = [f"<{context.opening_id}>"] if context.opening_id else []
        return (opening or [root])[-1], " ".join([root, *opening])
    mails = OutboundMail.objects.filter(ticket_id=context.ticket.pk, recipient=recipient.person.email)
    ours = mails.order_by("-id").values_list("created_at", "message_id")[:10]
    theirs = (
        InboundMail.objects.filter(ticket_id=context.ticket.pk, from_address=recipient.person.email)
        .exclude(message_id="")
        .order_by("-id")
        .values_list("received_at", "message_id")[:10]
    )
    ids = [f"<{message_id.strip('<>')}>" for _at, message_id in sorted([*ours, *theirs])][-10:]
    return (ids or [root])[-1], " ".join([root, *ids])


def _files(message: Message | None) -> tuple[list[Attachment], list[Attachment]]:
    """(attached files, files that the mail only names).

    A file is only named if it would exceed FILES_LIMIT or has not been searched for secrets yet. Pictures of a folded
    quotation are in neither list.
    """
    attached: list[Attachment] = []
    left_out: list[Attachment] = []
    size = 0
    for file in message.attachments.filter(folded=False).order_by("id") if message else ():
        fits = size + file.size <= FILES_LIMIT and file.searched == RULES
        size += file.size if fits else 0
        (attached if fits else left_out).append(file)
    return attached, left_out
