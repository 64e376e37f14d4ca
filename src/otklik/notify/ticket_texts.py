"""Texts of ticket mails: the desk's or the default one, with the values of the event."""

from django.utils.translation import gettext as _

from otklik.notify.event_context import EventContext, Recipient
from otklik.notify.mail_links import approval_link, link_to, rating_link, reopen_link
from otklik.notify.rendering import Letter, framed, in_language, language_of
from otklik.notify.texts.answer_placeholders import answer_values, known_in
from otklik.notify.texts.mail_kinds import APPROVER, BY_NAME, OUTSIDE, STAFF, MailKind, Text
from otklik.notify.texts.overrides import text_of
from otklik.notify.texts.placeholder_values import (
    NOTHING,
    Said,
    approval_values,
    button,
    desk_values,
    failure_values,
    forward_values,
    rating_value,
    reply_values,
    said_values,
    status_values,
    ticket_values,
    without_customers,
    without_strangers,
)
from otklik.notify.texts.plain_names import shown_to_strangers
from otklik.notify.texts.render import Value, bodies_of, subject_of, text_value
from otklik.notify.texts.ticket_summary import request_values
from otklik.tickets.access import is_agent_of
from otklik.tickets.events import (
    ApprovalAnswered,
    ApprovalEvent,
    FieldChanged,
    ReplyStayed,
    RequesterChanged,
    StatusChanged,
    TicketCommented,
)
from otklik.tickets.forward_events import ForwardAnswered, TicketForwarded
from otklik.tickets.impersonation import author_shown
from otklik.tickets.keys import key_at_own_desks
from otklik.tickets.models import Attachment, Vote
from otklik.ui.cut_notices import told_cuts
from otklik.ui.mail_layout import mail_content

Files = tuple[list[Attachment], list[Attachment]]


def letter_for(
    kind_name: str,
    context: EventContext,
    recipient: Recipient,
    files: Files,
    stop_url: str,
    *,
    hide: bool = False,
) -> Letter:
    """Compose the mail in the recipient's language.

    `files`: those attached, and those too large. `stop_url`: where the recipient turns off these mails, "" for nowhere.
    `hide`: leave out everything that a customer chose.
    """
    kind, ticket = BY_NAME[kind_name], context.ticket
    language = language_of(recipient.person, ticket.desk)
    with in_language(language):
        text = text_of(kind, language, context.own_texts)
        values, known = values_of(kind, text, context, recipient, files, hide=hide), known_in(kind, text)
        bodies = bodies_of(text.body, known, values)
        return framed(
            bodies,
            language,
            subject=subject_line(kind, values["ticket.key"].text, subject_of(text.subject, known, values)),
            desk=ticket.desk,
            key=values["ticket.key"].text,
            can_reply=kind.to not in {STAFF, APPROVER},
            outside=kind.to == OUTSIDE,
            stop_url=stop_url,
        )


def values_of(
    kind: MailKind, text: Text, context: EventContext, recipient: Recipient, files: Files, *, hide: bool = False
) -> dict[str, Value]:
    """Return the values of the placeholders for this kind, event and recipient."""
    ticket = context.ticket
    participant = recipient.participant
    link, readable = link_to(ticket, for_agent=kind.to == STAFF, reader=participant), _reads_opening(recipient, context)
    values = {
        **desk_values(ticket.desk, recipient.person, context.sender),
        **ticket_values(ticket, link, context.event.actor.partition(" <")[0]),
        "actor.who": text_value(_who(context)),
        "person.new": NOTHING if recipient.person.is_heard else text_value(_("yes")),
        **status_values(*_step(context), closed=_closed(context)),
        **said_values(_said(kind, context, files)),
        **approval_values(context.event.typed, link),
        **answer_values(kind, text, ticket, readable=readable),
        **request_values(text, ticket, readable=readable),
        "rating.links": _rating(context, recipient),
        "button.answer": _answer(kind, context, recipient),
        "button.reopen": _reopen(context, recipient),
        **failure_values(context.event.typed),
        **reply_values(context.kept_back, _why_kept_back(context)),
        **forward_values(context.forward, _forwarded_to(context)),
        "mail.from": text_value(context.held_from),
    }
    if kind.name == "reply_stayed" and not is_agent_of(recipient.person, ticket):
        # The number by which its author knew it, and no link to where they may not look.
        key = key_at_own_desks(recipient.person, ticket)
        return {**values, "ticket.key": text_value(key), "ticket.link": NOTHING, "button.open": NOTHING}
    # By Cc of a mail somebody may be added who never asked for anything (AB-20).
    unasked = kind.name == "added" and context.by_naming
    if hide:
        return without_customers(values, said_by_staff=context.said_by_staff)
    by_agent = context.doer is not None and not context.is_by_customer
    if unasked or (kind.automatic and ticket.sender_unverified and not _is_vouched_for(kind, context, by_agent)):
        return {**without_strangers(values), "actor.who": values["actor.who"] if by_agent else NOTHING}
    return values


