"""A mail about a ticket: words, headers of the thread, the recipient's signed address, files."""

import secrets
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from otklik.mail import tokens
from otklik.mail.models import InboundMail, OutboundFile, OutboundMail
from otklik.notify.letters import Letter, in_language, language_of, rendered, reply_marker
from otklik.notify.rules import FOR_AGENTS, Rule
from otklik.notify.story import Recipient, Story
from otklik.tickets.models import Attachment, Message, Participant, Ticket

FILES_LIMIT = 10 * 1024 * 1024
_LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1
_WITH_WORDS = {"comment", "customer_replied"}


def ticket_mail(
    rule: Rule, story: Story, recipient: Recipient, at: datetime, *, budget: str = ""
) -> OutboundMail | None:
    """Write one mail of a rule to one person; None when it was written before. Belongs into a transaction."""
    cause = f"event:{story.event.pk} {rule.template} person:{recipient.person.pk}"
    if OutboundMail.objects.filter(cause=cause).exists():
        return None
    sender = story.sender
    files, left_out = _files(story.message) if rule.template in _WITH_WORDS else ([], [])
    letter = _letter(rule, story, recipient, left_out)
    answered, references = _thread(story, recipient, sender)
    mail = OutboundMail.objects.create(
        recipient=recipient.person.email or "",
        person=recipient.person,
        sender=sender,
        sender_name=story.ticket.desk.name,
        reply_to=reply_address(sender, recipient.participant),
        kind=rule.template,
        cause=cause,
        subject=letter.subject[:400],
        text=letter.text,
        html=letter.html,
        message_id=_message_id(sender, recipient.participant),
        in_reply_to=answered,
        references=references,
        auto_submitted="auto-replied" if rule.template == "accepted" else "auto-generated",
        ticket_id=story.ticket.pk,
        ticket_key=story.ticket.key,
        budget=budget,
        created_at=at,
        retry_at=at,
    )
    OutboundFile.objects.bulk_create(
        OutboundFile(mail=mail, name=file.name, content_type=file.content_type, size=file.size, digest=file.digest)
        for file in files
    )
    return mail


def reply_address(sender: str, participant: Participant | None) -> str:
    """The desk's address with this participant's token; the bare one where there is none or it would be too long."""
    if participant is None:
        return sender
    local, _at, domain = sender.rpartition("@")
    signed = f"{local}+{tokens.sign(participant.pk, participant.epoch)}"
    return f"{signed}@{domain}" if len(signed) <= _LONGEST_LOCAL_PART else sender


def thread_root(ticket: Ticket, sender: str) -> str:
    """The Message-ID that all mails of a ticket refer to first, so that mail programs keep them together."""
    mark = salted_hmac("otklik.thread", str(ticket.pk), algorithm="sha256").hexdigest()[:24]
    return f"<{ticket.key.lower()}.{mark}@{sender.rpartition('@')[2]}>"


def _message_id(sender: str, participant: Participant | None) -> str:
    token = f"{tokens.sign(participant.pk, participant.epoch)}." if participant else ""
    return f"<{token}{secrets.token_hex(8)}@{sender.rpartition('@')[2]}>"


def _thread(story: Story, recipient: Recipient, sender: str) -> tuple[str, str]:
    """(In-Reply-To, References): what this person already has of the thread, oldest first, behind the root."""
    root = thread_root(story.ticket, sender)
    if story.event.kind == "ticket.opened":
        opening = [f"<{story.opening_id}>"] if story.opening_id else []
        return (opening or [root])[-1], " ".join([root, *opening])
    mails = OutboundMail.objects.filter(ticket_id=story.ticket.pk, recipient=recipient.person.email)
    ours = mails.order_by("-id").values_list("created_at", "message_id")[:10]
    theirs = (
        InboundMail.objects.filter(ticket_id=story.ticket.pk, from_address=recipient.person.email)
        .exclude(message_id="")
        .order_by("-id")
        .values_list("received_at", "message_id")[:10]
    )
    ids = [f"<{message_id.strip('<>')}>" for _when, message_id in sorted([*ours, *theirs])][-10:]
    return (ids or [root])[-1], " ".join([root, *ids])


def _letter(rule: Rule, story: Story, recipient: Recipient, left_out: list[Attachment]) -> Letter:
    ticket, language = story.ticket, language_of(recipient.person, story.ticket.desk)
    with in_language(language):
        context: dict[str, object] = {
            "desk": ticket.desk,
            "ticket": ticket,
            "shown_subject": _shown_subject(rule, story),
            "link": link_to(ticket, for_agent=rule.template in FOR_AGENTS),
            "can_reply": rule.template not in FOR_AGENTS,
            "marker": reply_marker(),
            "actor": story.event.actor,
            "left_out": left_out,
            **_words(rule, story),
        }
        return rendered(rule.template, language, _subject(rule, story), context)


def _words(rule: Rule, story: Story) -> dict[str, object]:
    """Only what customers may read is ever put into a mail (AB-48)."""
    message = story.message
    if rule.template not in _WITH_WORDS or message is None:
        return {}
    author = message.author.display_name if message.author else message.claimed_author
    return {"words": message.text, "author": author}


def _shown_subject(rule: Rule, story: Story) -> str:
    """The request's subject, unless it is a stranger's words that would travel by themselves (AB-88, AB-20)."""
    sends_itself = rule.template in {"accepted", "closed", "added", "shared"}
    unasked = rule.template == "added" and story.by_naming
    return "" if unasked or (story.ticket.sender_unverified and sends_itself) else story.ticket.subject


def _subject(rule: Rule, story: Story) -> str:
    return f"{story.ticket.key} {_shown_subject(rule, story) or _fixed_subject(rule)}"


def _fixed_subject(rule: Rule) -> str:
    return {
        "accepted": _("Request accepted"),
        "closed": _("Request closed"),
        "added": _("A request was shared with you"),
        "shared": _("Your request was shared"),
    }[rule.template]


def link_to(ticket: Ticket, *, for_agent: bool) -> str:
    """Where the ticket is read. Opens nothing without login (rule R3)."""
    if for_agent:
        return f"{settings.PUBLIC_URL}/browse/{ticket.key}"
    return (
        f"{settings.PUBLIC_URL}/servicedesk/customer/portal/{ticket.desk_id}/{ticket.key}?sda_source=notification-email"
    )


def _files(message: Message | None) -> tuple[list[Attachment], list[Attachment]]:
    """(files that go with the mail, files that are too much for it and are only named)."""
    taken: list[Attachment] = []
    left: list[Attachment] = []
    size = 0
    for file in message.attachments.order_by("id") if message else ():
        fits = size + file.size <= FILES_LIMIT
        size += file.size if fits else 0
        (taken if fits else left).append(file)
    return taken, left
