"""A mail about a ticket: words, headers of the thread, the recipient's signed address, files."""

from datetime import datetime

from django.utils.crypto import salted_hmac

from otklik.desks.queries import hold_time
from otklik.mail import tokens
from otklik.mail.models import InboundMail, OutboundMail
from otklik.mail.own_mail_marks import new_message_id
from otklik.mail.secret_scan_mail import RULES
from otklik.notify.event_context import EventContext, Recipient
from otklik.notify.from_name import sender_name
from otklik.notify.links import stop_link
from otklik.notify.outbox import Draft
from otklik.notify.rendering import language_of
from otklik.notify.rules import Rule
from otklik.notify.texts.kinds import BY_NAME, CUSTOMER
from otklik.notify.ticket_texts import letter_for
from otklik.tickets.commands.forward import MOST_BYTES
from otklik.tickets.events import TicketOpened
from otklik.tickets.models import Attachment, Message, Ticket
from otklik.ui.laid_out import in_place

FILES_LIMIT = MOST_BYTES
_LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1


def ticket_mail(rule: Rule, context: EventContext, recipient: Recipient, at: datetime, *, hide: bool = False) -> Draft:
    """One mail of a rule to one person. `hide`: nothing that a customer chose goes with it (notify.terms)."""
    whom = f"person:{recipient.person.pk}" if recipient.forward is None else f"forward:{recipient.forward.pk}"
    cause = f"event:{context.event.pk} {rule.template} {whom}"
    sender = context.sender
    kind = BY_NAME[rule.template]
    message = recipient.forward.message if recipient.forward is not None else context.message
    files, left_out = _files(message) if kind.with_words else ([], [])
    stop = stop_link(recipient.participant) if kind.to == CUSTOMER else ""
    letter = letter_for(rule.template, context, recipient, (files, left_out), stop, hide=hide)
    token = _token(context, recipient)
    answered, references = _thread(context, recipient, sender)
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
        # Who asked waits for the answer: the link at the foot is enough. Others get the button of their program.
        unsubscribe="" if recipient.person.pk == context.ticket.requester_id else stop,
        created_at=at,
        retry_at=at if recipient.forward is None else max(at, context.event.at + hold_time(context.ticket.desk)),
    )
    return Draft(mail, files, in_place(context.message, files) if context.message else frozenset())


def _token(context: EventContext, recipient: Recipient) -> str:
    """The recipient's; what the staff answer to the notice of an answer from outside is for the staff, too (AB-48)."""
    forward = context.answered
    return recipient.token or (tokens.sign_forward(forward.pk) if forward is not None else "")


def agent_behind(context: EventContext) -> str:
    """The name of the agent whose words the mail carries; "" for what customers or machines caused."""
    message = context.message or (context.forward.message if context.forward else None)
    return message.author.display_name if message and message.author and not context.is_by_customer else ""


def reply_address(sender: str, token: str) -> str:
    """The desk's address with the recipient's token; the bare one where there is none or it would be too long."""
    if not token:
        return sender
    local, _at, domain = sender.rpartition("@")
    signed = f"{local}+{token}"
    return f"{signed}@{domain}" if len(signed) <= _LONGEST_LOCAL_PART else sender


def thread_root(ticket: Ticket, sender: str) -> str:
    """The Message-ID that all mails of a ticket refer to first, so that mail programs keep them together."""
    mark = salted_hmac("otklik.thread", str(ticket.pk), algorithm="sha256").hexdigest()[:24]
    return f"<{ticket.key.lower()}.{mark}@{sender.rpartition('@')[2]}>"


def _thread(context: EventContext, recipient: Recipient, sender: str) -> tuple[str, str]:
    """(In-Reply-To, References): what this person already has of the thread, oldest first, behind the root."""
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
    ids = [f"<{message_id.strip('<>')}>" for _when, message_id in sorted([*ours, *theirs])][-10:]
    return (ids or [root])[-1], " ".join([root, *ids])


def _files(message: Message | None) -> tuple[list[Attachment], list[Attachment]]:
    """(files that go with the mail, files that are too much for it, or too much work for now, and are only named); no
    folded picture."""
    taken: list[Attachment] = []
    left: list[Attachment] = []
    size = 0
    for file in message.attachments.filter(folded=False).order_by("id") if message else ():
        fits = size + file.size <= FILES_LIMIT and file.searched == RULES
        size += file.size if fits else 0
        (taken if fits else left).append(file)
    return taken, left