def _is_vouched_for(kind: MailKind, context: EventContext, by_agent: bool) -> bool:
    """Return whether an agent chose this recipient: who shares a request or asks for an approval has read it."""
    return (by_agent and kind.name == "added") or (kind.to == APPROVER and context.is_approval_by_agent)


def _why_kept_back(context: EventContext) -> str:
    told = context.event.typed
    return told.why if isinstance(told, ReplyStayed) else ""


def _forwarded_to(context: EventContext) -> str:
    told = context.event.typed
    return told.address if isinstance(told, TicketForwarded | ForwardAnswered) else ""


def _who(context: EventContext) -> str:
    """Return the actor's name: a customer's with the address, an agent's alone, "" for the system.

    A customer's name is shown only if it looks like one, as it may be a message to strangers (AB-88).
    """
    doer = context.doer
    if doer is None or not context.is_by_customer:
        return doer.display_name if doer is not None else ""
    return shown_to_strangers(doer)


def _reads_opening(recipient: Recipient, context: EventContext) -> bool:
    """Return whether the recipient may read the opening message, which those who joined later may not (AB-01)."""
    participant = recipient.participant
    return participant is None or participant.sees_from is None or participant.sees_from <= context.ticket.created_at


def subject_line(kind: MailKind, key: str, line: str) -> str:
    """Return the subject, with the kind's title if only the ticket's key is left (AB-88)."""
    return f"{key} {kind.title}" if line in {"", key} else line


def _step(context: EventContext) -> tuple[str, str]:
    """Return the former and new status if the event itself is a change; not that caused by a customer's reply."""
    match context.event.typed:
        case ApprovalAnswered(moved=moved):
            return "", moved
        case (
            StatusChanged(before=before, after=after)
            | TicketCommented(before=before, after=after)
            | FieldChanged(before=before, after=after)
            | RequesterChanged(before=before, after=after)
        ):
            return before, after
    return "", ""


def _closed(context: EventContext) -> bool:
    told = context.event.typed
    return isinstance(told, StatusChanged | TicketCommented) and told.closed


def _reopen(context: EventContext, recipient: Recipient) -> Value:
    participant = recipient.participant
    asked = _closed(context) and participant is not None
    return button(_("Open it again"), reopen_link(participant)) if asked and participant is not None else NOTHING


def _answer(kind: MailKind, context: EventContext, recipient: Recipient) -> Value:
    """Return the link for voting, for approvers of desks that accept votes by link."""
    if kind.to != APPROVER or not context.ticket.desk.approval_links:
        return NOTHING
    votes = Vote.objects.filter(approval__ticket=context.ticket, person=recipient.person)
    told = context.event.typed
    asked = told.approval if isinstance(told, ApprovalEvent | TicketCommented) else None
    vote = votes.filter(approval_id=asked).first() if asked else votes.filter(approval__state="pending").first()
    return button(_("Approve, decline or ask"), approval_link(vote)) if vote else NOTHING


def _rating(context: EventContext, recipient: Recipient) -> Value:
    """Return the links for rating, for the requester, if this event closed the ticket and the desk asks for ratings."""
    participant, ticket = recipient.participant, context.ticket
    asked = _closed(context) and ticket.closed_at is not None and ticket.desk.rating_days
    if not asked or participant is None or participant.person_id != ticket.requester_id:
        return NOTHING
    return rating_value(rating_link(participant))


def _said(kind: MailKind, context: EventContext, files: Files) -> Said:
    """Return the message. Only what customers may read is ever mailed (AB-48)."""
    message = context.message
    if not kind.with_words or message is None:
        return Said("", "")
    author = author_shown(context.ticket, message)
    going, left_out = files
    return Said(
        message.text,
        author,
        tuple(file.name for file in left_out),
        message.markup,
        mail_content(message, going),
        told_cuts(message.cuts),
    )
